"""What Prometheus is told: the same whichever worker answers it, and nothing of anybody."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from api import create_app
from api.openapi.examples import features
from api.operations.metrics import ManyAtOnce, gauges
from core import __version__
from core.jobs.running.heartbeat import beat
from tests.api.running import ask, running

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer
    from core.settings import Settings

Sample = tuple[str, frozenset[tuple[str, str]]]


def samples(text: str) -> dict[Sample, float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: dict[Sample, float], name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0.0)


def scrape(client: FlaskClient) -> dict[Sample, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    return samples(answer.text)


@pytest.fixture
def own(api_settings: Settings, scorer: Scorer, portfolio: Portfolio) -> Flask:
    return create_app(api_settings, scorer, portfolio)


def test_requests_are_counted_by_route_method_and_status(client: FlaskClient, portfolio: Portfolio) -> None:
    number = portfolio.search(limit=1).clients[0].client_id
    before = scrape(client)
    client.get(f"/clients/{number}")
    client.get("/clients/999999999")
    client.post("/predict", json={"features": {"AMT_CREDIT": "bad"}})
    client.get("/nothing")
    client.open("/predict", method="ZEBULON")
    after = scrape(client)

    def more(route: str, method: str, status: str) -> float:
        labels = {"route": route, "method": method, "status": status}
        return value(after, "scoring_requests_total", **labels) - value(before, "scoring_requests_total", **labels)

    assert more("/clients/<client_id>", "GET", "200") == 1
    assert more("/clients/<client_id>", "GET", "404") == 1
    assert more("/predict", "POST", "400") == 1
    assert more("-", "GET", "404") == 1
    assert more("-", "other", "405") == 1
    took = "scoring_request_seconds_count"
    route = "/clients/<client_id>"
    assert value(after, took, route=route) - value(before, took, route=route) == 2
    assert not [name for name, labels in after if str(number) in str(labels) or "ZEBULON" in str(labels)]


def test_decisions_and_scores_are_counted(client: FlaskClient, portfolio: Portfolio) -> None:
    numbers = [line.client_id for line in portfolio.search(limit=30).clients]
    clients = [{"SK_ID_CURR": number, "EXT_SOURCE_2": place / 30} for place, number in enumerate(numbers)]
    before = scrape(client)
    one = client.post("/predict", json={"features": features}).get_json()
    explained = client.post("/predict/explain", json={"features": features}).get_json()
    many = client.post("/predict/batch", json={"clients": clients}).get_json()
    after = scrape(client)
    refused = many["refused_count"] + one["prediction"] + explained["prediction"]

    def more(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    assert more("scoring_predictions_total", decision="refused") == refused
    assert more("scoring_predictions_total", decision="accepted") == 32 - refused
    assert more("scoring_probability_count") == 32
    scores = [each["probability"] for each in [one, explained, *many["predictions"]]]
    assert more("scoring_probability_sum") == pytest.approx(sum(scores))
    assert more("scoring_probability_bucket", le="0.1") == sum(score <= 0.1 for score in scores)


def test_many_scores_at_once_are_as_one_by_one() -> None:
    edges = (0.1, 0.5, 1.0)
    values = [0.0, 0.05, 0.1, 0.100001, 0.3, 0.5, 0.999, 1.0, 0.1]
    together = ManyAtOnce("together", "x", buckets=edges, registry=None)
    one_by_one = ManyAtOnce("together", "x", buckets=edges, registry=None)
    together.observe_all(values)
    for each in values:
        one_by_one.observe(each)

    def said(histogram: ManyAtOnce) -> dict[Sample, float]:
        (family,) = histogram.collect()
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for sample in family.samples
            if not sample.name.endswith("_created")
        }

    assert said(together) == pytest.approx(said(one_by_one))


def test_what_runs_is_said(client: FlaskClient, scorer: Scorer) -> None:
    (labels,) = (dict(labels) for name, labels in scrape(client) if name == "scoring_build_info")
    assert (labels["version"], labels["model_version"]) == (__version__, scorer.model.version)


def test_what_it_stands_on_is_said(api_settings: Settings, portfolio: Portfolio, tmp_path: Path) -> None:
    client = create_app(api_settings.model_copy(update={"models_dir": tmp_path}), portfolio=portfolio).test_client()
    found = scrape(client)
    told = {name: value(found, "scoring_ready", check=name) for name in ("model", "portfolio", "audit")}
    assert told == {"model": 0, "portfolio": 1, "audit": 1}


def test_jobs_are_counted_by_status(api_settings: Settings, scorer: Scorer, tmp_path: Path) -> None:
    client = create_app(api_settings.model_copy(update={"jobs_dir": tmp_path}), scorer).test_client()
    assert value(scrape(client), "scoring_jobs", status="failed") == 0
    # What is no file of applications has failed at once.
    assert client.post("/jobs", data=b"Zebulon", headers={"Content-Type": "text/csv"}).status_code == 202
    found = scrape(client)
    assert value(found, "scoring_jobs", status="failed") == 1
    assert value(found, "scoring_jobs", status="queued") == 0
    assert value(found, "scoring_worker_up", queue="jobs") == 0
    beat(tmp_path)
    assert value(scrape(client), "scoring_worker_up", queue="jobs") == 1


def test_other_parts_add_what_is_looked_up(own: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> dict[str, float]:
        raise OSError("the queue is away")

    gauges(own).add("scoring_queue", "Things by state.", "state", lambda: {"queued": 3, "running": 1})
    gauges(own).add("scoring_other", "Not to be had.", "state", fail)
    found = scrape(own.test_client())
    assert value(found, "scoring_queue", state="queued") == 3
    assert value(found, "scoring_queue", state="running") == 1
    # What cannot be looked up hides nothing else, and the log has it.
    assert not [name for name, _ in found if name == "scoring_other"]
    assert "gauge not available" in caplog.messages


def test_all_workers_count_together(models_dir: Path, portfolio: Portfolio, tmp_path: Path) -> None:
    settings = {"MODELS_DIR": str(models_dir), "DATA_DIR": str(portfolio.folder.parent)}
    settings["DATABASE_URL"] = f"sqlite:///{tmp_path / 'audit.db'}"
    with running(tmp_path, **settings) as server:
        with server.spread(30) as links:
            for link in links:
                assert ask(link, "POST", "/predict", {"features": features}).status == 200
            told = [samples(ask(link, "GET", "/metrics").body.decode()) for link in links]
        served = {line["pid"] for line in server.lines() if line.get("route") == "/metrics"}
        # Else this would say nothing.
        assert len(served) == 2
        labels = {"route": "/predict", "method": "POST", "status": "200"}
        assert {value(each, "scoring_requests_total", **labels) for each in told} == {len(links)}
        assert {value(each, "scoring_probability_count") for each in told} == {len(links)}
        # The decision that nobody got stands at zero, so that the first one is a rise.
        decided = {dict(of)["decision"]: count for (name, of), count in told[0].items() if "predictions_total" in name}
        assert sorted(decided) == ["accepted", "refused"]
        assert sorted(decided.values()) == [0, len(links)]
        # What a worker counted stays when it is gone.
        os.kill(min(server.workers()), signal.SIGKILL)
        assert value(samples(server.ask("GET", "/metrics").body.decode()), "scoring_requests_total", **labels) == len(
            links
        )
    # A new server begins at zero.
    with running(tmp_path, WEB_CONCURRENCY="1", **settings) as server:
        found = samples(server.ask("GET", "/metrics").body.decode())
        assert value(found, "scoring_requests_total", **labels) == 0
