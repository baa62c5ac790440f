"""Files of applications that are scored in the background: sent, watched, fetched, cancelled."""

from __future__ import annotations

from dataclasses import asdict
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
from core import catalogue
from core.application import FieldError
from core.batch.rejections import expected_sentence, problem_sentence
from core.contract.answer import warned
from core.contract.field_warnings import FieldWarning
from core.contract.jobs import (
    ColumnAlias,
    JobAbsent,
    JobAnswer,
    JobCaveat,
    JobCaveats,
    JobColumns,
    JobConversion,
    JobHistory,
    JobLine,
    JobList,
    JobPerformance,
    JobPreview,
    JobPreviewColumn,
    JobProgress,
    JobReading,
    JobRejection,
    JoinedRows,
    ResultColumn,
    ResultRowAnswer,
    ResultRows,
    ValueProblem,
    WorkerState,
)
from core.contract.prediction import Prediction, certainty_of
from core.explain.information import essential_warnings
from core.jobs import files
from core.jobs.answers import results, workbook
from core.jobs.answers.made import ResultForm, made_file
from core.jobs.history_used import Joined
from core.jobs.job import RejectionReason
from core.jobs.set_aside import RowsNotKept
from core.text.names import capped, max_columns, max_listed_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from core.batch.caveats import Caveats, ColumnCount
    from core.catalogue import Language
    from core.contract.field_warnings import WarningCode
    from core.jobs.job import FileSummary, Job

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
    answer = json_answer(_answer(job, language()), 202)
    answer.headers["Location"] = at(f"/jobs/{job.id}")
    return answer


@blueprint.get("", summary="The caller's jobs, newest first", responses=answers(JobList, 400, 503))
@parameters
def list_jobs(query: JobsQuery) -> Response:
    """Those of the last days: a job is removed a while after its end."""
    own_jobs, lang = jobs.all_mine(), language()
    worker = _worker()
    lines = [JobLine(**_line(job, worker, lang)) for job in own_jobs[query.offset : query.offset + query.limit]]
    return json_answer(JobList(jobs=lines, total=len(own_jobs), limit=query.limit, offset=query.offset, worker=worker))


@blueprint.get("/<job_id>", summary="How far a job is", responses=answers(JobAnswer, 400, 404, 503))
@parameters
def job(path: JobPath, query: LanguageQuery) -> Response:  # noqa: ARG001 (`language` reads it)
    """Progress, counts, and once it is done what the decisions look like."""
    return json_answer(_answer(jobs.mine(path.job_id), language()))


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
    return json_answer(_answer(job, language()))


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
            label=_label(column.name, lang),
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
            columns=_facts(preview.facts),
            history=_history(joined, lang, before=True),
            caveats=_caveats(preview.caveats, lang),
            absent=_absent(preview.facts, lang),
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
        _answer(jobs.start(path.job_id, query.history, confirmed=query.confirm == "true"), language()), 202
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
            columns=_columns(folder, language()),
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
            rejections=[_rejection(RejectionReason(*reason), lang) for reason in counts],
            job=_answer(mended.job, lang),
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


def _line(job: Job, worker: WorkerState, lang: Language) -> dict[str, Any]:
    tally = job.tally
    # What a worker that is away was about to do says nothing of when the job ends.
    stands_still = job.status == "running" and not worker.alive
    return {
        "id": job.id,
        "status": job.status,
        "file_name": job.file_name,
        "kind": job.kind,
        "bytes": job.bytes,
        "owner": job.owner,
        "person": job.person.name if job.person else None,
        "created": job.created,
        "started": job.started,
        "finished": job.finished,
        "threshold": job.wanted_threshold if job.threshold is None else job.threshold,
        "model_version": job.model_version,
        "attempts": job.attempts,
        "progress": JobProgress(
            share=job.share,
            rows_read=tally.read,
            rows_scored=tally.scored,
            rows_rejected=tally.rejected,
            rows_mended=tally.mended,
            rows_unrecorded=tally.unrecorded,
            rows_per_second=None if stands_still else job.rows_per_second,
            seconds_left=None if stands_still else job.seconds_left,
        ),
        "accepted": tally.accepted,
        "refused": tally.refused,
        "referred": tally.referred,
        "close_calls": tally.close_calls,
        "nothing_scored": job.scored_nothing,
        "error": job.error.sentence(lang) if job.error else None,
        "error_code": job.error.key if job.error else None,
    }


def _answer(job: Job, lang: Language) -> JobAnswer:
    tally, facts, worker = job.tally, job.facts, _worker()
    columns = facts and _facts(facts)
    rejections = [_rejection(reason, lang) for reason in tally.reasons]
    return JobAnswer(
        **_line(job, worker, lang),
        acceptance_rate=tally.accepted / tally.scored if tally.scored else None,
        histogram=list(tally.histogram),
        columns=columns,
        converted=JobConversion(kind=job.converted.kind, sheet=job.converted.sheet) if job.converted else None,
        history=_history(Joined.of(job), lang),
        rejections=rejections,
        rejected_listed=tally.listed,
        caveats=_caveats(tally.caveats, lang),
        absent=_absent(facts, lang),
        performance=JobPerformance(**asdict(job.performance)) if job.performance else None,
        worker=worker,
    )


def _rejection(reason: RejectionReason, lang: Language) -> JobRejection:
    return JobRejection(
        column=reason.column,
        code=reason.problem,
        problem=problem_sentence("broken_rows" if reason.problem == "broken_row" else reason.problem, "", lang),
        expected=expected_sentence(reason.column, lang, reason.problem),
        count=reason.count,
    )


def _absent(facts: FileSummary | None, lang: Language) -> JobAbsent | None:
    absent = jobs.absent_of(facts)
    if absent is None:
        return None
    columns = list(absent.columns[:max_listed_columns])
    return JobAbsent(share=absent.share, columns=columns, must_confirm=absent.asks, text=absent.sentence(lang))


def _caveats(caveats: Caveats, lang: Language) -> JobCaveats:
    return JobCaveats(
        rows=caveats.rows,
        unfamiliar_rows=caveats.unfamiliar_rows,
        unfamiliar=_counted(caveats.unfamiliar[:max_listed_columns], "outside_training", lang),
        lacking_rows=caveats.lacking_rows,
        missing_essentials=_counted(caveats.missing_essentials, "missing_essential", lang),
        repeated_rows=caveats.repeated_rows,
        readings=[
            JobReading(
                column=reading.column,
                label=_label(reading.column, lang),
                code=reading.kind,
                rows=reading.rows,
                text=reading.text(lang),
            )
            for reading in caveats.readings
        ],
    )


def _counted(counts: Sequence[ColumnCount], code: WarningCode, lang: Language) -> list[JobCaveat]:
    return [
        JobCaveat(
            column=count.column,
            label=_label(count.column, lang),
            rows=count.rows,
            text=FieldWarning.of(code, count.column, lang).text,
        )
        for count in counts
    ]


def _facts(facts: FileSummary) -> JobColumns:
    unknown, more = capped(facts.unknown, max_columns)
    return JobColumns(
        separator=facts.separator,
        encoding=facts.encoding,
        decimal=facts.decimal,
        rows=facts.rows,
        known=list(facts.known),
        aliases=[ColumnAlias(given=given, name=name) for given, name in facts.aliases],
        unknown=list(unknown),
        unknown_omitted=more,
        missing=list(facts.missing),
        similar=[ColumnAlias(given=given, name=name) for given, name in facts.similar[:max_columns]],
    )


def _history(joined: Joined, lang: Language, *, before: bool = False) -> JobHistory:
    return JobHistory(
        choice=joined.choice,
        portfolio=joined.portfolio,
        rows=joined.rows,
        joined=joined.joined,
        sent=joined.sent,
        text=joined.sentence(lang, before=before),
    )


def _worker() -> WorkerState:
    return WorkerState.of(jobs.store().root)


def _columns(folder: Path, lang: Language) -> list[ResultColumn]:
    return [
        ResultColumn(
            name=name,
            label=_label(name, lang),
            type="number" if results.column_types()[name].is_numeric() else "text",
        )
        for name in results.shown_columns(folder)
    ] + [ResultColumn(name=name, label=_label(name, lang), type="text") for name in results.columns_of_officers]


def _label(name: str, lang: Language) -> str:
    try:
        entry = catalogue.entry(name)
    except catalogue.UnknownEntry:
        return message(f"column_{name}", lang)
    return entry.label_fr if lang == "fr" else entry.label_en
