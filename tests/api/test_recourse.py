"""`/recourse`: what would make a refused application accepted, and how much room an accepted one has."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.openapi.examples import features
from core import catalogue
from core.portfolio.clients import Portfolio


def recourse(client: FlaskClient, body: dict[str, object], **query: object) -> Any:
    answer = client.post("/recourse", json=body, query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


@pytest.fixture
def stricter(client: FlaskClient) -> float:
    """A threshold at which the example is refused, though not by much."""
    probability: float = client.post("/predict", json={"features": features}).get_json()["probability"]
    return probability * 0.97


def test_a_refused_application_is_told_ways_out_that_hold(client: FlaskClient, stricter: float) -> None:
    content = recourse(client, {"features": features, "threshold": stricter})
    assert (content["decision"], content["already_accepted"], content["reachable"]) == ("REFUSÉ", False, True)
    assert content["threshold"] == stricter
    assert content["options"]
    assert (content["nearest"], content["margins"]) == (None, [])
    efforts = [option["effort"] for option in content["options"]]
    assert efforts == sorted(efforts)
    for option in content["options"]:
        answer = client.post(
            "/predict", json={"features": features | option["changes"]}, query_string={"threshold": stricter}
        ).get_json()
        assert answer["decision"] == option["decision"] == "ACCEPTÉ"
        assert answer["probability"] == pytest.approx(option["probability"], abs=1e-12)
        assert option["buffer"] == pytest.approx(stricter - answer["probability"], abs=1e-12)
        assert option["narrow"] or option["buffer"] >= 0.005
        assert option["effort"] == pytest.approx(sum(move["effort"] for move in option["moves"]))
        moved = [change for move in option["moves"] for change in move["changes"]]
        assert {change["field"]: change["after"] for change in moved} == option["changes"]


def test_its_changes_go_into_a_simulation_as_they_are(client: FlaskClient, stricter: float) -> None:
    option = recourse(client, {"features": features}, threshold=stricter)["options"][0]
    simulated = client.post(
        "/simulate", json={"features": features, "changes": option["changes"]}, query_string={"threshold": stricter}
    ).get_json()
    (scenario,) = simulated["scenarios"]
    assert scenario["changes_decision"]
    assert scenario["after"]["probability"] == option["probability"]


def test_an_accepted_application_is_told_its_room(client: FlaskClient) -> None:
    content = recourse(client, {"features": features, "threshold": 0.3})
    assert (content["already_accepted"], content["reachable"]) == (True, True)
    assert (content["options"], content["insufficient"], content["nearest"]) == ([], [], None)
    assert content["different"] == []
    # Only where a refusal was found: of this application it may be that none is within the bounds.
    assert content["margins"] or content["text"]
    for margin in content["margins"]:
        assert margin["decision"] == "ACCEPTÉ"


def test_where_nothing_suffices_it_says_so(client: FlaskClient) -> None:
    content = recourse(client, {"features": features, "threshold": 0.000001})
    assert (content["already_accepted"], content["reachable"], content["options"]) == (False, False, [])
    assert content["nearest"]["probability"] < content["probability"]
    assert content["nearest"]["decision"] == "REFUSÉ"
    assert content["text"].startswith("No change within the client's reach is enough")


@pytest.mark.parametrize("threshold", [0.000001, 0.045, 0.3])
def test_it_is_told_in_the_language_asked_for(client: FlaskClient, threshold: float) -> None:
    french, english = (
        recourse(client, {"features": features, "threshold": threshold}, lang=lang) for lang in ("fr", "en")
    )
    assert french["text"] != english["text"]
    for kind in ("options", "insufficient", "margins"):
        for one, other in zip(french[kind], english[kind], strict=True):
            assert one["text"] != other["text"]
            assert one["changes"] == other["changes"]
            for move in one["moves"]:
                for change in move["changes"]:
                    assert change["label"] == catalogue.entry(change["field"]).label_fr


def test_the_threshold_of_the_body_goes_before_that_of_the_address(client: FlaskClient) -> None:
    assert recourse(client, {"features": features, "threshold": 0.3}, threshold=0.01)["threshold"] == 0.3
    assert recourse(client, {"features": features, "threshold": None}, threshold=0.01)["threshold"] == 0.01


def test_only_the_levers_that_are_named_are_pulled(client: FlaskClient) -> None:
    body: dict[str, object] = {"features": features, "threshold": 0.01, "levers": ["duration", "duration"]}
    content = recourse(client, body)
    said = [*content["options"], *content["insufficient"]]
    assert {move["lever"] for each in said for move in each["moves"]} == {"duration"}
    assert recourse(client, {"features": features, "threshold": 0.01, "levers": []})["nearest"] is None


def test_a_client_on_hand_is_named_in_the_address(client: FlaskClient, portfolio: Portfolio) -> None:
    line = next(each for each in portfolio.search(limit=400).clients if each.decision == "REFUSÉ")
    content = recourse(client, {}, client_id=line.client_id)
    assert content["client_id"] == line.client_id
    assert content["probability"] == pytest.approx(line.probability, abs=1e-9)
    assert client.post("/recourse?client_id=7", json={}).status_code == 404


def test_an_application_without_amounts_has_only_scores_to_give(client: FlaskClient) -> None:
    given = {"CNT_CHILDREN": 1}
    threshold = client.post("/predict", json={"features": given}).get_json()["probability"] - 0.001
    content = recourse(client, {"features": given, "threshold": threshold})
    assert (content["options"], content["insufficient"]) == ([], [])
    assert {move["lever"] for each in content["different"] for move in each["moves"]} == {"external_score"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "features"),
        ({"features": {}, "threshold": 2}, "threshold"),
        ({"features": {}, "threshold": "a"}, "threshold"),
        ({"features": {}, "levers": "credit"}, "levers"),
        ({"features": {}, "levers": ["salary"]}, "levers"),
        ({"features": {}, "levers": ["credit"] * 8}, "levers"),
        ({"features": {}, "levers": [["credit"]]}, "levers"),
        ({"features": {"AMT_CREDIT": -7391746}}, "AMT_CREDIT"),
    ],
)
def test_what_cannot_be_used_is_named(client: FlaskClient, body: dict[str, object], field: str) -> None:
    answer = client.post("/recourse", json=body)
    assert answer.status_code == 400
    (error,) = answer.get_json()["errors"]
    assert error["field"] == field
    assert error["expected"]
    assert "7391746" not in answer.text
    assert "salary" not in answer.text
