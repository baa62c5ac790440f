"""Files of the Import page, between browser and API: applications in, decisions out, none held here."""

from __future__ import annotations

import codecs
import csv
import io
from itertools import chain
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote

from flask import Response, request

from core import catalogue
from dash_app.errors import why_unavailable
from dash_app.i18n import _, language
from dash_app.service import NotFound, Refused, Rejected, ServiceUnavailable
from dash_app.services import jobs
from dash_app.uploads.transfer import attached, received
from dash_app.views.scoring.form.form_state import example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dash_app.application import Workbench
    from dash_app.service.jobs import Format

imports_path: Final = "/imports"
template_path: Final = f"{imports_path}/template.csv"
_formats: Final[tuple[Format, ...]] = ("csv", "xlsx", "parquet")


def register(app: Workbench) -> None:
    """Adds the routes."""
    app.serve(imports_path, _take_import, methods=("POST",))
    app.serve(template_path, _give_template)
    app.serve(f"{imports_path}/<job_id>/result.<kind>", _give_result)
    app.serve(f"{imports_path}/<job_id>/rejected.csv", _give_rejected)


def result_address(job_id: str, kind: Format) -> str:
    """Where the result of an import is to be had as a file."""
    return f"{imports_path}/{quote(job_id, safe='')}/result.{kind}"


def rejected_address(job_id: str) -> str:
    """Where the rows that were set aside are to be had."""
    return f"{imports_path}/{quote(job_id, safe='')}/rejected.csv"


def _take_import() -> tuple[Response, int]:
    return received(_imported)


def _imported(parts: Iterator[bytes], name: str) -> dict[str, object]:
    return {"id": jobs().send(parts, name, request.content_length, language()).id}


def _give_template() -> Response:
    """The main columns with a made-up application, as a file to start from."""
    out = io.StringIO(newline="")
    names = ["SK_ID_CURR", *(column.name for column in catalogue.main_columns())]
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerow([900001, *(example.get(name, "") for name in names[1:])])
    return attached(Response(out.getvalue(), content_type="text/csv; charset=utf-8"), "applications.csv")


def _give_result(job_id: str, kind: str) -> tuple[Response, int]:
    wanted: Format | None = next((each for each in _formats if each == kind), None)
    return _missing() if wanted is None else _passed_on(job_id, wanted, f"decisions-{job_id[:8]}.{wanted}")


def _give_rejected(job_id: str) -> tuple[Response, int]:
    return _passed_on(job_id, "rejected", f"set-aside-{job_id[:8]}.csv")


def _passed_on(job_id: str, kind: Format | Literal["rejected"], name: str) -> tuple[Response, int]:
    try:
        content_type, parts = jobs().file(job_id, kind, language())
    except NotFound:
        return _missing()
    except Refused as error:
        return Response(error.detail, mimetype="text/plain"), error.code
    except (ServiceUnavailable, Rejected) as error:
        told = why_unavailable(error) if isinstance(error, ServiceUnavailable) else error.errors[0].expected
        return Response(_("No file for now: {why}.", why=told), mimetype="text/plain"), 503
    if content_type.startswith("text/csv"):
        # Without it Excel takes UTF-8 for the code page of its system, and breaks every accent.
        parts = chain((codecs.BOM_UTF8,), parts)
    return attached(Response(parts, content_type=content_type), name), 200


def _missing() -> tuple[Response, int]:
    return Response(_("There is no such import."), mimetype="text/plain"), 404
