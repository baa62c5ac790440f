"""Ended sessions: a cookie that somebody kept a copy of is refused from then on.

A session is in its cookie, signed; what is kept here is only which have ended, in SQLite, for all workers of the
dashboard, and no longer than their cookies would have lasted. Instances on several machines share the folder.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_name: Final = "ended-sessions.db"
_patience: Final = 5.0
_schema: Final = "CREATE TABLE IF NOT EXISTS ended (id TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID"


class SessionsUnavailable(RuntimeError):
    """It cannot be read, or written, which sessions have ended."""


class EndedSessions:
    """The sessions that have ended, in a folder."""

    def __init__(self, folder: Path) -> None:
        """Makes nothing yet.

        Args:
            folder: made, for its owner alone, with the first session that ends.
        """
        self._folder = folder
        self._file = folder / _name

    def end(self, session_id: str, until: float) -> None:
        """Ends a session; it is on the disk when this returns.

        Args:
            session_id: as the cookie says it.
            until: when the cookie would have ended, in seconds since 1970.

        Raises:
            SessionsUnavailable: it cannot be written.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file.touch(mode=0o600)
            with closing(sqlite3.connect(self._file, timeout=_patience, isolation_level=None)) as connection:
                connection.execute(_schema)
                connection.execute("DELETE FROM ended WHERE until < ?", (time.time(),))
                connection.execute("INSERT OR IGNORE INTO ended (id, until) VALUES (?, ?)", (session_id, until))
        except (OSError, sqlite3.Error) as error:
            raise SessionsUnavailable(type(error).__name__) from error

    def has_ended(self, session_id: str) -> bool:
        """Whether a session was ended. Raises `SessionsUnavailable`."""
        if not self._file.exists():
            return False
        try:
            with closing(sqlite3.connect(self._file, timeout=_patience, isolation_level=None)) as connection:
                connection.execute(_schema)
                row = connection.execute("SELECT 1 FROM ended WHERE id = ?", (session_id,)).fetchone()
        except sqlite3.Error as error:
            raise SessionsUnavailable(type(error).__name__) from error
        return row is not None
