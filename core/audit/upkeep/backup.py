"""Backups of an audit database, taken while it is in use, and their restoring."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import Table, func, select
from sqlalchemy.engine import make_url

from core import outputs
from core.audit.chain import guards
from core.audit.chain.appending import Appending
from core.audit.chain.links import entry_table, tables
from core.audit.chain.stored import links_of, pages_of
from core.audit.chain.verification import fault_text, verify
from core.audit.engine import Database
from core.audit.tables import DecisionRow, OutcomeRow, PredictionRow
from core.audit.upkeep.restoring import ForeignRow, Restoring
from core.audit.writing import AuditUnavailable, writing

if TYPE_CHECKING:
    from collections.abc import Iterator


_counted: Final = tuple(cast("Table", row.__table__) for row in (PredictionRow, DecisionRow, OutcomeRow))
_counted_at_first: Final = _counted[:2]


class BackupError(Exception):
    """A backup that cannot be written, or a file that is none; the words name the file."""


@dataclass(frozen=True, slots=True)
class Copied:
    """How many rows were copied."""

    predictions: int
    decisions: int
    outcomes: int = 0


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
        with outputs.replacing(file, private=True) as unfinished:
            try:
                with database.reached():
                    if database.is_sqlite:
                        _copy_file(database, unfinished)
                    else:
                        _copy_rows_out(database, unfinished)
                copied = _checked(unfinished, file)
            finally:
                for left in _companions(unfinished):
                    left.unlink(missing_ok=True)
    except OSError as error:
        raise BackupError(f"{file} cannot be written: {error.strerror}") from None
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
        BackupError: the file is not there, is not a whole backup, or was changed: its chain says so.
        AuditUnavailable: the database does not take a row. Rows before it stay.
    """
    with tempfile.TemporaryDirectory(prefix="audit-restore-") as folder, _opened(file, Path(folder)) as source:
        verification = verify(source)
        if verification.faults:
            raise BackupError(f"{file} is not what was recorded: {fault_text(verification.faults[0])}")
        restoring = Restoring(database)
        with source.engine.connect() as connection:
            try:
                restoring.take(connection)
            except ForeignRow as row:
                raise BackupError(f"{file} is not of this record: it has another row {row}") from None
    return Copied(restoring.added["prediction"], restoring.added["decision"], restoring.added["outcome"])


def _copy_file(database: Database, target: Path) -> None:
    with closing(database.engine.raw_connection()) as pooled, closing(sqlite3.connect(target)) as copy:
        source: Any = pooled.driver_connection
        source.backup(copy)
        # One file, without the journal of a database in use.
        copy.execute("PRAGMA journal_mode = DELETE")


def _copy_rows_out(database: Database, target: Path) -> None:
    copy = _open_sqlite(target)
    try:
        # One moment for all tables, however long it takes to read them.
        snapshot = database.engine.connect().execution_options(isolation_level="REPEATABLE READ")
        with snapshot as connection, connection.begin(), writing(copy.engine) as into:
            # A row that has no link is copied as well: it is to be found.
            guards.drop(into)
            record = Appending.within(into)
            for links in links_of(connection):
                record.copy(links)
            for kind in tables:
                for rows in pages_of(connection, entry_table(kind, "postgresql")):
                    record.put(entry_table(kind, "sqlite"), rows)
            # While a cursor of SQLite is there, its file stays in use.
            record.cursor.close()
            guards.make(into)
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
            present = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            counts = [
                connection.execute(str(select(func.count()).select_from(table).compile())).fetchone()[0]
                # Without the tables that any version has it is no audit; an earlier one lacks those that came since.
                if table.name in present or table in _counted_at_first
                else 0
                for table in _counted
            ]
    except sqlite3.Error:
        raise BackupError(f"{file} is not a backup of the audit") from None
    return Copied(*counts)


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
