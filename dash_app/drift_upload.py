"""The upload of the Drift page, between browser and API: a file to be compared in, a report out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote

from flask import Response, jsonify, request
from werkzeug.exceptions import ClientDisconnected

from dash_app.errors import why_unavailable
from dash_app.i18n import _, language
from dash_app.sent_parts import drain, sent_parts
from dash_app.service import NotFound, Refused, Rejected, ServiceUnavailable
from dash_app.services import drift

if TYPE_CHECKING:
    from dash_app.application import Workbench
    from dash_app.service.drift import Format

files_path: Final = "/drift/files"
report_path: Final = "/drift/report"
# Other sites cannot have a browser send it without asking first.
own_header: Final = "X-Workbench"
_types: Final[dict[Format, str]] = {"html": "text/html; charset=utf-8", "json": "application/json"}


def register(app: Workbench) -> None:
    """Adds the two routes."""
    app.serve(files_path, _take_drift_file, methods=("POST",))
    app.serve(f"{report_path}/<report_id>.<kind>", _give_drift_report)


def report_address(report_id: str, kind: Format) -> str:
    """Where a report is to be had as a file."""
    return f"{report_path}/{quote(report_id, safe='')}.{kind}"


def _take_drift_file() -> tuple[Response, int]:
    """Streams the body on as it comes: neither this process nor the disk ever holds the whole file."""
    if own_header not in request.headers:
        return jsonify(detail=_("This request did not come from the page.")), 403
    name = unquote(request.headers.get("X-File-Name", ""))
    parts = sent_parts()
    try:
        sent = drift().send(parts, name, language())
    except Refused as error:
        problem, status = error.detail, error.code
    except Rejected as error:
        problem, status = " ".join(each.message for each in error.errors), 400
    except (ServiceUnavailable, NotFound) as error:
        why = why_unavailable(error) if isinstance(error, ServiceUnavailable) else ""
        problem, status = _("The file could not be compared: {why}.", why=why), 503
    except ClientDisconnected:
        return jsonify(detail=_("The file takes too long to come.")), 408
    else:
        return jsonify(id=sent["id"], name=sent["name"], rows=sent["rows"], columns=len(sent["columns"])), 201
    drain(parts)
    return jsonify(detail=problem), status


def _give_drift_report(report_id: str, kind: str) -> tuple[Response, int]:
    wanted: Format | None = next((each for each in _types if each == kind), None)
    if wanted is None:
        return Response(_("There is no such report."), mimetype="text/plain"), 404
    try:
        content = drift().file(report_id, wanted, language())
    except NotFound:
        return Response(_("There is no such report."), mimetype="text/plain"), 404
    except (ServiceUnavailable, Refused, Rejected) as error:
        why = why_unavailable(error) if isinstance(error, ServiceUnavailable) else str(error)
        return Response(_("No report for now: {why}.", why=why), mimetype="text/plain"), 503
    answer = Response(content, content_type=_types[wanted])
    answer.headers["Content-Disposition"] = f'attachment; filename="drift-{_plain(report_id)}.{wanted}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer, 200


def _plain(name: str) -> str:
    return "".join(each if each.isascii() and (each.isalnum() or each in ".-") else "-" for each in name)
