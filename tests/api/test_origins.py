"""Pages of other origins: none may call, but those of `CORS_ORIGINS`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from api import create_app
from api.origins import InvalidOrigins, origins_of
from core.settings import Settings

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from core.portfolio import Portfolio
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
