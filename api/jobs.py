"""Jobs as requests reach them: the caller's own, the queue, and the files they send."""

from __future__ import annotations

import logging
import threading
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from flask import request

from api.access import persons
from api.http import request_body, uploads
from api.http.problems import ConfirmationNeeded, JobsUnavailable, NoSpace
from api.operations import challenger
from api.services import services
from core.audit.files import FileRecorder
from core.explain.absent_gain import AbsentGain, absent_gain
from core.jobs import files
from core.jobs.file_summary import summary_of
from core.jobs.history_used import Joined
from core.jobs.job import JobError
from core.jobs.mended import join as join_rows
from core.jobs.preview import preview
from core.jobs.quotas import Quotas, Usage, mark_of
from core.jobs.running.disk_space import Room
from core.jobs.running.scoring import Dependencies
from core.jobs.store import JobStore, JobUnfinished, UnknownJob
from core.tables.errors import UnusableFile
from core.tables.limits import FileLimits
from core.tables.reading import count_rows, open_source

if TYPE_CHECKING:
    from pathlib import Path

    from core.jobs.job import FileSummary, Job
    from core.jobs.mended import Mended
    from core.jobs.preview import Preview
    from core.jobs.queue import JobQueue
    from core.jobs.receiving import Upload
    from core.portfolio.provenance import HistoryChoice
    from core.tables.batches import RowCount

_log = logging.getLogger(__name__)
_opening: Final = threading.Lock()
# Of the text of a file, whose lines are counted before it is queued: half a second of unpacking. The worker counts all.
_counted_bytes: Final = 256_000_000
# Of mended rows, which are few.
_max_mended_bytes: Final = 50_000_000


def store() -> JobStore:
    """The jobs of this service."""
    return JobStore(services().settings.jobs_dir)


def accept(
    file_name: str,
    threshold: float | None,
    history: HistoryChoice | None = None,
    status: Literal["held", "queued"] = "queued",
) -> Job:
    """Takes in the file of the current request, and has a worker score it.

    A file that cannot be scored makes a job that has failed already, so that all of them say why in the same place.

    Args:
        file_name: as the address gives it; else a form may.
        threshold: replaces the model's own.
        history: whether rows get the history of clients on hand, as `core.portfolio.provenance.joins` takes it.
        status: `held` has it wait for `start`.

    Raises:
        PortfolioMissing: stored history is asked for, and there is none.
        InvalidRequest: there is no file.
        UnsupportedFile, NoSpace, werkzeug.exceptions.HTTPException: as `api.http.uploads.receive` does.
        QuotaExceeded: the caller has too much of the jobs.
        JobsUnavailable: the folder of the jobs cannot be used.
    """
    jobs, settings = store(), services().settings
    quotas, room, owner = Quotas.of(settings), Room.of(settings), persons.payer()
    # Said before the file is taken in rather than after an hour in the queue.
    services().joined_history(history)
    try:
        quotas.check(Usage.of(owner, jobs), Usage(jobs=1, bytes=request.content_length or 0))
        room.check()
        with jobs.receive(mark_of(owner)) as upload:
            named = uploads.receive(upload, settings.max_upload_bytes)
            upload.finish()
            facts, count, error = _opened(upload)
            rows = count.rows if count else 0
            room.check(rows)
            with jobs.admission():
                # What is on its way in is counted already.
                quotas.check(Usage.of(owner, jobs), Usage(rows=rows))
                sender = persons.sender()
                job = jobs.create(upload, file_name or named or "", sender, threshold, facts, status, history, count)
        if error is not None:
            return jobs.fail(job.id, error)
    except OSError as error:
        if error.errno in uploads.full:
            raise NoSpace from error
        _log.error("the folder of the jobs cannot be used", extra={"error": type(error).__name__})
        raise JobsUnavailable from error
    if status == "queued":
        _wake(job.id)
    return job


def start(job_id: str, history: HistoryChoice | None = None, *, confirmed: bool = False) -> Job:
    """Has the caller's job scored, where it is held; one that is not stays as it is.

    Args:
        history: goes before what was asked for when the file was sent.
        confirmed: whether somebody has said yes to what the file lacks.

    Raises:
        ConfirmationNeeded: the file lacks much of what the model rests on, and nobody has said yes to that.
        PortfolioMissing: stored history is asked for, and there is none.
        UnknownJob: there is none.
        JobsUnavailable: the folder of the jobs cannot be written.
    """
    job = mine(job_id)
    if job.status != "held":
        return job
    services().joined_history(history)
    absent = absent_of(job.facts)
    if absent is not None and absent.asks and not confirmed:
        raise ConfirmationNeeded(absent)
    try:
        job = store().start(job.id, history)
    except OSError as error:
        _log.error("the folder of the jobs cannot be used", extra={"error": type(error).__name__})
        raise JobsUnavailable from error
    _wake(job.id)
    return job


def previewed(job_id: str, history: HistoryChoice | None = None) -> tuple[Preview, Joined]:
    """What the file of the caller's job looks like, while it is held, and whose history its rows would get.

    Args:
        history: goes before what was asked for when the file was sent.

    Raises:
        PortfolioMissing: stored history is asked for, and there is none.
        UnknownJob: there is none.
        JobUnfinished: its file is on its way, or gone.
        UnusableFile: it turns out that it cannot be scored.
    """
    job = mine(job_id)
    if job.status != "held":
        raise JobUnfinished(job.status)
    choice = history or job.wanted_history
    stored, scorer = services().joined_history(choice), services().scorer
    # What a file looks like can be said without a model; whether the model knows the like of it cannot.
    training_ranges = scorer.get().training_ranges if scorer.failure() is None else None
    upload = files.upload(store().folder(job.id), job.kind)
    file_preview = preview(upload, FileLimits.of(services().settings), stored, training_ranges)
    portfolio = None if stored is None else str(stored.provenance)
    return file_preview, Joined(choice, portfolio, file_preview.sound, file_preview.joined, file_preview.sent)


def absent_of(facts: FileSummary | None) -> AbsentGain | None:
    """How much of the model rests on columns that a file lacks; None where the file, or the model, is not known."""
    scorer = services().scorer
    if facts is None or scorer.failure() is not None:
        return None
    return absent_gain(facts.known, scorer.get().model.importances)


def mine(job_id: str) -> Job:
    """The caller's job of that id; of any caller's, for an administrator. Raises `UnknownJob`."""
    job = store().read(job_id)
    if not persons.sees(job.belongs_to):
        raise UnknownJob
    return job


def all_mine() -> list[Job]:
    """The caller's jobs, the newest first; everybody's, for an administrator."""
    return [job for job in store().jobs() if persons.sees(job.belongs_to)]


def done(job_id: str) -> tuple[Job, Path]:
    """The caller's job of that id, which is done, and its folder.

    Raises:
        UnknownJob: there is none.
        JobUnfinished: it is not done.
    """
    job = mine(job_id)
    if job.status != "done":
        raise JobUnfinished(job.status)
    return job, store().folder(job_id)


def join(job_id: str) -> Mended:
    """Scores the mended rows in the file of the current request, and joins them to the caller's job.

    Raises:
        UnknownJob, JobUnfinished: as `done`.
        UnusableFile, core.audit.writing.AuditUnavailable: as `core.jobs.mended.join`.
        core.model.errors.ArtefactError: there is no model.
        PortfolioMissing: the job was scored with the history of clients on hand, and there are none.
        InvalidRequest: there is no file.
        UnsupportedFile, NoSpace, werkzeug.exceptions.HTTPException: as `api.http.uploads.receive` does.
        JobsUnavailable: the folder of the jobs cannot be used.
    """
    job, _ = done(job_id)
    settings = services().settings
    jobs, room, scorer = store(), Room.of(settings), services().scorer.get()
    stored = None if job.portfolio is None else services().joined_history("portfolio")
    recorder = FileRecorder(settings)
    try:
        room.check()
        with jobs.receive(mark_of(persons.payer())) as upload:
            uploads.receive(upload, min(settings.max_upload_bytes, _max_mended_bytes))
            limits = FileLimits.of(settings)
            upload.convert(limits)
            request_body.take_turn()
            challenge = challenger.current().ask_of_rows
            dependencies = Dependencies(scorer, limits, record=recorder, challenge=challenge, stored=stored)
            return join_rows(jobs, job_id, upload.folder / "upload", dependencies)
    except OSError as error:
        if error.errno in uploads.full:
            raise NoSpace from error
        _log.error("the folder of the jobs cannot be used", extra={"error": type(error).__name__})
        raise JobsUnavailable from error
    finally:
        recorder.close()


def _opened(upload: Upload) -> tuple[FileSummary | None, RowCount | None, JobError | None]:
    """What the file is and how many rows it has, as far as these say that it can be scored; else why it cannot."""
    try:
        limits = FileLimits.of(services().settings)
        upload.convert(limits)
        source = open_source(upload.folder / "upload", limits)
        return summary_of(source), count_rows(source, _counted_bytes), None
    except UnusableFile as error:
        return None, None, JobError(error.key, error.parts)


def _wake(job_id: str) -> None:
    from core.jobs.queue import QueueUnavailable

    settings = services().settings
    try:
        with _opening:
            queue = _queue(settings.jobs_dir, settings.redis_url)
        queue.put(job_id)
    except QueueUnavailable as error:
        # Workers look for such jobs by themselves; it only takes longer.
        _log.error("the queue of the jobs cannot be reached", extra={"error": str(error)})


@cache
def _queue(jobs_dir: Path, redis_url: str | None) -> JobQueue:
    # Here, because huey and what it brings take a tenth of a second that most processes never need.
    from core.jobs.queue import JobQueue

    return JobQueue(jobs_dir, redis_url)
