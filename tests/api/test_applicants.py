"""A client on hand, named in the address: what is stored is taken, and what is sent goes before it."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from api import create_app
from api.openapi.examples import features
from core.portfolio.clients import Portfolio
from core.scoring import Scorer
from core.settings import Settings


@pytest.fixture(scope="module")
def known(portfolio: Portfolio) -> int:
    """A client with an external score on file."""
    for client in portfolio.search(limit=50).clients:
        if portfolio.client(client.client_id).features["EXT_SOURCE_3"] is not None:
            return client.client_id
    raise AssertionError


def probability(client: FlaskClient, body: object, **query: object) -> float:
    answer = client.post("/predict", json=body, query_string=query)
    assert answer.status_code == 200, answer.text
    found: float = answer.get_json()["probability"]
    return found


@pytest.mark.parametrize("body", [{}, {"features": {}}])
@pytest.mark.parametrize("path", ["/predict", "/predict/explain"])
def test_a_client_is_decided_on_as_stored(client: FlaskClient, known: int, path: str, body: object) -> None:
    stored = client.get(f"/clients/{known}").get_json()["prediction"]
    answer = client.post(f"{path}?client_id={known}", json=body).get_json()
    for name in ("client_id", "prediction", "decision", "risk_category", "threshold", "warnings"):
        assert answer[name] == stored[name]
    assert answer["probability"] == pytest.approx(stored["probability"], abs=1e-9)


def test_what_is_sent_goes_before_what_is_stored(client: FlaskClient, known: int) -> None:
    stored = client.get(f"/clients/{known}").get_json()["features"]
    change = {"EXT_SOURCE_3": 0.01, "AMT_CREDIT": 900_000}
    whole = {name: value for name, value in stored.items() if value is not None} | change
    assert probability(client, {"features": change}, client_id=known) == probability(client, {"features": whole})


def test_null_is_missing_whatever_is_stored(client: FlaskClient, known: int) -> None:
    stored = client.get(f"/clients/{known}").get_json()["features"]
    without = {name: value for name, value in stored.items() if value is not None and name != "EXT_SOURCE_3"}
    emptied = probability(client, {"features": {"EXT_SOURCE_3": None}}, client_id=known)
    assert emptied == probability(client, {"features": without})
    assert emptied != probability(client, {}, client_id=known)


def test_the_number_in_the_features_brings_the_history_only(client: FlaskClient, known: int) -> None:
    bare = {"features": {"SK_ID_CURR": known, "AMT_CREDIT": 500_000}}
    joined = probability(client, bare, history="portfolio")
    assert joined != probability(client, bare, client_id=known)
    assert joined != probability(client, {"features": {"AMT_CREDIT": 500_000}})


@pytest.mark.parametrize("path", ["/predict", "/predict/explain"])
def test_an_unknown_client_is_not_found(client: FlaskClient, path: str) -> None:
    answer = client.post(f"{path}?client_id=7&lang=fr", json={"features": {}})
    assert answer.status_code == 404
    assert answer.get_json()["detail"] == "Aucun client du portefeuille ne porte ce numéro."


def test_two_numbers_that_differ_are_refused(client: FlaskClient, known: int) -> None:
    answer = client.post(f"/predict?client_id={known}", json={"features": {"SK_ID_CURR": 900_001}})
    assert answer.status_code == 409
    assert answer.get_json()["detail"] == "The SK_ID_CURR sent is not the number of the client named in the address."
    assert probability(client, {"features": {"SK_ID_CURR": known}}, client_id=known) == probability(
        client, {}, client_id=known
    )


@pytest.mark.parametrize("wrong", ["-1", "many", "1.5", "", "99999999999"])
def test_a_number_that_is_none_is_named(client: FlaskClient, wrong: str) -> None:
    answer = client.post("/predict", json={"features": {}}, query_string={"client_id": wrong})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.get_json()["errors"]] == ["client_id"]


def test_bad_fields_are_named_beside_a_client(client: FlaskClient, known: int) -> None:
    answer = client.post(f"/predict?client_id={known}", json={"features": {"AMT_CREDIT": -1, "EXT_SOURCE_1": 2}})
    assert answer.status_code == 400
    assert {error["field"] for error in answer.get_json()["errors"]} == {"AMT_CREDIT", "EXT_SOURCE_1"}


def test_without_a_portfolio_there_is_no_client_to_name(models_dir: Path, scorer: Scorer, tmp_path: Path) -> None:
    client = create_app(Settings(models_dir=models_dir, data_dir=tmp_path), scorer).test_client()
    assert client.post("/predict?client_id=9000001", json={}).status_code == 503
    assert client.post("/predict", json={"features": {"SK_ID_CURR": 9_000_001}}).status_code == 400
    known = {"SK_ID_CURR": 9_000_001, "AMT_CREDIT": 500_000}
    assert client.post("/predict", json={"features": known}).status_code == 200


usual = {name: value for name, value in features.items() if name != "SK_ID_CURR"}
strange = usual | {"AMT_INCOME_TOTAL": 739_174_600}
said = "AMT_INCOME_TOTAL: outside of what the model saw in training"


@pytest.mark.parametrize("path", ["/predict", "/predict/explain", "/recourse", "/simulate"])
def test_a_value_that_training_never_saw_gets_a_warning(client: FlaskClient, path: str) -> None:
    body: dict[str, object] = {"features": strange | {"foo": 1}}
    if path == "/simulate":
        body["changes"] = {"EXT_SOURCE_1": 1}
    content = client.post(path, json=body).get_json()
    assert sorted(content["warnings"]) == [said, "foo: unknown field, ignored"]
    details = content["warning_details"]
    assert [f"{detail['field']}: {detail['message']}" for detail in details] == content["warnings"]
    assert {detail["code"]: detail["field"] for detail in details} == {
        "outside_training": "AMT_INCOME_TOTAL",
        "unknown_field": "foo",
    }
    if path == "/simulate":
        assert content["scenarios"][0]["warnings"] == ["EXT_SOURCE_1: outside of what the model saw in training"]


def test_in_a_batch_each_client_has_its_own_warnings(client: FlaskClient) -> None:
    content = client.post("/predict/batch", json={"clients": [usual, strange]}).get_json()
    assert [prediction["warnings"] for prediction in content["predictions"]] == [[], [said]]
