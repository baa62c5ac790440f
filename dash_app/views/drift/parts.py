"""Parts of the panels: a figure with its words and its table, marks, bars, sections."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from babel.dates import format_date
from dash import dcc, html

from dash_app.components.marks import aria
from dash_app.i18n import _, language
from dash_app.views.drift.values import said

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go
    from dash.development.base_component import Component

    from core.drift.measures.measure import Level


def panel(alternative: str, keys: Sequence[tuple[str, str]], drawn: go.Figure, behind: Component) -> list[Component]:
    """A figure: what its marks mean, the picture with a text alternative, and the table behind it."""
    return [
        keyed(keys),
        picture(drawn, alternative),
        html.Details([html.Summary(_("Show as a table")), behind], className="past-table"),
    ]


def picture(drawn: go.Figure, alternative: str) -> Component:
    """A figure for eyes, and a text for ears."""
    graph = dcc.Graph(
        figure=drawn,
        config={"displayModeBar": False, "scrollZoom": False, "locale": language()},
        style={"height": f"{drawn.layout.height}px"},
        responsive=True,
    )
    return html.Div(graph, role="img", className="picture", **aria(label=alternative))


def keyed(keys: Sequence[tuple[str, str]]) -> Component:
    """What the marks mean."""
    return html.Ul(
        [
            html.Li([html.Span(className=f"key key-{mark}", **aria(hidden="true")), html.Span(words)])
            for mark, words in keys
        ],
        className="keys",
    )


def level_mark(level: Level) -> Component:
    """A level as a shape, which the style sheet draws, and a word."""
    return html.Span(said(level), className=f"drift-level is-{level}")


def bar(part: float, words: str, level: Level = "stable") -> Component:
    """A small bar, 0 to 1 of its cell, which the style sheet draws, beside the number that it stands for."""
    width = f"{min(max(part, 0.0), 1.0) * 100:.1f}%"
    return html.Span(words, className=f"drift-barred is-{level}", style={"--part": width})


def section(title: str, body: Sequence[Component], *tools: Component, class_name: str = "") -> Component:
    """A card with a title and, beside it, its tools."""
    return html.Section(
        [html.Div([html.H2(title), *tools], className="card-head"), *body],
        className=f"card card-flush {class_name}".strip(),
        **aria(label=title),
    )


def month(value: str) -> str:
    """A month, given as `2026-03`, as a reader writes it: `mars 2026`."""
    return format_date(date.fromisoformat(f"{value}-01"), "MMM y", locale=language())
