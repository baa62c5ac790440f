"""A challenger in shadow: recorded beside each decision, told to nobody, and never in the way of one."""

from __future__ import annotations

import json
import shutil
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from api import audit, create_app
from api.operations import challenger, performance_gauges
from core.model.artefacts import config_file
from core.scoring import Scorer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask

    from core.portfolio.clients import Portfolio
    from core.settings import Settings

    Make = Callable[..., Flask]

features = {"AMT_CREDIT": 450000, "AMT_ANNUITY": 24300, "EXT_SOURCE_2": 0.35}


@pytest.fixture(autouse=True)
def nothing_is_dear(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is outdated is counted anew, however busy the machine is."""
    monkeypatch.setattr("api.operations.held.dear_seconds", float("inf"))


@pytest.fixture
def make(api_settings: Settings, scorer: Scorer, portfolio: Portfolio, tmp_path: Path) -> Iterator[Make]:
    """Makes an application with a record of its own, its challenger loaded."""
    made: list[Flask] = []

    def make(uri: object) -> Flask:
        update = {"challenger_uri": uri and str(uri), "database_url": None, "audit_file": tmp_path / "audit.db"}
        app = create_app(api_settings.model_copy(update=update), scorer, portfolio)
        challenger.begin(app, patience=20)
        made.append(app)
        return app

    yield make
    for app in made:
        audit.close(app)


@pytest.fixture
def other(copied_models: Path) -> Path:
    """The shipped model under another name, with a threshold at which it refuses everybody."""
    file = copied_models / config_file
    config = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(config | {"version": "challenger-7", "optimal_threshold": 0.0001}), "utf-8")
    return copied_models


def predictions(app: Flask) -> list[tuple[Any, ...]]:
    columns = "kind, probability, challenger_version, challenger_probability, challenger_threshold"
    with app.app_context(), audit.database().engine.connect() as connection:
        rows = connection.exec_driver_sql(f"SELECT {columns} FROM predictions ORDER BY id").all()  # noqa: S608
    return [tuple(row) for row in rows]


def asked(app: Flask) -> Any:
    client = app.test_client()
    return client.post("/predict", json={"features": features}), client.get("/health/ready").get_json()


def counted(app: Flask, outcome: str) -> float:
    name = f'scoring_challenger_total{{outcome="{outcome}"}}'
    lines = [line for line in app.test_client().get("/metrics").text.splitlines() if line.startswith(name)]
    return float(lines[0].split()[-1]) if lines else 0.0


def test_it_is_recorded_beside_each_decision_and_told_to_nobody(make: Make, other: Path) -> None:
    app = make(other)
    client, before = app.test_client(), counted(app, "scored")
    answers = [
        client.post("/predict", json={"features": features}),
        client.post("/predict/batch", json={"clients": [features, features]}),
        client.post("/predict?threshold=0.4", json={"features": features}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert not any("challenger" in answer.text for answer in answers)
    listed = client.get("/predictions")
    assert listed.status_code == 200
    assert "challenger" not in listed.text
    rows = predictions(app)
    assert [row[0] for row in rows] == ["predict", "batch", "batch", "predict"]
    # The same trees: the same probability; the threshold that the caller chose is that of both.
    for row, threshold in zip(rows, (0.0001, 0.0001, 0.0001, 0.4), strict=True):
        assert row[2:] == ("challenger-7", pytest.approx(row[1]), threshold)
    with app.app_context():
        # Counted before, for the gauges.
        performance_gauges.outdate()
    found = client.get("/performance").get_json()["challenger"]
    assert (found["challenger_version"], found["applications"]) == ("challenger-7", 4)
    assert counted(app, "scored") == before + 4
    ready = client.get("/health/ready").get_json()
    assert (ready["challenger"], ready["checks"]["challenger"]) == ("asked", True)


def test_what_shows_a_client_is_not_compared(make: Make, other: Path, portfolio: Portfolio) -> None:
    app = make(other)
    client_id = app.test_client().get("/clients").get_json()["clients"][0]["client_id"]
    assert app.test_client().get(f"/clients/{client_id}").status_code == 200
    assert [row[2] for row in predictions(app)] == [None] * len(predictions(app))


def test_the_model_in_use_is_not_its_own_challenger(make: Make, models_dir: Path) -> None:
    app = make(models_dir)
    before = counted(app, "same")
    answer, ready = asked(app)
    assert answer.status_code == 200
    assert [row[2:] for row in predictions(app)] == [(None, None, None)]
    assert (ready["challenger"], ready["checks"]["challenger"]) == ("same", True)
    assert counted(app, "same") == before + 1
    assert app.test_client().get("/performance").get_json()["challenger"] is None


@pytest.mark.parametrize("how", ["not there", "fails", "no number"])
def test_its_failure_fails_no_decision(
    how: str, make: Make, other: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if how == "not there":
        shutil.rmtree(other)
    app = make(other)
    before = counted(app, "failed")

    def fail(*_: object) -> list[float]:
        if how == "fails":
            raise MemoryError
        return [float("nan")]

    monkeypatch.setattr("core.scoring.Scorer.probabilities_of", fail)
    answer, ready = asked(app)
    assert answer.status_code == 200
    assert [row[2:] for row in predictions(app)] == [(None, None, None)]
    assert (ready["status"], ready["challenger"], ready["checks"]["challenger"]) == ("ready", "failed", False)
    assert counted(app, "failed") == before + 1
    assert any(record.levelname == "ERROR" for record in caplog.records)


def test_no_decision_waits_for_files_that_have_changed(
    make: Make, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make(other)
    assert asked(app)[0].status_code == 200
    file, let_go, load = other / config_file, threading.Event(), Scorer.load
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"version": "challenger-eight"}), "utf-8")

    def slowly(folder: Path) -> Scorer:
        assert let_go.wait(60)
        return load(folder)

    monkeypatch.setattr(Scorer, "load", slowly)
    answer, ready = asked(app)
    assert (answer.status_code, ready["challenger"]) == (200, "asked")
    assert predictions(app)[-1][2] == "challenger-7", "the one before is asked while the new one is loaded"
    let_go.set()
    for _ in range(600):
        assert asked(app)[0].status_code == 200
        if predictions(app)[-1][2] == "challenger-eight":
            return
        time.sleep(0.1)
    raise AssertionError("the new one is never asked")


def test_an_address_that_is_none_is_refused() -> None:
    from pydantic import ValidationError

    from core.settings import Settings

    with pytest.raises(ValidationError, match="models:/NAME@ALIAS"):
        Settings(challenger_uri="models:nothing")
    assert Settings(challenger_uri="models:/credit@challenger").challenger_uri == "models:/credit@challenger"


def test_whatever_its_loading_raises_the_service_is_well(
    make: Make, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(_folder: Path) -> Scorer:
        raise ZeroDivisionError

    monkeypatch.setattr(Scorer, "load", load)
    app = make(other)
    answer, ready = asked(app)
    assert answer.status_code == 200
    assert app.test_client().get("/health/ready").status_code == 200
    assert "failed" in json.dumps(ready)
    assert "ZeroDivisionError" not in json.dumps(ready)
