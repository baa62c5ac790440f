"""Quotas of an owner of jobs: files that are open, rows that wait, bytes that are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from core.access.person import Owner
    from core.jobs.store import JobStore
    from core.settings import Settings

Quota = Literal["jobs", "rows", "bytes"]


class QuotaExceeded(RuntimeError):
    """An owner has, or would have, more of the jobs than is allowed; a quota is named, and how much that is."""

    def __init__(self, quota: Quota, maximum: int) -> None:
        super().__init__(quota)
        self.quota = quota
        self.maximum = maximum


def mark_of(owner: Owner) -> str:
    """What stands for an owner in the name of a file that is on its way in."""
    return owner.token[:16]


@dataclass(frozen=True, slots=True)
class Usage:
    """What an owner has, or what more they want.

    Attributes:
        jobs: files that wait or are scored, those that are held or on their way in among them.
        rows: of these, that are not scored yet, as far as they were counted.
        bytes: of all their files and results.
    """

    jobs: int = 0
    rows: int = 0
    bytes: int = 0

    @classmethod
    def of(cls, owner: Owner, store: JobStore) -> Usage:
        """What an owner has in a store, files on their way in among it."""
        theirs = [job for job in store.jobs() if owner.includes(job.belongs_to)]
        unfinished = [job for job in theirs if not job.has_ended]
        arriving = store.arriving(mark_of(owner))
        return cls(
            len(unfinished) + len(arriving),
            sum(max(0, (job.rows or 0) - job.tally.read) for job in unfinished),
            sum(store.size(job.id) for job in theirs) + sum(arriving),
        )


@dataclass(frozen=True, slots=True)
class Quotas:
    """The most that an owner may have: `JOBS_MAX_OPEN`, `JOBS_MAX_ROWS`, `JOBS_MAX_BYTES`."""

    jobs: int
    rows: int
    bytes: int

    @classmethod
    def of(cls, settings: Settings) -> Quotas:
        """Those of the settings."""
        return cls(settings.jobs_max_open, settings.jobs_max_rows, settings.jobs_max_bytes)

    def check(self, has: Usage, more: Usage) -> None:
        """Refuses what would be too much. Raises `QuotaExceeded`."""
        if has.jobs + more.jobs > self.jobs:
            raise QuotaExceeded("jobs", self.jobs)
        if has.rows + more.rows > self.rows:
            raise QuotaExceeded("rows", self.rows)
        if has.bytes + more.bytes > self.bytes:
            raise QuotaExceeded("bytes", self.bytes)
