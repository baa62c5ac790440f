"""The worker: takes jobs from the queue, scores them one at a time, and goes on with what another left unfinished."""

from __future__ import annotations

import errno
import logging
import os
import signal
import threading
import traceback
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from huey.consumer import Consumer  # type: ignore[import-untyped]

from core.audit.engine import AuditUnavailable
from core.batch.errors import UnusableFile
from core.batch.limits import FileLimits
from core.jobs import files, heartbeat
from core.jobs.activity import Activity, patience_seconds
from core.jobs.job import Job, JobError, most_attempts
from core.jobs.queue import JobQueue, QueueUnavailable
from core.jobs.scoring import Cancelled, Means, NoPortfolio, Stopping, score_job
from core.jobs.store import JobStore, UnknownJob, failed
from core.model.artefacts import ArtefactError
from core.model.source import model_source
from core.portfolio import Portfolio, PortfolioMissing

if TYPE_CHECKING:
    from core.jobs.scoring import Recorder
    from core.settings import Settings
    from core.stored_history import StoredHistory

_log = logging.getLogger(__name__)

_full: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_seconds_between_rounds: Final = 30.0
_round: Final = "the round"
# Requests go first where there are fewer cores than work.
_niceness: Final = 5


def run(settings: Settings, record: Recorder | None = None) -> None:
    """Works until a signal (SIGTERM, SIGINT) asks to stop; a job that is not done is then at a checkpoint.

    Args:
        record: gets the decisions of each batch, as `core.jobs.scoring.Means` says.

    Raises:
        QueueUnavailable, OSError: the queue or the folder of the jobs cannot be opened.
    """
    os.nice(_niceness)
    # Whatever is made of files that people sent is nobody else's to read.
    os.umask(0o077)
    worker = Worker(settings, record)
    worker.store.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    heartbeat.beat(worker.store.root)
    worker.round()
    threads = [
        threading.Thread(target=work, name=name, daemon=True)
        for name, work in (("rounds", worker.go_round), ("heartbeat", worker.beat))
    ]
    for thread in threads:
        thread.start()
    _log.info("Waiting for jobs in %s", worker.store.root)
    try:
        worker.consumer.run()
    finally:
        worker.stopping.set()
        for thread in threads:
            thread.join()


class Worker:
    """What a worker process consists of."""

    def __init__(self, settings: Settings, record: Recorder | None = None) -> None:
        """Opens the queue, and takes nothing from it yet. Raises `QueueUnavailable`."""
        self.store = JobStore(settings.jobs_dir)
        self.queue = JobQueue(settings.jobs_dir, settings.redis_url, self.attend)
        self.consumer = _Consumer(self.queue.huey)
        self.stopping = threading.Event()
        self.activity = Activity()
        self._settings = settings
        self._record = record
        self._model = model_source(settings)

    def attend(self, job_id: str) -> None:
        """Works on a job, where no other worker does, to its end or as long as this worker is let."""
        try:
            with self.store.claim(job_id) as mine:
                if mine and (job := self.store.update(job_id, _begun)).status == "running":
                    with self.activity.at(_task(job)):
                        self._score(job)
        except UnknownJob:
            _log.info("job %s is gone", job_id)

    def round(self) -> None:
        """Puts in the queue what nobody attends to, and removes what has been kept long enough."""
        try:
            waiting = self.queue.waiting()
            for job in reversed(self.store.jobs()):
                self.activity.gets_on(_round)
                if job.status in ("queued", "running") and job.id not in waiting and self._is_free(job.id):
                    _log.info("job %s (%s) is taken up", job.id, job.status)
                    self.queue.put(job.id)
                if job.status == "done":
                    files.remove_all_but_results(self.store.folder(job.id))
        except QueueUnavailable as error:
            _log.error("the queue cannot be reached: %s", error)
        if expired := self.store.tidy(self._settings.jobs_retention_hours):
            _log.info("%d jobs were kept long enough", expired)

    def go_round(self) -> None:
        """Makes a round every half minute."""
        while not self.stopping.wait(_seconds_between_rounds):
            try:
                with self.activity.at(_round):
                    self.round()
            except OSError as error:
                _log.error("%s: the folder of the jobs cannot be used (%s)", type(error).__name__, error.strerror)

    def beat(self) -> None:
        """Says every few seconds that this worker lives, in a thread of its own: a round or a batch may take longer.

        While a job or a round hangs, nothing is said: a worker that does no work is away for those who wait for it.
        """
        hung = None
        while not self.stopping.wait(heartbeat.seconds_between):
            was, hung = hung, self.activity.hanging
            if hung and not was:
                _log.error("%s has not got on for %d seconds: no sign of life until it does", hung, patience_seconds)
            try:
                if not hung:
                    heartbeat.beat(self.store.root)
            except OSError as error:
                _log.error("%s: the folder of the jobs cannot be used (%s)", type(error).__name__, error.strerror)

    def _stored_history(self) -> StoredHistory | None:
        """Without a portfolio no client is known, and an application stands for itself."""
        try:
            return Portfolio.open(self._settings.portfolio_dir).stored_history
        except PortfolioMissing:
            return None

    def _is_free(self, job_id: str) -> bool:
        with suppress(UnknownJob), self.store.claim(job_id) as free:
            return free
        return False

    def _score(self, job: Job) -> None:
        _log.info("job %s: attempt %d", job.id, job.attempts)
        try:
            means = Means(
                scorer=self._model.load(),
                limits=FileLimits.of(self._settings),
                stopping=lambda: self._is_stopping(job),
                record=self._record,
                stored=self._stored_history(),
            )
            done = score_job(self.store, job, means)
        except Stopping:
            # Nothing went wrong: it does not count.
            self.store.update(job.id, lambda each: replace(each, status="queued", attempts=each.attempts - 1))
            _log.info("job %s waits at a checkpoint", job.id)
        except Exception as error:  # noqa: BLE001 - whatever it is, the job has an end and the worker goes on
            self._end(job, error)
        else:
            _log.info("job %s: %d rows scored, %d set aside", job.id, done.tally.scored, done.tally.rejected)

    def _is_stopping(self, job: Job) -> bool:
        """Asked after each batch, which so shows that the job gets on."""
        self.activity.gets_on(_task(job))
        return bool(self.consumer.stop_flag.is_set())

    def _end(self, job: Job, error: Exception) -> None:
        """Ends a job that cannot be done, or that somebody does not want any more."""
        if not isinstance(error, Cancelled | UnknownJob) and self.store.read(job.id).status != "cancelled":
            reason = _reason(error)
            if reason.key == "job_failed":
                # The place, not the words, which may quote the file.
                place = "".join(traceback.format_tb(error.__traceback__))
                _log.error("job %s failed: %s\n%s", job.id, type(error).__name__, place)
            else:
                _log.warning("job %s failed: %s", job.id, reason.key)
            self.store.fail(job.id, reason)
        self.store.strip(job.id)


class _Consumer(Consumer):  # type: ignore[misc]
    """A consumer that asks its one task to stop, and waits for it, whichever signal comes."""

    def __init__(self, huey: object) -> None:
        # A thread: LightGBM hangs in a process that was forked from one in which it has run.
        super().__init__(huey, workers=1, worker_type="thread", periodic=False, max_delay=1.0, graceful_signal="TERM")
        self._signal_actions = dict.fromkeys((signal.SIGTERM, signal.SIGINT), (False, True))


def _task(job: Job) -> str:
    return f"job {job.id}"


def _begun(job: Job) -> Job:
    if job.status not in ("queued", "running"):
        return job
    if job.attempts >= most_attempts:
        return failed(job, JobError("job_gave_up", {"attempts": str(job.attempts)}))
    return replace(job, status="running", started=job.started or datetime.now(UTC), attempts=job.attempts + 1)


def _reason(error: Exception) -> JobError:
    if isinstance(error, UnusableFile):
        return JobError(error.key, error.parts)
    if isinstance(error, OSError) and error.errno in _full:
        return JobError("job_disk_full", {})
    key = next((key for kind, key in _reasons.items() if isinstance(error, kind)), "job_failed")
    return JobError(key, {})


_reasons: Final[dict[type[Exception], str]] = {
    ArtefactError: "job_no_model",
    NoPortfolio: "job_no_portfolio",
    FileNotFoundError: "job_lost",
    AuditUnavailable: "job_no_record",
}
