"""The queue that wakes a worker: huey, on SQLite or on Redis; what is to be done stands in the store, not in it."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, Final

from huey import RedisHuey, SqliteHuey  # type: ignore[import-untyped]
from huey.registry import Message  # type: ignore[import-untyped]
from huey.serializer import Serializer  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from huey.api import Huey  # type: ignore[import-untyped]

_log = logging.getLogger(__name__)

_name: Final = "jobs"
_file: Final = "queue.db"
_connect_seconds: Final = 2.0
_answer_seconds: Final = 5.0


class QueueUnavailable(RuntimeError):
    """The queue cannot be reached."""


class JobQueue:
    """Job ids on their way to a worker."""

    def __init__(self, jobs_dir: Path, redis_url: str | None, run: Callable[[str], None] | None = None) -> None:
        """Opens the queue.

        Args:
            jobs_dir: where the SQLite queue lies.
            redis_url: a Redis server that takes its place.
            run: what a worker does with an id; None in a process that only puts.

        Raises:
            QueueUnavailable: SQLite cannot be opened. (Redis is asked when it is used.)
        """
        self.huey = _open(jobs_dir, redis_url)

        def score_job(job_id: str) -> None:
            if run is None:
                raise RuntimeError("this process only puts jobs in the queue and cannot run them")
            run(job_id)

        self._task: Any = self.huey.task(name="score_job")(score_job)

    def put(self, job_id: str) -> None:
        """Has a worker run a job. Raises `QueueUnavailable`."""
        try:
            self._task(job_id)
        except Exception as error:
            raise QueueUnavailable(type(error).__name__) from error

    def take(self) -> list[str]:
        """Takes the ids that wait out of the queue, in their order. Raises `QueueUnavailable`."""
        taken: list[str] = []
        try:
            # Asked first: with Redis, to take from an empty queue waits for a second.
            while self.huey.pending_count() and (task := self.huey.dequeue()) is not None:
                taken.append(task.args[0])
        except Exception as error:
            raise QueueUnavailable(type(error).__name__) from error
        return taken

    def waiting(self) -> set[str]:
        """The ids that no worker has taken yet. Raises `QueueUnavailable`."""
        try:
            return {task.args[0] for task in self.huey.pending()}
        except Exception as error:
            raise QueueUnavailable(type(error).__name__) from error


class _Json(Serializer):  # type: ignore[misc]
    """Messages as JSON: what comes from a queue is data, where pickle would run what somebody put there."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(list(data)).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(*json.loads(data))


def _open(jobs_dir: Path, redis_url: str | None) -> Huey:
    # Results are in the store.
    options: dict[str, Any] = {"results": False, "serializer": _Json()}
    if redis_url is not None:
        from redis import ConnectionPool

        pool = ConnectionPool.from_url(
            redis_url, socket_connect_timeout=_connect_seconds, socket_timeout=_answer_seconds
        )
        return RedisHuey(_name, connection_pool=pool, **options)
    try:
        jobs_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return SqliteHuey(_name, filename=str(jobs_dir / _file), **options)
    except Exception as error:
        raise QueueUnavailable(type(error).__name__) from error
