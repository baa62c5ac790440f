"""`/predict/batch`: many decisions, each as if it had been asked for alone."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.openapi.examples import features, legacy_features
from core.contract.prediction import BatchPrediction
from core.portfolio.clients import Portfolio
from core.scoring import Scorer


@pytest.fixture(scope="module")
def applications(portfolio: Portfolio) -> list[dict[str, object]]:
    return [
        {name: value for name, value in portfolio.client(line.client_id).features.items() if value is not None}
        for line in portfolio.search(limit=40).clients
    ]


def batch(client: FlaskClient, clients: object, **rest: object) -> TestResponse:
    return client.post("/predict/batch", json={"clients": clients} | rest)


def unrecorded(content: dict[str, Any]) -> dict[str, Any]:
    """An answer without what differs each time that it is given."""
    return content | {"predictions": [prediction | {"prediction_id": ""} for prediction in content["predictions"]]}


def test_the_answer_is_the_contracts(client: FlaskClient, applications: list[dict[str, object]]) -> None:
    answer = batch(client, applications)
    assert answer.status_code == 200
    content = answer.get_json()
    assert list(content)[:4] == ["predictions", "total_clients", "accepted_count", "refused_count"]
    assert content["total_clients"] == len(content["predictions"]) == len(applications)
    decisions = [prediction["decision"] for prediction in content["predictions"]]
    assert content["accepted_count"] == decisions.count("ACCEPTÉ")
    assert content["refused_count"] == decisions.count("REFUSÉ")
    assert [prediction["client_id"] for prediction in content["predictions"]] == [
        application["SK_ID_CURR"] for application in applications
    ]


def test_each_is_as_if_asked_for_alone(client: FlaskClient, applications: list[dict[str, object]]) -> None:
    together = batch(client, applications).get_json()["predictions"]
    for application, prediction in zip(applications, together, strict=True):
        alone = client.post("/predict", json={"features": application}).get_json()
        assert prediction["probability"] == pytest.approx(alone["probability"], abs=1e-9)
        # Each is recorded by itself.
        assert prediction["prediction_id"] != alone["prediction_id"]
        own = {"probability": 0, "prediction_id": ""}
        assert prediction | own == alone | own
        assert list(prediction) == list(alone)


def test_the_order_is_that_of_the_request(client: FlaskClient, applications: list[dict[str, object]]) -> None:
    straight = batch(client, applications).get_json()["predictions"]
    turned = batch(client, applications[::-1]).get_json()["predictions"]
    assert [each["client_id"] for each in turned] == [each["client_id"] for each in straight[::-1]]
    for one, other in zip(turned, straight[::-1], strict=True):
        assert one["probability"] == pytest.approx(other["probability"], abs=1e-9)


@pytest.mark.parametrize("threshold", [0, 0.2, 1])
def test_the_threshold_comes_in_the_body_or_in_the_address(client: FlaskClient, threshold: float) -> None:
    clients = [features, legacy_features]
    in_body = batch(client, clients, threshold=threshold).get_json()
    assert {prediction["threshold"] for prediction in in_body["predictions"]} == {threshold}
    in_address = client.post(f"/predict/batch?threshold={threshold}", json={"clients": clients}).get_json()
    assert unrecorded(in_address) == unrecorded(in_body)
    both = client.post("/predict/batch?threshold=0.7", json={"clients": clients, "threshold": threshold}).get_json()
    assert unrecorded(both) == unrecorded(in_body)


def test_no_threshold_means_the_models(client: FlaskClient, scorer: Scorer) -> None:
    for rest in ({}, {"threshold": None}):
        (prediction,) = batch(client, [features], **rest).get_json()["predictions"]
        assert prediction["threshold"] == scorer.model.optimal_threshold


def test_a_thousand_are_answered(client: FlaskClient) -> None:
    answer = batch(client, [{"SK_ID_CURR": 900000 + number, "EXT_SOURCE_2": 0.5} for number in range(1000)])
    assert answer.status_code == 200
    assert [prediction["client_id"] for prediction in answer.get_json()["predictions"]] == list(range(900000, 901000))


@pytest.mark.parametrize("clients", [[], [{}] * 1001, {}, {"EXT_SOURCE_2": 0.5}, "all", 3, None, True])
def test_clients_has_to_be_a_list_of_1_to_1000(client: FlaskClient, clients: object) -> None:
    answer = batch(client, clients)
    assert answer.status_code == 400
    (error,) = answer.get_json()["errors"]
    assert error["field"] == "clients"
    assert "a list of 1 to 1000 objects" in error["expected"]


def test_every_bad_field_of_every_client_is_named(client: FlaskClient) -> None:
    answer = batch(
        client,
        [
            features,
            {"AMT_CREDIT": "secret-amount", "NAME_CONTRACT_TYPE": "secret-contract"},
            "secret-client",
            features | {"EXT_SOURCE_2": 1.5},
        ],
    )
    assert answer.status_code == 400
    named = {error["field"]: error["expected"] for error in answer.get_json()["errors"]}
    assert list(named) == [
        "clients[1].NAME_CONTRACT_TYPE",
        "clients[1].AMT_CREDIT",
        "clients[2]",
        "clients[3].EXT_SOURCE_2",
    ]
    assert named["clients[1].NAME_CONTRACT_TYPE"] == "one of: Cash loans, Revolving loans"
    assert "secret" not in answer.text


@pytest.mark.parametrize("threshold", [-0.1, 1.1, "0.5", True, [0.5], float("nan"), float("inf"), 10**400])
def test_a_threshold_that_is_no_probability_is_named(client: FlaskClient, threshold: object) -> None:
    answer = batch(client, [features], threshold=threshold)
    assert answer.status_code == 400
    (error,) = answer.get_json()["errors"]
    assert (error["field"], error["expected"]) == ("threshold", "a number from 0 to 1")


def test_keys_beside_clients_are_warnings(client: FlaskClient) -> None:
    content = batch(client, [features], treshold=0.3).get_json()
    assert content["warnings"] == ["treshold: unknown field, ignored"]
    assert content["predictions"][0]["warnings"] == []


def test_the_answer_is_what_its_model_says_to_the_letter(client: FlaskClient) -> None:
    """It is written without being made a model of: the fields, their order and their bounds are those of the model."""
    answer = batch(client, [{**features, "SK_ID_CURR": 7}, {"EXT_SOURCE_2": 0.5, "UNKNOWN": 1}])
    assert BatchPrediction.model_validate_json(answer.data, strict=True).model_dump_json().encode() == answer.data
