"""The validation report as a file: the sections of the page as HTML that needs nothing else, in either language."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go
from dash import dcc, html
from dash.development.base_component import Component

from core.drift.report.charts import bars
from core.drift.report.templating import rendered
from core.text.formats import format_date
from dash_app.components.markup import markup
from dash_app.i18n import _, written_in
from dash_app.shell.theme import themes
from dash_app.validation.parts import part, sections_of
from dash_app.views.model import summary
from dash_app.views.model.layout import titles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.catalogue import Language

# Of the page alone: the way to other pages, icons without their style sheet, attributes that scripts read.
_left_out: Final = frozenset({"model-more", "icon", "keys"})


def validation_report(lang: Language) -> bytes:
    """The report for readers of a language, from what the services say now; UTF-8 HTML."""
    with written_in(lang):
        loaded = {name: part(name, themes["light"]) for name in sections_of}
        bodies = {
            section: body
            for name, sections in sections_of.items()
            for section, body in zip(sections, loaded[name].sections, strict=True)
        }
        checks = [check for each in loaded.values() for check in each.checks]
        version = loaded["description"].version
        lines = [*([_("Version {version}", version=version)] if version else []), format_date(datetime.now(UTC), lang)]
        sections = [
            # HTML, whose texts are escaped already.
            (_("Summary"), list(_written(summary.section(checks, complete=True)))),
            *((title, list(_written(bodies[place]))) for place, title in titles()),
        ]
        report = _("Periodic validation report")
        return rendered("document.html", lang=lang, title=report, lines=lines, sections=sections).encode()


def chart(figure: go.Figure) -> str:
    """The first two series of a figure side by side, as far as its axis reaches; below it, what is not drawn."""
    solid, hatched = figure.data[:2]
    top = figure.layout.yaxis.range[1] if figure.layout.yaxis.range else inf
    every = list(zip(solid.x, solid.y, hatched.y, strict=True))
    above = [name for name, *values in every if max(values) > top]
    described = [_("{solid}: solid; {hatched}: hatched.", solid=solid.name, hatched=hatched.name)]
    if others := [series.name for series in figure.data[2:]]:
        described.append(_("Not drawn: {names}.", names="; ".join(others)))
    if above:
        described.append(_("Above the scale and not drawn: {names}.", names="; ".join(above)))
    described.append(_("All figures are in the table."))
    return bars([pair for pair in every if pair[0] not in above], " ".join(described))


def _written(body: Sequence[Component]) -> Iterator[str]:
    for component in body:
        graph: Any = next((each for each in _within(component) if isinstance(each, dcc.Graph)), None)
        if graph is not None:
            yield chart(graph.figure)
        elif (kept := _kept(component)) is not None:
            yield markup(kept)


def _kept(component: Any) -> Any:
    """A component without what a file has no use for; None where nothing of it is left."""
    if isinstance(component, list | tuple):
        return [kept for each in component if (kept := _kept(each)) is not None]
    if not isinstance(component, Component):
        return component
    names = set((getattr(component, "className", None) or "").split())
    if names & _left_out or isinstance(component, html.Summary):
        return None
    properties = {
        name: value
        for name, value in component.to_plotly_json()["props"].items()  # type: ignore[no-untyped-call]
        if name != "children" and not name.startswith("data-")
    }
    # On paper nothing unfolds, and no link leads anywhere.
    kind: Any = {html.A: html.Span, html.Details: html.Div}.get(type(component), type(component))
    if isinstance(component, html.A):
        properties = {}
    return kind(_kept(getattr(component, "children", None)), **properties)


def _within(component: Any) -> Iterator[Component]:
    if isinstance(component, list | tuple):
        for each in component:
            yield from _within(each)
    elif isinstance(component, Component):
        yield component
        yield from _within(getattr(component, "children", None))
