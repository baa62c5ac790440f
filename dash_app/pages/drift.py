"""The Drift page: says what it will hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash_app import addresses
from dash_app.components.coming import coming
from dash_app.i18n import _, mark
from dash_app.registration import register_page

if TYPE_CHECKING:
    from dash.development.base_component import Component

register_page(__name__, addresses.drift, name=mark("Drift"), order=3, icon="activity")


def layout(**_others: str) -> Component:
    """What is to come."""
    return coming(
        _("Drift"),
        _("See whether the applicants of today still look like those the model has learnt from."),
        (
            (_("Overview"), _("Which figures have moved, and how much.")),
            (_("Figure by figure"), _("Then and now, side by side.")),
            (_("Report"), _("The whole comparison as a page to keep.")),
        ),
    )
