"""A client's whole file in one answer, under one record: the same as its parts, as far as the caller may read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from api import audit, create_app
from core.access.keys import digest
from core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer


@pytest.fixture
def make(
    installed: Callable[..., Settings], portfolio: Portfolio, scorer: Scorer, tmp_path: Path
) -> Iterator[Callable[..., FlaskClient]]:
    """Makes an API with a record of its own."""
    made: list[Flask] = []

    def start(**named: Any) -> FlaskClient:
        given = installed(
            tmp_path,
            rate_limit="off",
            **named,
        )
        made.append(create_app(given, scorer, portfolio))
        return made[-1].test_client()

    yield start
    for each in made:
        audit.close(each)


@pytest.fixture
def api(make: Callable[..., FlaskClient]) -> FlaskClient:
    return make()


@pytest.fixture(scope="module")
def refused(portfolio: Portfolio) -> int:
    """The client nearest to an acceptance: who has ways to it."""
    found = [client for client in portfolio.search(limit=400).clients if client.decision == "REFUSÉ"]
    return min(found, key=lambda client: client.probability).client_id


def kinds(api: FlaskClient) -> list[str]:
    return [prediction["kind"] for prediction in api.get("/predictions").get_json()["predictions"]]


def test_the_parts_are_those_of_their_own_routes(api: FlaskClient, refused: int) -> None:
    alone = api.get(f"/clients/{refused}?lang=fr").get_json()
    whole = api.get(f"/clients/{refused}?include=file&top_n=40&lang=fr").get_json()
    recorded = {"prediction_id": ""}
    assert whole | {"file": None, "prediction": whole["prediction"] | recorded} == alone | {
        "prediction": alone["prediction"] | recorded
    }
    file = whole["file"]
    explained = api.post(
        f"/predict/explain?client_id={refused}&top_n=40&include=recourse&lang=fr", json={"features": {}}
    ).get_json()
    assert file["explanation"] == {name: explained[name] for name in file["explanation"]}
    assert len(file["explanation"]["top_features"]) == 40
    ways = api.post(f"/recourse?client_id={refused}&lang=fr", json={"features": {}}).get_json()
    assert file["recourse"] == explained["recourse"] == {name: ways[name] for name in file["recourse"]}
    assert file["recourse"]["options"]
    assert file["history"] == api.get(f"/clients/{refused}/history?lang=fr").get_json()


def test_it_is_one_record_of_what_was_shown(api: FlaskClient, refused: int, scorer: Scorer) -> None:
    from core.application import Application

    prediction = api.get(f"/clients/{refused}?include=file").get_json()["prediction"]
    (row,) = api.get("/predictions?include=inputs").get_json()["predictions"]
    assert (row["id"], row["kind"], row["application"]) == (prediction["prediction_id"], "client", "on_file")
    assert row["probability"] == prediction["probability"] == scorer.decide(Application(row["inputs"])).probability
    # Ways are no decisions where they come with one; asked for alone, they are on record as before.
    api.post(f"/predict/explain?client_id={refused}&include=recourse", json={"features": {}})
    assert kinds(api) == ["explain", "client"]
    api.post(f"/recourse?client_id={refused}", json={"features": {}})
    assert kinds(api).count("recourse") > 1


def test_an_application_alone_is_no_decision(api: FlaskClient, refused: int, portfolio: Portfolio) -> None:
    content = api.get(f"/clients/{refused}/application").get_json()
    assert content == {
        "client_id": refused,
        "features": api.get(f"/clients/{refused}").get_json()["features"],
        "portfolio": str(portfolio.provenance),
    }
    assert kinds(api) == ["client"]
    assert api.get("/clients/1/application").status_code == api.get("/clients/1?include=file").status_code == 404


def test_decisions_of_officers_are_for_who_may_read_them(make: Callable[..., FlaskClient], refused: int) -> None:
    keys = ",".join(f"{role}:{role}:{digest(role).hex()}" for role in ("score", "review"))
    api = make(api_keys=keys)

    def ask(role: str) -> Any:
        return api.get(f"/clients/{refused}?include=file", headers={"X-API-Key": role}).get_json()

    assert ask("review")["file"]["decisions"] == []
    for reason in ("First reason", "Second reason"):
        said = {"prediction_id": ask("score")["prediction"]["prediction_id"], "decision": "ACCEPTÉ", "reason": reason}
        answer = api.post("/decisions", json=said | {"officer": "Ada"}, headers={"X-API-Key": "review"})
        assert answer.status_code == 201
    listed = api.get(f"/decisions?client_id={refused}&on_hand=true", headers={"X-API-Key": "review"}).get_json()
    shown = ask("review")["file"]["decisions"]
    assert shown == listed["decisions"]
    assert [each["reason"] for each in shown] == ["Second reason", "First reason"]
    assert ask("score")["file"]["decisions"] is None
    assert ask("score")["final_decision"]["officer"] == "Ada"


@pytest.mark.parametrize(
    ("path", "expected"), [("/clients/{}", "one of: file"), ("/predict/explain", "one of: recourse")]
)
def test_what_cannot_be_included_is_told(api: FlaskClient, refused: int, path: str, expected: str) -> None:
    address = f"{path.format(refused)}?include=everything"
    answer = api.get(address) if "{}" in path else api.post(address, json={"features": {"AMT_CREDIT": 1e5}})
    assert answer.status_code == 400
    (error,) = answer.get_json()["errors"]
    assert (error["field"], error["expected"]) == ("include", expected)
