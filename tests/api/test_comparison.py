"""`/clients/{id}/comparison` and `/comparison`: a client among others, explained, with numbers that scipy confirms."""

import numpy as np
import pytest
from flask.testing import FlaskClient
from scipy.stats import percentileofscore

from core.comparison.comparison_columns import ComparisonColumns, axes
from core.portfolio.clients import Portfolio


@pytest.fixture(scope="module")
def population(portfolio: Portfolio) -> ComparisonColumns:
    return ComparisonColumns(portfolio)


@pytest.fixture(scope="module")
def number(portfolio: Portfolio) -> int:
    return int(portfolio.index["SK_ID_CURR"][11])


def test_percentiles_and_sizes(client: FlaskClient, population: ComparisonColumns, number: int) -> None:
    answer = client.get(f"/clients/{number}/comparison?features=AMT_CREDIT,DAYS_BIRTH,NAME_INCOME_TYPE&lang=fr")
    assert answer.status_code == 200
    content = answer.get_json()
    assert content["client_id"] == number
    assert content["sizes"]["all"] == population.size
    assert content["sizes"]["accepted"] + content["sizes"]["refused"] == population.size
    credit, age, income_type = content["features"]
    values = population.column("AMT_CREDIT")
    everybody = np.ones(population.size, dtype=bool)
    for group, members in {"all": everybody, "accepted": ~population.refused, "refused": population.refused}.items():
        expected = percentileofscore(values[members], credit["value"], kind="mean") / 100
        assert credit["spreads"][group]["percentile"] == pytest.approx(expected)
    assert (age["unit"], age["label"]) == ("years", "Âge")
    assert age["value"] == pytest.approx(population.column("DAYS_BIRTH")[11])
    assert income_type["kind"] == "category"
    assert len(income_type["code_labels"]) == len(income_type["codes"]) == len(income_type["risk"])
    assert content["density"] is None


def test_similar_clients_are_explained(client: FlaskClient, number: int) -> None:
    content = client.get(
        f"/clients/{number}/comparison?features=AMT_CREDIT&group=similar&criteria=contract,age&lang=en"
    ).get_json()
    peers = content["peers"]
    assert peers["text"] == f"{peers['size']} clients: same type of contract, age within 5 years"
    assert content["sizes"]["similar"] == peers["size"] == sum(content["features"][0]["counts"]["similar"])
    near = client.get(f"/clients/{number}/comparison?features=AMT_CREDIT&method=nearest&neighbours=25").get_json()
    assert (near["peers"]["method"], near["peers"]["size"]) == ("nearest", 25)


def test_without_features_the_strongest_reasons_are_compared(client: FlaskClient, number: int) -> None:
    found = client.get(f"/clients/{number}/comparison").get_json()["features"]
    assert len(found) == 6
    features = client.get(f"/clients/{number}").get_json()["features"]
    given = {name: value for name, value in features.items() if value is not None}
    reasons = client.post("/predict/explain?top_n=12", json={"features": given}).get_json()["top_features"]
    shown = [reason["feature"] for reason in reasons if reason["feature"] in axes()][:6]
    assert [each["name"] for each in found] == shown


def test_density(client: FlaskClient, population: ComparisonColumns, number: int) -> None:
    content = client.get(f"/clients/{number}/comparison?x=AMT_CREDIT&y=EXT_SOURCE_2").get_json()
    density = content["density"]
    assert np.sum(density["counts"]) == (~np.isnan(population.column("EXT_SOURCE_2"))).sum()
    assert density["place"][0] == population.column("AMT_CREDIT")[11]


def test_a_new_application_is_compared_too(client: FlaskClient) -> None:
    features = {"AMT_CREDIT": 400_000, "AMT_INCOME_TOTAL": 150_000, "FLAG_OWN_CAR": "Y", "NO_SUCH": 1}
    answer = client.post(
        "/comparison?features=AMT_CREDIT,CREDIT_INCOME_RATIO,FLAG_OWN_CAR,EXT_SOURCE_1&lang=en",
        json={"features": features},
    )
    assert answer.status_code == 200
    content = answer.get_json()
    assert content["client_id"] is None
    credit, ratio, car, score = content["features"]
    assert (credit["value"], credit["value_text"]) == (400_000, "€400,000")
    assert ratio["value"] == pytest.approx(400_000 / 150_000)
    assert ratio["value_text"] == "2.67"
    assert (car["value"], car["value_text"]) == ("Y", "Yes")
    assert (score["value"], score["value_text"]) == (None, "not stated")
    assert content["peers"]["unknown"] == ["contract", "age"]
    assert any("NO_SUCH" in warning for warning in content["warnings"])


@pytest.mark.parametrize("name", axes())
def test_everything_can_be_compared(client: FlaskClient, number: int, name: str) -> None:
    answer = client.get(f"/clients/{number}/comparison?features={name}&criteria=none")
    assert answer.status_code == 200
    (found,) = answer.get_json()["features"]
    assert found["name"] == name
    assert found["label"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("features=NO_SUCH_COLUMN", "features"),
        ("features=CODE_GENDER", "features"),
        ("features=" + ",".join(list(axes())[:25]), "features"),
        ("features=", "features"),
        ("features=AMT_CREDIT,,DAYS_BIRTH", "features"),
        ("features=AMT_CREDIT&features=", "features"),
        ("criteria=hair", "criteria"),
        ("criteria=", "criteria"),
        ("criteria=age,", "criteria"),
        ("criteria=+&criteria=age", "criteria"),
        ("group=others", "group"),
        ("neighbours=3", "neighbours"),
        ("x=NAME_INCOME_TYPE&y=AMT_CREDIT", "x"),
        ("x=AMT_CREDIT&y=AMT_CREDIT,AMT_ANNUITY", "y"),
    ],
)
def test_a_bad_parameter_is_named(client: FlaskClient, number: int, query: str, field: str) -> None:
    answer = client.get(f"/clients/{number}/comparison?{query}")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.get_json()["errors"]] == [field]


def test_nothing_in_common_is_asked_for_by_name(client: FlaskClient, number: int) -> None:
    asked = f"/clients/{number}/comparison?features=AMT_CREDIT&criteria="
    nothing = client.get(f"{asked}none").get_json()
    assert (nothing["peers"]["kept"], nothing["peers"]["size"]) == ([], nothing["sizes"]["all"] - 1)
    assert client.get(f"{asked}none,age").get_json()["peers"] == client.get(f"{asked}age").get_json()["peers"]


def test_an_unknown_client_is_404(client: FlaskClient) -> None:
    assert client.get("/clients/1/comparison").status_code == 404


def test_another_client_stands_in_the_same_groups(
    client: FlaskClient, portfolio: Portfolio, population: ComparisonColumns, number: int
) -> None:
    other = int(portfolio.index["SK_ID_CURR"][29])
    asked = f"/clients/{number}/comparison?features=AMT_CREDIT,DAYS_BIRTH,NAME_INCOME_TYPE&criteria=contract,age"
    content = client.get(f"{asked}&against={other}").get_json()
    assert content["against"]["client_id"] == other
    credit, age, income_type = content["against"]["places"]
    values = population.column("AMT_CREDIT")
    assert credit["value"] == values[29]
    assert credit["percentiles"]["all"] == pytest.approx(percentileofscore(values, values[29], kind="mean") / 100)
    assert age["value"] == pytest.approx(population.column("DAYS_BIRTH")[29])
    assert income_type["value"] == portfolio.client(other).features["NAME_INCOME_TYPE"]
    assert set(income_type["percentiles"].values()) == {None}
    # The groups stay those of the client: only with themselves does another client share them all.
    same = client.get(f"{asked}&against={number}").get_json()
    assert same["against"]["places"][0]["percentiles"] == {
        group: spread["percentile"] for group, spread in same["features"][0]["spreads"].items()
    }
    assert client.get(asked).get_json()["against"] is None
    assert client.get(f"{asked}&against=1").status_code == 404


def test_the_accepted_clients_most_like_an_application(
    client: FlaskClient, population: ComparisonColumns, number: int
) -> None:
    features = client.get(f"/clients/{number}/application").get_json()["features"]
    answer = client.post("/comparison/accepted?count=3&lang=fr", json={"features": features})
    assert answer.status_code == 200
    content = answer.get_json()
    assert (content["client_id"], len(content["clients"])) == (number, 3)
    places = [population.position(near["client_id"]) for near in content["clients"]]
    assert not any(population.refused[place] for place in places if place is not None)
    assert {11, None}.isdisjoint(places)
    assert content["variables"][0]["label"] == "Revenu"
