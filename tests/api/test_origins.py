"""Under which name the API answers, which pages of other origins may call, and what a proxy says of our address."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from api import create_app
from api.access.cors import InvalidOrigins, origins_of
from api.openapi.examples import features
from core.settings import Settings

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

bank = "https://bank.example"


@pytest.fixture(scope="module")
def crossing(api_settings: Settings, portfolio: Portfolio, scorer: Scorer) -> FlaskClient:
    settings = api_settings.model_copy(
        update={
            "cors_origins": f"{bank}, http://localhost:3000",
            "api_keys": SecretStr(f"till:{hashlib.sha256(b'k').hexdigest()}"),
        }
    )
    return create_app(settings, scorer, portfolio).test_client()


@pytest.mark.parametrize("origin", [bank, "http://localhost:3000"])
def test_a_page_of_a_known_origin_may_call(crossing: FlaskClient, origin: str) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}
    before = crossing.options("/predict", headers=asked)
    assert before.status_code == 200
    assert before.headers["Access-Control-Allow-Origin"] == origin
    assert "POST" in before.headers["Access-Control-Allow-Methods"]
    assert before.headers["Access-Control-Allow-Headers"].lower() == "x-api-key"
    answer = crossing.get("/model/info", headers={"Origin": origin, "X-API-Key": "k"})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    # An error is for the page as well, else it could not say what is wrong.
    assert crossing.get("/model/info", headers={"Origin": origin}).headers["Access-Control-Allow-Origin"] == origin


@pytest.mark.parametrize(
    "origin", ["https://evil.example", f"{bank}.evil.example", "https://xbank.example", "http://bank.example", "null"]
)
def test_a_page_of_another_origin_may_not(crossing: FlaskClient, client: FlaskClient, origin: str) -> None:
    for each in (crossing, client):
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        assert "Access-Control-Allow-Origin" not in each.options("/predict", headers=asked).headers
        assert "Access-Control-Allow-Origin" not in each.get("/health", headers={"Origin": origin}).headers


def test_by_default_no_other_page_may_call(client: FlaskClient) -> None:
    assert "Access-Control-Allow-Origin" not in client.get("/health", headers={"Origin": bank}).headers


@pytest.mark.parametrize("wrong", ["*", "bank.example", "https://bank.example/", "https://*.example", "ftp://a", "x y"])
def test_origins_that_are_none_are_refused(wrong: str) -> None:
    with pytest.raises(InvalidOrigins, match="CORS_ORIGINS: expected"):
        origins_of(Settings(cors_origins=f"{bank},{wrong}"))


@pytest.fixture(scope="module")
def recording(
    api_settings: Settings, portfolio: Portfolio, scorer: Scorer, tmp_path_factory: pytest.TempPathFactory
) -> FlaskClient:
    """An API without keys, with a record, job folder and proxy of its own."""
    folder = tmp_path_factory.mktemp("origins")
    settings = api_settings.model_copy(
        update={
            "audit_file": folder / "audit.db",
            "jobs_dir": folder / "jobs",
            "cors_origins": bank,
            "allowed_hosts": "credit.bank.example",
            "trusted_proxies": 1,
        }
    )
    return create_app(settings, scorer, portfolio).test_client()


def rows(recording: FlaskClient) -> int:
    total: int = recording.get("/predictions").get_json()["total"]
    return total


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "localhost.evil.example", "x@localhost", "", "é"]
)
@pytest.mark.parametrize("path", ["/", "/clients", "/docs", "/openapi.json", "/predict", "/nothing"])
def test_another_name_is_not_answered(recording: FlaskClient, host: str, path: str) -> None:
    answer = recording.get(path, headers={"Host": host})
    assert (answer.status_code, answer.get_json()["type"]) == (421, "/problems/unknown-host")
    assert "ALLOWED_HOSTS" in answer.get_json()["detail"]
    assert "evil" not in answer.text
    assert "location" not in answer.headers


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
def test_a_probe_asks_by_whatever_address_it_knows(recording: FlaskClient, path: str) -> None:
    assert recording.get(path, headers={"Host": "10.1.2.3:8000"}).status_code == 200


def test_a_name_that_a_proxy_passes_on_is_held_against_the_setting(recording: FlaskClient) -> None:
    for name, status in (("credit.bank.example", 200), ("evil.example", 421)):
        assert recording.get("/", headers={"Host": "localhost", "X-Forwarded-Host": name}).status_code == status


foreign = [
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:8501"},
]


@pytest.mark.parametrize("headers", foreign)
def test_a_page_of_another_site_writes_nothing(
    recording: FlaskClient, portfolio: Portfolio, headers: dict[str, str]
) -> None:
    before = rows(recording)
    client_id = portfolio.search(limit=1).clients[0].client_id
    refused = [
        recording.post("/predict", json={"features": features}, headers=headers),
        recording.post("/jobs", data="AMT_CREDIT\n1e5\n", content_type="text/plain", headers=headers),
        recording.delete("/jobs/0", headers=headers),
        # Reads a client, and records the decision that it shows.
        recording.get(f"/clients/{client_id}", headers=headers),
    ]
    for answer in refused:
        assert (answer.status_code, answer.get_json()["type"]) == (403, "/problems/another-site")
    assert rows(recording) == before
    # What changes nothing is answered: the browser keeps it from the page.
    assert recording.get("/model/info", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "cross-site", "Origin": bank},
    ],
)
def test_programs_our_own_pages_and_known_origins_go_on(recording: FlaskClient, headers: dict[str, str]) -> None:
    before = rows(recording)
    assert recording.post("/predict", json={"features": features}, headers=headers).status_code == 200
    assert rows(recording) == before + 1


def test_an_image_of_another_page_records_no_client_over_plain_http(
    recording: FlaskClient, portfolio: Portfolio
) -> None:
    """There a browser sends neither `Sec-Fetch-Site` nor, for an image, an `Origin`."""
    client_id, before = portfolio.search(limit=1).clients[0].client_id, rows(recording)
    refused = recording.get(f"/clients/{client_id}", headers={"Referer": "http://evil.example/"})
    assert (refused.status_code, refused.get_json()["type"]) == (403, "/problems/another-site")
    assert rows(recording) == before
    for page in ("http://localhost/docs", f"{bank}/desk"):
        assert recording.get(f"/clients/{client_id}", headers={"Referer": page}).status_code == 200
    assert rows(recording) == before + 2
    # Where nothing is recorded, a link may lead here from anywhere.
    assert recording.get("/model/info", headers={"Referer": "http://evil.example/"}).status_code == 200


def test_the_document_says_which_requests_another_site_may_not_send(recording: FlaskClient) -> None:
    paths = recording.get("/openapi.json").get_json()["paths"]
    refusing = {
        (method, path) for path, found in paths.items() for method in found if "403" in found[method]["responses"]
    }
    assert {("get", "/clients/{client_id}"), ("post", "/predict"), ("delete", "/jobs/{job_id}")} <= refusing
    assert {("get", "/clients"), ("get", "/model/info")}.isdisjoint(refusing)


def test_addresses_keep_the_path_of_a_proxy(recording: FlaskClient) -> None:
    forwarded = {"X-Forwarded-Prefix": "/credit-api"}
    sent = recording.post("/jobs", data="AMT_CREDIT\n1e5\n", content_type="text/csv", headers=forwarded)
    assert sent.headers["Location"] == f"/credit-api/jobs/{sent.get_json()['id']}"
    document = recording.get("/openapi.json", headers=forwarded).get_json()
    assert document["servers"] == [{"url": "/credit-api"}]
    assert recording.get("/openapi.json").get_json()["servers"] == [{"url": "/"}]
    assert recording.get("/openapi.json", base_url="http://localhost/other").get_json()["servers"] == [
        {"url": "/other"}
    ]


@pytest.mark.parametrize("prefix", ["//evil.example", "/a/../b", "https://evil.example", "/a b", "evil", "/a//b"])
def test_a_path_of_a_proxy_that_is_none_is_refused(recording: FlaskClient, prefix: str) -> None:
    assert recording.get("/openapi.json", headers={"X-Forwarded-Prefix": prefix}).status_code == 400
