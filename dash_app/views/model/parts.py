"""Parts of the sections: facts, the way to where something is shown in full, and what cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from dash_app.components.marks import icon, link, notice
from dash_app.i18n import _
from dash_app.views.drift.parts import keyed, picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go
    from dash.development.base_component import Component


def facts(rows: Sequence[tuple[str, str | Component]]) -> Component:
    """Names and what is said of each."""
    return html.Dl([html.Div([html.Dt(name), html.Dd(words)]) for name, words in rows], className="doc-facts")


def sentences(said: Sequence[str]) -> list[Component]:
    """What is to be known, as a list; nothing where nothing is."""
    return [html.Ul([html.Li(sentence) for sentence in said], className="drift-notes")] if said else []


def more(words: str, address: str) -> Component:
    """The way to the page that shows it in full."""
    return html.P(
        link([html.Span(words), icon("chevron-right")], address, className="model-more-link"), className="model-more"
    )


def unreadable(why: str) -> list[Component]:
    """In place of a section that cannot be read now."""
    return [notice(_("This cannot be read now: {why}.", why=why), _("Try again in a moment."))]


def drawn(keys: Sequence[tuple[str, str]], figure: go.Figure, alternative: str) -> Component:
    """What the marks mean, and the picture with a text alternative; the table follows."""
    return html.Div([keyed(keys), picture(figure, alternative)], className="model-figure")
