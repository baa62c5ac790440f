"""What is asked of nothing is refused and not recorded; names are understood in any case; gaps are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from api.openapi.examples import features, legacy_features
from core import catalogue
from core.contract.field_warnings import FieldWarning
from core.text.messages import message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.testing import FlaskClient

    from core.catalogue import Language

nothing: tuple[dict[str, object], ...] = (
    {},
    {"SK_ID_CURR": 999_999},
    {"age": 35, "income": 50_000},
    {"AMT_CREDIT": None, "EXT_SOURCE_2": None},
    {"CODE_GENDER": "F", "TARGET": 1},
    {"CODE_GENDER_M": 1},
    {"EXT_SOURCE_MEAN": 0.4, "CREDIT_INCOME_RATIO": 3.1},
    {"HOUR_APPR_PROCESS_START": 10},
    {"FLAG_DOCUMENT_7": 1},
)
essentials = [column.name for column in catalogue.essential_columns()]


def body(path: str, given: Mapping[str, object]) -> dict[str, Any]:
    if path == "/predict/batch":
        return {"clients": [features, given, features, given]}
    return {"features": given} | ({"changes": {"CODE_GENDER": "M"}} if path == "/simulate" else {})


def recorded(client: FlaskClient) -> int:
    found: int = client.get("/predictions?limit=1").get_json()["total"]
    return found


@pytest.mark.parametrize("path", ["/predict", "/predict/explain", "/predict/batch", "/simulate", "/recourse"])
@pytest.mark.parametrize("given", nothing)
def test_nothing_is_decided_on_nothing(client: FlaskClient, path: str, given: dict[str, object]) -> None:
    before = recorded(client)
    answer = client.post(f"{path}?lang=fr", json=body(path, given))
    assert answer.status_code == 400
    content = answer.get_json()
    assert "AMT_CREDIT" in content["detail"]
    places = ["clients[1]", "clients[3]"] if path == "/predict/batch" else ["features"]
    assert [error["field"] for error in content["errors"]] == places
    assert {error["message"] for error in content["errors"]} == {message("nothing_usable", "fr")}
    assert recorded(client) == before


def test_a_scenario_may_not_take_away_all_there_is(client: FlaskClient) -> None:
    scenarios = [{"changes": {"AMT_CREDIT": 2e5}}, {"changes": {"AMT_CREDIT": None}}]
    answer = client.post("/simulate", json={"features": {"AMT_CREDIT": 1e5}, "scenarios": scenarios})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.get_json()["errors"]] == ["scenarios[1].changes"]


def spelt(given: dict[str, Any], how: str) -> dict[str, Any]:
    ways = {"lower": str.lower, "title": str.title, "hyphens": lambda name: f" {name.replace('_', '-')} "}
    return {ways[how](name): value for name, value in given.items()}


@pytest.mark.parametrize("how", ["lower", "title", "hyphens"])
@pytest.mark.parametrize("given", [features, legacy_features])
def test_names_are_understood_in_any_case(client: FlaskClient, how: str, given: dict[str, Any]) -> None:
    plain = client.post("/predict", json={"features": given}).get_json()
    other = client.post("/predict", json={"features": spelt(given, how)}).get_json()
    own = {"prediction_id": ""}
    assert other | own == plain | own
    batch = client.post("/predict/batch", json={"clients": [spelt(given, how)]}).get_json()
    assert batch["predictions"][0]["probability"] == pytest.approx(plain["probability"], abs=1e-12)


@pytest.mark.parametrize("second", ["amt_credit", "AMT CREDIT", "Amt-Credit"])
def test_two_spellings_of_one_column_are_refused_and_named(client: FlaskClient, second: str) -> None:
    given = {"AMT_CREDIT": 512_347, second: None, "AMT_ANNUITY": 20_000}
    answer = client.post("/predict", json={"features": given})
    assert answer.status_code == 400
    (error,) = answer.get_json()["errors"]
    assert (error["field"], error["message"]) == ("AMT_CREDIT", message("named_twice", "en"))
    assert "512347" not in answer.text
    answer = client.post("/predict/batch", json={"clients": [features, given]})
    assert [each["field"] for each in answer.get_json()["errors"]] == ["clients[1].AMT_CREDIT"]
    answer = client.post("/simulate", json={"features": features, "changes": {"AMT_CREDIT": 1e5, second: 2e5}})
    assert [each["field"] for each in answer.get_json()["errors"]] == ["changes.AMT_CREDIT"]


def test_null_in_another_case_empties_what_is_stored(client: FlaskClient, portfolio: Any) -> None:
    number = portfolio.search(limit=1).clients[0].client_id
    emptied = client.post(f"/predict?client_id={number}", json={"features": {"amt_credit": None}}).get_json()
    assert emptied["missing_essentials"] == ["AMT_CREDIT"]
    changed = client.post(f"/simulate?client_id={number}", json={"changes": {"amt_credit": None}}).get_json()
    (scenario,) = changed["scenarios"]
    assert [effect["field"] for effect in scenario["effects"]] == ["AMT_CREDIT"]
    assert scenario["after"]["missing_essentials"] == ["AMT_CREDIT"]
    assert FieldWarning.of("missing_essential", "AMT_CREDIT", "en").text in scenario["warnings"]
    assert scenario["after"]["probability"] == pytest.approx(emptied["probability"], abs=1e-9)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("missing", [[], ["AMT_CREDIT"], ["DAYS_BIRTH", "EXT_SOURCE_2"], essentials])
def test_each_essential_that_is_missing_is_told(client: FlaskClient, lang: Language, missing: list[str]) -> None:
    given = {name: value for name, value in features.items() if name not in missing}
    warnings = [FieldWarning.of("missing_essential", name, lang).text for name in essentials if name in missing]
    whole = client.post("/predict", json={"features": features}).get_json()["information"]
    for path in ("/predict", "/predict/explain", "/recourse", "/simulate"):
        content = client.post(f"{path}?lang={lang}", json=body(path, given)).get_json()
        assert content["warnings"] == warnings
        fields = [detail["field"] for detail in content["warning_details"]]
        assert fields == [name for name in essentials if name in missing]
        decision = content["before"] if path == "/simulate" else content
        assert sorted(decision["missing_essentials"]) == sorted(missing)
        assert 0 < decision["information"] <= whole
        assert (decision["information"] < whole) == bool(missing)
    content = client.post(f"/predict/batch?lang={lang}", json={"clients": [features, given]}).get_json()
    assert [prediction["warnings"] for prediction in content["predictions"]] == [[], warnings]
    assert content["predictions"][0]["information"] == whole


def test_the_earlier_system_s_callers_lack_nothing(client: FlaskClient) -> None:
    content = client.post("/predict", json={"features": legacy_features}).get_json()
    assert content["missing_essentials"] == []
