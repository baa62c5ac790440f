"""The scoring of a job's file, batch by batch: whatever ends it between two of them costs nothing but time."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from concurrent.futures import wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from core import outputs
from core.batch.rows import score_batch
from core.exports.csv_text import as_csv
from core.jobs import files, set_aside
from core.jobs.file_summary import summary_of
from core.jobs.job import Checkpoint, Job, Tally, checkpoint_json
from core.jobs.running import result_file
from core.jobs.running.counting import with_batch
from core.portfolio.provenance import joins
from core.tables.batches import Batch, start
from core.tables.columns import number_columns
from core.tables.errors import UnusableFile
from core.tables.reading import open_source

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor, Future
    from pathlib import Path

    import polars as pl

    from core.batch.challenges import Challenges
    from core.batch.rows import Scored
    from core.jobs.running.disk_space import Room
    from core.jobs.store import JobStore
    from core.model.artefacts import ModelInfo
    from core.portfolio.stored_history import StoredHistory
    from core.scoring import Scorer
    from core.tables.batches import Place
    from core.tables.limits import FileLimits

    Recorder = Callable[[Job, Scored], int]
    # Of typed applications, the threshold at which they were decided, and the model that did.
    Challenging = Callable[[pl.DataFrame, float, ModelInfo], Challenges | None]

_min_seconds_between_updates: Final = 0.5
# Of a step that only counts rows; parts of a result that are put together within a turn (a second or two).
_counting_seconds: Final = 0.3
_max_parts_of_a_turn: Final = 50


class Cancelled(Exception):
    """Somebody cancelled the job."""


class Stopping(Exception):
    """The worker is to end; the job is at a checkpoint."""


class NoPortfolio(RuntimeError):
    """The history of clients on hand is asked for, and there are none."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What a job is done with.

    Attributes:
        scorer: the model.
        limits: how large a file may be; None: as the settings of this process say.
        stopping: whether the worker is to end.
        record: gets the decisions of each batch before they count as done, and says how many it could not keep; it
            may be called twice for a batch where the process was killed in between. What it raises ends the job.
        challenge: asks a challenger of the rows of each batch, for the record alone; it raises nothing. None: none is
            asked.
        stored: the history of clients on hand; whether rows get it, is for the job to say.
        room: on the disks, which the job leaves.
        keeping: makes a batch last while the next one is scored; one at a time. None: they take turns.
    """

    scorer: Scorer
    limits: FileLimits | None = None
    stopping: Callable[[], bool] = _never
    record: Recorder | None = None
    challenge: Challenging | None = None
    stored: StoredHistory | None = None
    room: Room | None = None
    keeping: Executor | None = None


class JobRun:
    """One attempt at a job: from its last checkpoint on, step by step, so that others may have their turns between.

    A step scores a batch, and leaves it to be made lasting during the next one: that is disk and compression, and takes
    two fifths of the time. No step ends by an exception, and no job is let go, while a batch is being written.

    Attributes:
        done: how far the job is.
    """

    def __init__(self, store: JobStore, job: Job, dependencies: Dependencies) -> None:
        """Opens the file, and scores nothing yet.

        Args:
            job: claimed by this process.

        Raises:
            UnusableFile: the file cannot be scored.
            NoPortfolio: the history of clients on hand is asked for, and there are none.
            core.jobs.store.UnknownJob: somebody deleted it.
            OSError: the disk does not work.
        """
        self._store, self._dependencies = store, dependencies
        self._folder = store.folder(job.id)
        upload = files.upload(self._folder, job.kind)
        self._source = source = open_source(upload, dependencies.limits, numbers=number_columns())
        threshold = (
            dependencies.scorer.model.optimal_threshold if job.wanted_threshold is None else job.wanted_threshold
        )
        decided_with = replace(
            job,
            facts=summary_of(source),
            threshold=threshold,
            model_version=dependencies.scorer.model.version,
            portfolio=_joined(job, dependencies.stored),
        )
        self.done = _checkpoint(self._folder, decided_with)

        def begun(stored_job: Job) -> Job:
            return replace(
                stored_job,
                facts=decided_with.facts,
                threshold=threshold,
                model_version=decided_with.model_version,
                portfolio=decided_with.portfolio,
                share=self.done.place.share,
                tally=self.done.tally,
            )

        self._job = store.update(job.id, begun)
        self._stored = None if self._job.portfolio is None else dependencies.stored
        self._being_kept: Future[None] | None = None
        self._began, self._from = time.monotonic(), self.done
        self._reported = 0.0
        # A file that is too large is refused before a row of it is on record.
        self._counting = None if self._job.counted or self.done.parts else source.counting()
        self._batches = source.batches(self.done.place)
        files.parts(self._folder).mkdir(mode=0o700, exist_ok=True)

    @property
    def is_long(self) -> bool:
        """Whether to make one result of the parts takes longer than a turn should."""
        return self.done.parts > _max_parts_of_a_turn

    def step(self) -> bool:
        """Scores the next batch; False where there is none, all are lasting, and `finish` is what is left to do.

        Raises:
            UnusableFile: the file cannot be scored.
            Cancelled, core.jobs.store.UnknownJob: somebody cancelled or deleted it.
            Stopping: the worker is to end.
            OSError: the disk is full, or does not work.
        """
        try:
            return self._step()
        except BaseException:
            self._wait()
            raise

    def pause(self) -> None:
        """Waits until the last batch is lasting, and says how far the job is.

        Raises:
            core.jobs.store.UnknownJob: somebody deleted it.
            Exception: what kept the last batch from being made lasting, as `step` raises it.
        """
        self._settle()
        self._store.update(self._job.id, self._progress)

    def close(self) -> None:
        """Lets go of the file; the job can be gone on with from its checkpoint."""
        self._wait()
        for reading in (self._counting, self._batches):
            if isinstance(reading, Generator):
                reading.close()

    def _step(self) -> bool:
        if self._dependencies.room is not None:
            self._dependencies.room.check()
        if self._counting is not None:
            self._count()
        if self._counting is not None:
            return True
        batch = next(self._batches, None)
        if batch is None:
            self._settle()
            return False
        self._take(batch)
        return True

    def _count(self) -> None:
        until, count = time.monotonic() + _counting_seconds, None
        for count in self._counting or ():
            if count.whole or time.monotonic() >= until:
                break
        if count is not None and count.whole:
            rows, self._counting = count.rows, None
            self._store.update(self._job.id, lambda job: replace(job, rows=rows, counted=True))
        self._report()

    def _take(self, batch: Batch) -> None:
        """Scores a batch, and has it made lasting once the one before is."""
        scored = score_batch(batch, self._dependencies.scorer, self.done.threshold, self._stored)
        self._settle()
        if self._dependencies.keeping is None:
            self._keep(scored, batch.end)
        # Before the next one is kept: each that takes long shows by itself that the job gets on.
        self._report()
        if self._dependencies.keeping is not None:
            self._being_kept = self._dependencies.keeping.submit(self._keep, scored, batch.end)

    def _settle(self) -> None:
        """Waits until the last batch is lasting. Raises what kept it from that."""
        if self._being_kept is not None:
            self._being_kept.result()
            self._being_kept = None

    def _wait(self) -> None:
        """Waits until nothing is being written, whether it failed or not: what brought one here is told instead."""
        if self._being_kept is not None:
            wait([self._being_kept])

    def _keep(self, scored: Scored, end: Place) -> None:
        """Makes a batch last: its record, then its results, and that it is done after both."""
        scored = challenged(scored, self.done.threshold, self._dependencies)
        unrecorded = 0 if self._dependencies.record is None else self._dependencies.record(self._job, scored)
        number = self.done.parts + 1
        outputs.write(files.part(self._folder, number), result_file.part_of(scored), private=True)
        tally = with_batch(self.done.tally, scored, unrecorded)
        rejected_bytes = self._append(scored, tally.listed - self.done.tally.listed)
        self.done = replace(self.done, place=end, parts=number, rejected_bytes=rejected_bytes, tally=tally)
        outputs.write(files.checkpoint(self._folder), checkpoint_json().dump_json(self.done), private=True)

    def _report(self) -> None:
        """Says how far the job is, where that was not said a moment ago. Raises `Cancelled` and `Stopping`."""
        now = time.monotonic()
        if now - self._reported < _min_seconds_between_updates:
            job = self._store.read(self._job.id)
        else:
            job = self._store.update(self._job.id, self._progress)
            self._reported = now
        if job.status == "cancelled":
            raise Cancelled
        if self._dependencies.stopping():
            self._settle()
            self._store.update(self._job.id, self._progress)
            raise Stopping

    def finish(self) -> Job:
        """Makes one result of the parts. Returns the job, done; raises as `step` does."""
        if self.done.tally.read == 0:
            raise UnusableFile("file_no_rows")
        result_file.merge(self._folder, self.done.parts)
        if self.done.tally.listed:
            set_aside.keep(self._folder, self._source)
        model = self._dependencies.scorer.model
        repeated = result_file.repeated_in(self._folder)
        performance = result_file.performance_of(self._folder, self.done.threshold, (model.cost_fn, model.cost_fp))

        def done(job: Job) -> Job:
            if job.status == "cancelled":
                raise Cancelled
            progress = self._progress(job)
            caveats = replace(progress.tally.caveats, repeated_rows=repeated)
            return replace(
                progress,
                status="done",
                tally=replace(progress.tally, caveats=caveats),
                finished=datetime.now(UTC),
                share=1.0,
                seconds_left=None,
                performance=performance,
            )

        job = self._store.update(self._job.id, done)
        files.remove_all_but_results(self._folder)
        return job

    def _progress(self, job: Job) -> Job:
        # Cancelled by somebody, or done meanwhile: what is said of it stands.
        if job.has_ended:
            return job
        # Taken once: another batch may be done meanwhile.
        done, elapsed = self.done, time.monotonic() - self._began
        rows = done.tally.read - self._from.tally.read
        share, came = done.place.share, done.place.share - self._from.place.share
        left = elapsed * (1 - share) / came if came > 0 else None
        speed = rows / elapsed if rows and elapsed > 0 else None
        return replace(job, share=share, tally=done.tally, rows_per_second=speed, seconds_left=left)

    def _append(self, scored: Scored, lines: int) -> int:
        """Adds to the list of rows set aside, from where the checkpoint says it ends; returns where it ends now."""
        path = files.rejected(self._folder)
        path.touch(mode=0o600)
        with path.open("r+b") as stream:
            stream.truncate(self.done.rejected_bytes)
            stream.seek(self.done.rejected_bytes)
            stream.write(as_csv(scored.rejections.head(lines).iter_rows()).encode())
            stream.flush()
            os.fsync(stream.fileno())
            return stream.tell()


def rows_done(folder: Path) -> int:
    """How many rows of a job are at a checkpoint, whatever they were decided with."""
    try:
        return checkpoint_json().validate_json(files.checkpoint(folder).read_bytes()).tally.read
    except (FileNotFoundError, NotADirectoryError, ValidationError):
        return 0


def _joined(job: Job, stored: StoredHistory | None) -> str | None:
    """The clients whose history the rows of a job get; None where they get none."""
    if stored is None:
        if job.wanted_history == "portfolio":
            raise NoPortfolio
        return None
    return str(stored.provenance) if joins(job.wanted_history, stored.provenance) else None


def _checkpoint(folder: Path, job: Job) -> Checkpoint:
    """Where to go on; at the start, where there is nothing, or what there is was decided otherwise."""
    threshold, model_version = job.threshold or 0.0, job.model_version or ""
    fresh = Checkpoint(start, 0, 0, Tally(), threshold, model_version, job.portfolio)
    try:
        checkpoint: Checkpoint = checkpoint_json().validate_json(files.checkpoint(folder).read_bytes())
    except (FileNotFoundError, ValidationError):
        return fresh
    decided_with = checkpoint.model_version, checkpoint.threshold, checkpoint.portfolio
    return checkpoint if decided_with == (model_version, threshold, job.portfolio) else fresh


def challenged(scored: Scored, threshold: float, dependencies: Dependencies) -> Scored:
    """A batch with what a challenger says of it, where one is to be asked and a record kept.

    Args:
        threshold: at which it was decided.
    """
    if dependencies.challenge is None or dependencies.record is None:
        return scored
    challenges = dependencies.challenge(scored.applications, threshold, dependencies.scorer.model)
    return replace(scored, challenges=challenges)
