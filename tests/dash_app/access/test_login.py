"""Signing in through a provider, and what is there for those who have not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from pydantic import ValidationError

from core.settings import Settings
from dash_app import create_app
from dash_app.access import IncompleteLogin
from tests.dash_app.access.provider import Provider, client_id

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.dash_app.access.conftest import Maker

page = {"Accept": "text/html"}


def sign_in(client: FlaskClient, address: str = "/comparison?client=9000001") -> TestResponse:
    """Follows a browser from an address to the provider and back; gives the answer to its return."""
    asked = client.get(address, headers=page)
    assert asked.status_code == 302
    leaving = client.get(asked.location)
    assert leaving.status_code == 302
    back = requests.get(leaving.location, timeout=10, allow_redirects=False).headers["Location"]
    return client.get(back.removeprefix("http://localhost"))


@pytest.fixture
def client(with_login: Maker) -> FlaskClient:
    made: FlaskClient = with_login().server.test_client()
    return made


def test_a_reader_signs_in_and_arrives_where_they_were_going(client: FlaskClient, provider: Provider) -> None:
    arrived = sign_in(client)
    assert (arrived.status_code, arrived.location) == (302, "/comparison?client=9000001")
    assert provider.asked["response_type"] == "code"
    assert provider.asked["code_challenge_method"] == "S256"
    assert provider.asked["redirect_uri"] == "http://localhost/login/callback"
    assert set(provider.asked["scope"].split()) == {"openid", "profile", "email"}
    assert client.get("/comparison", headers=page).status_code == 200


def test_the_page_says_who_is_signed_in(client: FlaskClient) -> None:
    sign_in(client)
    assert "Awa Diop" in client.get("/_dash-layout").get_data(as_text=True)


def test_what_nobody_sees_of_a_name_is_left_out(with_login: Maker, provider: Provider) -> None:
    provider.claims["name"] = "Li\u200cna \u202eRoy\u2028"
    client = with_login().server.test_client()
    assert sign_in(client).status_code == 302
    with client.session_transaction() as session:
        assert session["reader"]["name"] == "Lina Roy"
    # What stands for somebody is taken whole, or not at all.
    provider.claims["sub"] = "u-\u200c1"
    assert sign_in(with_login().server.test_client()).status_code == 403


def test_the_session_is_a_cookie_that_scripts_and_other_sites_do_not_get(with_login: Maker) -> None:
    client = with_login(dash_url_base_pathname="/").server.test_client()
    cookies = sign_in(client).headers.getlist("Set-Cookie")
    (session,) = (cooky for cooky in cookies if cooky.startswith("session=") and "Awa" not in cooky)
    assert "HttpOnly" in session
    assert "SameSite=Lax" in session


def test_elsewhere_than_on_this_machine_the_cookie_takes_https(with_login: Maker) -> None:
    app = with_login(oidc_issuer="https://login.bank.example")
    assert app.server.config["SESSION_COOKIE_SECURE"] is True


@pytest.mark.parametrize("path", ["/_dash-layout", "/_dash-dependencies", "/_dash-update-component"])
def test_what_pages_ask_for_is_refused_without_a_session(client: FlaskClient, path: str) -> None:
    ask = client.post if path.endswith("component") else client.get
    assert ask(path, headers={"Accept": "*/*"}).status_code == 401


def test_probes_and_assets_need_no_session(client: FlaskClient) -> None:
    assert client.get("/health").status_code == 200
    assert client.get("/assets/favicon.svg", buffered=True).status_code == 200


@pytest.mark.parametrize("key", ["", "another key, and long enough for it"])
def test_a_session_that_somebody_else_signed_is_none(client: FlaskClient, key: str) -> None:
    sign_in(client)
    cookie = client.get_cookie("session")
    assert cookie is not None
    found = SecureCookieSessionInterface().get_signing_serializer(client.application)
    assert found is not None
    content = found.loads(cookie.value)
    assert content["reader"]["subject"] == "u-1"
    stranger = Flask("stranger")
    stranger.secret_key = key or None
    forger = SecureCookieSessionInterface().get_signing_serializer(stranger)
    body, _, _signature = cookie.value.partition(".")
    client.set_cookie("session", forger.dumps(content) if forger else f"{body}.")
    assert client.get("/_dash-layout").status_code == 401


def test_a_session_ends(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(client)
    later = time.time() + 8 * 3600 + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert client.get("/_dash-layout").status_code == 401


def test_signing_out_ends_the_session_here_and_at_the_provider(client: FlaskClient, provider: Provider) -> None:
    sign_in(client)
    left = client.post("/logout")
    assert left.status_code == 303
    assert left.location.startswith(f"{provider.issuer}/end?")
    asked = parse_qs(urlsplit(left.location).query)
    assert asked == {"post_logout_redirect_uri": ["http://localhost/"], "client_id": [client_id]}
    assert client.get("/", headers=page).status_code == 302


@pytest.mark.parametrize(
    "changed",
    [{"aud": "another"}, {"iss": "https://elsewhere.example"}, {"exp": 1}, {"nonce": "another"}, {"sub": ""}],
    ids=lambda changed: next(iter(changed)),
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    client: FlaskClient, provider: Provider, changed: dict[str, object]
) -> None:
    provider.changed = changed
    refused = sign_in(client)
    assert refused.status_code == 403
    assert "La connexion n’a pas abouti" in refused.get_data(as_text=True)
    assert client.get("/", headers=page).status_code == 302


def test_a_token_signed_by_somebody_else_is_refused(client: FlaskClient, provider: Provider) -> None:
    provider.signs = False
    assert sign_in(client).status_code == 403


def test_a_return_that_nobody_asked_for_is_refused(client: FlaskClient) -> None:
    refused = client.get("/login/callback?code=c-1&state=made-up")
    assert refused.status_code == 403
    assert "Traceback" not in refused.get_data(as_text=True)


@pytest.mark.parametrize(("cookie", "theme"), [("dark", "dark"), ("light", "light"), (None, "light"), ("x", "light")])
def test_who_is_not_let_in_keeps_the_theme(client: FlaskClient, cookie: str | None, theme: str) -> None:
    if cookie is not None:
        client.set_cookie("theme", cookie)
    refused = client.get("/login/callback?code=c-1&state=made-up").get_data(as_text=True)
    assert f'data-bs-theme="{theme}"' in refused


@pytest.mark.parametrize(
    ("groups", "status"), [(["credit", "x"], 302), ("credit", 302), (["savings"], 403), (None, 403)]
)
def test_only_those_with_the_claim_are_let_in(
    with_login: Maker, provider: Provider, groups: object, status: int
) -> None:
    provider.claims["groups"] = groups
    client = with_login(oidc_required_claim="groups=credit").server.test_client()
    assert sign_in(client).status_code == status


@pytest.mark.parametrize("wanted", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example"])
def test_nobody_is_sent_elsewhere_after_signing_in(client: FlaskClient, wanted: str) -> None:
    leaving = client.get("/login", query_string={"next": wanted})
    back = requests.get(leaving.location, timeout=10, allow_redirects=False).headers["Location"]
    assert client.get(back.removeprefix("http://localhost")).location == "/"


def test_a_provider_that_is_away_is_said(with_login: Maker) -> None:
    gone = Provider()
    gone.stop()
    client = with_login(oidc_issuer=gone.issuer).server.test_client()
    away = client.get("/login", headers={"Accept-Language": "en"})
    assert away.status_code == 503
    assert "the sign-in service does not answer" in away.get_data(as_text=True)


def test_under_a_path_everything_of_the_login_is_under_it(with_login: Maker, provider: Provider) -> None:
    client = with_login(dash_url_base_pathname="/credit/").server.test_client()
    arrived = sign_in(client, "/credit/drift")
    assert arrived.location == "/credit/drift"
    assert provider.asked["redirect_uri"] == "http://localhost/credit/login/callback"
    assert client.get("/credit/drift", headers=page).status_code == 200


@pytest.mark.parametrize("missing", ["oidc_client_id", "oidc_client_secret", "secret_key"])
def test_half_a_login_does_not_start(with_login: Maker, missing: str) -> None:
    with pytest.raises(IncompleteLogin, match=missing.upper()):
        with_login(**{missing: None})


def test_a_key_that_is_too_short_is_refused() -> None:
    with pytest.raises(ValidationError, match="secret_key"):
        Settings.model_validate({"secret_key": "short"})


def test_without_an_issuer_nobody_signs_in() -> None:
    client = create_app(Settings()).server.test_client()
    assert client.get("/", headers=page).status_code == 200
    assert client.get("/login").status_code == 200  # a page that does not exist, in the dashboard's own words
    assert "account" not in client.get("/_dash-layout").get_data(as_text=True)
