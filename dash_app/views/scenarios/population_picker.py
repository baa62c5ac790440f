"""The population picker: on whom scenarios are tried, and why nothing can be tried on some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dash_app.components.marks import notice
from dash_app.errors import why_unavailable
from dash_app.i18n import _
from dash_app.service import NotFound, Refused, Rejected, ServiceUnavailable
from dash_app.service.scenarios import portfolio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.contract.jobs import JobLine

# What a service may raise where nothing can be tried.
unusable: Final = (ServiceUnavailable, NotFound, Refused, Rejected)


def options(imports: Sequence[JobLine], asked: str) -> list[dict[str, str]]:
    """The clients on hand, imports with rows that were scored, and the one that the address names."""
    found = [{"value": portfolio, "label": _("Clients on hand")}]
    found += [
        {"value": each.id, "label": each.file_name}
        for each in imports
        if each.status == "done" and each.progress.rows_scored
    ]
    if asked not in [each["value"] for each in found]:
        found.append({"value": asked, "label": _("An import")})
    return found


def problem(error: Exception) -> Component:
    """Why nothing can be tried, and what helps."""
    if isinstance(error, ServiceUnavailable):
        return notice(
            _("Nothing can be tried now: {why}.", why=why_unavailable(error)), _("Try again in a moment."), tone="plain"
        )
    if isinstance(error, NotFound):
        return notice(_("There is no such import."), _("It was removed, or kept long enough."), tone="plain")
    why = error.detail if isinstance(error, Refused) else None
    if isinstance(error, Rejected) and any(each.field == "population" for each in error.errors):
        why = _("It is no import that is kept, or none of its rows was scored.")
    return notice(_("Nothing can be tried on this file."), why, tone="plain")
