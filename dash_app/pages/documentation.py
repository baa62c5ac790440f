"""The Documentation page: says what it will hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash_app import addresses
from dash_app.components.coming import coming
from dash_app.i18n import _, mark
from dash_app.registration import register_page

if TYPE_CHECKING:
    from dash.development.base_component import Component

register_page(__name__, addresses.documentation, name=mark("Documentation"), order=4, icon="book")


def layout(**_others: str) -> Component:
    """What is to come."""
    return coming(
        _("Documentation"),
        _("Understand the data, the model and the words of this dashboard."),
        (
            (_("Glossary"), _("Every variable, what it means and how it is computed.")),
            (_("Model card"), _("How the model was trained, how good it is, and what it may not be used for.")),
            (_("User guide"), _("Each page, step by step.")),
        ),
    )
