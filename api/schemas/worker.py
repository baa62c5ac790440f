"""The state of the worker: whether one is there to score files."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import Field

from core.contract.answer import Answer
from core.jobs.running import heartbeat

if TYPE_CHECKING:
    from pathlib import Path


class WorkerState(Answer):
    """Whether a worker is there to score files."""

    alive: bool = Field(description="Whether one was seen in the last seconds.")
    seen: datetime | None = Field(description="When one was last there; null: never.")

    @classmethod
    def of(cls, jobs_dir: Path) -> WorkerState:
        """The worker that was last seen in the folder of the jobs; a folder that cannot be read has seen none."""
        beat = heartbeat.last_beat(jobs_dir)
        return cls(alive=beat is not None and beat.is_fresh, seen=beat.seen if beat else None)
