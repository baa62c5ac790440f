"""Files of applications that are scored in the background: sent, watched, fetched, cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import Response, send_file

from api import jobs
from api.access.cors import at
from api.final_decisions import (
    answered,
    final_decision_of_row,
    final_decisions_of_file,
    final_decisions_of_page,
)
from api.http import request_body, uploads
from api.http.language import language
from api.http.messages import message
from api.http.parameters import parameters
from api.http.problems import InvalidRequest
from api.http.responses import attached, json_answer
from api.job_answers import (
    absent_columns,
    caveats_of,
    column_label,
    columns_of_file,
    history_of,
    job_answer,
    job_line,
    job_rejection,
    result_columns,
    worker_state,
)
from api.openapi.framework import Resource, accepted, answers, file_body
from api.requests.row_filters import read_filter
from api.schemas.base import HistoryQuery, LanguageQuery
from api.schemas.jobs import (
    JobPath,
    JobsQuery,
    NewHeldJobQuery,
    RejectedQuery,
    ResultQuery,
    RowPath,
    RowsQuery,
    StartQuery,
)
from core.application import FieldError
from core.batch.rejections import expected_sentence, problem_sentence
from core.contract.answer import warned
from core.contract.jobs import (
    JobAnswer,
    JobLine,
    JobList,
    JobPreview,
    JobPreviewColumn,
    JoinedRows,
    ResultRowAnswer,
    ResultRows,
    ValueProblem,
)
from core.contract.prediction import Prediction, certainty_of
from core.explain.information import essential_warnings
from core.jobs import files
from core.jobs.answers import results, workbook
from core.jobs.answers.made import ResultForm, made_file
from core.jobs.job import RejectionReason
from core.jobs.set_aside import RowsNotKept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.jobs.job import Job

blueprint = Resource(
    "jobs",
    __name__,
    url_prefix="/jobs",
    title="Jobs",
    description="Files of applications of any size, scored in the background. A caller sees its own.",
)

_binary: Final = {"schema": {"type": "string", "format": "binary"}}
_workbook_type: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_parquet_type: Final = "application/vnd.apache.parquet"
_csv_type: Final = "text/csv; charset=utf-8"


@blueprint.post(
    "",
    summary="Score a file",
    request_body=file_body(*uploads.file_types),
    responses=accepted(JobAnswer, 400, 408, 413, 415, 429, 503, 507),
)
@request_body.streamed
@parameters
def create_job(query: NewHeldJobQuery) -> Response:
    """Takes a CSV (separator, encoding and decimal mark are recognised), CSV.gz or Parquet file, as the whole body or
    as the one file of a form, and queues it; the answer says where to look for it.
    """
    job = jobs.accept(query.filename, query.threshold, query.history, "held" if query.hold == "true" else "queued")
    answer = json_answer(job_answer(job, language()), 202)
    answer.headers["Location"] = at(f"/jobs/{job.id}")
    return answer


@blueprint.get("", summary="The caller's jobs, newest first", responses=answers(JobList, 400, 503))
@parameters
def list_jobs(query: JobsQuery) -> Response:
    """Those of the last days: a job is removed a while after its end."""
    own_jobs, lang = jobs.all_mine(), language()
    worker = worker_state()
    lines = [JobLine(**job_line(job, worker, lang)) for job in own_jobs[query.offset : query.offset + query.limit]]
    return json_answer(JobList(jobs=lines, total=len(own_jobs), limit=query.limit, offset=query.offset, worker=worker))


@blueprint.get("/<job_id>", summary="How far a job is", responses=answers(JobAnswer, 400, 404, 503))
@parameters
def job(path: JobPath, query: LanguageQuery) -> Response:  # noqa: ARG001 (`language` reads it)
    """Progress, counts, and once it is done what the decisions look like."""
    return json_answer(job_answer(jobs.mine(path.job_id), language()))


@blueprint.delete("/<job_id>", summary="Cancel or remove a job", responses=answers(JobAnswer, 400, 404, 503))
@parameters
def delete_job(path: JobPath, query: LanguageQuery) -> Response:  # noqa: ARG001 (`language` reads it)
    """A job that has not ended is cancelled: its files are removed, and it stays in the list. One that has ended is
    removed with all its files; the answer is what was known of it.
    """
    job = jobs.mine(path.job_id)
    if job.has_ended:
        jobs.store().delete(job.id)
    else:
        job = jobs.store().cancel(job.id)
    return json_answer(job_answer(job, language()))


@blueprint.get(
    "/<job_id>/preview",
    summary="What a file looks like before it is scored",
    responses=answers(JobPreview, 400, 404, 409, 503),
)
@parameters
def preview_job(path: JobPath, query: HistoryQuery) -> Response:
    """The first rows of a file that is held: its columns, what is missing in them, what would be set aside, and how
    many would get the history of a client on hand.
    """
    preview, joined = jobs.previewed(path.job_id, query.history)
    lang = language()
    details = [
        JobPreviewColumn(
            name=column.name,
            given=column.given,
            label=column_label(column.name, lang),
            missing=column.missing,
            expected=expected_sentence(column.name, lang),
            problems=[
                ValueProblem(code=problem, problem=problem_sentence(problem, "", lang), count=count)
                for problem, count in column.problems
            ],
        )
        for column in preview.columns
    ]
    return json_answer(
        JobPreview(
            verdict=preview.verdict,
            rows=preview.rows,
            sound=preview.sound,
            broken=preview.broken,
            unused=preview.unused,
            columns=columns_of_file(preview.facts),
            history=history_of(joined, lang, before=True),
            caveats=caveats_of(preview.caveats, lang),
            absent=absent_columns(preview.facts, lang),
            details=details,
        )
    )


@blueprint.post(
    "/<job_id>/start", summary="Score a file that is held", responses=accepted(JobAnswer, 400, 404, 409, 413, 415, 503)
)
@parameters
def start_job(path: JobPath, query: StartQuery) -> Response:
    """Queues a job that was sent with `hold`; one that is not held stays as it is. `history` goes before that of the
    sending. Where the file lacks much of what the model rests on, it needs `confirm=true`.
    """
    return json_answer(
        job_answer(jobs.start(path.job_id, query.history, confirmed=query.confirm == "true"), language()), 202
    )


@blueprint.get(
    "/<job_id>/result",
    summary="The result of a job as a file",
    responses=answers(
        {"description": "OK", "content": dict.fromkeys(("text/csv", _parquet_type, _workbook_type), _binary)},
        400,
        404,
        409,
        503,
    ),
)
@parameters
def result(path: JobPath, query: ResultQuery) -> Response:
    """Sound rows in the order of the file: its number there, the model's decision, the columns of the application.

    Where an officer has decided on one of them, each has `final_decision`, `officer` and `decided_at` at its end. A
    workbook has two sheets more: the rows set aside with their reasons, and what was done.
    """
    job, folder = jobs.done(path.job_id)
    decided = results.decided_rows(final_decisions_of_file(job))
    name = f"{_stem(job)}-scored.{query.format}"
    if query.format == "csv":
        lines = results.csv_lines(folder, decided, query.convention, query.columns)
        return attached(Response(_bytes(lines), content_type=_csv_type), name)
    if query.format == "parquet" and decided is None and query.columns == "all":
        return attached(send_file(files.result(folder), mimetype=_parquet_type, conditional=False), name)
    if query.format == "xlsx" and job.tally.scored > workbook.max_rows:
        lang = language()
        expected = message("too_many_for_a_sheet", lang, maximum=str(workbook.max_rows))
        raise InvalidRequest("invalid_parameters", FieldError("format", message("unusable", lang), expected))
    # Another process computes; this one waits, as it would for a client.
    request_body.leave()
    made = made_file(folder, ResultForm(query.format, query.columns, language()), decided)
    mimetype = _parquet_type if query.format == "parquet" else _workbook_type
    return attached(send_file(made, mimetype=mimetype, conditional=False), name)


@blueprint.get(
    "/<job_id>/rejected",
    summary="The rows that were set aside",
    responses=answers({"description": "OK", "content": {"text/csv": _binary}}, 400, 404, 409, 503),
)
@parameters
def rejected(path: JobPath, query: RejectedQuery) -> Response:
    """A line for each problem: row, client, column, what is wrong, what was expected; never the value. Or the rows
    themselves, for whoever sent them: each with its number, its problems, and its values in the columns of the file.
    """
    job, folder = jobs.done(path.job_id)
    lang = language()
    if query.content == "reasons":
        name, lines = f"{_stem(job)}-rejected.csv", results.rejected_lines(folder, lang, query.convention)
    else:
        name = f"{_stem(job)}-set-aside.csv"
        try:
            lines = results.set_aside_lines(folder, job, lang, query.convention)
        except RowsNotKept:
            why = FieldError("content", message("unusable", lang), message("rows_not_kept", lang))
            raise InvalidRequest("invalid_parameters", why) from None
    return attached(Response(_bytes(lines), content_type=_csv_type), name)


@blueprint.get(
    "/<job_id>/rows",
    summary="Rows of a result: filtered, sorted, page by page",
    responses=answers(ResultRows, 400, 404, 409, 503),
)
@parameters
def result_rows(path: JobPath, query: RowsQuery) -> Response:
    """What a grid shows: the model's decision, the main columns of the application, and what an officer decided."""
    scored, folder = jobs.done(path.job_id)
    row_query = results.RowQuery(
        query.offset, query.limit, query.sort, query.order == "desc", read_filter(query.filter)
    )
    page = results.page(folder, row_query)
    numbers: list[Any] = [row["row"] for row in page.rows]
    decided = final_decisions_of_page(scored, numbers)
    return json_answer(
        ResultRows(
            rows=[
                {**row, **results.officers_values((decided or {}).get(number))}
                for row, number in zip(page.rows, numbers, strict=True)
            ],
            decisions_known=decided is not None,
            columns=result_columns(folder, language()),
            total=page.total,
            limit=query.limit,
            offset=query.offset,
        )
    )


@blueprint.post(
    "/<job_id>/rows",
    summary="Join mended rows to a job",
    request_body=file_body(*uploads.file_types),
    responses=answers(JoinedRows, 400, 404, 408, 409, 413, 415, 429, 503, 507),
)
@request_body.streamed
@parameters
def join_rows(path: JobPath, query: LanguageQuery) -> Response:  # noqa: ARG001 (`language` reads it)
    """Takes rows that were set aside, mended, in a file as `/jobs/{id}/rejected?content=rows` gives it, scores them as
    the job scored the others, and puts them in its result under their numbers. Those that are still wrong stay set
    aside as they were. A file that is sent again changes nothing more. 10,000 rows at most at a time.
    """
    mended, lang = jobs.join(path.job_id), language()
    counts = mended.rejections.group_by("column", "problem", maintain_order=True).len().iter_rows()
    return json_answer(
        JoinedRows(
            joined=mended.joined,
            still_set_aside=mended.rejected,
            already_scored=mended.already_scored,
            unknown=mended.unknown,
            rejections=[job_rejection(RejectionReason(*reason), lang) for reason in counts],
            job=job_answer(mended.job, lang),
        )
    )


@blueprint.get(
    "/<job_id>/rows/<row>", summary="One row of a result, whole", responses=answers(ResultRowAnswer, 400, 404, 409, 503)
)
@parameters
def result_row(path: RowPath, query: LanguageQuery) -> Response:  # noqa: ARG001 (`language` reads it)
    """The application as `/predict` takes it, with the decision that the job made, and the final one of an officer.

    `prediction_id` is null where the decision is not, or not any more, recorded.
    """
    scored, folder = jobs.done(path.job_id)
    scored_row = results.row(folder, path.row)
    version = scored.model_version or ""
    decision: dict[str, Any] = {
        name: scored_row.decision[name]
        for name in ("probability", "prediction", "decision", "risk_category", "threshold")
    }
    client_id: Any = scored_row.decision["SK_ID_CURR"]
    lang = language()
    decision |= {
        "missing_essentials": scored_row.missing_essentials,
        "information": scored_row.decision.get("information"),
    }
    decision |= certainty_of(scored_row.as_decision(), lang)
    warnings, source = essential_warnings(scored_row.missing_essentials, lang), scored_row.history
    recorded = final_decision_of_row(scored, path.row)
    prediction = Prediction(
        client_id=client_id,
        **warned(warnings),
        model_version=version,
        history=source,
        portfolio=scored.portfolio if source == "portfolio" else None,
        prediction_id=recorded.prediction_id,
        **decision,
    )
    current = recorded.final.decision if recorded.final else prediction.decision
    return json_answer(
        ResultRowAnswer(
            row=path.row,
            client_id=client_id,
            features=scored_row.application,
            prediction=prediction,
            **answered(recorded.final, current if recorded.is_known else None),
        )
    )


def _stem(job: Job) -> str:
    """The name of the file that was sent, without its ending."""
    return job.file_name.split(".")[0] or "file"


def _bytes(lines: Iterator[str]) -> Iterator[bytes]:
    for line in lines:
        yield line.encode()
