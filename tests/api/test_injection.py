"""What is sent is a value and never a part of a statement: quotes find nothing, change nothing and break nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api import create_app
from api.openapi.examples import features

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer
    from core.settings import Settings

odd = ["'", '"', "o'brien", "%", "_", "\\", "a;b", "--", "{x}", "%s", ":name", "' || ''", "é\u2028"]


@pytest.fixture(scope="module")
def office(
    api_settings: Settings, portfolio: Portfolio, scorer: Scorer, tmp_path_factory: pytest.TempPathFactory
) -> FlaskClient:
    folder: Path = tmp_path_factory.mktemp("injection")
    own = {"audit_file": folder / "audit.db", "jobs_dir": folder / "jobs", "database_url": None}
    client = create_app(api_settings.model_copy(update=own), scorer, portfolio).test_client()
    asked = client.post("/predict", json={"features": features}).get_json()
    for officer in ("C. Martin", "o'brien"):
        decision = {"decision": asked["decision"], "officer": officer, "reason": "It's “known”; -- 100 %"}
        answer = client.post("/decisions", json=decision | {"prediction_id": asked["prediction_id"]})
        assert answer.status_code == 201
    return client


@pytest.mark.parametrize("value", odd)
def test_a_filter_finds_what_equals_it(office: FlaskClient, value: str) -> None:
    found = office.get("/decisions", query_string={"officer": value})
    assert found.status_code == 200
    assert [decision["officer"] for decision in found.get_json()["decisions"]] == (
        ["o'brien"] if value == "o'brien" else []
    )
    assert office.get("/predictions", query_string={"caller": value}).get_json()["total"] == 0
    # Of what is not a name at all, the one answer is that nothing is there or that it is none.
    for path in ("/predictions/{}", "/jobs/{}", "/clients/{}", "/model/card/{}"):
        assert office.get(path.format(value.replace("%", "%25"))).status_code in (400, 404), path
    assert office.get("/clients", query_string={"search": value}).get_json()["total"] == 0


def test_what_is_recorded_is_what_was_sent(office: FlaskClient) -> None:
    found = office.get("/decisions").get_json()["decisions"]
    assert {each["reason"] for each in found} == {"It's “known”; -- 100 %"}
    assert office.get("/predictions").get_json()["total"] == 1
