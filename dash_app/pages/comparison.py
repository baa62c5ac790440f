"""The Comparison page: says what it will hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash_app import addresses
from dash_app.components.coming import coming
from dash_app.i18n import _, mark
from dash_app.registration import register_page

if TYPE_CHECKING:
    from dash.development.base_component import Component

register_page(__name__, addresses.comparison, name=mark("Comparison"), order=1, icon="people")


def layout(**_others: str) -> Component:
    """What is to come."""
    return coming(
        _("Comparison"),
        _("Place a client among all, the accepted, the refused, or those who are alike."),
        (
            (_("Position of the client"), _("Where each of the main figures stands among the chosen clients.")),
            (_("Distributions"), _("One figure at a time, with the default rate along it.")),
            (_("Similar clients"), _("The clients most alike, and what became of their credits.")),
        ),
    )
