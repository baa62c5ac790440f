"""What each answer tells a browser, and which requests of other sites are refused."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from core.settings import Settings
from dash_app import create_app

if TYPE_CHECKING:
    from flask.testing import FlaskClient


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    made: FlaskClient = create_app(Settings()).server.test_client()
    return made


def policy(client: FlaskClient, address: str = "/") -> dict[str, list[str]]:
    said = client.get(address, buffered=True).headers["Content-Security-Policy"]
    return {name: sources for name, *sources in (each.split() for each in said.split("; "))}


def test_every_script_of_the_page_is_allowed_by_its_digest_and_no_other(client: FlaskClient) -> None:
    html = client.get("/").get_data(as_text=True)
    scripts = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>(.*?)</script>", html, re.DOTALL)
    run = [text for kind, text in scripts if "application/json" not in kind]
    assert len(run) >= 2
    allowed = policy(client)["script-src"]
    assert "'unsafe-inline'" not in allowed
    assert "'unsafe-eval'" not in allowed
    for text in run:
        assert f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in allowed


@pytest.mark.parametrize("address", ["/", "/health", "/assets/favicon.svg", "/_dash-layout", "/nowhere"])
def test_every_answer_carries_them(client: FlaskClient, address: str) -> None:
    headers = client.get(address, buffered=True).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert policy(client, address)["frame-ancestors"] == ["'none'"]
    assert policy(client, address)["default-src"] == ["'none'"]


def test_what_clients_are_told_is_not_kept(client: FlaskClient) -> None:
    assert client.get("/_dash-layout").headers["Cache-Control"] == "no-store"


def test_https_is_asked_for_where_it_is_there(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/").headers
    assert "max-age" in client.get("/", base_url="https://localhost").headers["Strict-Transport-Security"]


def test_a_proxy_is_believed_only_where_it_is_trusted() -> None:
    forwarded = {"X-Forwarded-Proto": "https"}
    plain = create_app(Settings()).server.test_client()
    assert "Strict-Transport-Security" not in plain.get("/", headers=forwarded).headers
    behind = create_app(Settings(trusted_proxies=1)).server.test_client()
    assert "Strict-Transport-Security" in behind.get("/", headers=forwarded).headers


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "same-site"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, True),
        ({"Origin": "http://localhost"}, False),
        ({"Origin": "http://localhost:81"}, True),
        ({"Origin": "https://elsewhere.example"}, True),
        ({"Origin": "null"}, True),
        ({}, False),
    ],
)
def test_pages_of_other_sites_change_nothing(client: FlaskClient, headers: dict[str, str], refused: bool) -> None:
    answer = client.post("/_dash-update-component", json={}, headers=headers)
    assert (answer.status_code == 403) is refused
    if refused:
        assert answer.get_json()["type"] == "/problems/another-site"
    assert client.get("/", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/", "/_dash-layout", "/assets/favicon.svg", "/nowhere"])
def test_another_name_is_not_answered(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 421
    assert "ALLOWED_HOSTS" in answer.text
    assert "evil" not in answer.text
    named = create_app(Settings(allowed_hosts="desk.bank.example")).server.test_client()
    assert named.get("/", headers={"Host": "desk.bank.example"}).status_code == 200


@pytest.mark.parametrize("path", ["/health", "/_stcore/health"])
def test_a_probe_asks_by_whatever_address_it_knows(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Host": "10.1.2.3:8501"})
    assert (answer.status_code, answer.get_json()["status"]) == (200, "healthy")
