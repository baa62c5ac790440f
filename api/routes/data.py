"""The portfolio as data: its description, and how other applications drift from it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from flask import Response

from api import drift
from api.access.cors import at
from api.http import request_body, uploads
from api.http.json_body import read_as
from api.http.language import language
from api.http.parameters import parameters
from api.http.responses import json_answer
from api.openapi.framework import Resource, answers, created, file_body, json_body, schema_place
from api.schemas.base import LanguageQuery
from api.schemas.data import DataDescriptionAnswer
from api.schemas.drift import (
    DriftFilePath,
    DriftFileQuery,
    DriftQuery,
    DriftReportPath,
    DriftReportsQuery,
    DriftRequest,
)
from api.services import services
from core.contract.drift import DriftAnswer, DriftFile, DriftLine, DriftReportGone, DriftReportList, NewDrift
from core.contract.field_warnings import texts
from core.drift.verdict import verdict

if TYPE_CHECKING:
    from core.drift.history import StoredReport
    from core.drift.results.drift_report import DriftReport

blueprint = Resource(
    "data",
    __name__,
    url_prefix="/data",
    title="Data",
    description="The portfolio as data.",
)

# A page that draws itself, and neither runs nor reaches anything.
_report_policy: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
_page: Final = {
    "description": "OK",
    "content": {
        "text/html": {"schema": {"type": "string"}},
        "application/json": {"schema": {"$ref": schema_place.format(model=DriftAnswer.__name__)}},
    },
}


@blueprint.get("/describe", summary="The portfolio in numbers", responses=answers(DataDescriptionAnswer, 503))
def describe_data() -> Response:
    """Statistics and missing values by column, the share of defaults, and a summary."""
    portfolio = services().portfolio.get()
    return json_answer(
        DataDescriptionAnswer(
            **asdict(portfolio.describe),
            summary=portfolio.summary,
            portfolio=str(portfolio.provenance),
        )
    )


@blueprint.get("/drift", summary="A drift report", responses=answers(_page, 400, 404))
@parameters
def drift_report(query: DriftQuery) -> Response:
    """The newest report that the caller may see, or the one of that id: a page without scripts, or JSON."""
    history = drift.history()
    kept = history.latest() if query.report is None else history.find(query.report)
    if query.format == "json":
        return json_answer(DriftAnswer(**_drift(kept, history.read(kept))))
    answer = Response(history.page(kept, language()), content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = _report_policy
    return answer


@blueprint.post(
    "/drift",
    summary="Make a drift report",
    request_body=json_body(DriftRequest),
    responses=created(NewDrift, 400, 403, 404, 408, 409, 413, 415, 422, 503),
)
@parameters
def make_drift_report(query: LanguageQuery) -> Response:  # noqa: ARG001 (`language` reads it)
    """Compares two sets of applications, column by column and by their score, and keeps the report. Of large sets,
    50,000 rows are drawn, evenly and always the same. Each side needs at least 30 rows, so that a report tells of no
    single one; `live` needs the role `review`. A report on files of a caller is seen by that caller alone.
    """
    sides, warnings = read_as(DriftRequest)
    kept, report = drift.make(sides)
    answer = json_answer(NewDrift(**_drift(kept, report), warnings=texts(warnings)), 201)
    answer.headers["Location"] = at(f"/data/drift?report={kept.key}")
    return answer


@blueprint.post(
    "/drift/files",
    summary="Send a file to be compared",
    request_body=file_body(*uploads.file_types),
    responses=created(DriftFile, 400, 408, 409, 413, 415, 503, 507),
)
@request_body.streamed
@parameters
def take_drift_file(query: DriftFileQuery) -> Response:
    """A file as `/jobs` takes it, as the whole body or as the one file of a form. Unlike that of a job, it is read
    leniently: codes that are not known and values out of bounds are what a comparison is to find.
    """
    from core.drift.uploads import as_dict

    return json_answer(DriftFile.model_validate(as_dict(drift.take_file(query.filename))), 201)


@blueprint.get("/drift/reports", summary="The drift reports, newest first", responses=answers(DriftReportList, 400))
@parameters
def list_drift_reports(query: DriftReportsQuery) -> Response:
    """What each compared, and what it found, in short, of those that the caller may see: what is made of the portfolio
    is for all, of decided applications for the role `review`, of a caller's files for that caller. The newest ones are
    kept.
    """
    history = drift.history()
    kept = history.all()
    lines = [
        DriftLine(
            id=stored.key,
            made_at=report.made_at,
            owner=report.owner,
            subject=report.subject,
            person=report.person,
            reference=report.reference,
            current=report.current,
            columns=len(report.columns),
            drifted=[column.name for column in report.drifted],
            drifted_share=report.drifted_share,
            drifted_importance=report.drifted_importance,
            verdict=verdict(report),
            score_psi=report.score.column.psi if report.score else None,
            alerts=list(report.alerts),
        )
        for stored, report in history.reports(kept[query.offset : query.offset + query.limit])
    ]
    return json_answer(
        DriftReportList(
            reports=lines,
            total=len(kept),
            limit=query.limit,
            offset=query.offset,
            webhook=services().settings.drift_webhook_url is not None,
        )
    )


@blueprint.delete(
    "/drift/reports/<report_id>",
    summary="Remove a drift report",
    responses=answers(DriftReportGone, 400, 403, 404),
)
@parameters
def delete_drift_report(path: DriftReportPath, query: LanguageQuery) -> Response:  # noqa: ARG001 (`language` reads it)
    """One of the caller's own. Those that are for others as well are removed with the role `admin`."""
    drift.remove_report(path.report_id)
    return json_answer(DriftReportGone(id=path.report_id))


@blueprint.delete(
    "/drift/files/<file_id>",
    summary="Remove a file that was sent to be compared",
    responses=answers(DriftFile, 400, 404),
)
@parameters
def delete_drift_file(path: DriftFilePath, query: LanguageQuery) -> Response:  # noqa: ARG001 (`language` reads it)
    """One of the caller's; the answer is what was known of it. Reports on it stay."""
    from core.drift.uploads import as_dict

    return json_answer(DriftFile.model_validate(as_dict(drift.remove_file(path.file_id))))


def _drift(kept: StoredReport, report: DriftReport) -> dict[str, Any]:
    return {
        "id": kept.key,
        "verdict": verdict(report),
        "alert": bool(report.alerts),
        "drifted": [column.name for column in report.drifted],
        "drifted_share": report.drifted_share,
        "drifted_importance": report.drifted_importance,
        "report": report,
    }
