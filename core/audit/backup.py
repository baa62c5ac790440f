"""Copies an audit database to a file while it is in use, and puts back from such a file what a database lacks."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import Table, func, select
from sqlalchemy.engine import make_url

from core.audit.engine import AuditUnavailable, Database, stand_alone, writing
from core.audit.tables import DecisionRow, PredictionRow, StatementRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

_tables: Final = tuple(cast("Table", row.__table__) for row in (PredictionRow, DecisionRow, StatementRow))
_at_once: Final = 1000
# One writes at a time in SQLite, which gives those who wait a turn only when they look.
_turn: Final = 0.02


class BackupError(Exception):
    """A backup that cannot be written, or a file that is none; the words name the file."""


@dataclass(frozen=True, slots=True)
class Copied:
    """How many rows were copied."""

    predictions: int
    decisions: int


def backup(database: Database, file: Path) -> Copied:
    """Writes all rows as they are at one moment to a SQLite file of their own, which only its owner may read.

    Others go on reading and writing meanwhile. The file appears under its name once it is whole and checked.

    Args:
        database: SQLite or PostgreSQL.
        file: where to write; must not exist.

    Raises:
        BackupError: the file exists, or cannot be written.
        AuditUnavailable: the database cannot be read.
    """
    if file.exists():
        raise BackupError(f"{file} exists already")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    except OSError as error:
        raise BackupError(f"{file} cannot be written: {error.strerror}") from None
    os.close(handle)
    unfinished = Path(name)
    try:
        with database.reached():
            if database.is_sqlite:
                _copy_file(database, unfinished)
            else:
                _copy_rows_out(database, unfinished)
        copied = _checked(unfinished, file)
        _publish(unfinished, file)
    finally:
        for left in (unfinished, *_companions(unfinished)):
            left.unlink(missing_ok=True)
    return copied


def restore(database: Database, file: Path) -> Copied:
    """Adds the rows of a backup that the database does not have; those that it has stay as they are.

    Nothing is ever taken away, so that it can be done while the services run, again after a failure, and into another
    kind of database than the one that was copied. What the retention had deleted comes back until the next purge.

    Args:
        database: SQLite or PostgreSQL; may be empty.
        file: what `backup` wrote, by this version of the program or an earlier one; not changed.

    Returns:
        What was added.

    Raises:
        BackupError: the file is not there, or is not a whole backup.
        AuditUnavailable: the database does not take a row. Rows before it stay.
    """
    with tempfile.TemporaryDirectory(prefix="audit-restore-") as folder, _opened(file, Path(folder)) as source:
        added = [_add_missing(source, database, each) for each in _tables]
    return Copied(*added[:2])


def _copy_file(database: Database, target: Path) -> None:
    with closing(database.engine.raw_connection()) as pooled, closing(sqlite3.connect(target)) as copy:
        source: Any = pooled.driver_connection
        source.backup(copy)
        # One file, without the journal of a database in use.
        copy.execute("PRAGMA journal_mode = DELETE")


def _copy_rows_out(database: Database, target: Path) -> None:
    copy = _open_sqlite(target)
    try:
        # One moment for both tables, however long it takes to read them.
        snapshot = database.engine.connect().execution_options(isolation_level="REPEATABLE READ")
        with snapshot as connection, connection.begin():
            for table in _tables:
                for rows in _pages(connection, table):
                    with writing(copy.engine) as into:
                        into.execute(table.insert(), rows)
        with copy.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        copy.close()
    with closing(sqlite3.connect(target)) as finished:
        finished.execute("PRAGMA journal_mode = DELETE")


def _checked(copy: Path, file: Path) -> Copied:
    """Counts what a copy holds. Raises `BackupError`, which names `file`, where it is damaged or no audit database."""
    try:
        with closing(sqlite3.connect(copy)) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if verdict != "ok":
                raise BackupError(f"{file} is damaged")
            counts = [
                connection.execute(str(select(func.count()).select_from(each).compile())).fetchone()[0]
                for each in _tables[:2]
            ]
    except sqlite3.Error:
        raise BackupError(f"{file} is not a backup of the audit") from None
    return Copied(*counts)


def _publish(unfinished: Path, file: Path) -> None:
    try:
        with unfinished.open("rb+") as written:
            os.fsync(written.fileno())
        unfinished.rename(file)
    except OSError as error:
        raise BackupError(f"{file} cannot be written: {error.strerror}") from None


def _companions(file: Path) -> tuple[Path, ...]:
    return tuple(file.with_name(file.name + suffix) for suffix in ("-wal", "-shm", "-journal"))


@contextmanager
def _opened(file: Path, folder: Path) -> Iterator[Database]:
    """A backup as a database with the tables of today: a copy of it, for the file is to stay as it is."""
    if not file.is_file():
        raise BackupError(f"There is no file {file}")
    scratch = folder / "copy.db"
    try:
        with (
            closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(scratch)) as copy,
        ):
            source.backup(copy)
    except sqlite3.Error:
        raise BackupError(f"{file} is not a backup of the audit, or cannot be copied to {folder.parent}") from None
    _checked(scratch, file)
    try:
        opened = _open_sqlite(scratch)
    except AuditUnavailable as error:
        raise BackupError(f"{file} cannot be used: {error}") from None
    try:
        yield opened
    finally:
        opened.close()


def _open_sqlite(file: Path) -> Database:
    return Database.open_unguarded(make_url("sqlite://").set(database=str(file)))


def _add_missing(source: Database, database: Database, table: Table) -> int:
    added = 0
    with source.engine.connect() as connection:
        for rows in _pages(connection, table):
            added += _add(rows, database, table)
    return added


def _add(rows: Sequence[Mapping[str, Any]], database: Database, table: Table) -> int:
    with database.reached():
        keys = [each["id"] for each in rows]
        with writing(database.engine) as connection:
            stand_alone(connection)
            known = set(connection.execute(select(table.c.id).where(table.c.id.in_(keys))).scalars())
            missing = [each for each in rows if each["id"] not in known]
            if table is DecisionRow.__table__:
                missing = _not_decided_anew(connection, missing)
            if missing:
                connection.execute(table.insert(), missing)
        if database.is_sqlite:
            time.sleep(_turn)
    return len(missing)


def _not_decided_anew(connection: Connection, rows: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Decisions without those that were sent again, under the key that they have, after the database was lost."""
    keys = [row["idempotency_key"] for row in rows if row["idempotency_key"] is not None]
    found = select(DecisionRow.caller, DecisionRow.idempotency_key).where(DecisionRow.idempotency_key.in_(keys))
    taken = {tuple(row) for row in connection.execute(found)}
    return [row for row in rows if (row["caller"], row["idempotency_key"]) not in taken]


def _pages(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """The rows in the order of their key, few in memory at a time."""
    query = select(table).order_by(table.c.id).limit(_at_once)
    after: str | None = None
    while True:
        part = query if after is None else query.where(table.c.id > after)
        rows = [dict(each) for each in connection.execute(part).mappings()]
        if rows:
            yield rows
            after = rows[-1]["id"]
        if len(rows) < _at_once:
            return
