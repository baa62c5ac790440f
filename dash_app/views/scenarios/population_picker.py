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
    choices = [{"value": portfolio, "label": _("Clients on hand")}]
    choices += [
        {"value": job.id, "label": job.file_name}
        for job in imports
        if job.status == "done" and job.progress.rows_scored
    ]
    if asked not in [option["value"] for option in choices]:
        choices.append({"value": asked, "label": _("An import")})
    return choices


def problem(error: Exception) -> Component:
    """Why nothing can be tried, and what helps."""
    if isinstance(error, ServiceUnavailable):
        return notice(
            _("Nothing can be tried now: {why}.", why=why_unavailable(error)), _("Try again in a moment."), tone="plain"
        )
    if isinstance(error, NotFound):
        return notice(_("There is no such import."), _("It was removed, or kept long enough."), tone="plain")
    why = error.detail if isinstance(error, Refused) else None
    if isinstance(error, Rejected) and any(fault.field == "population" for fault in error.errors):
        why = _("It is no import that is kept, or none of its rows was scored.")
    return notice(_("Nothing can be tried on this file."), why, tone="plain")
