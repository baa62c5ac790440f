"""The Simulation page: says what it will hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash_app import addresses
from dash_app.components.coming import coming
from dash_app.i18n import _, mark
from dash_app.registration import register_page

if TYPE_CHECKING:
    from dash.development.base_component import Component

register_page(__name__, addresses.simulation, name=mark("Import and simulation"), order=2, icon="upload")


def layout(**_others: str) -> Component:
    """What is to come."""
    return coming(
        _("Import and simulation"),
        _("Score a whole file of applications, and try out thresholds and scenarios."),
        (
            (_("Import"), _("A CSV file of applications, scored row by row; bad rows are set aside and named.")),
            (_("Results"), _("Decisions to filter, to sum up and to download.")),
            (_("Scenarios"), _("What another threshold, or a change in income or rates, would do.")),
        ),
    )
