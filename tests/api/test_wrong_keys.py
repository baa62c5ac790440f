"""Keys that nobody has are counted, and limited by the address that shows them; right ones go on."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from api import create_app
from api.openapi.examples import features
from core.settings import Settings

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

key, watching = "a-key-to-score", "a-key-to-watch"
allowed = 20


@pytest.fixture
def guarded(api_settings: Settings, portfolio: Portfolio, scorer: Scorer) -> FlaskClient:
    entries = ((key, "till:score"), (watching, "prometheus:monitor"))
    text = ",".join(f"{name}:{hashlib.sha256(secret.encode()).hexdigest()}" for secret, name in entries)
    settings = Settings.model_validate(
        api_settings.model_dump() | {"api_keys": text, "rate_limit": "off", "audit_required": False}
    )
    return create_app(settings, scorer, portfolio).test_client()


def show(client: FlaskClient, shown: str, address: str = "192.0.2.1", path: str = "/model/info") -> TestResponse:
    return client.get(path, headers={"X-API-Key": shown}, environ_overrides={"REMOTE_ADDR": address})


def counted(client: FlaskClient) -> dict[str, float]:
    said = show(client, watching, "192.0.2.200", "/metrics").text
    return {
        sample.labels["outcome"]: sample.value
        for family in text_string_to_metric_families(said)
        for sample in family.samples
        if sample.name == "scoring_wrong_keys_total"
    }


def test_too_many_wrong_keys_are_429_and_a_right_one_goes_on(guarded: FlaskClient) -> None:
    before = counted(guarded)
    assert [show(guarded, f"wrong-{n}").status_code for n in range(allowed)] == [401] * allowed
    for shown in ("wrong", key + "x", "x" * 5000):
        answer = show(guarded, shown)
        assert (answer.status_code, answer.get_json()["type"]) == (429, "/problems/too-many-requests")
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert shown not in answer.text
    assert show(guarded, key).status_code == 200
    # Another address has its own count; no key is no wrong one.
    assert show(guarded, "wrong", "192.0.2.2").status_code == 401
    assert guarded.post("/predict", json={"features": features}).status_code == 401
    after = counted(guarded)
    assert after["refused"] - before["refused"] == allowed + 1
    assert after["limited"] - before["limited"] == 3


def test_the_addresses_of_one_customer_count_together(guarded: FlaskClient) -> None:
    answers = [show(guarded, "wrong", f"2001:db8:1:2::{n:x}").status_code for n in range(allowed + 1)]
    assert answers == [401] * allowed + [429]
    assert show(guarded, "wrong", "2001:db8:1:3::1").status_code == 401


def test_what_is_open_is_answered_whatever_is_shown(guarded: FlaskClient) -> None:
    before = counted(guarded)
    answers = {show(guarded, f"wrong-{n}", "192.0.2.3", "/health").status_code for n in range(allowed + 5)}
    assert answers == {200}
    # It would tell a right key from a wrong one as well: it counts.
    assert counted(guarded)["refused"] - before["refused"] == allowed + 5
    assert show(guarded, "wrong", "192.0.2.3").status_code == 429
