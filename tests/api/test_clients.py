"""`/clients`: found by the first digits of their number, page by page, and one at a time."""

import json

import polars as pl
import pytest
from flask.testing import FlaskClient

from api import create_app
from core import catalogue
from core.portfolio.clients import Portfolio
from core.scoring import Scorer
from core.settings import Settings


def ids(client: FlaskClient, **query: object) -> list[int]:
    answer = client.get("/clients", query_string=query)
    assert answer.status_code == 200
    return [each["client_id"] for each in answer.get_json()["clients"]]


@pytest.fixture(scope="module")
def numbers(portfolio: Portfolio) -> list[int]:
    return [int(number) for number in portfolio.index["SK_ID_CURR"]]


def test_a_page_of_clients(client: FlaskClient, portfolio: Portfolio, numbers: list[int]) -> None:
    content = client.get("/clients").get_json()
    assert list(content) == ["clients", "total", "limit", "offset"]
    assert (content["total"], content["limit"], content["offset"]) == (len(numbers), 50, 0)
    assert [each["client_id"] for each in content["clients"]] == sorted(numbers)[:50]
    first = content["clients"][0]
    features = portfolio.client(first["client_id"]).features
    assert first["income"] == features["AMT_INCOME_TOTAL"]
    assert first["credit"] == features["AMT_CREDIT"]
    assert first["contract_type"] == features["NAME_CONTRACT_TYPE"]


def test_search_is_by_the_first_digits(client: FlaskClient, numbers: list[int]) -> None:
    wanted = str(numbers[len(numbers) // 2])
    for length in range(1, len(wanted) + 1):
        prefix = wanted[:length]
        assert ids(client, search=prefix, limit=500) == sorted(n for n in numbers if str(n).startswith(prefix))[:500]
    assert ids(client, search=f" {wanted} ") == [int(wanted)]
    assert ids(client, search="not a number") == []
    assert ids(client, search="%") == []


def test_pages_follow_each_other_without_gap(client: FlaskClient, numbers: list[int]) -> None:
    found: list[int] = []
    while page := ids(client, limit=37, offset=len(found)):
        found += page
    assert found == sorted(numbers)
    assert ids(client, offset=len(numbers)) == []
    assert ids(client, offset=2**31 - 1) == []


@pytest.mark.parametrize(
    ("name", "wrong", "expected"),
    [
        ("limit", "0", "a whole number from 1 to 500"),
        ("limit", "501", "a whole number from 1 to 500"),
        ("limit", "all", "a whole number from 1 to 500"),
        ("offset", "-1", "a whole number from 0 to 2147483647"),
        ("offset", str(2**31), "a whole number from 0 to 2147483647"),
        ("search", "1" * 21, "at most 20 characters"),
        ("lang", "es", "one of: fr, en"),
    ],
)
def test_a_bad_parameter_is_named(client: FlaskClient, name: str, wrong: str, expected: str) -> None:
    answer = client.get("/clients", query_string={name: wrong})
    assert answer.status_code == 400
    (error,) = answer.get_json()["errors"]
    assert (error["field"], error["expected"]) == (name, expected)


def test_one_client_with_the_decision(
    client: FlaskClient, portfolio: Portfolio, scorer: Scorer, numbers: list[int]
) -> None:
    for number in numbers[:20]:
        answer = client.get(f"/clients/{number}")
        assert answer.status_code == 200
        content = answer.get_json()
        assert list(content) == [
            "client_id",
            "features",
            "prediction",
            "final_decision",
            "current_decision",
            "facts",
            "history_summary",
            "file",
        ]
        assert content["file"] is None
        assert content["client_id"] == content["prediction"]["client_id"] == number
        stored = portfolio.index.row(by_predicate=pl.col("SK_ID_CURR") == number, named=True)
        assert content["prediction"]["probability"] == pytest.approx(stored["probability"], abs=1e-9)
        assert content["prediction"]["threshold"] == scorer.model.optimal_threshold
        assert content["prediction"]["warnings"] == []


def test_the_features_of_a_client_can_be_sent_back(client: FlaskClient, numbers: list[int]) -> None:
    content = client.get(f"/clients/{numbers[3]}").get_json()
    assert {column.name for column in catalogue.columns()} - set(content["features"]) == {"TARGET"}
    again = client.post("/predict", json={"features": content["features"]}).get_json()
    # Each is recorded by itself, and what is sent is not what is stored.
    own = {"prediction_id": "", "history": "", "portfolio": ""}
    assert again | own == content["prediction"] | own


@pytest.mark.parametrize("number", ["1", "0", "2147483647"])
def test_an_unknown_client_is_not_found(client: FlaskClient, number: str) -> None:
    answer = client.get(f"/clients/{number}")
    assert answer.status_code == 404
    assert answer.get_json()["detail"] == "No client of the portfolio has this number."
    french = client.get(f"/clients/{number}?lang=fr").get_json()
    assert french["detail"] == "Aucun client du portefeuille ne porte ce numéro."


def test_a_language_that_we_do_not_speak_is_named(client: FlaskClient, numbers: list[int]) -> None:
    answer = client.get(f"/clients/{numbers[0]}?lang=es")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.get_json()["errors"]] == ["lang"]


@pytest.mark.parametrize("number", ["-1", "abc", "1.5", "2147483648", "9" * 50, "%00", "1e3", "é"])
def test_what_is_no_client_number_is_named(client: FlaskClient, number: str) -> None:
    answer = client.get(f"/clients/{number}")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.get_json()["errors"]] == ["client_id"]


def test_without_a_portfolio_it_says_so_until_there_is_one(
    api_settings: Settings, scorer: Scorer, portfolio: Portfolio, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data_dir = tmp_path_factory.mktemp("empty")
    client = create_app(api_settings.model_copy(update={"data_dir": data_dir}), scorer).test_client()
    for path in ("/clients", "/clients/9000002", "/data/describe"):
        answer = client.get(path)
        assert (answer.status_code, list(answer.get_json())) == (503, ["type", "status", "detail"])
        assert str(data_dir) not in answer.text
    (data_dir / "portfolio").symlink_to(portfolio.folder)
    for path in ("/clients", "/data/describe"):
        assert client.get(path).status_code == 200


def test_answers_are_json_whatever_is_missing(client: FlaskClient, numbers: list[int]) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    for path in (f"/clients/{numbers[0]}", "/clients", "/data/describe"):
        json.loads(client.get(path).data, parse_constant=refuse)


def test_filters_and_sorting_at_the_edge(client: FlaskClient) -> None:
    everybody = client.get("/clients?limit=500").get_json()["clients"]
    refused = client.get("/clients?decision=REFUSÉ&limit=500&sort=probability&order=desc").get_json()
    expected = sorted(
        (each for each in everybody if each["decision"] == "REFUSÉ"), key=lambda each: -each["probability"]
    )
    assert [each["client_id"] for each in refused["clients"]] == [each["client_id"] for each in expected]
    assert refused["total"] == len(expected) > 0
    query = {"contract_type": "Cash loans", "age_min": 40, "age_max": 50, "income_min": 100_000, "credit_max": 800_000}
    found = client.get("/clients", query_string={**query, "limit": 500}).get_json()["clients"]
    assert found == [
        each
        for each in everybody
        if each["contract_type"] == "Cash loans"
        and 40 <= each["age_years"] <= 50
        and each["income"] >= 100_000
        and each["credit"] <= 800_000
    ]
    assert found


@pytest.mark.parametrize(
    ("name", "wrong", "expected"),
    [
        ("decision", "MAYBE", "one of: ACCEPTÉ, REFUSÉ"),
        ("contract_type", "Mortgage", "one of: Cash loans, Revolving loans"),
        ("age_min", "-1", "a whole number from 0 to 120"),
        ("credit_max", "nan", "a number from 0 to 1000000000000"),
        ("sort", "name", "one of: client_id, probability, age, income, credit, annuity"),
        ("order", "down", "one of: asc, desc"),
    ],
)
def test_a_bad_filter_is_named(client: FlaskClient, name: str, wrong: str, expected: str) -> None:
    answer = client.get("/clients", query_string={name: wrong})
    assert answer.status_code == 400
    (error,) = answer.get_json()["errors"]
    assert (error["field"], error["expected"]) == (name, expected)
    assert wrong not in answer.get_data(as_text=True)


def test_facts_and_history_are_labelled(client: FlaskClient, numbers: list[int]) -> None:
    content = client.get(f"/clients/{numbers[0]}?lang=en").get_json()
    assert [fact["name"] for fact in content["facts"]] == [column.name for column in catalogue.main_columns()]
    credit = next(fact for fact in content["facts"] if fact["name"] == "AMT_CREDIT")
    assert credit["value"] == content["features"]["AMT_CREDIT"]
    assert (credit["label"], credit["group_label"]) == ("Credit amount", "Credit requested")
    assert credit["value_text"].startswith("€")
    assert content["history_summary"]
    assert all(each["value"] == content["features"][each["name"]] is not None for each in content["history_summary"])


def test_history_is_that_of_the_client(client: FlaskClient, numbers: list[int], portfolio: Portfolio) -> None:
    for number in numbers[:25]:
        content = client.get(f"/clients/{number}/history?lang=fr").get_json()
        features = portfolio.client(number).features
        assert content["client_id"] == number
        assert len(content["applications"]) == (features["PREVIOUS_APPLICATIONS"] or 0)
        assert len(content["loans"]) == (features["BUREAU_LOANS"] or 0)
        assert sum(payment["instalments"] for payment in content["payments"]) == (features["INSTALMENTS"] or 0)
        assert all(loan["status_label"] for loan in content["loans"] + content["applications"])
    assert client.get("/clients/1/history").status_code == 404
