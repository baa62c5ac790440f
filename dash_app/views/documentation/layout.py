"""The frame that all sections share: the way between them, the search, the section itself and what is on its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from dash_app import addresses
from dash_app.components import native
from dash_app.components.marks import aria, icon, link, notice, skeleton, unseen
from dash_app.i18n import _
from dash_app.views.documentation import ids
from dash_app.views.documentation.sections import guide, overview, sections

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from dash_app.views.documentation.markdown import Chapter, TextMissing
    from dash_app.views.documentation.sections import Section


def frame(
    section: Section, body: Sequence[Component], contents: Sequence[tuple[str, str]] = (), *stores: Component
) -> Component:
    """A section in its frame.

    Args:
        body: what it shows.
        contents: titles and anchors of what is on the page; no table of contents where there is none.
        stores: what its callbacks keep.
    """
    return html.Div(
        [
            *stores,
            html.Div(
                [
                    html.Div([html.H1(section.title), html.P(section.lead)]),
                    _search(section),
                ],
                className="page-head doc-top",
            ),
            _ways(section),
            html.Div(
                [html.Div(body, className="doc-body"), *([_contents(contents)] if contents else [])],
                className="doc-columns" if contents else "doc-wide",
            ),
        ],
        className=f"doc doc-{section.key or 'overview'}",
    )


def start(tasks: Sequence[Chapter]) -> Component:
    """The overview: a card for each section, and the tasks of the user guide."""
    title = _("Documentation")
    cards = html.Ul(
        [
            html.Li(
                link(
                    [icon(section.icon), html.H2(section.title), html.P(section.lead)],
                    section.path,
                    className="card doc-card",
                )
            )
            for section in sections
        ],
        className="doc-cards",
    )
    how = html.Section(
        [
            html.H2(_("How do I…")),
            html.Ul(
                [
                    html.Li(
                        link(
                            [html.Span(task.title), icon("chevron-right")],
                            addresses.of_section(guide.key, task.anchor),
                        )
                    )
                    for task in tasks
                ],
                className="doc-tasks",
            ),
        ],
        className="card doc-how",
    )
    return html.Div(
        [
            html.Div(
                [html.Div([html.H1(title), html.P(overview.lead)]), _search(overview)], className="page-head doc-top"
            ),
            _ways(overview),
            html.Div([cards, how], className="doc-start"),
        ],
        className="doc doc-overview",
    )


def missing(error: TextMissing) -> Component:
    """In place of a text that is not there."""
    return notice(
        _("This text does not come with this installation."), _("Missing file: {name}", name=str(error)), tone="plain"
    )


def waiting(place: str, rows: int = 8) -> Component:
    """Where something will stand that the model has to be asked for."""
    return html.Div(skeleton(*["100%"] * rows, class_name="skeleton-rows"), id=place, className="doc-waiting")


def contents_of(chapters: Sequence[Chapter]) -> list[tuple[str, str]]:
    """The titles of the chapters of the second level."""
    return [(chapter.title, chapter.anchor) for chapter in chapters if chapter.level == 2]


def _ways(section: Section) -> Component:
    return html.Nav(
        html.Ul(
            [
                html.Li(
                    link(
                        way.title,
                        way.path,
                        **(aria(current="page") if way.key == section.key else {}),
                    )
                )
                for way in (overview, *sections)
            ]
        ),
        className="doc-ways",
        **aria(label=_("Sections of the documentation")),
    )


def _search(section: Section) -> Component:
    words = _("Search the documentation")
    field = ids.search(section.key or "overview")
    return html.Div(
        [
            html.Label(
                [
                    unseen(words),
                    icon("search"),
                    native.Input(id=field, type="text", debounce=250, autoComplete="off", placeholder=words),
                ],
                className="filter doc-search",
            ),
            html.Div(id=ids.found(section.key or "overview"), className="doc-found", hidden=True),
        ],
        className="doc-finder",
        role="search",
        **aria(label=words),
    )


def _contents(contents: Sequence[tuple[str, str]]) -> Component:
    return html.Nav(
        [
            html.H2(_("On this page")),
            html.Ul([html.Li(html.A(title, href=f"#{place}")) for title, place in contents]),
        ],
        className="doc-contents no-print",
        **aria(label=_("On this page")),
    )
