"""The spool of decisions made while the API was away: on disk, in SQLite, until they are on record there.

The workers of a dashboard share it. A decision is on the disk before it is shown.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.access.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_name: Final = "decisions.db"
_patience: Final = 5.0
_schema: Final = """
CREATE TABLE IF NOT EXISTS spooled (
    id TEXT PRIMARY KEY, body TEXT NOT NULL, refused INTEGER NOT NULL DEFAULT 0, subject TEXT, person TEXT
) WITHOUT ROWID
"""
# Of who was signed in; a spool of an earlier version has none.
_later_columns: Final = ("subject", "person")


class SpoolUnavailable(RuntimeError):
    """A decision cannot be kept."""


class SpoolFull(SpoolUnavailable):
    """As many decisions wait as are allowed to."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many decisions wait to be delivered, and how many the API would not take."""

    count: int
    refused: int


@dataclass(frozen=True, slots=True)
class Spooled:
    """A decision that waits.

    Attributes:
        key: its id.
        body: as the API takes it, in JSON.
        person: for whom it was made; None where nobody was signed in.
    """

    key: str
    body: str
    person: Person | None


class Spool:
    """Decisions in a folder, each under its id, until they are removed."""

    def __init__(self, folder: Path, max_rows: int, max_bytes: int) -> None:
        """Makes nothing yet.

        Args:
            folder: made, for its owner alone, with the first decision.
            max_rows, max_bytes: how much may wait at most.
        """
        self._folder = folder
        self._file = folder / _name
        self._max_rows = max_rows
        self._max_bytes = max_bytes

    @property
    def lock_file(self) -> Path:
        """What the process holds that delivers; there once a decision was kept."""
        return self._folder / "delivery.lock"

    def append(self, key: str, body: str, person: Person | None = None) -> None:
        """Keeps a decision; it is on the disk when this returns.

        Args:
            key: its id.
            body: as the API takes it, in JSON.
            person: for whom it was made.

        Raises:
            SpoolFull: as many wait as are allowed to.
            SpoolUnavailable: it cannot be written.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for file in (self._file, self.lock_file):
                file.touch(mode=0o600)
            with self._opened() as connection:
                connection.execute("BEGIN IMMEDIATE")
                rows, size = connection.execute("SELECT count(*), total(length(body)) FROM spooled").fetchone()
                if rows >= self._max_rows or size + len(body) > self._max_bytes:
                    raise SpoolFull
                who = (person.subject, person.name) if person else (None, None)
                connection.execute(
                    "INSERT INTO spooled (id, body, subject, person) VALUES (?, ?, ?, ?)", (key, body, *who)
                )
                connection.execute("COMMIT")
        except (OSError, sqlite3.Error) as error:
            raise SpoolUnavailable(type(error).__name__) from error

    def waiting(self) -> Waiting:
        """How many decisions wait. Raises `SpoolUnavailable`."""
        if not self._file.exists():
            return Waiting(0, 0)
        try:
            with self._opened() as connection:
                counts = dict(connection.execute("SELECT refused, count(*) FROM spooled GROUP BY refused").fetchall())
        except sqlite3.Error as error:
            raise SpoolUnavailable(type(error).__name__) from error
        return Waiting(counts.get(0, 0), counts.get(1, 0))

    def oldest(self, count: int) -> list[Spooled]:
        """Those that wait, oldest first. Raises `SpoolUnavailable`."""
        if not self._file.exists():
            return []
        try:
            with self._opened() as connection:
                query = "SELECT id, body, subject, person FROM spooled WHERE refused = 0 ORDER BY id LIMIT ?"
                rows = connection.execute(query, (count,)).fetchall()
        except sqlite3.Error as error:
            raise SpoolUnavailable(type(error).__name__) from error
        return [Spooled(key, body, Person(subject, name) if subject else None) for key, body, subject, name in rows]

    def remove(self, keys: Sequence[str]) -> None:
        """Forgets decisions that are on record. Raises `SpoolUnavailable`."""
        self._change("DELETE FROM spooled WHERE id = ?", keys)

    def refuse(self, keys: Sequence[str]) -> None:
        """Sets aside what the API does not take: it stays, and holds up nothing. Raises `SpoolUnavailable`."""
        self._change("UPDATE spooled SET refused = 1 WHERE id = ?", keys)

    def _change(self, statement: str, keys: Sequence[str]) -> None:
        try:
            with self._opened() as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(statement, [(key,) for key in keys])
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise SpoolUnavailable(type(error).__name__) from error

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._file, timeout=_patience, isolation_level=None)) as connection:
            # The disk has what is committed; what is removed is written over: it is the data of clients.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute(_schema)
            self._add_columns(connection)
            yield connection

    def _add_columns(self, connection: sqlite3.Connection) -> None:
        present = {row[1] for row in connection.execute("PRAGMA table_info(spooled)").fetchall()}
        if present.issuperset(_later_columns):
            return
        # Another worker may be doing the same.
        connection.execute("BEGIN IMMEDIATE")
        present = {row[1] for row in connection.execute("PRAGMA table_info(spooled)").fetchall()}
        for name in _later_columns:
            if name not in present:
                connection.execute(f"ALTER TABLE spooled ADD COLUMN {name} TEXT")
        connection.execute("COMMIT")
