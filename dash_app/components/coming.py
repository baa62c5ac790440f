"""A page that is not there yet: says what it will hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from dash_app import addresses
from dash_app.components.marks import icon, link
from dash_app.i18n import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component


def coming(title: str, lead: str, parts: Sequence[tuple[str, str]]) -> Component:
    """A title, what the page is for, and its parts as (name, description)."""
    return html.Div(
        [
            html.Div(html.Div([html.H1(title), html.P(lead)]), className="page-head"),
            html.Div(
                [
                    html.Span(_("In preparation"), className="pill"),
                    html.P(_("This page is not available yet. It will hold:"), className="muted"),
                    html.Ol(
                        [html.Li([html.H2(name), html.P(words, className="muted")]) for name, words in parts],
                        className="coming-list",
                    ),
                    link(
                        [html.Span(_("Back to scoring")), icon("arrow-right")],
                        addresses.scoring,
                        className="button button-quiet",
                    ),
                ],
                className="card coming",
            ),
        ]
    )
