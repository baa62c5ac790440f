"""`/simulate`: changes tried, the decision before and after, and what each change contributes."""

import json
import math
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.openapi.examples import features
from core import catalogue
from core.portfolio.clients import Portfolio

changes = {"AMT_CREDIT": 300_000, "EXT_SOURCE_2": 0.2, "NAME_INCOME_TYPE": "Pensioner"}


def simulate(client: FlaskClient, body: dict[str, object], **query: object) -> Any:
    answer = client.post("/simulate", json=body, query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def errors(client: FlaskClient, body: object, **query: object) -> list[dict[str, str]]:
    answer = client.post("/simulate", json=body, query_string=query)
    assert answer.status_code == 400, answer.text
    found: list[dict[str, str]] = answer.get_json()["errors"]
    return found


def test_before_and_after_are_what_predict_says(client: FlaskClient) -> None:
    content = simulate(client, {"features": features, "changes": changes}, threshold=0.06)
    (scenario,) = content["scenarios"]
    for said, sent in ((content["before"], features), (scenario["after"], features | changes)):
        predicted = client.post("/predict?threshold=0.06", json={"features": sent}).get_json()
        for name in ("probability", "prediction", "decision", "risk_category"):
            assert said[name] == predicted[name]
        assert 1 / (1 + math.exp(-said["log_odds"])) == pytest.approx(said["probability"], abs=1e-12)
    assert (content["client_id"], content["threshold"]) == (features["SK_ID_CURR"], 0.06)
    assert scenario["changes_decision"] == (content["before"]["decision"] != scenario["after"]["decision"])


def test_the_effects_sum_to_the_difference(client: FlaskClient) -> None:
    (scenario,) = simulate(client, {"features": features, "changes": changes})["scenarios"]
    assert [effect["field"] for effect in scenario["effects"]] == list(changes)
    assert sum(effect["contribution"] for effect in scenario["effects"]) == pytest.approx(
        scenario["log_odds_change"], abs=1e-9
    )
    assert sum(effect["probability_change"] for effect in scenario["effects"]) == pytest.approx(
        scenario["probability_change"], abs=1e-9
    )


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_each_effect_is_told_in_the_language_asked_for(client: FlaskClient, lang: str) -> None:
    (scenario,) = simulate(client, {"features": features, "changes": changes | {"EXT_SOURCE_3": None}}, lang=lang)[
        "scenarios"
    ]
    for effect in scenario["effects"]:
        entry = catalogue.entry(effect["field"])
        assert effect["label"] == (entry.label_fr if lang == "fr" else entry.label_en)
        assert effect["text"].startswith(effect["label"])
        assert effect["before_text"] in effect["text"]
        assert effect["after_text"] in effect["text"]
    effects = {effect["field"]: effect for effect in scenario["effects"]}
    worse, removed = effects["EXT_SOURCE_2"], effects["EXT_SOURCE_3"]
    assert worse["direction"] == "augmente le risque"
    assert worse["contribution"] > 0
    assert (removed["before"], removed["after"]) == (0.48, None)


def test_scenarios_are_each_on_their_own(client: FlaskClient) -> None:
    wanted: list[dict[str, Any]] = [
        {"name": "smaller", "changes": {"AMT_CREDIT": 300_000}},
        {"changes": changes},
        {"name": None, "changes": {}},
    ]
    content = simulate(client, {"features": features, "scenarios": wanted})
    assert [scenario["name"] for scenario in content["scenarios"]] == ["smaller", None, None]
    alone = [
        simulate(client, {"features": features, "changes": each["changes"]})["scenarios"][0]["after"] for each in wanted
    ]
    assert [scenario["after"] for scenario in content["scenarios"]] == alone
    assert content["scenarios"][2]["after"] == content["before"]
    assert content["scenarios"][2]["effects"] == []


def test_a_client_on_hand_is_named_in_the_address(client: FlaskClient, portfolio: Portfolio) -> None:
    number = portfolio.search(limit=1).clients[0].client_id
    stored = client.get(f"/clients/{number}").get_json()
    content = simulate(client, {"changes": {"AMT_CREDIT": 90_000}}, client_id=number)
    assert content["client_id"] == number
    assert content["before"]["probability"] == pytest.approx(stored["prediction"]["probability"], abs=1e-9)
    (effect,) = content["scenarios"][0]["effects"]
    assert effect["before"] == stored["features"]["AMT_CREDIT"]
    whole = {name: value for name, value in stored["features"].items() if value is not None} | {"AMT_CREDIT": 90_000}
    after = client.post("/predict", json={"features": whole}).get_json()["probability"]
    assert content["scenarios"][0]["after"]["probability"] == pytest.approx(after, abs=1e-9)
    assert client.post("/simulate?client_id=7", json={"changes": {}}).status_code == 404


def test_history_can_be_changed_and_removed(client: FlaskClient, portfolio: Portfolio) -> None:
    number = portfolio.search(limit=1).clients[0].client_id
    stored = portfolio.client(number).features
    name = next(each for each in ("BUREAU_LOANS", "PREVIOUS_APPLICATIONS") if stored.get(each) is not None)
    content = simulate(client, {"scenarios": [{"changes": {name: None}}, {"changes": {name: 99}}]}, client_id=number)
    removed, replaced = (scenario["effects"][0] for scenario in content["scenarios"])
    assert (removed["before"], removed["after"]) == (stored[name], None)
    assert (replaced["before"], replaced["after"]) == (stored[name], 99)


def test_names_of_the_earlier_system_are_understood(client: FlaskClient) -> None:
    body = {"features": features, "changes": {"FLAG_OWN_CAR": 1, "CODE_GENDER_M": 1, "CREDIT_INCOME_RATIO": 2}}
    (scenario,) = simulate(client, body)["scenarios"]
    assert {effect["field"]: effect["after"] for effect in scenario["effects"]} == {
        "FLAG_OWN_CAR": "Y",
        "CODE_GENDER": "M",
    }
    assert [warning.split(":")[0] for warning in scenario["warnings"]] == ["CREDIT_INCOME_RATIO"]


def test_what_is_not_known_is_named(client: FlaskClient) -> None:
    body = {
        "features": features | {"foo": 1},
        "bar": 2,
        "scenarios": [{"changes": {"baz": 3, "qux": None}, "quux": 4}, {"changes": {}}],
    }
    content = simulate(client, body)
    assert [warning.split(":")[0] for warning in content["warnings"]] == ["foo", "bar"]
    assert [warning.split(":")[0] for warning in content["scenarios"][0]["warnings"]] == ["baz", "qux", "quux"]
    assert content["scenarios"][1]["warnings"] == []


wrong: list[tuple[dict[str, Any], list[str]]] = [
    ({"changes": {}}, ["features"]),
    ({"features": {}}, ["changes"]),
    ({"features": {}, "changes": {}, "scenarios": []}, ["changes"]),
    ({"features": {}, "changes": None}, ["changes"]),
    ({"features": {}, "changes": [1]}, ["changes"]),
    ({"features": {}, "scenarios": {}}, ["scenarios"]),
    ({"features": {}, "scenarios": []}, ["scenarios"]),
    ({"features": {}, "scenarios": [{"changes": {}}] * 101}, ["scenarios"]),
    ({"features": {}, "scenarios": [7391746]}, ["scenarios[0]"]),
    ({"features": {}, "scenarios": [{}]}, ["scenarios[0].changes"]),
    ({"features": {}, "scenarios": [{"changes": {}, "name": 7391746}]}, ["scenarios[0].name"]),
    ({"features": {}, "scenarios": [{"changes": {}, "name": "7391746" * 20}]}, ["scenarios[0].name"]),
    (
        {"features": {}, "changes": {"SK_ID_CURR": 7391746, "TARGET": 1, "EXT_SOURCE_1": 7391746}},
        ["changes.SK_ID_CURR", "changes.TARGET", "changes.EXT_SOURCE_1"],
    ),
    (
        {
            "features": {},
            "scenarios": [{"changes": {"AMT_CREDIT": "7391746"}}, {"changes": {"TARGET": 1}}, {"changes": {}}],
        },
        ["scenarios[0].changes.AMT_CREDIT", "scenarios[1].changes.TARGET"],
    ),
    ({"features": {}, "changes": {f"FLAG_DOCUMENT_{number}": 1 for number in range(2, 13)}}, ["changes"]),
    (
        {
            "features": {},
            "scenarios": [{"changes": {}}, {"changes": {f"FLAG_DOCUMENT_{each}": 1 for each in range(2, 22)}}],
        },
        ["scenarios[1].changes"],
    ),
]


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize(("body", "fields"), wrong)
def test_what_cannot_be_used_is_named_and_not_repeated(
    client: FlaskClient, body: dict[str, Any], fields: list[str], lang: str
) -> None:
    found = errors(client, body, lang=lang)
    assert [each["field"] for each in found] == fields
    assert all(each["message"] and each["expected"] for each in found)
    assert "7391746" not in json.dumps(found)


def test_the_bounds_are_said(client: FlaskClient) -> None:
    many = {f"FLAG_DOCUMENT_{number}": 1 for number in range(2, 13)}
    (error,) = errors(client, {"features": {}, "changes": many})
    assert error["expected"] == "at most 10 fields"
    (error,) = errors(client, {"features": {}, "scenarios": []})
    assert error["expected"] == "a list of 1 to 100 objects {name, changes}"
