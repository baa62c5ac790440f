"""A public demonstration: low limits, no names, and nothing that is kept for longer than an hour."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from api import audit, create_app, retention
from api.examples import features
from core.settings import Settings, demo_limits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

    from core.portfolio import Portfolio
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


@pytest.mark.parametrize("demo", [True, False])
def test_no_name_and_no_reason_are_kept(make: Maker, demo: bool) -> None:
    client = make(public_demo=demo)[0].test_client()
    prediction = client.post("/predict", json={"features": features}).get_json()
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
