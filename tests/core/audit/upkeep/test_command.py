"""`python -m commands audit`: what an operator does with the record."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from sqlalchemy import update

from commands import audit
from commands.__main__ import main
from core.audit.decisions import DecisionEntry, DecisionLog
from core.audit.engine import Database
from core.audit.entries import PredictionFilter
from core.audit.log import AuditLog
from core.audit.tables import PredictionRow
from core.audit.writing import AuditUnavailable
from core.outcomes.counting.counts import _schemas
from core.outcomes.counting.held import HeldFrames, hold
from core.settings import settings
from tests.core.audit.made import entry, inputs
from tests.core.audit.tampering import unguarded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL


@pytest.fixture
def of_environment(url: URL, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Makes the database of this test that of the settings."""
    monkeypatch.setenv("DATABASE_URL", url.render_as_string(hide_password=False))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.usefixtures("made_step_by_step", "of_environment")
def test_upgrade_makes_the_tables(url: URL, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "upgrade"]) == 0
    assert main(["audit", "upgrade"]) == 0
    assert "up to date" in capsys.readouterr().err
    database = Database.open(url)
    assert AuditLog(database).predictions(PredictionFilter(), 1).total == 0
    database.close()


@pytest.mark.usefixtures("of_environment")
def test_purge_keeps_what_is_within_the_days(
    database: Database, log: AuditLog, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _ = log.record_many([entry(), entry()])
    with unguarded(database) as connection:
        long_ago = datetime.now(UTC) - timedelta(days=40)
        connection.execute(update(PredictionRow).where(PredictionRow.id == old).values(time=long_ago))
    assert main(["audit", "purge"]) == 1
    assert "AUDIT_RETENTION_DAYS" in capsys.readouterr().err
    assert main(["audit", "purge", "--days", "41"]) == 0
    assert log.predictions(PredictionFilter(), 1).total == 2
    monkeypatch.setenv("AUDIT_RETENTION_DAYS", "39")
    settings.cache_clear()
    assert main(["audit", "purge"]) == 0
    assert log.prediction(old) is None
    assert log.predictions(PredictionFilter(), 1).total == 1


@pytest.mark.usefixtures("of_environment")
def test_export_writes_all_as_json(log: AuditLog, decisions: DecisionLog, tmp_path: Path) -> None:
    keys = log.record_many([entry(), entry(2)])
    said = decisions.record(
        DecisionEntry("C. Martin", "REFUSÉ", "Dossier incomplet", keys[0], None, "request-1", "office")
    ).decision
    assert main(["audit", "export", "predictions", "--out", str(tmp_path / "predictions.jsonl")]) == 0
    rows = [json.loads(line) for line in (tmp_path / "predictions.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [each["id"] for each in rows] == keys
    assert rows[0]["inputs"] == inputs
    assert main(["audit", "export", "decisions", "--out", str(tmp_path / "decisions.jsonl")]) == 0
    (row,) = [json.loads(line) for line in (tmp_path / "decisions.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (row["id"], row["reason"], row["decision"]) == (said.id, "Dossier incomplet", "REFUSÉ")
    assert main(["audit", "export", "decisions", "--out", str(tmp_path / "nowhere" / "d.jsonl")]) == 1


@pytest.mark.usefixtures("of_environment")
def test_an_export_never_takes_the_place_of_the_record(
    log: AuditLog, url: URL, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if url.get_backend_name() != "sqlite":
        pytest.skip("the record is no file")
    log.record(entry())
    file = Path(url.database or "")
    (tmp_path / "link").symlink_to(file)
    for out in (file, tmp_path / "link"):
        assert main(["audit", "export", "predictions", "--out", str(out)]) == 1
        assert "is the input" in capsys.readouterr().err
    assert file.read_bytes().startswith(b"SQLite format 3")


@pytest.mark.usefixtures("of_environment")
def test_an_export_that_fails_leaves_the_one_before(
    log: AuditLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "predictions.jsonl"
    assert main(["audit", "export", "predictions", "--out", str(out)]) == 0
    before = out.read_bytes()

    def away(*_: object) -> Iterator[object]:
        yield from ()
        raise AuditUnavailable("unreachable")

    monkeypatch.setattr(AuditLog, "each", away)
    assert main(["audit", "export", "predictions", "--out", str(out)]) == 1
    assert out.read_bytes() == before


@pytest.mark.parametrize("address", ["mysql://bank:hunter2@db/audit", "postgresql://bank:hunter2@127.0.0.1:1/audit"])
def test_a_database_that_cannot_be_used_is_said_without_its_password(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    settings.cache_clear()
    try:
        assert main(["audit", "upgrade"]) == 1
    finally:
        settings.cache_clear()
    said = capsys.readouterr().err
    assert said.startswith("Error: ")
    assert "hunter2" not in said


@pytest.mark.usefixtures("of_environment")
def test_verify_and_head(database: Database, log: AuditLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "head"]) == 1
    keys = [log.record(entry()) for _ in range(3)]
    heads = tmp_path / "heads.txt"
    assert main(["audit", "head", "--out", str(heads)]) == 0
    head = str(database.head())
    assert head.startswith("3:")
    assert head in heads.read_text(encoding="utf-8")
    assert head in capsys.readouterr().out
    log.record(entry())
    for published in (str(heads), head):
        assert main(["audit", "verify", "--head", published]) == 0
    assert "as it was recorded" in capsys.readouterr().err
    # Counts of it that somebody has emptied.
    hold(database, HeldFrames(database.head(), {name: pl.DataFrame(schema=kept) for name, kept in _schemas.items()}))
    assert main(["audit", "verify"]) == 1
    assert "outcome_counts" in capsys.readouterr().err
    assert main(["audit", "verify"]) == 0
    assert main(["audit", "verify", "--head", "4:nothing"]) == 1
    assert main(["audit", "head", "--date", "2020-01-01"]) == 1
    with unguarded(database) as connection:
        connection.execute(update(PredictionRow).where(PredictionRow.id == keys[1]).values(caller="nobody"))
    hold(database, HeldFrames(database.head(), {name: pl.DataFrame(schema=kept) for name, kept in _schemas.items()}))
    capsys.readouterr()
    assert main(["audit", "verify"]) == 1
    said = capsys.readouterr().err
    assert "outcome_counts" in said
    assert "entry 2" in said
    assert keys[1] in said
    with database.engine.begin() as connection:
        on = "" if database.is_sqlite else " ON predictions"
        connection.exec_driver_sql(f"DROP TRIGGER guard_predictions_update{on}")
    assert main(["audit", "verify"]) == 1
    assert "guard_predictions_update" in capsys.readouterr().err


def test_a_head_is_posted_to_the_webhook(
    sqlite_url: URL, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database.open(sqlite_url)
    AuditLog(database).record(entry())
    posted: list[tuple[str, object]] = []
    monkeypatch.setattr(audit, "post", lambda url, content: posted.append((url, content)))
    monkeypatch.setenv("DATABASE_URL", sqlite_url.render_as_string())
    monkeypatch.delenv("DRIFT_WEBHOOK_URL", raising=False)
    settings.cache_clear()
    try:
        assert main(["audit", "head", "--webhook"]) == 1
        assert "DRIFT_WEBHOOK_URL" in capsys.readouterr().err
        monkeypatch.setenv("DRIFT_WEBHOOK_URL", "https://example.org/hook")
        settings.cache_clear()
        assert main(["audit", "head", "--webhook"]) == 0
    finally:
        settings.cache_clear()
    ((url, content),) = posted
    assert url == "https://example.org/hook"
    assert str(database.head()) in str(content)
    database.close()
