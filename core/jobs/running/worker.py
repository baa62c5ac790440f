"""The worker: takes jobs from the queue, scores them one at a time, and goes on with what another left unfinished."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
import traceback
from concurrent import futures
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from huey.consumer import Consumer  # type: ignore[import-untyped]

from core.jobs import files
from core.jobs.job import Job, JobError, max_attempts
from core.jobs.queue import JobQueue, QueueUnavailable
from core.jobs.running import heartbeat
from core.jobs.running.activity import Activity, patience_seconds
from core.jobs.running.disk_space import Room
from core.jobs.running.failures import reason_of
from core.jobs.running.scoring import Cancelled, Dependencies, JobRun, Stopping, rows_done
from core.jobs.running.turns import Turns
from core.jobs.store import JobStore, UnknownJob, failed
from core.model.source import FolderModel
from core.portfolio.clients import Portfolio, PortfolioMissing
from core.tables.limits import FileLimits

if TYPE_CHECKING:
    from core.jobs.job import Status
    from core.jobs.running.scoring import Challenging, Recorder
    from core.model.source import ModelSource
    from core.portfolio.stored_history import StoredHistory
    from core.scoring import Scorer
    from core.settings import Settings

_log = logging.getLogger(__name__)

_seconds_between_rounds: Final = 30.0
_round: Final = "the round"
# Files that are open at once, each with a batch of text and its columns: about 20 MB.
_max_open: Final = 4
# A turn is a batch; where a file had to be opened anew, and a packed one read up to its place, so many times that long.
_turn_for_opening: Final = 4.0
# A worker without work looks into the queue every second: one that has some leaves the next job to it.
_seconds_left_to_others: Final = 1.5
_finishing_seconds: Final = 0.05
# Requests go first where there are fewer cores than work.
_niceness: Final = 5


def run(
    settings: Settings, model: ModelSource, record: Recorder | None = None, challenge: Challenging | None = None
) -> None:
    """Works until a signal (SIGTERM, SIGINT) asks to stop; a job that is not done is then at a checkpoint.

    Args:
        settings: folders, queue and limits.
        model: gives the model in use.
        record: gets the decisions of each batch, as `core.jobs.running.scoring.Dependencies` says.
        challenge: asks a challenger of its rows, likewise.

    Raises:
        QueueUnavailable, OSError: the queue or the folder of the jobs cannot be opened.
    """
    os.nice(_niceness)
    # Whatever is made of files that people sent is nobody else's to read.
    os.umask(0o077)
    worker = Worker(settings, record, model, challenge)
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


@dataclass
class _Held:
    """A job that this worker has open: no other does meanwhile.

    Attributes:
        claim: what is to be closed when it is let go.
        finishing: its result being made, where that takes longer than a turn.
    """

    job: Job
    run: JobRun
    claim: ExitStack
    finishing: futures.Future[Job] | None = None


class Worker:
    """What a worker process consists of."""

    def __init__(
        self,
        settings: Settings,
        record: Recorder | None = None,
        model: ModelSource | None = None,
        challenge: Challenging | None = None,
    ) -> None:
        """Opens the queue, and takes nothing from it yet. Raises `QueueUnavailable`.

        `model` gives the model in use; None: it is the one in `MODELS_DIR`.
        """
        self.store = JobStore(settings.jobs_dir)
        self.queue = JobQueue(settings.jobs_dir, settings.redis_url, self.run)
        self.consumer = _Consumer(self.queue.huey)
        self.stopping = threading.Event()
        self.activity = Activity()
        self._settings = settings
        self._record = record
        self._challenge = challenge
        self._model: ModelSource = model or FolderModel(settings.models_dir)
        self._loaded: tuple[object, Scorer] | None = None
        self._turns = Turns()
        self._open: dict[str, _Held] = {}
        self._seen_waiting: dict[str, float] = {}
        self._finishing = futures.ThreadPoolExecutor(max_workers=1, thread_name_prefix="finishing")
        # One for all jobs: they have one record, in which one writes at a time.
        self._keeping = futures.ThreadPoolExecutor(max_workers=1, thread_name_prefix="keeping")

    def run(self, job_id: str) -> None:
        """Works on a job, and on those that come meanwhile, until none is left or as long as this worker is let.

        They have turns of a batch each (`core.jobs.running.turns`), so that a short one is done while a long one goes
        on. One that another worker has is let alone.
        """
        self._expect(job_id)
        try:
            while (turn := self._turns.take()) is not None and not self.consumer.stop_flag.is_set():
                try:
                    self._have_turn(turn)
                except Exception as error:  # noqa: BLE001 - one that cannot even be said to have failed holds up no other
                    if not isinstance(error, UnknownJob):
                        _log.error("job %s is skipped: %s", turn, type(error).__name__)
                    self._let_go(turn)
                self._take_waiting()
        except BaseException:
            # Whatever it is, others may go on with these as they would after the end of this process.
            for left in list(self._open):
                self._close(left)
            raise
        else:
            for left in list(self._open):
                self._put_down(left)
        finally:
            self._turns.clear()

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
            _log.info("%d jobs were removed after their retention", expired)

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
                _log.error("%s has made no progress for %d seconds: no heartbeat until it does", hung, patience_seconds)
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

    def _expect(self, job_id: str) -> None:
        """Has a job wait for its turns, where there is one."""
        with suppress(UnknownJob):
            self._turns.add(job_id, self.store.read(job_id).belongs_to)

    def _take_waiting(self) -> None:
        """Takes over what waits in the queue, where no worker without work has done so for a while."""
        try:
            waiting, now = self.queue.waiting(), time.monotonic()
            self._seen_waiting = {job_id: self._seen_waiting.get(job_id, now) for job_id in waiting}
            if any(now - since >= _seconds_left_to_others for since in self._seen_waiting.values()):
                for job_id in self.queue.take():
                    self._expect(job_id)
        except QueueUnavailable as error:
            # The rounds say so, and look for jobs by themselves.
            _log.debug("the queue cannot be reached: %s", error)

    def _have_turn(self, job_id: str) -> None:
        """Scores the next batch of a job; more where to open its file anew has taken long."""
        began = time.monotonic()
        is_new = job_id not in self._open
        held = self._take_up(job_id) if is_new else self._open[job_id]
        if held is None:
            self._let_go(job_id)
            return
        # Whoever had the last turn comes last.
        self._open[job_id] = self._open.pop(job_id)
        goes_on = is_new and held.run.done.parts > 0
        try:
            with self.activity.at(_task(held.job)):
                is_left = self._gets_on(held)
                # To read a packed file up to its place is part of what the first batch takes.
                enough = time.monotonic() + _turn_for_opening * (time.monotonic() - began) * goes_on
                while is_left and time.monotonic() < enough:
                    is_left = self._gets_on(held)
        except Stopping:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the job has an end and the worker goes on
            self._end(held.job, error)
            is_left = False
        if not is_left:
            self._let_go(job_id)

    def _gets_on(self, held: _Held) -> bool:
        """Does the next step of a job; False where it is done."""
        if held.finishing is None:
            if held.run.step():
                return True
            if held.run.is_long:
                # Others have their turns meanwhile.
                held.finishing = self._finishing.submit(held.run.finish)
        if held.finishing is None:
            done = held.run.finish()
        elif futures.wait([held.finishing], timeout=_finishing_seconds).done:
            done = held.finishing.result()
        else:
            return True
        _log.info("job %s: %d rows scored, %d set aside", done.id, done.tally.scored, done.tally.rejected)
        return False

    def _take_up(self, job_id: str) -> _Held | None:
        """Opens a job for its turns, where no other worker has it; None where there is nothing to be done."""
        while len(self._open) >= _max_open:
            # Whoever had no turn for the longest.
            self._put_down(next(iter(self._open)))
        with ExitStack() as stack:
            try:
                if not stack.enter_context(self.store.claim(job_id)):
                    return None
                job = self.store.update(job_id, self._begun)
            except UnknownJob:
                _log.info("job %s is gone", job_id)
                return None
            if job.status != "running":
                return None
            _log.info("job %s: attempt %d", job.id, job.attempts)
            try:
                run = JobRun(self.store, job, self._dependencies(job))
            except Exception as error:  # noqa: BLE001 - as in a turn
                self._end(job, error)
                return None
            held = self._open[job_id] = _Held(job, run, stack.pop_all())
            return held

    def _put_down(self, job_id: str) -> None:
        """Leaves a job at its checkpoint, to be gone on with by this worker or another: it does not count."""
        held = self._open[job_id]
        if held.finishing is not None:
            futures.wait([held.finishing])
        status: Status = "queued" if self.consumer.stop_flag.is_set() else "running"

        def left(job: Job) -> Job:
            if job.status != "running":
                return job
            return replace(job, status=status, attempts=job.attempts - 1, stalled=job.stalled - 1)

        try:
            held.run.pause()
            if self.store.update(job_id, left).status == "cancelled":
                # A batch that was still being written may have brought back what was discarded.
                self.store.discard_inputs(job_id)
            _log.info("job %s waits at a checkpoint", job_id)
        except UnknownJob:
            _log.info("job %s is gone", job_id)
        except Exception as error:  # noqa: BLE001 - as in a turn
            if self.consumer.stop_flag.is_set():
                # Its last batch is scored again; what is wrong is met then.
                _log.warning("job %s was left without its last batch: %s", job_id, type(error).__name__)
                with suppress(UnknownJob):
                    self.store.update(job_id, left)
            else:
                self._end(held.job, error)
        finally:
            self._close(job_id)

    def _let_go(self, job_id: str) -> None:
        """Has a job wait for no more turns."""
        self._close(job_id)
        self._turns.remove(job_id)

    def _close(self, job_id: str) -> None:
        """Closes a job, where it is open; it may wait for other turns."""
        if (held := self._open.pop(job_id, None)) is not None:
            held.run.close()
            held.claim.close()

    def _scorer(self) -> Scorer:
        """The model in use, as it is now: one for all jobs that are open. Raises `ArtefactError`."""
        fingerprint = self._model.fingerprint()
        if self._loaded is None or self._loaded[0] != fingerprint:
            self._loaded = fingerprint, self._model.load()
        return self._loaded[1]

    def _dependencies(self, job: Job) -> Dependencies:
        return Dependencies(
            scorer=self._scorer(),
            limits=FileLimits.of(self._settings),
            stopping=lambda: self._is_stopping(job),
            record=self._record,
            challenge=self._challenge,
            stored=self._stored_history(),
            room=Room.of(self._settings),
            keeping=self._keeping,
        )

    def _begun(self, job: Job) -> Job:
        """A job that is taken up once more, or given up: it was, too often, without getting on."""
        if job.status not in ("queued", "running"):
            return job
        read = rows_done(self.store.folder(job.id))
        stalled = 0 if read > job.stalled_at else job.stalled
        if stalled >= max_attempts:
            return failed(job, JobError("job_gave_up", {"attempts": str(job.attempts)}))
        return replace(
            job,
            status="running",
            started=job.started or datetime.now(UTC),
            attempts=job.attempts + 1,
            stalled=stalled + 1,
            stalled_at=read,
        )

    def _is_stopping(self, job: Job) -> bool:
        """Asked after each batch, which so shows that the job gets on."""
        self.activity.gets_on(_task(job))
        return bool(self.consumer.stop_flag.is_set())

    def _end(self, job: Job, error: Exception) -> None:
        """Ends a job that cannot be done, or that somebody does not want any more."""
        if not isinstance(error, Cancelled | UnknownJob) and self.store.read(job.id).status != "cancelled":
            reason = reason_of(error)
            if reason.key == "job_failed":
                # The place, not the words, which may quote the file.
                place = "".join(traceback.format_tb(error.__traceback__))
                _log.error("job %s failed: %s\n%s", job.id, type(error).__name__, place)
            else:
                _log.warning("job %s failed: %s", job.id, reason.key)
            self.store.fail(job.id, reason)
        self.store.discard_inputs(job.id)


class _Consumer(Consumer):  # type: ignore[misc]
    """A consumer that asks its one task to stop, and waits for it, whichever signal comes."""

    def __init__(self, huey: object) -> None:
        # A thread, not a process: LightGBM hangs in a process that was forked from one in which it has run.
        super().__init__(huey, workers=1, worker_type="thread", periodic=False, max_delay=1.0, graceful_signal="TERM")
        self._signal_actions = dict.fromkeys((signal.SIGTERM, signal.SIGINT), (False, True))


def _task(job: Job) -> str:
    return f"job {job.id}"
