"""The store of jobs, a folder each: the truth about them, which any process may read and change at any time."""

from __future__ import annotations

import fcntl
import logging
import os
import re
import shutil
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal
from uuid import uuid4

from pydantic import ValidationError

from core import outputs
from core.jobs.job import FileSummary, Job, JobError, job_json
from core.jobs.receiving import age, bytes_in, incoming, receiving, shown_name, stale_seconds
from core.tables.reading import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from core.access.person import Sender
    from core.jobs.receiving import Upload
    from core.portfolio.provenance import HistoryChoice
    from core.tables.batches import RowCount

_log = logging.getLogger(__name__)

_id: Final = re.compile(r"[0-9a-f]{32}")
_job_file: Final = "job.json"
_leaving: Final = ".leaving-"


class UnknownJob(LookupError):
    """There is no job of that id."""


class JobUnfinished(RuntimeError):
    """The job has no result yet, or none any more; its status is in `status`."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class JobStore:
    """The jobs in a folder."""

    def __init__(self, folder: Path) -> None:
        """Neither reads nor writes anything yet."""
        self.root = folder

    @contextmanager
    def receive(self, mark: str = "") -> Iterator[Upload]:
        """A file to be written, for `create`; removed afterwards where no job was made of it.

        Args:
            mark: whose it is, as `arriving` is asked for it.

        Raises:
            OSError: the disk is full or cannot be written.
        """
        with receiving(self.root, mark) as upload:
            yield upload

    def create(
        self,
        upload: Upload,
        file_name: str,
        sender: Sender,
        threshold: float | None = None,
        facts: FileSummary | None = None,
        status: Literal["held", "queued"] = "queued",
        history: HistoryChoice | None = None,
        count: RowCount | None = None,
    ) -> Job:
        """Makes a job of a file that is wholly received; it lasts from then on.

        Args:
            file_name: as the caller names it; shown, and used for nothing else.
            sender: whose it is from then on.
            threshold: replaces the model's own, 0 to 1.
            facts: what the file is, where it was opened already.
            status: whether it is to be scored, or waits for `start`.
            history: whether rows are to get the history of clients on hand.
            count: of its rows, where they were counted.
        """
        upload.finish()
        kind = kind_of(upload.head)
        job = Job(
            id=uuid4().hex,
            status=status,
            created=datetime.now(UTC),
            file_name=shown_name(file_name),
            kind=kind,
            bytes=upload.size,
            owner=sender.key,
            person=sender.person,
            wanted_threshold=threshold,
            wanted_history=history,
            facts=facts,
            converted=upload.converted,
            rows=count.rows if count else None,
            counted=count is not None and count.whole,
        )
        (upload.folder / "upload").rename(upload.folder / f"upload.{kind}")
        outputs.write(upload.folder / _job_file, job_json().dump_json(job), private=True)
        upload.folder.rename(self.root / job.id)
        outputs.sync(self.root)
        return job

    def folder(self, job_id: str) -> Path:
        """Where a job's files are. Raises `UnknownJob` for what is no id, whatever is on the disk."""
        if not _id.fullmatch(job_id):
            raise UnknownJob
        return self.root / job_id

    def read(self, job_id: str) -> Job:
        """The job of that id. Raises `UnknownJob`."""
        return read_job(self.folder(job_id))

    def jobs(self) -> list[Job]:
        """All jobs, the newest first. One that cannot be read is left out, and named in the log."""
        jobs: list[Job] = []
        for job_id in self._ids():
            try:
                jobs.append(self.read(job_id))
            except UnknownJob:
                continue
            except ValidationError:
                _log.error("the job %s cannot be read", job_id)
        return sorted(jobs, key=lambda job: (job.created, job.id), reverse=True)

    def size(self, job_id: str) -> int:
        """Bytes of all files of a job; 0 where there is none."""
        return bytes_in(self.folder(job_id))

    def arriving(self, mark: str) -> list[int]:
        """Bytes so far of each file on its way in that `receive` was given that mark for."""
        return [bytes_in(folder) for folder in self.root.glob(f"{incoming}{mark}*")]

    @contextmanager
    def admission(self) -> Iterator[None]:
        """For as long as it is seen whether a job may be made, and made: nobody else does meanwhile."""
        folder = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def update(self, job_id: str, change: Callable[[Job], Job]) -> Job:
        """Replaces a job by what `change` makes of it as it is; nobody else changes it meanwhile.

        Raises:
            UnknownJob: there is none (any more).
            OSError: the disk does not take it; the job stays as it is.
        """
        with self._locked(job_id, "lock"):
            before = self.read(job_id)
            after = change(before)
            if after != before:
                outputs.write(self.folder(job_id) / _job_file, job_json().dump_json(after), private=True)
            return after

    @contextmanager
    def claim(self, job_id: str) -> Iterator[bool]:
        """Whether this process may work on a job: no other does, and none will until this ends, however it ends."""
        try:
            stream = (self.folder(job_id) / "claim").open("ab")
        except (FileNotFoundError, NotADirectoryError):
            raise UnknownJob from None
        with stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def cancel(self, job_id: str) -> Job:
        """Ends a job that has not ended, and removes its files; one that has stays as it is. Raises `UnknownJob`."""

        def cancelled(job: Job) -> Job:
            if job.has_ended:
                return job
            return replace(job, status="cancelled", finished=datetime.now(UTC), rows_per_second=None, seconds_left=None)

        job = self.update(job_id, cancelled)
        if job.status == "cancelled":
            self.discard_inputs(job_id)
        return job

    def start(self, job_id: str, history: HistoryChoice | None = None) -> Job:
        """Has a job that is held wait for a worker; any other stays as it is. Raises `UnknownJob`, `OSError`.

        Args:
            history: goes before what was asked for when the file was sent.
        """

        def started(job: Job) -> Job:
            if job.status != "held":
                return job
            return replace(job, status="queued", wanted_history=history or job.wanted_history)

        return self.update(job_id, started)

    def fail(self, job_id: str, error: JobError) -> Job:
        """Ends a job that has not ended for a reason, and removes its files. Raises `UnknownJob`, `OSError`."""
        # First room on the disk, then what is to be written there.
        self.discard_inputs(job_id)
        return self.update(job_id, lambda job: failed(job, error))

    def discard_inputs(self, job_id: str) -> None:
        """Removes all files of a job but what is known of it."""
        folder = self.folder(job_id)
        for path in list(folder.iterdir()) if folder.is_dir() else []:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name not in (_job_file, "lock", "claim"):
                path.unlink(missing_ok=True)

    def delete(self, job_id: str) -> None:
        """Removes a job with all its files. Raises `UnknownJob`."""
        folder = self.folder(job_id)
        leaving = self.root / f"{_leaving}{uuid4().hex}"
        try:
            folder.rename(leaving)
        except FileNotFoundError:
            raise UnknownJob from None
        shutil.rmtree(leaving, ignore_errors=True)

    def tidy(self, retention_hours: float) -> int:
        """Removes jobs that ended longer ago than that or were held as long, and what uploads left behind.

        Returns:
            How many jobs.
        """
        oldest = datetime.now(UTC) - timedelta(hours=retention_hours)
        expired = [job for job in self.jobs() if (_left(job) or oldest) < oldest]
        for job in expired:
            with suppress(UnknownJob):
                self.delete(job.id)
        for folder in self.root.glob(".*-*") if self.root.is_dir() else ():
            if folder.name.startswith((incoming, _leaving)) and age(folder) > stale_seconds:
                shutil.rmtree(folder, ignore_errors=True)
        return len(expired)

    def _ids(self) -> list[str]:
        try:
            return [path.name for path in self.root.iterdir() if _id.fullmatch(path.name)]
        except FileNotFoundError:
            return []

    @contextmanager
    def _locked(self, job_id: str, name: str) -> Iterator[None]:
        try:
            stream = (self.folder(job_id) / name).open("ab")
        except (FileNotFoundError, NotADirectoryError):
            raise UnknownJob from None
        with stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield


def read_job(folder: Path) -> Job:
    """The job whose files are in a folder. Raises `UnknownJob`."""
    try:
        return job_json().validate_json((folder / _job_file).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise UnknownJob from None


def failed(job: Job, error: JobError) -> Job:
    """The job, failed for a reason, where it has not ended."""
    if job.has_ended:
        return job
    now = datetime.now(UTC)
    return replace(job, status="failed", finished=now, error=error, rows_per_second=None, seconds_left=None)


def _left(job: Job) -> datetime | None:
    """Since when nobody is at a job."""
    return job.created if job.status == "held" else job.finished
