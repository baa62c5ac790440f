"""Parts of the computed sections: chapters and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from dash_app.components.marks import aria
from dash_app.views.documentation.prose import heading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component


def part(title: str, place: str, body: Sequence[Component], level: int = 2) -> Component:
    """A chapter, or one within it at level 3, with a heading that can be linked to."""
    return html.Section([heading(title, place, level), *body], id=place, className=f"chapter chapter-{level}")


def table(header: Sequence[str], rows: Sequence[Sequence[str]], name: str) -> Component:
    """A table whose first column names its rows; it can be scrolled sideways by keyboard."""
    return html.Div(
        html.Table(
            [
                html.Thead(html.Tr([html.Th(title, scope="col") for title in header])),
                html.Tbody(
                    [html.Tr([html.Th(row[0], scope="row"), *(html.Td(cell) for cell in row[1:])]) for row in rows]
                ),
            ],
            className="doc-table",
        ),
        className="doc-scroll",
        role="region",
        tabIndex=0,
        **aria(label=name),
    )
