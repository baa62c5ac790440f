"""Opening an audit database, and everything that can be wrong with it."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import threading
import traceback
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect, text

from core.audit import engine as engine_module
from core.audit import migrations
from core.audit.engine import Database, InvalidDatabaseUrl, database_url
from core.audit.entries import PredictionFilter
from core.audit.log import AuditLog
from core.audit.migrations import head, upgrade, version_table
from core.audit.tables import Base
from core.audit.writing import AuditUnavailable
from core.settings import Settings
from tests.core.audit.made import entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL

pytestmark = pytest.mark.usefixtures("made_step_by_step")


def total(database: Database) -> int:
    return AuditLog(database).predictions(PredictionFilter(), 1).total


def test_by_default_it_is_a_file(tmp_path: Path) -> None:
    url = database_url(Settings(database_url=None, audit_file=tmp_path / "audit ?#%.db"))
    Database.open(url).close()
    assert (tmp_path / "audit ?#%.db").is_file()


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_is_reached_by_psycopg(scheme: str) -> None:
    url = database_url(Settings(database_url=f"{scheme}://bank:secret@db:5432/audit"))
    assert (url.drivername, url.host, url.database) == ("postgresql+psycopg", "db", "audit")


@pytest.mark.parametrize(
    "given", ["nonsense", "mysql://bank:secret@db/audit", "sqlite://", "sqlite:///:memory:", "postgresql+asyncpg://db"]
)
def test_another_address_is_refused_without_being_repeated(given: str) -> None:
    with pytest.raises(InvalidDatabaseUrl, match="DATABASE_URL: expected postgresql://") as refused:
        database_url(Settings(database_url=given))
    assert "secret" not in "".join(traceback.format_exception(refused.value))


def test_the_tables_are_as_the_program_knows_them(database: Database) -> None:
    found = inspect(database.engine)
    assert set(found.get_table_names()) == {*Base.metadata.tables, version_table}
    for name, table in Base.metadata.tables.items():
        columns = {column["name"]: column["nullable"] for column in found.get_columns(name)}
        assert columns == {column.name: column.nullable for column in table.columns}
        assert {index["name"] for index in found.get_indexes(name)} == {index.name for index in table.indexes}


def test_the_head_is_the_newest_migration() -> None:
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(configuration).get_heads() == [head]


def test_an_up_to_date_database_is_left_alone(database: Database) -> None:
    AuditLog(database).record(entry())
    assert upgrade(database.engine) is False
    assert total(database) == 1


def test_a_database_of_a_newer_program_is_refused(url: URL) -> None:
    database = Database.open(url)
    with database.engine.begin() as connection:
        connection.execute(text(f"UPDATE {version_table} SET version_num = '9999'"))  # noqa: S608
    database.close()
    with pytest.raises(AuditUnavailable) as refused:
        Database.open(url)
    assert refused.value.reason == "version"


def test_a_migration_that_fails_leaves_nothing_behind(url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    run = migrations._run_alembic

    def fail_at_the_end(connection: object) -> None:
        run(connection)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "_run_alembic", fail_at_the_end)
        with pytest.raises(KeyboardInterrupt):
            Database.open(url)
    database = Database(url)
    assert inspect(database.engine).get_table_names() == []
    database.close()
    Database.open(url).close()


def test_many_that_open_an_empty_database_at_once(url: URL) -> None:
    opened: list[Database] = []
    ready = threading.Barrier(8)

    def begin() -> None:
        ready.wait()
        opened.append(Database.open(url))

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 8
    for database in opened:
        AuditLog(database).record(entry())
    assert total(opened[0]) == 8
    for database in opened:
        database.close()


def test_the_file_is_for_its_owner_alone(sqlite_url: URL) -> None:
    database = Database.open(sqlite_url)
    AuditLog(database).record(entry())
    files = list(Path(str(sqlite_url.database)).parent.iterdir())
    assert {file.suffix for file in files} == {".db", ".db-wal", ".db-shm"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    database.close()


def test_sqlite_is_set_up_to_last(sqlite_url: URL) -> None:
    database = Database.open(sqlite_url)
    with database.engine.connect() as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 3000}
    database.close()


def test_a_locked_database_is_waited_for_and_then_given_up(sqlite_url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "busy_seconds", 0.05)
    database = Database.open(sqlite_url)
    log = AuditLog(database)
    with closing(sqlite3.connect(str(sqlite_url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for attempt in (lambda: log.record(entry()), lambda: log.record_many([entry()] * 2)):
            with pytest.raises(AuditUnavailable) as refused:
                attempt()
            assert refused.value.reason == "locked"
        # Readers go on.
        assert total(database) == 0
        other.execute("ROLLBACK")
    log.record(entry())
    assert total(database) == 1
    database.close()


def test_a_full_disk_loses_nothing_that_was_there(sqlite_url: URL) -> None:
    database = Database.open(sqlite_url)
    log = AuditLog(database)
    log.record(entry())
    database.close()

    # SQLite takes the size that the file has as the least; it holds for a connection, so that each is told.
    @event.listens_for(database.engine, "connect")
    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    stored = 1

    def fill() -> None:
        nonlocal stored
        while stored < 1000:
            stored += len(log.record_many([entry()] * 10))

    with pytest.raises(AuditUnavailable) as refused:
        fill()
    assert refused.value.reason == "full"
    with pytest.raises(AuditUnavailable):
        log.record_many([entry()] * 10)
    assert total(database) == stored
    database.close()
    opened = Database.open(sqlite_url)
    AuditLog(opened).record_many([entry()] * 10)
    assert total(opened) == stored + 10
    opened.close()


@pytest.mark.parametrize("takes_away", [Path.unlink, lambda file: shutil.rmtree(file.parent)], ids=["file", "folder"])
def test_a_file_that_is_taken_away_is_noticed(sqlite_url: URL, takes_away: Callable[[Path], None]) -> None:
    database = Database.open(sqlite_url)
    log = AuditLog(database)
    log.record(entry())
    takes_away(Path(str(sqlite_url.database)))
    with pytest.raises(AuditUnavailable) as refused:
        log.record(entry())
    assert refused.value.reason == "gone"
    database.close()
    again = Database.open(sqlite_url)
    AuditLog(again).record(entry())
    assert total(again) == 1
    again.close()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    with pytest.raises(AuditUnavailable) as refused:
        Database.open(database_url(Settings(database_url=None, audit_file=tmp_path / "a-file" / "audit.db")))
    assert refused.value.reason == "unreachable"


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "audit.db"
    file.write_text("To whom it may concern: this is a letter.\n" * 100)
    with pytest.raises(AuditUnavailable) as refused:
        Database.open(database_url(Settings(database_url=None, audit_file=file)))
    assert (refused.value.reason, refused.value.cause) == ("refused", "SQLITE_NOTADB")
    assert file.read_text().startswith("To whom")


def test_a_server_that_is_not_there() -> None:
    url = database_url(Settings(database_url=f"postgresql://bank:{'se' + 'cret'}@127.0.0.1:1/audit"))
    with pytest.raises(AuditUnavailable) as refused:
        Database.open(url)
    assert refused.value.reason == "unreachable"
    assert "secret" not in "".join(traceback.format_exception(refused.value))


def test_connections_that_the_server_closed_are_made_anew(new_postgresql: Callable[[], str]) -> None:
    database = Database.open(database_url(Settings(database_url=new_postgresql())))
    log = AuditLog(database)
    log.record(entry())
    other = Database(database.engine.url)
    with other.engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        )
    log.record(entry())
    assert total(database) == 2
    other.close()
    database.close()


def test_a_locked_table_is_waited_for_and_then_given_up(
    new_postgresql: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "busy_seconds", 1)
    database = Database.open(database_url(Settings(database_url=new_postgresql())))
    with database.engine.begin() as other:
        other.execute(text("LOCK TABLE predictions IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(AuditUnavailable) as refused:
            AuditLog(database).record(entry())
    assert refused.value.reason == "locked"
    AuditLog(database).record(entry())
    assert total(database) == 1
    database.close()
