"""The challenger in shadow is asked of the rows of files as well: on record beside each decision, and in no result."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from api import audit, create_app
from api.operations import challenger, performance_gauges
from core.audit.chain.verification import verify
from core.audit.files import FileRecorder
from core.data import demo
from core.jobs.files import upload
from core.jobs.running.worker import Worker
from core.model.artefacts import config_file
from runtime.challenger import Challenger
from runtime.model_source import model_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import polars as pl
    from flask import Flask

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer
    from core.settings import Settings

    Make = Callable[[object], tuple[Flask, Settings]]

_count = 150


@pytest.fixture
def other(copied_models: Path) -> Path:
    """The shipped model under another name, with a threshold at which it refuses everybody."""
    file = copied_models / config_file
    config = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(config | {"version": "challenger-7", "optimal_threshold": 0.0001}), "utf-8")
    return copied_models


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return demo.draw_applications(_count, 21, "train").drop("TARGET")


@pytest.fixture(autouse=True)
def nothing_is_dear(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is outdated is counted anew, however busy the machine is."""
    monkeypatch.setattr("api.operations.held.dear_seconds", float("inf"))


@pytest.fixture
def make(api_settings: Settings, scorer: Scorer, portfolio: Portfolio, tmp_path: Path) -> Iterator[Make]:
    """Makes an application with a record and jobs of its own, and the settings that a worker shares with it."""
    made: list[Flask] = []

    def make(uri: object) -> tuple[Flask, Settings]:
        update = {"challenger_uri": str(uri), "database_url": None, "audit_file": tmp_path / "audit.db"}
        settings = api_settings.model_copy(update=update | {"jobs_dir": tmp_path / "jobs"})
        app = create_app(settings, scorer, portfolio)
        challenger.begin(app, patience=20)
        made.append(app)
        return app, settings

    yield make
    for app in made:
        audit.close(app)


def scored(app: Flask, settings: Settings, text: str) -> str:
    """The address of a job that a worker has done, as `commands.worker` puts it together."""
    sent = app.test_client().post("/jobs", data=text, content_type="text/csv").get_json()
    recorder = FileRecorder(settings)
    Worker(settings, recorder, model_source(settings), Challenger(settings).ask_of_rows).run(sent["id"])
    recorder.close()
    return f"/jobs/{sent['id']}"


def recorded(app: Flask) -> list[tuple[Any, ...]]:
    columns = "client_id, probability, challenger_version, challenger_probability, challenger_threshold"
    with app.app_context(), audit.database().engine.connect() as connection:
        found = connection.exec_driver_sql(f"SELECT {columns} FROM predictions ORDER BY id").all()  # noqa: S608
    return [tuple(row) for row in found]


def counted(app: Flask) -> dict[str, float]:
    name = "scoring_jobs_challenger{outcome="
    lines = [line for line in app.test_client().get("/metrics").text.splitlines() if line.startswith(name)]
    return {line.split('"')[1]: float(line.split()[-1]) for line in lines}


def test_it_is_recorded_beside_each_row_and_told_to_nobody(
    make: Make, other: Path, rows: pl.DataFrame, scorer: Scorer
) -> None:
    app, settings = make(other)
    address = scored(app, settings, rows.write_csv())
    client = app.test_client()
    found = recorded(app)
    # The same trees: the same probability, of each row its own.
    expected = scorer.probabilities(rows)
    assert [row[0] for row in found] == rows["SK_ID_CURR"].to_list()
    for row, probability in zip(found, expected, strict=True):
        assert row[1:] == (pytest.approx(probability), "challenger-7", pytest.approx(probability), 0.0001)
    for path in ("", "/rows", "/rows/2", "/result", "/result?format=parquet"):
        with client.get(f"{address}{path}") as answer:
            assert answer.status_code == 200, path
            assert b"challenger" not in answer.data, path
    assert client.get("/predictions").status_code == 200
    assert "challenger" not in client.get("/predictions").text
    assert counted(app) == {"scored": _count, "failed": 0, "loading": 0, "same": 0}
    with app.app_context():
        performance_gauges.outdate()
        assert verify(audit.database()).fault_count == 0
    compared = client.get("/performance").get_json()["challenger"]
    assert (compared["challenger_version"], compared["applications"]) == ("challenger-7", _count)
    assert compared["would_refuse"] == int((expected < scorer.model.optimal_threshold).sum())


@pytest.mark.parametrize("how", ["not there", "fails", "no number"])
def test_its_failure_fails_no_file(
    how: str, make: Make, other: Path, rows: pl.DataFrame, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "not there":
        shutil.rmtree(other)

    def fail(_: object, frame: pl.DataFrame) -> list[float]:
        if how == "fails":
            raise MemoryError
        return [float("nan")] * frame.height

    app, settings = make(other)
    monkeypatch.setattr("core.scoring.Scorer.probabilities", fail)
    address = scored(app, settings, rows.write_csv())
    job = app.test_client().get(address).get_json()
    assert (job["status"], job["progress"]["rows_scored"], job["progress"]["rows_unrecorded"]) == ("done", _count, 0)
    assert [row[2:] for row in recorded(app)] == [(None, None, None)] * _count
    assert counted(app) == {"scored": 0, "failed": _count, "loading": 0, "same": 0}


def test_the_model_in_use_is_not_its_own_challenger(make: Make, models_dir: Path, rows: pl.DataFrame) -> None:
    app, settings = make(models_dir)
    scored(app, settings, rows.write_csv())
    assert [row[2:] for row in recorded(app)] == [(None, None, None)] * _count
    assert counted(app) == {"scored": 0, "failed": 0, "loading": 0, "same": _count}


def test_a_job_begun_anew_keeps_what_was_recorded_first(make: Make, other: Path, rows: pl.DataFrame) -> None:
    app, settings = make(other)
    address = scored(app, settings, rows.write_csv())
    before = recorded(app)
    file = settings.jobs_dir / address.rpartition("/")[2] / "job.json"
    stored = json.loads(file.read_text("utf-8"))
    upload(file.parent, "csv").write_text(rows.write_csv(), "utf-8")
    file.write_text(json.dumps(stored | {"status": "queued", "tally": {}}), "utf-8")
    recorder = FileRecorder(settings)
    without = settings.model_copy(update={"challenger_uri": None})
    Worker(settings, recorder, model_source(settings), Challenger(without).ask_of_rows).run(stored["id"])
    recorder.close()
    assert app.test_client().get(address).get_json()["status"] == "done"
    assert recorded(app) == before


def test_rows_that_are_mended_are_asked_of_it_too(make: Make, other: Path, rows: pl.DataFrame) -> None:
    app, settings = make(other)
    lines = rows.head(3).write_csv().splitlines()
    place = lines[0].split(",").index("AMT_CREDIT")
    wrong = lines[2].split(",")
    wrong[place] = "oops"
    address = scored(app, settings, "\n".join([*lines[:2], ",".join(wrong), lines[3]]))
    assert len(recorded(app)) == 2
    client = app.test_client()
    with client.get(f"{address}/rejected?content=rows") as answer:
        fetched = answer.get_data(as_text=True)
    answer = client.post(f"{address}/rows", data=fetched.replace("oops", "450000"), content_type="text/csv")
    assert answer.get_json()["joined"] == 1
    assert "challenger" not in answer.text
    assert [row[2] for row in recorded(app)] == ["challenger-7"] * 3
    assert counted(app)["scored"] == 3
