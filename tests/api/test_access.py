"""Keys and roles: who gets in, who does not, and that no route is forgotten."""

from __future__ import annotations

import hashlib
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from openapi_spec_validator import validate

from api import create_app
from api.access import roles
from api.access.roles import InvalidKeys, known_keys, parse_keys, role_needed, rules
from api.openapi.examples import features
from core.settings import Settings
from tests.api.running import ask, running

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

scorer_key, reviewer_key, admin_key = "a-key-to-score", "a-key-to-review", "a-key-to-administer"
monitor_key = "a-key-to-watch"


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


keys = (
    f"till:{digest(scorer_key)}, office:review:{digest(reviewer_key)}\n"
    f"ops:admin:{digest(admin_key).upper()}\nprometheus:monitor:{digest(monitor_key)}"
)


@pytest.fixture(scope="module")
def guarded(models_dir: Path, portfolio: Portfolio, scorer: Scorer) -> Flask:
    settings = Settings(models_dir=models_dir, data_dir=portfolio.folder.parent, api_keys=keys, rate_limit="off")
    app = create_app(settings, scorer, portfolio)
    # What stands for a resource of each role, whatever the API has by now.
    for name in ("decisions/x", "metrics/x", "nobody-thought-of-it"):
        app.add_url_rule(f"/{name}", name, roles.caller)
    return app


@pytest.fixture
def knocking(guarded: Flask) -> FlaskClient:
    return guarded.test_client()


def predict(client: FlaskClient, **headers: str) -> int:
    return client.post("/predict", json={"features": features}, headers=headers).status_code


def test_a_key_is_taken_from_either_header(knocking: FlaskClient) -> None:
    assert predict(knocking, **{"X-API-Key": scorer_key}) == 200
    assert predict(knocking, Authorization=f"Bearer {scorer_key}") == 200
    assert predict(knocking, Authorization=f"bearer  {scorer_key}") == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": "a-key-to-scor"},
        {"X-API-Key": scorer_key.upper()},
        # The digest is no key: who reads the settings cannot use them.
        {"X-API-Key": digest(scorer_key)},
        {"X-API-Key": "x" * 5000},
        {"X-API-Key": "clé"},
        {"Authorization": f"Basic {scorer_key}"},
        {"Authorization": scorer_key},
        {"Authorization": "Bearer"},
    ],
)
def test_without_a_valid_key_the_answer_is_401(knocking: FlaskClient, headers: dict[str, str]) -> None:
    answer = knocking.post("/predict", json={"features": features}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert list(answer.get_json()) == ["type", "status", "detail"]
    assert "X-Request-ID" in answer.headers


def test_the_answer_says_it_in_french(knocking: FlaskClient) -> None:
    answer = knocking.get("/clients", headers={"Accept-Language": "fr"})
    assert answer.get_json()["detail"].startswith("Il faut une clé valable")


@pytest.mark.parametrize("path", ["/", "/health", "/docs", "/openapi.json", "/docs/swagger/css/swagger-ui.css"])
def test_what_says_how_to_call_is_open(knocking: FlaskClient, path: str) -> None:
    for headers in ({}, {"X-API-Key": "wrong"}):
        with knocking.get(path, headers=headers) as answer:
            assert answer.status_code == 200


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [
        ("/clients", scorer_key, 200),
        ("/model/info", scorer_key, 200),
        ("/decisions/x", scorer_key, 403),
        ("/decisions/x", reviewer_key, 200),
        # What watches the service sees its figures, and no client.
        ("/metrics/x", monitor_key, 200),
        ("/clients", monitor_key, 403),
        ("/decisions/x", monitor_key, 403),
        ("/metrics/x", admin_key, 200),
        ("/clients", reviewer_key, 200),
        ("/clients", admin_key, 200),
        # Denied by default: what no rule covers is for `admin`.
        ("/nobody-thought-of-it", reviewer_key, 403),
        ("/nobody-thought-of-it", admin_key, 200),
    ],
)
def test_a_role_may_do_what_the_roles_before_it_may(knocking: FlaskClient, path: str, key: str, status: int) -> None:
    assert knocking.get(path, headers={"X-API-Key": key}).status_code == status


def test_403_says_which_role_is_needed(knocking: FlaskClient) -> None:
    answer = knocking.get("/decisions/x", headers={"X-API-Key": scorer_key})
    assert "review" in answer.get_json()["detail"]


def test_a_route_knows_its_caller(knocking: FlaskClient) -> None:
    assert knocking.get("/decisions/x", headers={"X-API-Key": reviewer_key}).text == "office"


def test_unknown_addresses_and_methods_are_said_to_be_so(knocking: FlaskClient) -> None:
    assert knocking.get("/nothing").status_code == 404
    assert knocking.delete("/predict").status_code == 405
    # What a browser asks before it sends a key.
    assert knocking.options("/predict").status_code == 200


def test_without_keys_everybody_may_do_everything(client: FlaskClient) -> None:
    assert predict(client) == 200
    assert predict(client, **{"X-API-Key": "anything"}) == 200


def test_every_route_has_a_rule(app: Flask) -> None:
    """Deny by default would close a forgotten route to all but `admin`: here it is found before that."""
    segments = {rule.rule.split("/", 2)[1] for rule in app.url_map.iter_rules()}
    assert segments <= set(rules), f"give these a role in api.access.roles.rules: {sorted(segments - set(rules))}"
    assert "predict" in segments
    assert role_needed("/predictable") == "admin"


def test_a_file_that_is_refused_is_not_taken_for_the_next_request(tmp_path: Path) -> None:
    """Views that take a file read it themselves: one that is refused before that leaves it unread."""
    with running(tmp_path, API_KEYS=keys, WEB_CONCURRENCY="1") as server, closing(server.connection()) as link:
        for _ in range(3):
            refused = ask(link, "POST", "/jobs", b"SK_ID_CURR\n" * 200_000, Content_Type="text/csv")
            assert refused.status == 401
            assert ask(link, "GET", "/model/info", X_API_Key=scorer_key).status == 200
        assert digest(scorer_key) not in server.log()
        assert scorer_key not in server.log()
        assert {line["caller"] for line in server.lines() if line.get("route") == "/model/info"} == {"till"}


def test_the_document_says_what_is_needed(knocking: FlaskClient, client: FlaskClient) -> None:
    document = knocking.get("/openapi.json").get_json()
    assert set(document["components"]["securitySchemes"]) == {"key", "bearer"}
    validate(document)
    scoring, reviewing = document["paths"]["/predict"]["post"], document["paths"]["/decisions"]["get"]
    assert scoring["security"] == reviewing["security"] == [{"key": []}, {"bearer": []}]
    watching = document["paths"]["/metrics"]["get"]
    assert "401" in watching["responses"]
    assert "403" not in watching["responses"], "every key may watch"
    for operation, role in ((scoring, "score"), (reviewing, "review")):
        assert {"401", "403"} <= set(operation["responses"])
        assert f"`{role}`" in operation["description"]
    assert "security" not in document["paths"]["/health"]["get"]
    # Without keys nothing is said of them.
    without = client.get("/openapi.json").get_json()
    assert "securitySchemes" not in without["components"]
    assert "401" not in without["paths"]["/predict"]["post"]["responses"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " , \n# only a comment\n",
        "till",
        f"till:{digest('x')[:-1]}",
        f"till:{digest('x')}0",
        f"till:boss:{digest('x')}",
        f"till:Admin:{digest('x')}",
        f":{digest('x')}",
        f"name with spaces:{digest('x')}",
        "till:plain-text-secret",
        f"till:{digest('x')} office:{digest('y')}",
    ],
)
def test_malformed_keys_are_refused_by_name_and_not_repeated(text: str) -> None:
    with pytest.raises(InvalidKeys) as refused:
        parse_keys("API_KEYS", text)
    said = str(refused.value)
    assert said.startswith("API_KEYS: ")
    assert not any(part in said for part in ("plain-text-secret", digest("x")[:20], "till", "boss"))


def test_keys_come_from_the_environment_and_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f"# who: what\n\nops:admin:{digest(admin_key)}\nops:score:{digest('second')}\n", encoding="utf-8")
    found = known_keys(Settings(api_keys=keys, api_keys_file=path))
    assert [(each.name, each.role) for each in found] == [
        ("till", "score"),
        ("office", "review"),
        ("ops", "admin"),
        ("prometheus", "monitor"),
        ("ops", "admin"),
        ("ops", "score"),
    ]
    with pytest.raises(InvalidKeys, match="API_KEYS_FILE: the file cannot be read"):
        known_keys(Settings(api_keys_file=tmp_path / "none"))


def test_the_settings_do_not_show_their_keys() -> None:
    assert digest(scorer_key) not in repr(Settings(api_keys=keys))
