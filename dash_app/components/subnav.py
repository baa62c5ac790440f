"""The sub-navigation between the two halves of a page: importing a file, simulating on many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from dash_app import addresses
from dash_app.components.marks import aria, link
from dash_app.i18n import _

if TYPE_CHECKING:
    from dash.development.base_component import Component


def subnav(current: str) -> Component:
    """The halves as links; `current` is the path of the one that is shown."""
    halves = ((addresses.simulation, _("Import")), (addresses.scenarios, _("Simulation")))
    return html.Nav(
        [
            link(name, path, className="subnav-link", **(aria(current="page") if path == current else {}))
            for path, name in halves
        ],
        className="subnav",
        **aria(label=_("Import and simulation")),
    )
