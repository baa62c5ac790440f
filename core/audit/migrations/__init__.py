"""Migrations of an audit database: its tables are brought up to date by one program at a time."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import column, inspect, select, table, text

from core.audit.chain import guards
from core.audit.writing import AuditUnavailable, writing

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_log = logging.getLogger(__name__)

# The newest revision in versions/, written here so that a database that is up to date costs no import of Alembic.
head: Final = "0015"

# Not Alembic's own name: MLflow may keep its tables in the same database.
version_table: Final = "audit_version"

_longest_seconds: Final = 60
# Any number, as long as every program that migrates these tables takes the same.
_lock: Final = 7_310_442_086_215


def upgrade(engine: Engine) -> bool:
    """Brings the tables to `head` in one transaction; those that come meanwhile wait, and find nothing left to do.

    The guards of the record are made anew in the same transaction; where there is nothing to do, they are as they were.

    Returns:
        Whether there was anything to do.

    Raises:
        core.audit.writing.AuditUnavailable: the tables were made by a newer program.
        sqlalchemy.exc.SQLAlchemyError: where the database does not do it; its tables are then as before.
    """
    with engine.connect() as connection:
        if _revision(connection) == head:
            return False
    with writing(engine) as connection:
        _wait_for_others(connection)
        before = _revision(connection)
        if before == head:
            return False
        # A migration may fill in what it adds; and batch mode loses what triggers a table of SQLite had.
        guards.drop(connection)
        _run_alembic(connection)
        guards.make(connection)
    _log.info("audit tables: from %s to %s", before or "nothing", head)
    return True


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(version_table):
        return None
    revision: str | None = connection.execute(select(column("version_num")).select_from(table(version_table))).scalar()
    return revision


def _wait_for_others(connection: Connection) -> None:
    """SQLite waits by itself: a transaction that may write is alone."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{_longest_seconds}s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _lock})


def _run_alembic(connection: Connection) -> None:
    # It lists its own parts as it is imported; what was done is said above.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    configuration.attributes["connection"] = connection
    try:
        command.upgrade(configuration, "head")
    except CommandError:
        # It knows no revision of that name.
        raise AuditUnavailable("version") from None
