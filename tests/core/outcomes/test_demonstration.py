"""The year of a demonstration is there whole or not at all, and has something for every screen."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from core.audit.engine import Database, database_url
from core.drift.history import History
from core.outcomes.backtesting import performance
from core.outcomes.synthetic import demonstration
from core.outcomes.synthetic.demonstration import Made, challenger_folder, drift_folder, make, record_file
from core.scoring import Scorer
from core.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

moment = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
def made(models_dir: Path) -> Made:
    return Made.now(models_dir, 150, 1, moment)


def test_it_has_something_for_every_screen(tmp_path: Path, scorer: Scorer, made: Made) -> None:
    folder = tmp_path / "year"
    year = make(folder, made, scorer)
    assert Made.read(folder) == made
    database = Database.open(database_url(Settings(database_url=None, audit_file=folder / record_file)))
    answer = performance(database, scorer.model)
    database.close()
    assert answer.whole is not None
    assert answer.whole.rows == year.outcomes > 0
    assert answer.overrides[0].overrides == year.overrides > 0
    assert answer.challenger is not None
    assert answer.challenger.applications == 150
    challenger = Scorer.load(folder / challenger_folder)
    assert answer.challenger.challenger_version == challenger.model.version != scorer.model.version
    assert 0.8 < answer.challenger.agreement < 1
    assert len(History(folder / drift_folder).all()) == 1


def test_one_that_is_stopped_leaves_what_was_there(
    tmp_path: Path, scorer: Scorer, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "year"
    make(folder, made, scorer)

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(demonstration, "play", stop)
        with pytest.raises(KeyboardInterrupt):
            make(folder, replace(made, seed=2), scorer)
    assert Made.read(folder) == made
    assert list(tmp_path.iterdir()) == [folder]
    # One that was killed: between its two renames, and with half a year beside it.
    folder.rename(tmp_path / "year.before")
    (tmp_path / "year.part").mkdir()
    assert Made.read(folder) is None
    make(folder, replace(made, clients=20), scorer)
    assert list(tmp_path.iterdir()) == [folder]
    assert Made.read(folder) == replace(made, clients=20)


def test_another_version_or_model_is_another_year(tmp_path: Path, models_dir: Path, made: Made) -> None:
    assert made.is_as(replace(made, moment="2020-01-01T00:00:00+00:00"))
    for change in ({"version": "0.9"}, {"schema": "0001"}, {"seed": 2}, {"clients": 3}):
        assert not made.is_as(replace(made, **change))
    shutil.copytree(models_dir, tmp_path / "models")
    with (tmp_path / "models" / "model_config.json").open("a") as config:
        config.write("\n")
    assert not made.is_as(Made.now(tmp_path / "models", 150, 1, moment))


@pytest.mark.parametrize("written", ["", "{}", "[]", '{"version": 1}', "\xff"])
def test_what_cannot_be_read_is_none(tmp_path: Path, written: str) -> None:
    (tmp_path / "made.json").write_bytes(written.encode("latin-1"))
    (tmp_path / record_file).touch()
    assert Made.read(tmp_path) is None


@pytest.mark.parametrize(
    "damage",
    [
        *({"clients": value} for value in ("many", None, 0, -5, 1.5, True)),
        *({"seed": value} for value in (None, -1, "1")),
        *({"moment": value} for value in (5, "soon", "2026-01-01")),
        {"version": 1},
        {"model": None},
    ],
    ids=str,
)
def test_what_could_not_be_played_is_none(tmp_path: Path, made: Made, damage: dict[str, Any]) -> None:
    (tmp_path / record_file).touch()
    (tmp_path / "made.json").write_text(json.dumps(asdict(made)), encoding="utf-8")
    assert Made.read(tmp_path) == made
    (tmp_path / "made.json").write_text(json.dumps(asdict(made) | damage), encoding="utf-8")
    assert Made.read(tmp_path) is None
