"""Backup and restore: whole while others write, never less than before, from one kind of database to the other."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from commands.__main__ import main
from core.audit.decisions import DecisionEntry, DecisionFilter, DecisionLog
from core.audit.engine import Database, database_url
from core.audit.entries import PredictionFilter
from core.audit.log import AuditLog
from core.audit.upkeep.backup import BackupError, Copied, backup, restore
from core.audit.writing import AuditUnavailable
from core.settings import Settings, settings
from tests.core.audit.made import entry
from tests.core.audit.tampering import unguarded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import URL

everything = PredictionFilter()


def draft(prediction: str) -> DecisionEntry:
    return DecisionEntry("C. Martin", "REFUSÉ", "Dossier incomplet", prediction, None, "request-1", "office")


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A second, empty database."""
    chosen = (
        Settings(database_url=None, audit_file=tmp_path / "other" / "audit.db")
        if request.param == "sqlite"
        else Settings(database_url=request.getfixturevalue("new_postgresql")())
    )
    opened = Database.open(database_url(chosen))
    yield opened
    opened.close()


def test_what_is_restored_elsewhere_is_what_was_recorded(
    database: Database, log: AuditLog, decisions: DecisionLog, other: Database, tmp_path: Path
) -> None:
    keys = log.record_many([entry(number) for number in range(2500)])
    decisions.record(draft(keys[0]))
    file = tmp_path / "audit-2026-11-23.backup"
    assert backup(database, file) == Copied(2500, 1)
    assert restore(other, file) == Copied(2500, 1)
    assert list(AuditLog(other).each(everything)) == list(log.each(everything))
    assert list(DecisionLog(other).each(DecisionFilter())) == list(decisions.each(DecisionFilter()))


def test_a_restore_adds_what_is_missing_and_takes_nothing_away(
    database: Database, log: AuditLog, decisions: DecisionLog, tmp_path: Path
) -> None:
    lost, kept = log.record_many([entry(1), entry(2)])
    decisions.record(draft(kept))
    backup(database, tmp_path / "backup")
    (later,) = log.record_many([entry(3)])
    decisions.record(draft(later))
    with unguarded(database) as connection:
        connection.execute(text("DELETE FROM predictions WHERE id = :id"), {"id": lost})
    before = {each.id: each for each in log.each(everything)}
    assert restore(database, tmp_path / "backup") == Copied(1, 0)
    after = {each.id: each for each in log.each(everything)}
    assert set(after) == {lost, kept, later}
    assert before.items() <= after.items()
    assert len(list(decisions.each(DecisionFilter()))) == 2
    assert restore(database, tmp_path / "backup") == Copied(0, 0)


def test_a_backup_is_one_moment_while_others_write(database: Database, log: AuditLog, tmp_path: Path) -> None:
    """A decision is written after its prediction: a backup that has the one without the other is of two moments."""
    words = DecisionLog(database)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            words.record(draft(log.record(entry())))

    log.record_many([entry()] * 3000)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            file = tmp_path / f"backup-{number}"
            copied = backup(database, file)
            with closing(sqlite3.connect(file)) as connection:
                orphans = (
                    "SELECT count(*) FROM officer_decisions WHERE prediction_id NOT IN (SELECT id FROM predictions)"
                )
                assert connection.execute(orphans).fetchone() == (0,)
            assert 0 <= copied.predictions - 3000 - copied.decisions <= 1
    finally:
        stop.set()
        writer.join()


def test_a_backup_is_one_file_for_its_owner(database: Database, log: AuditLog, tmp_path: Path) -> None:
    log.record(entry())
    folder = tmp_path / "backups"
    folder.mkdir()
    file = folder / "audit.backup"
    backup(database, file)
    assert file.stat().st_mode & 0o777 == 0o600
    content = file.read_bytes()
    with pytest.raises(BackupError, match="exists already"):
        backup(database, file)
    restore(database, file)
    assert [path.name for path in folder.iterdir()] == [file.name]
    assert file.read_bytes() == content


def test_what_is_no_backup_is_refused_and_changes_nothing(database: Database, log: AuditLog, tmp_path: Path) -> None:
    kept = log.record(entry())
    whole = tmp_path / "whole"
    log.record_many([entry()] * 200)
    backup(database, whole)
    content = whole.read_bytes()
    damaged, half, words, foreign = (tmp_path / each for each in ("damaged", "half", "words", "foreign"))
    middle = len(content) // 2 // 4096 * 4096
    damaged.write_bytes(content[:middle] + b"\xff" * 4096 + content[middle + 4096 :])
    half.write_bytes(content[: len(content) // 2])
    words.write_text("not a database", encoding="utf-8")
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE predictions (id INTEGER)")
    before = log.predictions(everything, 1).total
    for file in (damaged, half, words, foreign, tmp_path / "nothing"):
        with pytest.raises(BackupError, match=file.name):
            restore(database, file)
    assert log.predictions(everything, 1).total == before
    assert log.prediction(kept) is not None


def test_a_backup_of_a_newer_program_is_refused(database: Database, log: AuditLog, tmp_path: Path) -> None:
    log.record(entry())
    file = tmp_path / "backup"
    backup(database, file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE audit_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(BackupError, match="version"):
        restore(database, file)


def test_a_folder_that_is_not_there_is_said(database: Database, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="cannot be written"):
        backup(database, tmp_path / "nowhere" / "backup")


def test_a_database_that_is_gone_is_not_backed_up(sqlite_url: URL, tmp_path: Path) -> None:
    opened = Database.open(sqlite_url)
    (tmp_path / "kept" / "audit.db").rename(tmp_path / "elsewhere")
    with pytest.raises(AuditUnavailable, match="gone"):
        backup(opened, tmp_path / "backup")
    opened.close()
    assert not [path for path in tmp_path.iterdir() if "backup" in path.name]


def test_the_commands(
    url: URL,
    log: AuditLog,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", url.render_as_string(hide_password=False))
    settings.cache_clear()
    log.record_many([entry(), entry(2)])
    file = str(tmp_path / "backup")
    try:
        assert main(["audit", "backup", file]) == 0
        assert "2 predictions, 0 decisions and 0 outcomes" in capsys.readouterr().err
        assert main(["audit", "backup", file]) == 1
        assert "exists already" in capsys.readouterr().err
        assert log.purge(datetime.now(UTC) + timedelta(days=1)) == 2
        assert main(["audit", "restore", file]) == 0
        assert "Put back 2 predictions" in capsys.readouterr().err
        assert log.predictions(everything, 1).total == 2
        assert main(["audit", "restore", str(tmp_path / "nothing")]) == 1
        # Nothing is made where there was nothing.
        missing = tmp_path / "missing.db"
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{missing}")
        settings.cache_clear()
        assert main(["audit", "backup", str(tmp_path / "second")]) == 1
        assert "no audit database" in capsys.readouterr().err
        assert not missing.exists()
    finally:
        settings.cache_clear()
