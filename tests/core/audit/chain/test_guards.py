"""The database itself refuses to change what was recorded, after every migration; nobody serves without its guards."""

# ruff: noqa: S608 - the tables are those named here
from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from commands.__main__ import main
from core.audit import migrations
from core.audit.blocks.recording import record_block
from core.audit.chain import guards
from core.audit.decisions import DecisionEntry, DecisionFilter, DecisionLog
from core.audit.engine import Database, _prepare_file, database_url
from core.audit.entries import PredictionFilter
from core.audit.log import AuditLog
from core.audit.writing import AuditUnavailable
from core.outcomes.entries import OutcomeEntry
from core.outcomes.log import OutcomeLog
from core.settings import Settings, settings
from tests.core.audit.made import entry, file_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import URL, Connection

refusals = "never changed|without its link"
id_of_none = "'00000000-0000-7000-8000-000000000002'"
tables = ("predictions", "prediction_blocks", "officer_decisions", "outcomes", "audit_statements")
draft = DecisionEntry("C. Martin", "REFUSÉ", "Dossier incomplet", None, 900001, "request-1", "office")


@pytest.fixture
def recorded(database: Database, log: AuditLog, decisions: DecisionLog) -> None:
    """Rows in each table, after one that the retention deleted."""
    log.record(entry())
    record_block(database, datetime.now(UTC), *file_rows([1, 2]))
    log.purge(datetime.now(UTC))
    log.record(entry())
    log.record(entry())
    record_block(database, datetime.now(UTC), *file_rows([4, 5, 6]))
    decisions.record(draft)
    decisions.record(draft)
    hand_in_outcomes(database)


def hand_in_outcomes(database: Database) -> None:
    """One, and another that corrects it."""
    outcomes, today = OutcomeLog(database), datetime.now(UTC)
    for defaulted in (False, True):
        outcome = OutcomeEntry(None, 900001, today.date(), defaulted=defaulted, observed=today.date())
        outcomes.record(outcomes.check([outcome], today), "request-1", "bank")  # type: ignore[arg-type]


@pytest.fixture
def postgresql_database(new_postgresql: Callable[[], str]) -> Iterator[Database]:
    opened = Database.open(database_url(Settings(database_url=new_postgresql())))
    yield opened
    opened.close()


def contents(database: Database) -> dict[str, list[dict[str, Any]]]:
    with database.engine.connect() as connection:
        return {
            table: [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]
            for table in tables
        }


def refused(database: Database, statement: str, parameters: dict[str, Any] | None = None) -> bool:
    """Whether the guards refuse a statement; any other error is raised."""
    try:
        with database.engine.begin() as connection:
            connection.execute(text(statement), parameters or {})
    except DBAPIError as error:
        if not re.search(refusals, str(error.orig)):
            raise
        return True
    return False


@pytest.mark.usefixtures("recorded")
def test_a_change_is_refused(database: Database) -> None:
    before = contents(database)
    for table in tables:
        for statement in (
            f"UPDATE {table} SET time = time",
            f"UPDATE {table} SET id = 'x' || substr(id, 2)",
            f"DELETE FROM {table}",
            f"DELETE FROM {table} WHERE id = (SELECT max(id) FROM {table})",
        ):
            assert refused(database, statement), statement
    assert contents(database) == before


@pytest.mark.usefixtures("recorded")
def test_a_link_is_not_changed_either(database: Database) -> None:
    with database.engine.connect() as connection:
        before = connection.execute(text("SELECT * FROM audit_chain ORDER BY sequence")).all()
    for statement in (
        "UPDATE audit_chain SET recorded = recorded",
        "DELETE FROM audit_chain",
        "DELETE FROM audit_chain WHERE sequence = (SELECT max(sequence) FROM audit_chain)",
    ):
        assert refused(database, statement), statement
    if database.is_sqlite:
        assert refused(database, "INSERT OR REPLACE INTO audit_chain SELECT * FROM audit_chain LIMIT 1")
        other = "SELECT 99, recorded, version, kind, entry_id, content, digest FROM audit_chain LIMIT 1"
        assert refused(database, f"INSERT OR REPLACE INTO audit_chain {other}")
        assert refused(database, f"INSERT INTO audit_chain {other.replace('99', '-1').replace('entry_id', id_of_none)}")
    else:
        assert refused(database, "TRUNCATE audit_chain")
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT * FROM audit_chain ORDER BY sequence")).all() == before


def test_a_row_is_not_added_without_its_link(database: Database, log: AuditLog) -> None:
    log.record(entry())
    record_block(database, datetime.now(UTC), *file_rows([4, 6]))
    columns = [name for name in contents(database)["predictions"][0] if name != "id"]
    put = f"INSERT INTO predictions (id, {', '.join(columns)}) SELECT 'x', {', '.join(columns)} FROM predictions"
    assert refused(database, f"{put} WHERE block IS NULL")
    # Nor one that names a block in whose range it is not, or one that is not there.
    assert refused(database, f"{put} WHERE client_id = 4")
    elsewhere = ", ".join("'x'" if name == "block" else name for name in columns)
    between = "'00000000-0000-7000-8000-000000000005'"
    assert refused(
        database, f"INSERT INTO predictions (id, {', '.join(columns)}) SELECT {between}, {elsewhere} FROM predictions"
    )
    assert log.predictions(PredictionFilter(), 1).total == 3


def test_a_table_of_postgresql_is_not_emptied(postgresql_database: Database) -> None:
    AuditLog(postgresql_database).record(entry())
    for table in tables:
        assert refused(postgresql_database, f"TRUNCATE {table}")
    assert refused(postgresql_database, f"TRUNCATE {', '.join(tables)} CASCADE")
    with postgresql_database.engine.begin() as connection:
        # As a session of replication, for which ordinary triggers are silent.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        with pytest.raises(DBAPIError, match="never changed"):
            connection.execute(text("UPDATE predictions SET caller = 'nobody'"))


@pytest.mark.parametrize("key", ["id", "rowid"])
def test_a_row_is_not_replaced(sqlite_url: URL, key: str) -> None:
    database = Database.open(sqlite_url)
    log = AuditLog(database)
    log.record(entry())
    log.purge(datetime.now(UTC))
    log.record(entry())
    record_block(database, datetime.now(UTC), *file_rows([4, 6]))
    DecisionLog(database).record(draft)
    hand_in_outcomes(database)
    before = contents(database)
    for table in tables:
        others = [name for name in before[table][0] if name != key]
        new = "'00000000-0000-7000-8000-000000000001'"
        values = ", ".join(new if name == "id" else name for name in others)
        insert = f"INTO {table} ({key}, {', '.join(others)}) SELECT {key}, {values} FROM {table}"
        for recursive in ("OFF", "ON"):
            with closing(sqlite3.connect(str(sqlite_url.database))) as foreign:
                foreign.execute(f"PRAGMA recursive_triggers = {recursive}")
                for attempt in (
                    f"INSERT OR REPLACE {insert} LIMIT 1",
                    f"INSERT {insert} WHERE true LIMIT 1 ON CONFLICT DO UPDATE SET time = '2020-01-01'",
                ):
                    with pytest.raises(sqlite3.IntegrityError, match=refusals):
                        foreign.execute(attempt)
                    foreign.rollback()
        # A number below those that SQLite gives could hold up all who come: theirs reads as -1 beforehand.
        if key == "rowid":
            assert refused(database, f"INSERT {insert} LIMIT 1".replace("SELECT rowid", "SELECT -1"))
    assert contents(database) == before
    log.record_many([entry()] * 3)
    assert log.predictions(PredictionFilter(), 10).total == 6
    database.close()


def test_the_retention_deletes_and_says_so(database: Database, log: AuditLog) -> None:
    keys = [log.record(entry()) for _ in range(3)]
    boundary = datetime.now(UTC)
    kept = log.record(entry())
    assert log.purge(boundary) == len(keys)
    assert [each.id for each in log.each(PredictionFilter())] == [kept]
    (said,) = contents(database)["audit_statements"]
    assert (said["kind"], said["entries"]) == ("retention", 3)
    assert refused(database, "DELETE FROM predictions")


def _with_another_column(connection: Connection) -> None:
    """A migration as Alembic makes it: a table of SQLite is copied, dropped and renamed."""
    operations = Operations(MigrationContext.configure(connection, opts={"render_as_batch": True}))
    for table in tables:
        with operations.batch_alter_table(table, recreate="always") as batch:
            batch.add_column(sa.Column("another", sa.String(10), nullable=True))
            batch.create_unique_constraint(f"uq_{table}_another", ["another", "time"])


def test_a_migration_leaves_the_guards_as_they_were(
    database: Database, log: AuditLog, decisions: DecisionLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.record(entry())
    decisions.record(draft)
    monkeypatch.setattr(migrations, "head", "9999")
    monkeypatch.setattr(migrations, "_run_alembic", _with_another_column)
    assert migrations.upgrade(database.engine)
    assert database.absent_guards() == ()
    for table in ("predictions", "officer_decisions"):
        assert refused(database, f"UPDATE {table} SET another = 'x'")
        assert refused(database, f"DELETE FROM {table}")


def test_a_key_of_a_later_migration_is_guarded_as_well(sqlite_url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database.open(sqlite_url)
    monkeypatch.setattr(migrations, "head", "9999")
    monkeypatch.setattr(migrations, "_run_alembic", _with_another_column)
    migrations.upgrade(database.engine)
    columns = "request_id, caller, officer, decision, kind, reason, prediction_id, model_decision, model_version"
    put = (
        f"INSERT OR REPLACE INTO officer_decisions (id, {columns}, probability, threshold, time, another) "
        "VALUES (:id, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.5, 0.5, '2026-11-28 00:00:00.000000', 'key')"
    )
    with database.engine.begin() as connection:
        for sequence, entry_id in enumerate(("first", "second"), 1):
            link = (sequence, 0, 1, "decision", entry_id, b"", b"")
            connection.exec_driver_sql("INSERT INTO audit_chain VALUES (?, ?, ?, ?, ?, ?, ?)", link)
        connection.execute(text(put), {"id": "first"})
    assert refused(database, put, {"id": "second"})
    assert [row["id"] for row in contents(database)["officer_decisions"]] == ["first"]
    database.close()


def _altered(connection: Connection) -> str:
    """Puts in the place of a guard one that lets everything pass; returns its name."""
    name = "guard_officer_decisions_update"
    if connection.dialect.name == "postgresql":
        connection.execute(
            text(
                "CREATE OR REPLACE FUNCTION guard_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
            )
        )
    else:
        connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text(f"CREATE TRIGGER {name} BEFORE UPDATE ON officer_decisions BEGIN SELECT 1; END"))
    return name


def _dropped(connection: Connection) -> str:
    name = "guard_predictions_delete"
    on = " ON predictions" if connection.dialect.name == "postgresql" else ""
    connection.execute(text(f"DROP TRIGGER {name}{on}"))
    return name


def _disabled(connection: Connection) -> str:
    name = "guard_predictions_update"
    if connection.dialect.name != "postgresql":
        pytest.skip("SQLite disables no trigger")
    connection.execute(text(f"ALTER TABLE predictions DISABLE TRIGGER {name}"))
    return name


@pytest.mark.parametrize("takes_away", [_altered, _dropped, _disabled])
def test_a_record_without_its_guards_is_not_opened(
    url: URL,
    takes_away: Callable[[Connection], str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    database = Database.open(url)
    database.check_guards()
    with database.engine.begin() as connection:
        name = takes_away(connection)
    with pytest.raises(AuditUnavailable, match=name) as unguarded:
        database.check_guards()
    assert unguarded.value.reason == "unguarded"
    database.close()
    with pytest.raises(AuditUnavailable, match=name):
        Database.open(url)
    monkeypatch.setenv("DATABASE_URL", url.render_as_string(hide_password=False))
    settings.cache_clear()
    try:
        assert main(["audit", "purge", "--days", "1"]) == 1
        assert "audit guard" in capsys.readouterr().err
        assert main(["audit", "guard"]) == 0
        assert name in capsys.readouterr().err
        assert main(["audit", "purge", "--days", "1"]) == 0
        assert main(["audit", "guard"]) == 0
        assert name not in capsys.readouterr().err
    finally:
        settings.cache_clear()


@pytest.mark.usefixtures("made_step_by_step")
def test_the_guards_of_a_former_version_are_replaced(url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import command as alembic_command

    upgrade = alembic_command.upgrade
    database = Database(url)
    if database.is_sqlite:
        _prepare_file(str(url.database))
    with monkeypatch.context() as patch:
        patch.setattr(alembic_command, "upgrade", lambda configuration, _: upgrade(configuration, "0001"))
        patch.setattr(guards, "make", lambda _: None)
        migrations.upgrade(database.engine)
    database.close()
    opened = Database.open(url)
    AuditLog(opened).record(entry())
    assert refused(opened, "UPDATE predictions SET caller = 'x'")
    DecisionLog(opened).record(draft)
    assert refused(opened, "DELETE FROM officer_decisions")
    assert len(list(DecisionLog(opened).each(DecisionFilter()))) == 1
    opened.close()
