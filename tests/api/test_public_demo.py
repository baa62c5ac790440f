"""A public demonstration: low limits, no names, and nothing that is kept for longer than an hour."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from api import audit, create_app
from api.openapi.examples import features
from api.operations import retention
from core.settings import Settings, demo_limits, demo_visitors_of_address

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

    Maker = Callable[..., tuple[Flask, Settings]]

hours_ago = 2 * 3600


@pytest.fixture
def make(api_settings: Settings, portfolio: Portfolio, scorer: Scorer, tmp_path: Path) -> Maker:
    def made(**changes: object) -> tuple[Flask, Settings]:
        own = {"audit_file": tmp_path / "audit.db", "jobs_dir": tmp_path / "jobs", "drift_dir": tmp_path / "drift"}
        settings = Settings.model_validate(api_settings.model_dump() | own | {"public_demo": True} | changes)
        return create_app(settings, scorer, portfolio), settings

    return made


def test_it_lowers_limits_and_never_raises_one() -> None:
    usual, demo = Settings(), Settings(public_demo=True)
    assert demo_limits
    for name, most in demo_limits.items():
        assert getattr(demo, name) == most < getattr(usual, name)
        assert getattr(Settings.model_validate({"public_demo": True, name: 1}), name) == 1
    assert usual.rate_limit is None
    for given in (None, "off", "OFF "):
        assert Settings(public_demo=True, rate_limit=given).rate_limit == demo.rate_limit
    assert Settings(public_demo=True, rate_limit="5/minute").rate_limit == "5/minute"
    assert usual.retention is None
    assert demo.retention is not None
    assert demo.retention.total_seconds() == 3600


def test_strangers_are_counted_and_sizes_are_held(make: Maker) -> None:
    app, settings = make(rate_limit="3/minute")
    client = app.test_client()
    assert [client.get("/model/info").status_code for _ in range(4)] == [200, 200, 200, 429]
    client = make()[0].test_client()
    big = client.post("/jobs", data=b"x" * (settings.max_upload_bytes + 1), content_type="text/csv")
    assert big.status_code == 413
    assert client.post("/predict", json={"features": {"x": "y" * settings.max_body_bytes}}).status_code == 413


@pytest.mark.parametrize(("demo", "gender"), [(True, "F"), (False, "F"), (False, None)])
def test_no_name_and_no_reason_are_kept(make: Maker, demo: bool, gender: str | None) -> None:
    app, settings = make(public_demo=demo, audit_keep_gender=gender is not None)
    client = app.test_client()
    prediction = client.post("/predict/explain", json={"features": features | {"CODE_GENDER": "F"}}).get_json()
    asked = {
        "prediction_id": prediction["prediction_id"],
        "decision": prediction["decision"],
        "officer": "Zoé Martin",
        "reason": "Je connais Zoé Martin.",
    }
    answer = client.post("/decisions", json=asked)
    assert answer.status_code == 201
    told = answer.text + client.get("/decisions").text + client.get("/decisions/export.csv").text
    assert ("Martin" in told) is not demo
    assert answer.get_json()["decision"] == prediction["decision"]
    # What tells whom a decision is about, beside it: the record could never lose that either.
    with sqlite3.connect(settings.audit_file) as connection:
        columns = "contract_type, income_type, age_band, gender, model_reason"
        (kept,) = connection.execute(f"SELECT {columns} FROM officer_decisions")  # noqa: S608
    against = prediction["decision"] == "REFUSÉ"
    first = next(each for each in prediction["concepts"] if each["text"] and (each["contribution"] > 0) == against)
    assert kept == ((None,) * 5 if demo else ("Cash loans", "Working", "30-39", gender, first["concept"]))


def test_what_is_older_than_an_hour_goes_and_the_rest_stays(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    app, settings = make()
    client = app.test_client()
    client.post("/predict", json={"features": features})
    sent = client.post("/data/drift/files?filename=a.csv", data="AMT_CREDIT\n1e5\n", content_type="text/csv")
    held = client.post("/jobs?hold=true", data="AMT_CREDIT\n1e5\n", content_type="text/csv").get_json()["id"]
    (file,) = settings.drift_dir.rglob(sent.get_json()["id"])
    report = settings.drift_dir / "20260101T000000.000Z-a.json"
    others = settings.drift_dir / "test-set.parquet"
    report.touch()
    others.touch()
    retention.forget(app, settings)
    assert client.get("/predictions").get_json()["total"] == 1
    assert file.exists()
    assert report.exists()
    assert client.get(f"/jobs/{held}").status_code == 200

    long_ago = time.time() - hours_ago
    for path in (file, report, others):
        os.utime(path, (long_ago, long_ago))
    # The retention is shorter rather than the record older: the database refuses to have it changed.
    monkeypatch.setitem(settings.__dict__, "jobs_retention_hours", 1e-9)
    later = create_app(settings)
    retention.forget(later, settings)
    assert later.test_client().get("/predictions").get_json()["total"] == 0
    assert not file.exists()
    assert not report.exists()
    assert others.exists()
    assert client.get(f"/jobs/{held}").status_code == 404
    audit.close(later)


def test_it_forgets_while_it_runs_and_only_where_something_is_to_be_forgotten(
    make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, settings = make()
    rounds: list[object] = []
    monkeypatch.setattr(retention, "_minute", 0.01)
    monkeypatch.setattr(retention, "forget", lambda *given: rounds.append(given))
    enough = retention.begin(app, settings)
    assert enough is not None
    deadline = time.monotonic() + 30
    while len(rounds) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    enough.set()
    assert len(rounds) >= 2
    assert retention.begin(app, Settings()) is None


def test_visitors_do_not_see_what_others_send(make: Maker) -> None:
    client = make()[0].test_client()
    # Through the dashboard, which says for whom it asks without a name; and straight from another machine.
    alice, bob = ({"headers": {"X-On-Behalf-Of": word}} for word in ("a" * 32, "b" * 32))
    straight = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}
    held = client.post("/jobs?hold=true", data="AMT_CREDIT\n1e5\n", content_type="text/csv", **alice)
    address = f"/jobs/{held.get_json()['id']}"
    for visitor, status, total in ((alice, 200, 1), (bob, 404, 0), (straight, 404, 0)):
        assert client.get(address, **visitor).status_code == status
        assert client.get("/jobs", **visitor).get_json()["total"] == total
    assert client.delete(address, **bob).status_code == 404
    assert client.delete(address, **alice).status_code == 200


def test_visitors_share_the_quotas_whoever_they_say_they_are(make: Maker) -> None:
    app, _settings = make(jobs_max_open=2)
    client = app.test_client()
    answers = [
        client.post(
            "/jobs?hold=true", data="AMT_CREDIT\n1e5\n", content_type="text/csv", headers={"X-On-Behalf-Of": word * 32}
        ).status_code
        for word in "abc"
    ]
    assert answers == [202, 202, 429]


def test_visitors_read_of_the_record_what_is_theirs(make: Maker) -> None:
    client = make()[0].test_client()
    typed = 123_457.0
    alice, bob = ({"headers": {"X-On-Behalf-Of": word * 32, "Idempotency-Key": "the-same"}} for word in "ab")
    straight = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}, "headers": {"Idempotency-Key": "the-same"}}
    asked = {"features": features | {"AMT_CREDIT": typed}}
    prediction = client.post("/predict", json=asked, **alice).get_json()
    key = prediction["prediction_id"]
    decision = {"prediction_id": key, "decision": prediction["decision"], "officer": "Zoé", "reason": "Dossier vu."}
    for stranger in (bob, straight):
        assert client.post("/decisions", json=decision, **stranger).status_code == 404
    assert client.post("/decisions", json=decision, **alice).status_code == 201
    for visitor, seen in ((alice, 1), (bob, 0), (straight, 0)):
        for address in ("/predictions?include=inputs", "/predictions", "/decisions", f"/decisions?prediction_id={key}"):
            answer = client.get(address, **visitor)
            assert (answer.status_code, answer.get_json()["total"]) == (200, seen)
            assert (str(typed) in answer.text) is bool(seen and "inputs" in address)
        assert (key in client.get("/decisions/export.csv", **visitor).text) is bool(seen)
        assert client.get(f"/predictions/{key}", **visitor).status_code == (200 if seen else 404)
    # Nor by the filter that names the person of a prediction.
    assert client.get(f"/predictions?subject={'a' * 32}", **bob).get_json()["total"] == 0
    # What is recorded for ever does not say who it was.
    own = client.post("/predict", json=asked, **straight).get_json()["prediction_id"]
    kept = client.post("/decisions", json=decision | {"prediction_id": own}, **straight)
    assert (kept.status_code, kept.get_json()["subject"]) == (201, None)


def test_an_outcome_is_its_visitors_as_long_as_the_prediction_is_there(
    make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, settings = make()
    client = app.test_client()
    alice, bob, straight = (
        {"headers": {"X-On-Behalf-Of": "a" * 32}},
        {"headers": {"X-On-Behalf-Of": "b" * 32}},
        {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}},
    )
    keys = [
        client.post("/predict", json={"features": features}, **visitor).get_json()["prediction_id"]
        for visitor in (alice, straight)
    ]
    for key, visitor in zip(keys, (alice, straight), strict=True):
        outcome = {"prediction_id": key, "defaulted": True, "observed": f"{datetime.now(UTC):%Y-%m-%d}"}
        assert client.post("/outcomes", json={"outcomes": [outcome]}, **bob).status_code == 409
        assert client.post("/outcomes", json={"outcomes": [outcome]}, **visitor).get_json()["recorded"] == 1

    def seen(visitor: Any) -> tuple[int, int]:
        listed, covered = (client.get(address, **visitor).get_json() for address in ("/outcomes", "/outcomes/coverage"))
        return listed["total"], covered["with_outcome"]

    assert [seen(visitor) for visitor in (alice, bob, straight)] == [(1, 1), (0, 0), (1, 1)]
    monkeypatch.setitem(settings.__dict__, "jobs_retention_hours", 1e-9)
    later = create_app(settings)
    retention.forget(later, settings)
    assert [seen(visitor) for visitor in (alice, bob, straight)] == [(0, 0)] * 3
    # What is recorded for ever does not say who it was.
    with closing(sqlite3.connect(settings.audit_file)) as connection:
        assert connection.execute("SELECT count(*) FROM outcomes").fetchone() == (2,)
        columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(outcomes)")}
    assert "prediction_id" in columns
    assert not {"subject", "visitor", "owner"} & columns
    audit.close(later)


def test_a_decision_on_a_client_is_its_visitors(make: Maker, portfolio: Portfolio) -> None:
    client = make()[0].test_client()
    (first,) = client.get("/clients?limit=1").get_json()["clients"]
    number = first["client_id"]
    alice, bob = ({"headers": {"X-On-Behalf-Of": word * 32}} for word in "ab")
    prediction = client.post(f"/predict?client_id={number}", json={"features": {}}, **alice).get_json()
    asked = {"client_id": number, "decision": prediction["decision"], "officer": "Zoé", "reason": "Dossier vu."}
    assert client.post("/decisions", json=asked, **bob).status_code == 404
    assert client.post("/decisions", json=asked, **alice).status_code == 201
    for visitor, seen in ((alice, 1), (bob, 0)):
        (shown,) = client.get("/clients?limit=1", **visitor).get_json()["clients"]
        assert (shown["client_id"], shown["final_decision"] is not None) == (number, bool(seen))
        assert client.get(f"/decisions?client_id={number}&on_hand=true", **visitor).get_json()["total"] == seen


def test_live_traffic_of_a_visitor_is_compared_by_that_visitor(make: Maker) -> None:
    client = make()[0].test_client()
    alice, bob = ({"headers": {"X-On-Behalf-Of": word * 32}} for word in "ab")
    nobody = {name: value for name, value in features.items() if name != "SK_ID_CURR"}
    clients = [nobody | {"AMT_CREDIT": 100_000.0 + row} for row in range(30)]
    assert client.post("/predict/batch", json={"clients": clients}, **alice).status_code == 200
    period = {"since": "2020-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    asked = {"current": "live", "reference": "portfolio"} | period
    # Of what others have decided, nothing is there to be compared.
    assert client.post("/data/drift", json=asked, **bob).status_code == 409
    made = client.post("/data/drift", json=asked, **alice)
    assert made.status_code == 201, made.text
    for visitor, seen in ((alice, 1), (bob, 0)):
        assert client.get("/data/drift/reports", **visitor).get_json()["total"] == seen
    assert client.get(f"/data/drift?report={made.get_json()['id']}", **bob).status_code == 404


def test_nobody_is_told_to_administer(make: Maker) -> None:
    for demo, role in ((True, "review"), (False, "admin")):
        assert make(public_demo=demo)[0].test_client().get("/health").get_json()["role"] == role


def test_visitors_share_the_room_for_drift_whoever_they_say_they_are(
    make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sent(client: FlaskClient, word: str) -> str:
        answer = client.post(
            "/data/drift/files?filename=a.csv",
            data="AMT_CREDIT\n1e5\n",
            content_type="text/csv",
            headers={"X-On-Behalf-Of": word},
        )
        assert answer.status_code == 201
        return str(answer.get_json()["id"])

    def compared(client: FlaskClient, word: str) -> None:
        asked = {"current": "portfolio", "reference": "portfolio"}
        assert client.post("/data/drift", json=asked, headers={"X-On-Behalf-Of": word}).status_code == 201

    monkeypatch.setattr("core.drift.uploads.max_kept", 3)
    app, settings = make(rate_limit="1000/minute")
    client = app.test_client()
    for word in "abcdef":
        last = sent(client, word)
    kept = {path.name for path in settings.drift_dir.rglob("file-*")}
    assert len(kept) == 3
    assert last in kept
    # Bytes: a file is larger than one byte, and the newest always stays; the same for reports.
    app, settings = make(rate_limit="1000/minute", drift_max_bytes=1)
    client = app.test_client()
    for word in "gh":
        last = sent(client, word)
        compared(client, word)
    assert [path.name for path in settings.drift_dir.rglob("file-*")] == [last]
    assert len(list(settings.drift_dir.glob("*/2*.json"))) == 1
    # Folders of those who have nothing left go as others come.
    assert len(list((settings.drift_dir / "files").glob("caller-*"))) <= 2


@pytest.mark.parametrize("demo", [True, False])
def test_what_is_compared_leaves_the_disk_as_free_as_files_do(make: Maker, demo: bool) -> None:
    app, settings = make(public_demo=demo, jobs_reserve_bytes=1 << 60)
    client = app.test_client()
    file = client.post("/data/drift/files?filename=a.csv", data="AMT_CREDIT\n1e5\n", content_type="text/csv")
    assert (file.status_code, file.get_json()["type"]) == (507, "/problems/no-space")
    report = client.post("/data/drift", json={"current": "portfolio", "reference": "portfolio"})
    assert (report.status_code, report.get_json()["type"]) == (503, "/problems/report-unkept")
    assert list(settings.drift_dir.rglob("*.json")) == []


def test_visitors_have_a_rate_each_and_an_address_has_more(make: Maker) -> None:
    client = make(rate_limit="2/minute")[0].test_client()

    def asked(word: str, **address: object) -> int:
        return client.get("/model/info", headers={"X-On-Behalf-Of": word}, **address).status_code

    assert [asked("a") for _ in range(3)] == [200, 200, 429]
    assert asked("b") == 200
    # What is refused does not count against the others of the address, who have ten times as much together.
    others = [asked(f"v{number}") for number in range(2 * demo_visitors_of_address)]
    assert others == [200] * (2 * demo_visitors_of_address - 3) + [429] * 3
    assert asked("z", environ_base={"REMOTE_ADDR": "192.0.2.7"}) == 200
