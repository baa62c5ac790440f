"""The page of an address that leads nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash
from dash import html

from dash_app import addresses
from dash_app.application import product
from dash_app.components.marks import icon, link
from dash_app.i18n import _

if TYPE_CHECKING:
    from dash.development.base_component import Component

# Dash finds this page by the name of its module.
dash.register_page(__name__, path="/not-found", title=product)  # type: ignore[no-untyped-call]


def layout(**_others: str) -> Component:
    """The way back."""
    back = link(
        [html.Span(_("Back to scoring")), icon("arrow-right")], addresses.scoring, className="button button-quiet"
    )
    return html.Div(
        [
            html.Div(
                html.Div([html.H1(_("This page does not exist")), html.P(_("The address may be mistyped."))]),
                className="page-head",
            ),
            back,
        ]
    )
