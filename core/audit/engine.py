"""The audit database, SQLite or PostgreSQL by its URL."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from core.audit.writing import AuditUnavailable, Reason, busy_seconds, json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection, Engine, PoolProxiedConnection

    from core.audit.chain.links import Head
    from core.settings import Settings


_sqlite_reasons: Final[dict[str, Reason]] = {
    "SQLITE_BUSY": "locked",
    "SQLITE_LOCKED": "locked",
    "SQLITE_FULL": "full",
    "SQLITE_CANTOPEN": "unreachable",
    "SQLITE_IOERR": "unreachable",
}
# By the class of SQLSTATE, or the whole of it. Without one, the server did not answer.
_postgresql_reasons: Final[dict[str, Reason]] = {
    "08": "unreachable",
    "57": "unreachable",
    "53": "full",
    "53300": "unreachable",
    "55": "locked",
    "40": "locked",
}


class InvalidDatabaseUrl(ValueError):
    """A `DATABASE_URL` that cannot be used; its words do not repeat it, because of the password in it."""


def database_url(settings: Settings) -> URL:
    """The address of the audit database.

    Raises:
        InvalidDatabaseUrl: where it is not a URL, or of another database than SQLite in a file, and PostgreSQL.
    """
    if settings.database_url is None:
        return make_url("sqlite://").set(database=str(settings.audit_file))
    message = "DATABASE_URL: expected postgresql://USER:PASSWORD@HOST:PORT/NAME or sqlite:///FILE"
    try:
        url = make_url(settings.database_url.get_secret_value())
    except ArgumentError:
        raise InvalidDatabaseUrl(message) from None
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername in ("sqlite", "sqlite+pysqlite") and url.database and url.database != ":memory:":
        return url.set(drivername="sqlite")
    raise InvalidDatabaseUrl(message)


class Database:
    """An audit database whose tables are as this program knows them.

    Attributes:
        engine: for statements of SQLAlchemy; use it within `reached`.
        is_sqlite: whether it is a file of this machine.
        dialect: the same as a word.
    """

    def __init__(self, url: URL) -> None:
        """Connects to nothing yet."""
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.engine = _sqlite(url) if self.is_sqlite else _postgresql(url)
        self.dialect: Literal["sqlite", "postgresql"] = "sqlite" if self.is_sqlite else "postgresql"
        self._turn = threading.Lock()
        self._writer: PoolProxiedConnection | None = None
        self._file = os.fspath(url.database or "") if self.is_sqlite else None
        self._seen: tuple[int, int] | None = None

    @classmethod
    def open(cls, url: URL) -> Database:
        """Connects, and brings the tables up to date; a file that is not there is made, with its folder.

        Raises:
            AuditUnavailable: where that cannot be done, or the guards of the record are absent.
        """
        database = cls.open_unguarded(url)
        try:
            database.check_guards()
        except BaseException:
            database.close()
            raise
        return database

    @classmethod
    def open_unguarded(cls, url: URL) -> Database:
        """As `open`, guarded or not: for what looks at a record, copies it or makes its guards again."""
        from core.audit.migrations import upgrade

        database = cls(url)
        try:
            if database._file is not None:
                _prepare_file(database._file)
            with database.reached():
                upgrade(database.engine)
            database._seen = database._identity()
        except BaseException:
            database.close()
            raise
        return database

    @property
    def is_gone(self) -> bool:
        """Whether its file was moved or deleted since it was opened."""
        return self._seen is not None and self._identity() != self._seen

    @contextmanager
    def reached(self) -> Iterator[None]:
        """Turns what the database and its driver raise within it into `AuditUnavailable`.

        A file that was moved or deleted is found out first: SQLite would go on writing where nobody finds it again.
        """
        if self.is_gone:
            raise AuditUnavailable("gone")
        try:
            yield
        except (SQLAlchemyError, self.engine.dialect.loaded_dbapi.Error) as error:
            raise _unavailable(error) from None

    def absent_guards(self) -> tuple[str, ...]:
        """Names of the guards of the record that are not there, or altered. Raises `AuditUnavailable`."""
        from core.audit.chain import guards

        with self.reached(), self.engine.connect() as connection:
            return guards.absent(connection)

    def check_guards(self) -> None:
        """Makes sure that it answers, and guards the record. Raises `AuditUnavailable`."""
        missing = self.absent_guards()
        if missing:
            raise AuditUnavailable("unguarded", ", ".join(missing))

    def head(self) -> Head:
        """The end of the chain of the record. Raises `AuditUnavailable`."""
        from core.audit.chain.stored import head_of

        with self.reached(), self.engine.connect() as connection:
            return head_of(connection)

    @contextmanager
    def sqlite_writer(self) -> Iterator[Any]:
        """A cursor of the driver in a transaction that may write to a file, committed at the end.

        The connection is kept: with its statements prepared and its pages at hand, it adds a row in two thirds of the
        time.

        Raises:
            AuditUnavailable: others write for too long.
            sqlite3.Error: nothing of it is stored.
        """
        # SQLite lets those who wait look again after a while, and later each time: those of one program queue.
        if not self._turn.acquire(timeout=busy_seconds):
            raise AuditUnavailable("locked")
        try:
            if self._writer is None:
                self._writer = self.engine.raw_connection()
            cursor = self._writer.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            yield cursor
            cursor.execute("COMMIT")
        except BaseException:
            self._let_writer_go()
            raise
        finally:
            self._turn.release()

    def close(self) -> None:
        """Closes all connections that are not in use."""
        if self._turn.acquire(blocking=False):
            try:
                self._let_writer_go()
            finally:
                self._turn.release()
        self.engine.dispose()

    def _let_writer_go(self) -> None:
        """Gives the connection that writes back to the pool, which rolls back what is not committed."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def _identity(self) -> tuple[int, int] | None:
        if self._file is None:
            return None
        try:
            status = os.stat(self._file)  # noqa: PTH116 (for each row: a Path takes three times as long)
        except OSError:
            return None
        return status.st_dev, status.st_ino


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, json_serializer=json_text, pool_size=8, pool_timeout=busy_seconds)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # Transactions begin when we say, not where the driver thinks so.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {int(busy_seconds * 1000)}")
        _turn_on_wal(connection)
        # In WAL mode a process that dies loses nothing that was committed; a machine that does, at most the last
        # moments, and never its soundness. FULL takes a flush of the disk for each prediction.
        connection.execute("PRAGMA synchronous = NORMAL")
        # What is committed is moved into the file at 32 MB, not at SQLite's 4: a batch of a thousand clients touches
        # as many pages of the index by client, and every answer waited for the disk (40 ms instead of 28, at 400,000
        # rows).
        connection.execute("PRAGMA wal_autocheckpoint = 8000")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("begin_immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _turn_on_wal(connection: Any) -> None:
    """Turns the journal to WAL, which lasts; while others do so too, SQLite refuses it without waiting."""
    last = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except connection.OperationalError as error:
            if _sqlite_reason(error) != "locked" or time.monotonic() > last:
                raise
            time.sleep(0.01)
        else:
            return


def _postgresql(url: URL) -> Engine:
    try:
        return create_engine(
            url,
            json_serializer=json_text,
            # By position, as SQLite has it: `core.audit.log` writes the same rows to both.
            paramstyle="format",
            pool_size=8,
            pool_timeout=busy_seconds,
            # A server that was started anew has closed our connections.
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": int(busy_seconds),
                "application_name": "home-credit",
                "options": f"-c lock_timeout={int(busy_seconds)}s -c timezone=UTC -c synchronous_commit=on",
            },
        )
    except (NoSuchModuleError, ModuleNotFoundError):
        raise InvalidDatabaseUrl("DATABASE_URL: PostgreSQL needs psycopg") from None


def _prepare_file(file: str) -> None:
    path = Path(file)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # The data of clients: for the user who runs the service alone. The files that SQLite adds are as this one.
        path.touch(mode=0o600)
    except OSError as error:
        raise AuditUnavailable("unreachable", type(error).__name__) from None


def _unavailable(error: Exception) -> AuditUnavailable:
    """What an error means, by its code: its words may quote a row, or the address of the database."""
    cause = getattr(error, "orig", None) or error
    name = getattr(cause, "sqlite_errorname", "") or getattr(cause, "sqlstate", None) or type(cause).__name__
    if isinstance(error, NoConnectionFree):
        return AuditUnavailable("locked", name)
    if hasattr(cause, "sqlite_errorcode"):
        return AuditUnavailable(_sqlite_reason(cause), name)
    state = getattr(cause, "sqlstate", None)
    if state is None:
        return AuditUnavailable("unreachable" if "Operational" in type(cause).__name__ else "refused", name)
    return AuditUnavailable(_postgresql_reasons.get(state, _postgresql_reasons.get(state[:2], "refused")), name)


def _sqlite_reason(error: Any) -> Reason:
    # `SQLITE_BUSY_SNAPSHOT` is a kind of `SQLITE_BUSY`.
    name = str(getattr(error, "sqlite_errorname", ""))
    return next((reason for code, reason in _sqlite_reasons.items() if name.startswith(code)), "refused")
