"""The heartbeat of a worker: whether one lives, and since when the last one does not."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter, ValidationError

from core import outputs

if TYPE_CHECKING:
    from pathlib import Path

file_name: Final = "worker.json"
seconds_between: Final = 2.0
# A worker that was not seen for so long is away: four beats may be late, and a page that asks every five seconds tells
# of it within fifteen.
patience_seconds: Final = 8.0


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A worker, and when it was last seen (UTC)."""

    seen: datetime
    host: str
    pid: int

    @property
    def is_fresh(self) -> bool:
        """Whether the worker can be taken to be there."""
        return (datetime.now(UTC) - self.seen).total_seconds() < patience_seconds


_json: Final = TypeAdapter(Heartbeat)


def beat(jobs_dir: Path) -> None:
    """Says that this process lives. Raises `OSError` where the disk does not take it."""
    beating = Heartbeat(datetime.now(UTC), socket.gethostname(), os.getpid())
    # Of no use after a crash, so it need not last; but a reader never sees half of it.
    outputs.write(jobs_dir / file_name, _json.dump_json(beating), durable=False)


def last_beat(jobs_dir: Path) -> Heartbeat | None:
    """The worker that was seen last; None where none ever was."""
    try:
        return _json.validate_json((jobs_dir / file_name).read_bytes())
    except (OSError, ValidationError):
        return None
