"""The portfolio as data: its description, and the drift report made of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from flask import Response

from api.answers import json_answer
from api.framework import Resource, answers
from api.problems import DriftReportMissing
from api.schemas.data import DataDescriptionAnswer, Dataset
from api.services import services

if TYPE_CHECKING:
    from pathlib import Path

blueprint = Resource(
    "data",
    __name__,
    url_prefix="/data",
    title="Data",
    description="The portfolio as data.",
)

# The report is one file with its script and style inside; it may run them, and reach nothing else.
_report_policy: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
    "sandbox allow-scripts; frame-ancestors 'none'"
)


@blueprint.get("/describe", summary="The portfolio in numbers", responses=answers(DataDescriptionAnswer, 503))
def describe_data() -> Response:
    """Statistics and missing values by column, the share of defaults, and a summary."""
    portfolio = services().portfolio.get()
    return json_answer(
        DataDescriptionAnswer(**asdict(portfolio.describe), summary=Dataset(**asdict(portfolio.summary)))
    )


@blueprint.get(
    "/drift",
    summary="The drift report",
    responses=answers({"description": "OK", "content": {"text/html": {"schema": {"type": "string"}}}}, 404),
)
def drift_report() -> Response:
    """The last report that was made, as one HTML page."""
    try:
        page = _report(services().settings.data_dir).read_bytes()
    except FileNotFoundError:
        raise DriftReportMissing from None
    answer = Response(page, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = _report_policy
    return answer


def _report(data_dir: Path) -> Path:
    return data_dir / "drift" / "report.html"
