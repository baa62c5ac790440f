"""A synthetic year is a record like any other, the same for the same seed, and never in the place of one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest

from commands.__main__ import main
from core.audit.chain.verification import verify
from core.audit.decisions import DecisionFilter, DecisionLog
from core.audit.engine import Database, database_url
from core.audit.entries import PredictionFilter
from core.audit.log import AuditLog
from core.outcomes.log import OutcomeLog
from core.outcomes.month_coverage import coverage
from core.outcomes.synthetic.year import SyntheticYear, play, shifted
from core.settings import Settings, settings

if TYPE_CHECKING:
    from pathlib import Path

    from core.scoring import Scorer

now = datetime(2026, 11, 28, 12, tzinfo=UTC)


def played(file: Path, scorer: Scorer, seed: int, shift: float = 0.3) -> tuple[SyntheticYear, Database]:
    database = Database.open(database_url(Settings(database_url=None, audit_file=file)))
    return play(database, scorer, clients=400, months=12, shift=shift, seed=seed, now=now), database


def test_a_year_is_recorded_as_it_would_have_been(tmp_path: Path, scorer: Scorer) -> None:
    year, database = played(tmp_path / "audit.db", scorer, 1)
    found = verify(database)
    assert found.faults == []
    assert (found.counts["prediction"], found.counts["decision"]) == (400, year.officer_decisions)
    assert found.counts["outcome"] == year.outcomes
    page = AuditLog(database).predictions(PredictionFilter(), 500)
    assert (now - page.predictions[-1].time).days in range(355, 367)
    assert sum(each.decision == "REFUSÉ" for each in page.predictions) == year.refused
    decisions = DecisionLog(database).decisions(DecisionFilter(kind="override"), 500)
    assert 0 < decisions.total == year.overrides
    # Who agrees with everything is there to be found.
    assert "David Simon" not in {each.officer for each in decisions.decisions}
    outcomes = list(OutcomeLog(database).each())
    assert all(each.decided < now and each.observed <= "2026-11-28" for each in outcomes)
    assert 0 < year.defaults == sum(each.defaulted for each in outcomes) < year.outcomes
    months = coverage(database)
    assert len(months) == 13
    assert months[1].waiting == 0 < months[-1].waiting
    again, other = played(tmp_path / "again.db", scorer, 1)
    assert again == year
    database.close()
    other.close()


def test_a_population_moves_as_far_as_asked() -> None:
    rows = pl.DataFrame({"AMT_INCOME_TOTAL": [100.0, 100.0], "EXT_SOURCE_2": [0.5, None], "AMT_CREDIT": [1.0, 1.0]})
    moved = shifted(rows, [0.0, 0.4])
    assert moved["AMT_INCOME_TOTAL"].to_list() == [100.0, pytest.approx(60.0)]
    assert moved["EXT_SOURCE_2"].to_list() == [0.5, None]
    assert moved["AMT_CREDIT"].to_list() == [1.0, 1.0]


def test_the_commands_make_a_record_of_its_own_and_show_it(
    tmp_path: Path, models_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "traffic" / "audit.db"
    monkeypatch.setenv("MODELS_DIR", str(models_dir))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    settings.cache_clear()
    command = ["data", "traffic", "--clients", "120", "--months", "12", "--out", str(file)]
    assert main(command) == 0
    assert main(command) == 1
    assert "exists already" in capsys.readouterr().err
    monkeypatch.setenv("AUDIT_FILE", str(file))
    settings.cache_clear()
    assert main(["performance", "--json", str(tmp_path / "performance.json")]) == 0
    said = capsys.readouterr()
    assert "decisions of officers" in said.out
    assert "whose outcome stays unknown" in said.out
    # Which months are early hangs on the day of the test.
    early = json.loads((tmp_path / "performance.json").read_text())["early"]
    assert ("still waits" in said.err) == bool(early)
    settings.cache_clear()
