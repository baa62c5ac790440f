"""The validation report as a download."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from flask import Response

from dash_app.i18n import _, languages
from dash_app.uploads.transfer import attached
from dash_app.validation.document import validation_report

if TYPE_CHECKING:
    from core.catalogue import Language
    from dash_app.application import Workbench

_path: Final = "/model/report"


def register(app: Workbench) -> None:
    """Adds the route."""
    app.serve(f"{_path}/<lang>.html", _give_validation_report)


def validation_address(lang: Language) -> str:
    """Where the report in a language is to be had as a file."""
    return f"{_path}/{lang}.html"


def _give_validation_report(lang: str) -> tuple[Response, int]:
    chosen = next((name for name in languages if name == lang), None)
    if chosen is None:
        return Response(_("There is no such report."), mimetype="text/plain"), 404
    answer = Response(validation_report(chosen), content_type="text/html; charset=utf-8")
    return attached(answer, f"validation-{datetime.now(UTC):%Y-%m-%d}-{chosen}.html"), 200
