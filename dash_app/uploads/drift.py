"""Files of the Drift page, between browser and API: those to be compared in, reports out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from flask import Response

from dash_app.errors import why_unavailable
from dash_app.i18n import _, language
from dash_app.service import NotFound, Refused, Rejected, ServiceUnavailable
from dash_app.services import drift
from dash_app.uploads.transfer import attached, received

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dash_app.application import Workbench
    from dash_app.service.drift import Format

files_path: Final = "/drift/files"
report_path: Final = "/drift/report"
_types: Final[dict[Format, str]] = {"html": "text/html; charset=utf-8", "json": "application/json"}


def register(app: Workbench) -> None:
    """Adds the two routes."""
    app.serve(files_path, _take_drift_file, methods=("POST",))
    app.serve(f"{report_path}/<report_id>.<kind>", _give_drift_report)


def report_address(report_id: str, kind: Format) -> str:
    """Where a report is to be had as a file."""
    return f"{report_path}/{quote(report_id, safe='')}.{kind}"


def _take_drift_file() -> tuple[Response, int]:
    return received(_compared)


def _compared(parts: Iterator[bytes], name: str) -> dict[str, object]:
    sent = drift().send(parts, name, language())
    return {"id": sent["id"], "name": sent["name"], "rows": sent["rows"], "columns": len(sent["columns"])}


def _give_drift_report(report_id: str, kind: str) -> tuple[Response, int]:
    report_format: Format | None = next((name for name in _types if name == kind), None)
    if report_format is None:
        return Response(_("There is no such report."), mimetype="text/plain"), 404
    try:
        content = drift().file(report_id, report_format, language())
    except NotFound:
        return Response(_("There is no such report."), mimetype="text/plain"), 404
    except (ServiceUnavailable, Refused, Rejected) as error:
        why = why_unavailable(error) if isinstance(error, ServiceUnavailable) else str(error)
        return Response(_("No report for now: {why}.", why=why), mimetype="text/plain"), 503
    answer = Response(content, content_type=_types[report_format])
    return attached(answer, f"drift-{report_id}.{report_format}"), 200
