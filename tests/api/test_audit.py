"""Each prediction is recorded before it is answered; where it cannot be, the answer says so."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import make_url

from api import audit, create_app
from api.http.logs import formatter
from api.http.messages import message
from api.openapi.examples import features, legacy_features
from core.application import Application
from core.audit import engine as engine_module
from core.audit.engine import Database, InvalidDatabaseUrl
from core.audit.log import AuditLog
from core.audit.writing import AuditUnavailable
from core.settings import Settings
from tests.core.audit.tampering import unguarded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "audit.db"


@pytest.fixture
def make(models_dir: Path, portfolio: Portfolio, scorer: Scorer, file: Path) -> Iterator[Callable[..., Flask]]:
    """Makes an application with an audit of its own."""
    made: list[Flask] = []

    def application(**named: Any) -> Flask:
        settings = {"database_url": None, "audit_file": file, "rate_limit": "off"} | named
        given = Settings(models_dir=models_dir, data_dir=portfolio.folder.parent, **settings)
        made.append(create_app(given, scorer, portfolio))
        return made[-1]

    yield application
    for each in made:
        audit.close(each)


@pytest.fixture(params=["sqlite", "postgresql"])
def recording(request: pytest.FixtureRequest, make: Callable[..., Flask]) -> FlaskClient:
    """The API on an empty database of each kind."""
    if request.param == "sqlite":
        return make().test_client()
    return make(database_url=request.getfixturevalue("new_postgresql")()).test_client()


def recorded(client: FlaskClient, **query: object) -> list[dict[str, Any]]:
    answer = client.get("/predictions", query_string=query)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.get_json()["predictions"]
    return found


@pytest.mark.parametrize("path", ["/predict", "/predict/explain"])
def test_what_is_answered_is_recorded(recording: FlaskClient, path: str) -> None:
    answer = recording.post(f"{path}?threshold=0.2", json={"features": features}, headers={"X-Request-ID": "abcd-1234"})
    said = answer.get_json()
    (row,) = recorded(recording, include="inputs")
    assert row["id"] == said["prediction_id"]
    assert row["request_id"] == "abcd-1234"
    assert row["caller"] == "anonymous"
    assert row["kind"] == path.rpartition("/")[2]
    for name in ("client_id", "probability", "threshold", "decision", "model_version"):
        assert row[name] == said[name], name
    assert row["inputs"] == {name: value for name, value in features.items() if name != "SK_ID_CURR"}


def test_a_batch_is_recorded_whole(recording: FlaskClient) -> None:
    clients = [features, legacy_features, {"AMT_CREDIT": 1e5}]
    said = recording.post("/predict/batch", json={"clients": clients}).get_json()
    rows = {each["id"]: each for each in recorded(recording, include="inputs")}
    assert [prediction["prediction_id"] for prediction in said["predictions"]] == sorted(rows)
    for prediction in said["predictions"]:
        row = rows[prediction["prediction_id"]]
        assert (row["probability"], row["client_id"], row["kind"]) == (
            prediction["probability"],
            prediction["client_id"],
            "batch",
        )
    # As validated: names of the earlier system are gone, and derived ones.
    assert {"CODE_GENDER", "FLAG_OWN_CAR"} <= set(rows[said["predictions"][1]["prediction_id"]]["inputs"])
    assert "CODE_GENDER_M" not in rows[said["predictions"][1]["prediction_id"]]["inputs"]


def test_what_is_recorded_gives_the_same_probability_again(
    recording: FlaskClient, portfolio: Portfolio, scorer: Scorer
) -> None:
    """The history of a client that was taken is recorded as well: the portfolio may have changed by then."""
    for line in portfolio.search(limit=5).clients:
        said = recording.post(f"/predict?client_id={line.client_id}", json={}).get_json()
        (row,) = recorded(recording, client_id=line.client_id, include="inputs")
        again = scorer.decide(Application(row["inputs"]), row["threshold"])
        assert again.probability == row["probability"] == said["probability"]
        assert again.decision == row["decision"]


def test_a_client_that_is_shown_is_recorded_with_the_decision_shown(
    recording: FlaskClient, portfolio: Portfolio
) -> None:
    number = portfolio.search(limit=1).clients[0].client_id
    shown = recording.get(f"/clients/{number}").get_json()["prediction"]
    (row,) = recorded(recording)
    assert (row["kind"], row["id"], row["client_id"]) == ("client", shown["prediction_id"], number)
    assert row["probability"] == shown["probability"]


@pytest.mark.parametrize("threshold", [0.02, 0.9])
def test_what_ifs_are_recorded_as_they_are_answered(recording: FlaskClient, scorer: Scorer, threshold: float) -> None:
    scenarios = [{"changes": {"AMT_CREDIT": 400000}}, {"changes": {"EXT_SOURCE_2": None}}]
    content = {"features": features, "scenarios": scenarios}
    simulated = recording.post(f"/simulate?threshold={threshold}", json=content).get_json()
    advised = recording.post(f"/recourse?threshold={threshold}", json={"features": features}).get_json()
    rows = recorded(recording, include="inputs", limit=500)
    assert {each["kind"] for each in rows} == {"simulate", "recourse"}
    for row in rows:
        assert scorer.decide(Application(row["inputs"])).probability == pytest.approx(row["probability"], abs=1e-12)
    by_kind = {
        kind: {each["probability"] for each in rows if each["kind"] == kind} for kind in ("simulate", "recourse")
    }
    said = {
        simulated["before"]["probability"],
        *(scenario["after"]["probability"] for scenario in simulated["scenarios"]),
    }
    assert by_kind["simulate"] == said
    assert advised["probability"] in by_kind["recourse"]
    assert probabilities(advised) <= by_kind["recourse"]
    # They are no prediction for an officer to decide on.
    word = {"client_id": features["SK_ID_CURR"], "decision": "REFUSÉ", "reason": "Essai", "officer": "C. Martin"}
    assert recording.post("/decisions", json=word).status_code == 404


def probabilities(content: Any) -> set[float]:
    """Every probability that an answer gives, wherever it is in it."""
    if isinstance(content, list):
        return set().union(*map(probabilities, content))
    if isinstance(content, dict):
        own = {content["probability"]} if isinstance(content.get("probability"), float) else set()
        return own.union(*map(probabilities, content.values()))
    return set()


def test_what_is_refused_is_not_recorded(recording: FlaskClient) -> None:
    bad = {"features": features | {"AMT_CREDIT": "much"}}
    assert recording.post("/predict", json=bad).status_code == 400
    assert recording.post("/predict/batch", json={"clients": [features, bad["features"]]}).status_code == 400
    assert recorded(recording) == []


def test_predictions_are_found_by_what_a_reviewer_looks_for(recording: FlaskClient) -> None:
    recording.post("/predict", json={"features": features})
    recording.post("/predict?threshold=0", json={"features": features | {"SK_ID_CURR": 900002}})
    recording.post("/predict/explain", json={"features": legacy_features})
    everything = recorded(recording)
    assert [each["kind"] for each in everything] == ["explain", "predict", "predict"]
    assert all(each["inputs"] is None for each in everything)
    assert [each["client_id"] for each in recorded(recording, client_id=900002)] == [900002]
    assert len(recorded(recording, kind="predict")) == 2
    assert 900002 in {each["client_id"] for each in recorded(recording, decision="REFUSÉ")}
    assert recorded(recording, caller="till") == []
    assert len(recorded(recording, since=everything[1]["time"])) == 2
    assert len(recorded(recording, until=everything[1]["time"])) == 1
    assert recorded(recording, since="2100-01-01") == []
    page = recording.get("/predictions?limit=1&offset=1").get_json()
    assert (page["total"], page["limit"], page["offset"]) == (3, 1, 1)
    assert [prediction["id"] for prediction in page["predictions"]] == [everything[1]["id"]]


@pytest.mark.parametrize("path", ["/predict", "/predict/explain", "/predict/batch"])
def test_a_folder_that_is_deleted_is_answered_503_and_the_next_is_fine(
    make: Callable[..., Flask], file: Path, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    client = make().test_client()
    body = {"clients": [features]} if path.endswith("batch") else {"features": features}
    assert client.post(path, json=body).status_code == 200
    shutil.rmtree(file.parent)
    with caplog.at_level(logging.ERROR):
        answer = client.post(path, json=body, headers={"Accept-Language": "fr"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.get_json()["detail"] == message("audit_unavailable", "fr")
    assert [(record.getMessage(), record.__dict__["reason"]) for record in caplog.records] == [
        ("audit unavailable", "gone")
    ]
    assert client.post(path, json=body).status_code == 200
    assert len(recorded(client)) == 1


def test_a_request_that_finds_out_late_is_the_only_one_to_fail(
    make: Callable[..., Flask], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is moved, and another thread finds out, between two steps of a request that has the database."""
    app = make()
    client = app.test_client()

    class Late(AuditLog):
        def __init__(self, database: Database) -> None:
            monkeypatch.undo()
            file.parent.rename(file.parent.with_name("moved"))
            with app.app_context(), pytest.raises(AuditUnavailable, match="gone"):
                audit.database()
            super().__init__(database)

    monkeypatch.setattr(audit, "AuditLog", Late)
    assert client.post("/predict", json={"features": features}).status_code == 503
    for count in (1, 2):
        assert client.post("/predict", json={"features": features}).status_code == 200
        assert len(recorded(client)) == count


def test_a_database_that_another_request_opened_anew_stays_open(
    make: Callable[..., Flask], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request finds out that the file is gone, and before it closes it, two others find out and open it anew."""
    app = make()
    client = app.test_client()
    assert client.post("/predict", json={"features": features}).status_code == 200
    file.parent.rename(file.parent.with_name("moved"))
    looks, anew = iter(range(2)), list[Database]()

    def found_out(_: Database) -> bool:
        if next(looks) == 1:
            monkeypatch.undo()
            with app.app_context():
                with pytest.raises(AuditUnavailable, match="gone"):
                    audit.database()
                anew.append(audit.database())
        return True

    monkeypatch.setattr(Database, "is_gone", property(found_out))
    assert client.post("/predict", json={"features": features}).status_code == 503
    with app.app_context():
        assert audit.database() is anew[0]


def test_a_locked_database_is_503_once_it_was_waited_for(
    make: Callable[..., Flask], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "busy_seconds", 0.3)
    client = make().test_client()
    client.post("/predict", json={"features": features})
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert client.post("/predict", json={"features": features}).status_code == 503
        assert time.monotonic() - began > 0.25
        # What was recorded can be read, and what needs no record is answered.
        assert len(recorded(client)) == 1
        assert client.get("/health").status_code == 200
        other.execute("ROLLBACK")
    assert client.post("/predict", json={"features": features}).status_code == 200


def test_where_it_is_not_required_the_answer_says_that_it_was_not_recorded(
    make: Callable[..., Flask], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a-file").touch()
    client = make(audit_required=False, audit_file=tmp_path / "a-file" / "audit.db").test_client()
    warning = message("not_recorded", "en")
    with caplog.at_level(logging.ERROR):
        for path in ("/predict", "/predict/explain"):
            said = client.post(path, json={"features": features}).get_json()
            assert said["warnings"] == [warning]
            assert said["prediction_id"] is None
        said = client.post("/predict/batch", json={"clients": [features, legacy_features]}).get_json()
    assert said["warnings"] == [warning]
    assert [prediction["prediction_id"] for prediction in said["predictions"]] == [None, None]
    logged = [(record.getMessage(), record.__dict__["predictions"]) for record in caplog.records]
    assert logged == [("not recorded", 1), ("not recorded", 1), ("not recorded", 2)]
    # What is read from it cannot be read.
    assert client.get("/predictions").status_code == 503


def test_a_server_that_is_away_is_503_until_it_is_there(
    make: Callable[..., Flask], postgresql: str, new_postgresql: Callable[[], str]
) -> None:
    import psycopg

    address = new_postgresql()
    name = address.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
        app = make(database_url=address)
        client = app.test_client()
        assert client.post("/predict", json={"features": features}).status_code == 503
        connection.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")
    deadline = time.monotonic() + 30
    while client.post("/predict", json={"features": features}).status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert len(recorded(client)) == 1
    with app.app_context():
        assert audit.failure() is None
        # It answered a moment ago, and is asked again.
        with psycopg.connect(postgresql, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
            assert audit.failure() is not None
            connection.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")


def test_the_log_has_nobodys_data(
    make: Callable[..., Flask], file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "busy_seconds", 0.05)
    client = make().test_client()
    personal = {"SK_ID_CURR": 912345678, "AMT_INCOME_TOTAL": 187654.5, "ORGANIZATION_TYPE": "Police"}
    reason = "Le conjoint est au chômage"
    with caplog.at_level(logging.DEBUG):
        client.post("/predict", json={"features": personal})
        client.post(
            "/decisions", json={"client_id": 912345678, "decision": "REFUSÉ", "reason": reason, "officer": "C. Martin"}
        )
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert client.post("/predict", json={"features": personal}).status_code == 503
            other.execute("ROLLBACK")
            other.execute("DROP TABLE predictions")
        assert client.post("/predict", json={"features": personal}).status_code == 503
    line = formatter("json", sys.stderr)
    written = "\n".join(line.format(record) for record in caplog.records)
    assert "audit unavailable" in written
    for each in ("912345678", "187654", "Police", "chômage", "Martin"):
        assert each not in written, each


def test_predictions_older_than_the_retention_are_purged_when_the_api_starts(
    make: Callable[..., Flask], file: Path
) -> None:
    client = make().test_client()
    for _ in range(2):
        client.post("/predict", json={"features": features})
    keys = [each["id"] for each in recorded(client)]
    database = Database(make_url(f"sqlite:///{file}"))
    with unguarded(database) as connection:
        connection.exec_driver_sql(
            "UPDATE predictions SET time = datetime('now', '-31 days') || '.000000' WHERE id = ?", (keys[1],)
        )
    database.close()
    for days, left in ((None, 2), (32, 2), (30, 1)):
        app = make(audit_retention_days=days)
        audit.open_now(app)
        assert len(recorded(app.test_client())) == left
    assert [each["id"] for each in recorded(client)] == keys[:1]


class Clock:
    """A clock that moves by hand, and by `pace` seconds each time that it is read."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pace = 0.0

    def __call__(self) -> float:
        self.now += self.pace
        return self.now


def test_an_api_whose_audit_is_away_starts_and_says_so(
    make: Callable[..., Flask], tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(audit, "clock", clock)
    (tmp_path / "a-file").touch()
    app = make(audit_file=tmp_path / "a-file" / "audit.db")
    # As slow as a machine can be, which must not make the record stay away for longer.
    clock.pace = 30.0
    with caplog.at_level(logging.ERROR):
        audit.open_now(app)
    clock.pace = 0.0
    assert [record.getMessage() for record in caplog.records] == ["audit unavailable"]
    client = app.test_client()
    assert client.get("/health").status_code == 200
    with app.app_context():
        failure = audit.failure()
        assert failure is not None
        assert failure.reason == "unreachable"
    (tmp_path / "a-file").unlink()
    answer = client.post("/predict", json={"features": features})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    # Whoever comes again when the answer said is served.
    assert audit.longest_pause <= int(answer.headers["Retry-After"])
    clock.now += audit.longest_pause
    assert client.post("/predict", json={"features": features}).status_code == 200
    with app.app_context():
        assert audit.failure() is None


def test_a_record_that_fails_at_once_is_asked_again_at_once(
    make: Callable[..., Flask], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "clock", Clock())
    (tmp_path / "a-file").touch()
    app = make(audit_file=tmp_path / "a-file" / "audit.db")
    assert app.test_client().post("/predict", json={"features": features}).status_code == 503
    (tmp_path / "a-file").unlink()
    assert app.test_client().post("/predict", json={"features": features}).status_code == 200


def test_an_address_that_is_none_keeps_the_api_from_starting(make: Callable[..., Flask]) -> None:
    with pytest.raises(InvalidDatabaseUrl, match="DATABASE_URL"):
        make(database_url="mysql://bank:secret@db/audit")


def test_many_at_once_are_all_recorded(make: Callable[..., Flask]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    app = make()

    def ask(number: int) -> str:
        answer = app.test_client().post("/predict", json={"features": features | {"SK_ID_CURR": number}})
        assert answer.status_code == 200
        return str(json.loads(answer.data)["prediction_id"])

    with ThreadPoolExecutor(16) as pool:
        keys = list(pool.map(ask, range(1, 201)))
    rows = recorded(app.test_client(), limit=500)
    assert {row["id"] for row in rows} == set(keys)
    assert {row["client_id"] for row in rows} == set(range(1, 201))
