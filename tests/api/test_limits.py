"""How often a caller may ask, and that the workers of a server count together."""

from __future__ import annotations

import hashlib
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import fakeredis
import pytest
import redis

from api import create_app
from api.access.limits import InvalidLimit, limits_of
from api.access.shared_counter import SharedCount
from core.settings import Settings, root
from tests.api.running import ask, running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

    Limited = Callable[..., FlaskClient]


@pytest.fixture
def limited(models_dir: Path, portfolio: Portfolio, scorer: Scorer) -> Limited:
    def make(**settings: Any) -> FlaskClient:
        given = Settings(models_dir=models_dir, data_dir=portfolio.folder.parent, **settings)
        return create_app(given, scorer, portfolio).test_client()

    return make


def statuses(client: FlaskClient, count: int, **arguments: Any) -> list[int]:
    return [client.get("/model/info", **arguments).status_code for _ in range(count)]


def test_who_asks_too_often_is_told_when_to_come_back(limited: Limited) -> None:
    client = limited(rate_limit="3/minute")
    assert statuses(client, 4) == [200, 200, 200, 429]
    answer = client.get("/clients", headers={"Accept-Language": "fr"})
    assert answer.status_code == 429
    seconds = int(answer.headers["Retry-After"])
    assert 1 <= seconds <= 60
    assert f"recommencez dans {seconds} s" in answer.get_json()["detail"]


def test_the_document_says_so(limited: Limited) -> None:
    document = limited(rate_limit="3/minute").get("/openapi.json").get_json()
    assert "Retry-After" in document["paths"]["/predict"]["post"]["responses"]["429"]["headers"]
    assert "429" not in document["paths"]["/health"]["get"]["responses"]
    document = limited().get("/openapi.json").get_json()
    assert "429" not in document["paths"]["/predict"]["post"]["responses"]


def test_what_is_open_to_everybody_is_not_counted(limited: Limited) -> None:
    client = limited(rate_limit="1/minute")
    assert statuses(client, 2) == [200, 429]
    assert [client.get(path).status_code for path in ("/health", "/", "/openapi.json", "/nothing")] == [200] * 3 + [404]


def test_after_a_while_it_begins_anew(limited: Limited) -> None:
    client = limited(rate_limit="2/second;1000/hour")
    while statuses(client, 3) != [200, 200, 429]:
        time.sleep(1)
    time.sleep(1.1)
    assert statuses(client, 1) == [200]


def test_each_caller_has_a_count_of_its_own(limited: Limited) -> None:
    keys = ",".join(f"{name}:{hashlib.sha256(name.encode()).hexdigest()}" for name in ("till", "desk"))
    client = limited(rate_limit="2/minute", api_keys=keys)
    assert statuses(client, 3, headers={"X-API-Key": "till"}) == [200, 200, 429]
    assert statuses(client, 1, headers={"X-API-Key": "desk"}) == [200]
    # Who has no key is told so, however often.
    assert statuses(client, 3) == [401] * 3


def test_without_keys_each_address_has_a_count_of_its_own(limited: Limited) -> None:
    client = limited(rate_limit="1/minute")
    assert statuses(client, 2, environ_base={"REMOTE_ADDR": "10.0.0.1"}) == [200, 429]
    assert statuses(client, 1, environ_base={"REMOTE_ADDR": "10.0.0.2"}) == [200]
    # What a caller says of its address counts only where a proxy is trusted.
    forwarded = {"X-Forwarded-For": "10.0.0.3"}
    assert statuses(client, 1, environ_base={"REMOTE_ADDR": "10.0.0.1"}, headers=forwarded) == [429]
    behind = limited(rate_limit="1/minute", trusted_proxies=1)
    assert statuses(behind, 2, headers={"X-Forwarded-For": "10.0.0.1"}) == [200, 429]
    assert statuses(behind, 1, headers={"X-Forwarded-For": "10.0.0.2"}) == [200]
    # The last address is the proxy's own word; what comes before it is the caller's.
    assert statuses(behind, 1, headers={"X-Forwarded-For": "10.0.0.9, 10.0.0.1"}) == [429]


@pytest.mark.parametrize(
    ("wanted", "keys", "expected"),
    [
        (None, [], []),
        (None, ["a key"], ["600 per 1 minute"]),
        ("off", ["a key"], []),
        ("10/second; 5000 per hour", [], ["10 per 1 second", "5000 per 1 hour"]),
    ],
)
def test_limits_are_on_where_there_are_keys(wanted: str | None, keys: list[str], expected: list[str]) -> None:
    assert [str(each) for each in limits_of(Settings(rate_limit=wanted), keys)] == expected


@pytest.mark.parametrize("wanted", ["many", "10", "10/fortnight", "-1/minute", "ten/minute"])
def test_a_limit_that_is_none_is_refused(wanted: str) -> None:
    with pytest.raises(InvalidLimit, match="RATE_LIMIT: expected"):
        limits_of(Settings(rate_limit=wanted), [])


def test_two_workers_count_together(models_dir: Path, portfolio: Portfolio, tmp_path: Path) -> None:
    settings = {"MODELS_DIR": str(models_dir), "DATA_DIR": str(portfolio.folder.parent)}
    with running(tmp_path, RATE_LIMIT="40/hour", **settings) as server:
        with server.spread(50) as links:
            found = [ask(link, "GET", "/model/info").status for link in [*links, *links]]
        assert (found.count(200), found.count(429)) == (40, len(found) - 40)
        served = {line["pid"] for line in server.lines() if line.get("route") == "/model/info"}
        # Else this would say nothing.
        assert len(served) == 2


def test_redis_counts_for_all_who_ask_it(limited: Limited, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = fakeredis.FakeServer()
    monkeypatch.setattr(redis, "from_url", lambda *_, **__: fakeredis.FakeRedis(server=shared))
    first, second = (limited(rate_limit="3/hour", redis_url="redis://redis:6379/0") for _ in range(2))
    assert statuses(first, 2) == [200, 200]
    assert statuses(second, 2) == [200, 429]
    assert statuses(first, 1) == [429]


def test_without_redis_everybody_is_served_and_the_log_says_so(
    limited: Limited, caplog: pytest.LogCaptureFixture
) -> None:
    client = limited(rate_limit="1/hour", redis_url="redis://127.0.0.1:1/0")
    assert statuses(client, 3) == [200] * 3
    # Once, not at each request.
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR] == [
        "requests are not counted"
    ]


def test_a_count_is_exact_whoever_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Two hundred at once, on a machine that does much else, may wait for longer than a request does.
    monkeypatch.setattr("api.access.shared_counter._patience", 30.0)
    counts = [SharedCount(tmp_path / "counts.db") for _ in range(3)]
    with ThreadPoolExecutor(9) as pool:
        seen = list(pool.map(lambda number: counts[number % 3].incr("a", 60), range(600)))
    assert sorted(seen) == list(range(1, 601))
    assert (counts[0].get("a"), counts[1].get("b")) == (600, 0)
    assert counts[2].get_expiry("a") > time.time() + 50
    counts[0].clear("a")
    assert counts[1].get("a") == 0


def test_a_count_ends(tmp_path: Path) -> None:
    counts = SharedCount(tmp_path / "counts.db")
    assert [counts.incr("a", 0), counts.incr("a", 0)] == [1, 1]
    assert counts.get("a") == 0
    assert counts.check()
    counts.incr("b", 60)
    assert counts.reset() == 2
    assert not SharedCount(tmp_path / "nowhere" / "counts.db").check()


def test_the_key_of_the_dashboard_has_an_allowance_for_each_of_its_users(limited: Limited) -> None:
    keys = ",".join(f"{name}:{hashlib.sha256(name.encode()).hexdigest()}" for name in ("dashboard", "till"))
    client = limited(rate_limit="2/minute", api_keys=keys)

    def asks(key: str, person: str) -> list[int]:
        return statuses(client, 3, headers={"X-API-Key": key, "X-On-Behalf-Of": person})

    assert asks("dashboard", "ada") == [200, 200, 429]
    assert asks("dashboard", "grace") == [200, 200, 429]
    # Who is nobody in particular shares one allowance; and nobody else's word is taken for others.
    assert asks("dashboard", "no name of ours!") == [200, 200, 429]
    assert asks("dashboard", "") == [429, 429, 429]
    assert asks("till", "ada") == [200, 200, 429]
    assert asks("till", "grace") == [429, 429, 429]


@pytest.mark.parametrize(("keys", "limit"), [([object()], "600 per 1 minute"), ([], None)])
def test_the_default_is_what_readme_and_the_threat_model_say(keys: list[object], limit: str | None) -> None:
    assert [str(each) for each in limits_of(Settings(), keys)] == ([limit] if limit else [])
    assert "| `RATE_LIMIT` | 600/minute with keys, else off |" in (root / "README.md").read_text(encoding="utf-8")
    assert "600 a minute where there are keys" in (root / "docs" / "security.md").read_text(encoding="utf-8")
