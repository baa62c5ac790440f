"""Options of recourse: ways to an acceptance, each to be tried in the form, or the room that is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from core import catalogue
from dash_app.components.marks import data, icon, unseen
from dash_app.i18n import _

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.contract.recourse_found import OptionAnswer, RecourseFound
    from core.decision import Value

_shown = 4
# Of these, seen at once; the others are a click away.
_at_once = 2


def panel(ways: RecourseFound) -> Component:
    """The card: one sentence, then the ways, the least effort first; else what would have to be different."""
    title = _("Room before a refusal") if ways.already_accepted else _("What would change the decision")
    body: list[Component] = [html.H2(title), html.P(ways.text, className="muted")]
    shown = _listed(ways)
    if shown:
        ways_shown = [_way(option, place) for place, option in enumerate(shown)]
        body.append(html.Ol(ways_shown[:_at_once], className="way-list"))
        if ways_shown[_at_once:]:
            more = html.Ol(ways_shown[_at_once:], className="way-list")
            body.append(html.Details([html.Summary(_("Other ways")), more], className="way-others", **data(key="ways")))
    if ways.nearest is not None:
        body.append(html.P(_("The lowest risk found with what the client can choose:"), className="muted"))
        body.append(html.Ul([_way(ways.nearest, len(shown))], className="way-list"))
    if ways.insufficient and not ways.already_accepted:
        others = [html.Li(option.text) for option in ways.insufficient]
        body.append(
            html.Details([html.Summary(_("What does not suffice alone")), html.Ul(others)], className="way-others")
        )
    return html.Section(body, className="card ways")


def tries(ways: RecourseFound) -> list[dict[str, Value]]:
    """What each button of `panel` puts into the form, in their order."""
    nearest = [ways.nearest] if ways.nearest is not None else []
    return [dict(option.changes) for option in [*_listed(ways), *nearest]]


def _listed(ways: RecourseFound) -> list[OptionAnswer]:
    if ways.already_accepted:
        return ways.margins[:_shown]
    return (ways.options or ways.different)[:_shown]


def _way(way: OptionAnswer, place: int) -> Component:
    main = {column.name for column in catalogue.main_columns()}
    button = html.Button(
        [icon("sliders"), html.Span(_("Try it")), unseen(way.text)],
        type="button",
        className="button button-quiet",
        **data(way=str(place)),
        # What has no field cannot be tried in the form: a document to be provided.
        hidden=not set(way.changes) <= main,
    )
    return html.Li([html.P(way.text), button], className="way")
