"""Turns of jobs: a short file does not wait for a long one, nor one owner for all files of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable


class Turns:
    """Jobs of several owners, taken in turns.

    Owners have their turns one after the other, and the jobs of an owner within the turns of their owner; a job that
    never had one goes before those of the same owner that had. Who comes back keeps their place: to send files one by
    one gets no more turns than to send them all at once.
    """

    def __init__(self) -> None:
        """Nobody waits."""
        self._turn = 0
        self._jobs: dict[str, Hashable] = {}
        self._last: dict[str, int] = {}
        self._last_of_owner: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, job_id: str, owner: Hashable) -> None:
        """Has a job wait for its turns; one that does already keeps its place."""
        if job_id not in self._jobs:
            self._jobs[job_id] = owner
            self._last[job_id] = 0

    def remove(self, job_id: str) -> None:
        """Forgets a job."""
        self._jobs.pop(job_id, None)
        self._last.pop(job_id, None)

    def clear(self) -> None:
        """Forgets all jobs, and who had turns: nobody is kept waiting by whoever comes next."""
        self._jobs.clear()
        self._last.clear()
        self._last_of_owner.clear()

    def take(self) -> str | None:
        """The job whose turn it is, which counts as had; None where none waits. Of equals, the first that was added."""
        if not self._jobs:
            return None
        self._turn += 1
        owner = min(self._jobs.values(), key=lambda candidate: self._last_of_owner.get(candidate, 0))
        job_id = min((job for job in self._jobs if self._jobs[job] == owner), key=self._last.__getitem__)
        self._last[job_id] = self._last_of_owner[owner] = self._turn
        return job_id
