"""A counter that all workers of one server share: a small SQLite file, behind the storage protocol of `limits`."""

from __future__ import annotations

import fcntl
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Final

from limits.storage import Storage

if TYPE_CHECKING:
    from pathlib import Path

# Names the folder that the workers of a server share; set by `api.operations.startup`.
folder_variable: Final = "API_RUNTIME_DIR"

_schema: Final = "CREATE TABLE IF NOT EXISTS counts (key TEXT PRIMARY KEY, count INTEGER, ends REAL) WITHOUT ROWID"
_increase: Final = """
INSERT INTO counts VALUES (:key, :amount, :now + :expiry) ON CONFLICT DO UPDATE SET
    count = CASE WHEN ends <= :now THEN :amount ELSE count + :amount END,
    ends = CASE WHEN ends <= :now THEN :now + :expiry ELSE ends END
RETURNING count
"""
_patience: Final = 1.0
_between_clearings: Final = 10_000


class SharedCount(Storage):
    """Counts by key, each until it ends.

    Nothing in it outlives the server, so nothing is waited for to be on a disk: 11 us a count (measured).
    """

    STORAGE_SCHEME = None

    def __init__(self, path: Path) -> None:
        """Opens nothing yet: a connection does not survive a fork."""
        super().__init__(wrap_exceptions=True)
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._until_clearing = _between_clearings

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What can go wrong."""
        return sqlite3.Error, OSError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Adds to a count, which begins anew where it has ended, and says what it is now."""
        values = {"key": key, "amount": amount, "expiry": expiry, "now": time.time()}
        with self._lock:
            self._until_clearing -= 1
            if self._until_clearing < 0:
                self._until_clearing = _between_clearings
                self._open().execute("DELETE FROM counts WHERE ends <= :now", values)
            (count,) = self._open().execute(_increase, values).fetchone()
        return int(count)

    def get(self, key: str) -> int:
        """What a count is now."""
        count = self._one("SELECT count FROM counts WHERE key = ? AND ends > ?", key, time.time())
        return int(count) if count is not None else 0

    def get_expiry(self, key: str) -> float:
        """When a count ends, in seconds of the epoch."""
        ends = self._one("SELECT ends FROM counts WHERE key = ?", key)
        return float(ends) if ends is not None else time.time()

    def check(self) -> bool:
        """Whether it can count."""
        try:
            return self._one("SELECT 1") == 1
        except self.base_exceptions:
            return False

    def reset(self) -> int:
        """Forgets everything, and says how many counts there were."""
        with self._lock:
            return self._open().execute("DELETE FROM counts").rowcount

    def clear(self, key: str) -> None:
        """Forgets a count."""
        with self._lock:
            self._open().execute("DELETE FROM counts WHERE key = ?", (key,))

    def _one(self, statement: str, *values: object) -> float | None:
        with self._lock:
            row = self._open().execute(statement, values).fetchone()
        return row[0] if row else None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            # SQLite waits for its turn to count, not for its turn to change how it keeps its file.
            with self._path.with_suffix(".lock").open("w") as turn:
                fcntl.flock(turn, fcntl.LOCK_EX)
                connection = sqlite3.connect(
                    self._path, timeout=_patience, isolation_level=None, check_same_thread=False
                )
                # With a journal of its own a worker that is killed leaves nothing half written.
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = OFF")
                connection.execute(_schema)
            self._connection = connection
        return self._connection
