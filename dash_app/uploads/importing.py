"""Files of the Import page, between browser and API: applications in, decisions out, none held here."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from flask import Response, request

from core import catalogue
from core.exports.csv_text import byte_order_mark, convention_of, csv_file
from dash_app.errors import why_unavailable
from dash_app.i18n import _, language
from dash_app.service import NotFound, Refused, Rejected, ServiceUnavailable
from dash_app.service.jobs import FileQuery
from dash_app.services import jobs
from dash_app.uploads.transfer import attached, received
from dash_app.views.scoring.form.form_state import example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.exports.csv_text import Convention
    from core.jobs.answers.results import Columns
    from dash_app.application import Workbench
    from dash_app.service.jobs import Format, SetAside

imports_path: Final = "/imports"
template_path: Final = f"{imports_path}/template.csv"
_formats: Final[tuple[Format, ...]] = ("csv", "xlsx", "parquet")
# Why mended rows stay set aside.
_max_reasons: Final = 3
_names_set_aside: Final[dict[SetAside, str]] = {"reasons": "rejected.csv", "rows": "set-aside.csv"}


def register(app: Workbench) -> None:
    """Adds the routes."""
    app.serve(imports_path, _take_import, methods=("POST",))
    app.serve(template_path, _give_template)
    app.serve(f"{imports_path}/<job_id>/result.<kind>", _give_result)
    app.serve(f"{imports_path}/<job_id>/rejected.csv", _give_reasons)
    app.serve(f"{imports_path}/<job_id>/set-aside.csv", _give_rows_set_aside)
    app.serve(f"{imports_path}/<job_id>/rows", _take_rows, methods=("POST",))


def result_address(job_id: str, kind: Format, convention: Convention = "plain", columns: Columns = "main") -> str:
    """Where the result of an import is to be had as a file."""
    query: dict[str, str] = {"convention": convention} if kind == "csv" else {}
    if columns != "main":
        query["columns"] = columns
    return _address(job_id, f"result.{kind}", query)


def set_aside_address(job_id: str, content: SetAside, convention: Convention) -> str:
    """Where the rows that were set aside are to be had, or why they were."""
    return _address(job_id, _names_set_aside[content], {"convention": convention})


def rows_path(job_id: str) -> str:
    """Where mended rows of an import are sent."""
    return f"{imports_path}/{quote(job_id, safe='')}/rows"


def _address(job_id: str, name: str, query: dict[str, str]) -> str:
    return f"{imports_path}/{quote(job_id, safe='')}/{name}" + (f"?{urlencode(query)}" if query else "")


def _take_import() -> tuple[Response, int]:
    return received(_imported)


def _imported(parts: Iterator[bytes], name: str) -> dict[str, object]:
    return {"id": jobs().send(parts, name, request.content_length, language()).id}


def _take_rows(job_id: str) -> tuple[Response, int]:
    def joined(parts: Iterator[bytes], _name: str) -> dict[str, object]:
        found = jobs().join(job_id, parts, request.content_length, language())
        why = [f"{rejection.column} {rejection.problem}".strip() for rejection in found.rejections[:_max_reasons]]
        counts = {
            "joined": found.joined,
            "still_set_aside": found.still_set_aside,
            "already_scored": found.already_scored,
            "unknown": found.unknown,
        }
        return {"id": job_id, "why": why, **counts}

    return received(joined)


def _give_template() -> Response:
    """The main columns with a made-up application, as a file to start from."""
    names = ["SK_ID_CURR", *(column.name for column in catalogue.main_columns())]
    rows: list[list[object]] = [[*names], [900001, *(example.get(name, "") for name in names[1:])]]
    content = csv_file(rows, convention_of(language()))
    return attached(Response(content, content_type="text/csv; charset=utf-8"), "applications.csv")


def _give_result(job_id: str, kind: str) -> tuple[Response, int]:
    file_format: Format | None = next((name for name in _formats if name == kind), None)
    if file_format is None:
        return _missing()
    columns: Columns = "all" if request.args.get("columns") == "all" else "main"
    return _passed_on(job_id, FileQuery(file_format, columns, _convention()), f"decisions-{job_id[:8]}.{file_format}")


def _give_reasons(job_id: str) -> tuple[Response, int]:
    return _passed_on(job_id, FileQuery("reasons", convention=_convention()), f"set-aside-reasons-{job_id[:8]}.csv")


def _give_rows_set_aside(job_id: str) -> tuple[Response, int]:
    return _passed_on(job_id, FileQuery("rows", convention=_convention()), f"set-aside-{job_id[:8]}.csv")


def _convention() -> Convention:
    """The one that the address names; else that of the reader's language."""
    named = request.args.get("convention")
    return "fr" if named == "fr" else "plain" if named == "plain" else convention_of(language())


def _passed_on(job_id: str, query: FileQuery, name: str) -> tuple[Response, int]:
    try:
        content_type, parts = jobs().file(job_id, query, language())
    except NotFound:
        return _missing()
    except Refused as error:
        return Response(error.detail, mimetype="text/plain"), error.code
    except (ServiceUnavailable, Rejected) as error:
        why = why_unavailable(error) if isinstance(error, ServiceUnavailable) else error.errors[0].expected
        return Response(_("No file for now: {why}.", why=why), mimetype="text/plain"), 503
    if content_type.startswith("text/csv") and query.convention == "plain":
        # Without it Excel takes UTF-8 for the code page of its system, and breaks every accent; the French
        # convention has it from the API.
        parts = chain((byte_order_mark.encode(),), parts)
    return attached(Response(parts, content_type=content_type), name), 200


def _missing() -> tuple[Response, int]:
    return Response(_("There is no such import."), mimetype="text/plain"), 404
