"""Answers on jobs: what is said of a file, of how it was read and of its result, apart from the routes that say it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from api import jobs
from api.http.messages import message
from core import catalogue
from core.batch.rejections import expected_sentence, problem_sentence
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
    JobPerformance,
    JobProgress,
    JobReading,
    JobRejection,
    ResultColumn,
    WorkerState,
)
from core.jobs.answers import results
from core.jobs.history_used import Joined
from core.jobs.job import RejectionReason
from core.text.names import capped, max_columns, max_listed_columns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from core.batch.caveats import Caveats, ColumnCount
    from core.catalogue import Language
    from core.contract.field_warnings import WarningCode
    from core.jobs.job import FileSummary, Job


def job_line(job: Job, worker: WorkerState, lang: Language) -> dict[str, Any]:
    """What a list says of a job, by the fields of `JobLine`."""
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


def job_answer(job: Job, lang: Language) -> JobAnswer:
    """Everything that is said of one job, in words of `lang`."""
    tally, facts, worker = job.tally, job.facts, worker_state()
    columns = facts and columns_of_file(facts)
    rejections = [job_rejection(reason, lang) for reason in tally.reasons]
    return JobAnswer(
        **job_line(job, worker, lang),
        acceptance_rate=tally.accepted / tally.scored if tally.scored else None,
        histogram=list(tally.histogram),
        columns=columns,
        converted=JobConversion(**asdict(job.converted)) if job.converted else None,
        history=history_of(Joined.of(job), lang),
        rejections=rejections,
        rejected_listed=tally.listed,
        caveats=caveats_of(tally.caveats, lang),
        absent=absent_columns(facts, lang),
        performance=JobPerformance(**asdict(job.performance)) if job.performance else None,
        worker=worker,
    )


def job_rejection(reason: RejectionReason, lang: Language) -> JobRejection:
    """Why rows were set aside, and how many."""
    return JobRejection(
        column=reason.column,
        code=reason.problem,
        problem=problem_sentence("broken_rows" if reason.problem == "broken_row" else reason.problem, "", lang),
        expected=expected_sentence(reason.column, lang, reason.problem),
        count=reason.count,
    )


def absent_columns(facts: FileSummary | None, lang: Language) -> JobAbsent | None:
    """What carries much of the decision and is not in the file; None where that is not known or nothing is lacking."""
    absent = jobs.absent_of(facts)
    if absent is None:
        return None
    columns = list(absent.columns[:max_listed_columns])
    return JobAbsent(share=absent.share, columns=columns, must_confirm=absent.asks, text=absent.sentence(lang))


def caveats_of(caveats: Caveats, lang: Language) -> JobCaveats:
    """What was scored with reservations, by column, as far as an answer lists it."""
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
                label=column_label(reading.column, lang),
                code=reading.kind,
                rows=reading.rows,
                text=reading.text(lang),
            )
            for reading in caveats.told_readings
        ],
    )


def _counted(counts: Sequence[ColumnCount], code: WarningCode, lang: Language) -> list[JobCaveat]:
    return [
        JobCaveat(
            column=count.column,
            label=column_label(count.column, lang),
            rows=count.rows,
            text=FieldWarning.of(code, count.column, lang).text,
        )
        for count in counts
    ]


def columns_of_file(facts: FileSummary) -> JobColumns:
    """How a file was read: its dialect and its columns, as far as an answer lists them."""
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


def history_of(joined: Joined, lang: Language, *, before: bool = False) -> JobHistory:
    """Whether the history on hand was joined; `before` the file is scored, or after."""
    return JobHistory(
        choice=joined.choice,
        portfolio=joined.portfolio,
        rows=joined.rows,
        joined=joined.joined,
        sent=joined.sent,
        text=joined.sentence(lang, before=before),
    )


def worker_state() -> WorkerState:
    """Whether a worker is there."""
    return WorkerState.of(jobs.store().root)


def result_columns(folder: Path, lang: Language) -> list[ResultColumn]:
    """The columns of a page of the result in `folder`, those of officers last."""
    return [
        ResultColumn(
            name=name,
            label=column_label(name, lang),
            type="number" if results.column_types()[name].is_numeric() else "text",
        )
        for name in results.shown_columns(folder)
    ] + [ResultColumn(name=name, label=column_label(name, lang), type="text") for name in results.columns_of_officers]


def column_label(name: str, lang: Language) -> str:
    """What a column of a file or of a result is called."""
    try:
        entry = catalogue.entry(name)
    except catalogue.UnknownEntry:
        return message(f"column_{name}", lang)
    return entry.label_fr if lang == "fr" else entry.label_en
