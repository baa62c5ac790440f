"""Errors that belong to no field: one shape, either language, no trace."""

import logging
import re

import pytest
from flask.testing import FlaskClient

from api import create_app
from api.http.messages import sentences
from api.openapi.examples import features
from core.contract.problems import named, types, unusable_file
from core.portfolio.clients import Portfolio
from core.scoring import Scorer
from core.settings import Settings, root


def test_every_type_has_a_sentence_in_both_languages_and_is_listed(client: FlaskClient) -> None:
    listed = client.get("/problems").get_json()["problems"]
    assert [each["type"] for each in listed] == [each.uri for each in types.values()]
    for each in types.values():
        if each.status != 400 and each is not unusable_file:
            key = each.name.replace("-", "_")
            assert key in sentences.of("fr"), key
        assert named(each.uri) is each
    for nothing in ("about:blank", "unknown-client", "/problems/none", None, 3):
        assert named(nothing) is None


def test_the_guide_names_every_type() -> None:
    guide = (root / "docs" / "api.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| (\d{3}) \| `(/problems/[a-z-]+)` \| (.*) \|$", guide, re.MULTILINE)
    assert listed == [(str(each.status), each.uri, each.meaning) for each in types.values()]


@pytest.mark.parametrize(
    "path", ["/nothing", "/predict/", "/predict/everything", "/model", "/data", "/.env", "/docs/x"]
)
def test_an_unknown_path_is_404(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    content = answer.get_json()
    assert content["detail"] == "There is nothing at this address."
    assert (content["type"], content["status"]) == ("/problems/no-such-path", 404)
    assert client.get(f"{path}?lang=fr").get_json()["detail"] == "Cette adresse n’existe pas."


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/predict", "OPTIONS, POST"),
        ("PUT", "/predict/explain", "OPTIONS, POST"),
        ("DELETE", "/predict/batch", "OPTIONS, POST"),
        ("POST", "/health", "GET, HEAD, OPTIONS"),
        ("PATCH", "/clients/9000002", "GET, HEAD, OPTIONS"),
        ("TRACE", "/", "GET, HEAD, OPTIONS"),
        ("POST", "/docs", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_method_that_is_not_taken_is_405(client: FlaskClient, method: str, path: str, allowed: str) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == allowed
    assert answer.get_json()["detail"] == f"This address does not take this method; allowed: {allowed}."


def test_the_language_is_that_of_the_caller(client: FlaskClient) -> None:
    for headers, query, begins in (
        ({"Accept-Language": "fr"}, "", "Le corps"),
        ({"Accept-Language": "fr-CH, en;q=0.9"}, "", "Le corps"),
        ({"Accept-Language": "en-GB"}, "", "The request body"),
        ({"Accept-Language": "en"}, "?lang=fr", "Le corps"),
        ({"Accept-Language": "fr"}, "?lang=en", "The request body"),
        ({"Accept-Language": ";;;q=x,\x7f"}, "", "The request body"),
        ({}, "", "The request body"),
    ):
        detail = client.post(f"/predict{query}", json=[], headers=headers).get_json()["detail"]
        assert detail.startswith(begins), (headers, query)


@pytest.fixture
def failing(
    api_settings: Settings, scorer: Scorer, portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> FlaskClient:
    secret_amount = 7391745 + 1

    def fail(*_: object) -> None:
        raise RuntimeError(f"an amount of {secret_amount}")

    monkeypatch.setattr(Scorer, "decide", fail)
    return create_app(api_settings, scorer, portfolio).test_client()


def test_an_error_of_ours_is_500_without_a_trace(failing: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = failing.post("/predict", json={"features": features}, headers={"X-Request-ID": "abcdef-123456"})
    assert answer.status_code == 500
    assert answer.content_type == "application/json"
    assert answer.get_json()["detail"] == "Internal error; quote the request id abcdef-123456 to have it found."
    assert answer.headers["X-Request-ID"] == "abcdef-123456"
    # The log has the place under the same id, and no word of what was sent.
    (record,) = (each for each in caplog.records if each.levelno == logging.ERROR)
    assert (vars(record)["error"], vars(record)["request_id"]) == ("RuntimeError", "abcdef-123456")
    assert "test_problems.py" in vars(record)["place"][-1]
    assert "7391746" not in str(vars(record))
    assert failing.get("/health").status_code == 200


def test_every_answer_has_a_request_id_of_its_own(client: FlaskClient) -> None:
    found = [client.get(path).headers["X-Request-ID"] for path in ("/health", "/health", "/nothing", "/docs")]
    assert len(set(found)) == 4
    assert all(len(each) == 32 for each in found)


def test_a_sane_request_id_is_kept(client: FlaskClient) -> None:
    for sane in ("0123abcd", "order-17_part.2", "x" * 64):
        assert client.get("/health", headers={"X-Request-ID": sane}).headers["X-Request-ID"] == sane


@pytest.mark.parametrize(
    "odd", ["short", "x" * 65, "with space in it", "semi;colon=1", "é" * 10, "{{7*7}}xxxx", "a%0d%0ab-c"]
)
def test_an_odd_request_id_is_replaced(client: FlaskClient, odd: str) -> None:
    answer = client.get("/health", headers={"X-Request-ID": odd.encode("utf-8").decode("latin-1")})
    assert answer.headers["X-Request-ID"] != odd
    assert len(answer.headers["X-Request-ID"]) == 32


@pytest.mark.parametrize("path", ["/health", "/clients", "/clients/1", "/nothing", "/docs", "/openapi.json"])
def test_answers_carry_safe_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_the_application_is_made_from_the_environment(
    models_dir: object, portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.settings import settings

    monkeypatch.setenv("MODELS_DIR", str(models_dir))
    monkeypatch.setenv("DATA_DIR", str(portfolio.folder.parent))
    monkeypatch.setenv("MAX_BODY_BYTES", "300")
    settings.cache_clear()
    try:
        client = create_app().test_client()
    finally:
        settings.cache_clear()
    assert client.get("/health").get_json()["status"] == "healthy"
    assert client.get("/clients").get_json()["total"] == portfolio.index.height
    assert client.post("/predict", json={"features": {"AMT_CREDIT": 500000}}).status_code == 200
    assert client.post("/predict", json={"features": {"x" * 300: 1}}).status_code == 413
