"""Thresholds and scenarios over HTTP: on the clients on hand, on a file that was scored, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import precision_score, recall_score

from api import create_app
from core.data import demo
from core.jobs import files
from core.jobs.running.worker import Worker
from core.jobs.store import JobStore
from core.settings import Settings
from tests.shipped import shipped_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

poorer = {"name": "Income -10 %", "rules": [{"column": "AMT_INCOME_TOTAL", "operation": "multiply", "value": 0.9}]}
capped = {"name": "Cap", "rules": [{"column": "AMT_CREDIT", "operation": "at_most", "value": 300000}]}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, installed: Callable[..., Settings]) -> Settings:
    folder = tmp_path_factory.mktemp("scenarios")
    return installed(
        folder,
    )


@pytest.fixture(scope="module")
def client(settings: Settings, scorer: Scorer, portfolio: Portfolio) -> FlaskClient:
    return create_app(settings, scorer, portfolio).test_client()


@pytest.fixture(scope="module")
def job(client: FlaskClient, settings: Settings) -> str:
    """A file of 80 applications with outcomes, scored."""
    content = demo.draw_applications(80, 23, "train").write_csv()
    sent = client.post("/jobs?filename=d%C3%A9cembre.csv", data=content, content_type="text/csv").get_json()
    Worker(settings, model=shipped_model()).run(sent["id"])
    return str(sent["id"])


def curve(client: FlaskClient, population: str) -> dict[str, Any]:
    answer = client.get("/scenarios/curve", query_string={"population": population})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_the_curve_of_the_clients_on_hand(client: FlaskClient, portfolio: Portfolio, scorer: Scorer) -> None:
    found = curve(client, "portfolio")
    clients = pl.read_parquet(portfolio.folder / "clients.parquet")
    target, probability = clients["TARGET"].to_numpy(), clients["probability"].to_numpy()
    assert found["population"] == {
        "name": "portfolio",
        "total": len(target),
        "used": len(target),
        "outcomes_known": True,
        "mean_probability": pytest.approx(probability.mean(), abs=1e-9),
    }
    at = found["curve"]["threshold"]
    assert at == sorted(set(at))
    assert {found["today"]["threshold"], found["best"]["threshold"], found["best_observed"]["threshold"], 0.1} <= set(
        at
    )
    assert found["today"]["threshold"] == scorer.model.optimal_threshold
    place = at.index(0.1)
    refused = probability >= 0.1
    point = {name: values[place] for name, values in found["curve"].items()}
    assert (point["accepted"], point["refused"]) == ((~refused).sum(), refused.sum())
    assert point["expected_defaults"] == pytest.approx(probability[~refused].sum(), abs=1e-6)
    assert point["observed_precision"] == pytest.approx(precision_score(target, refused))
    assert point["observed_recall"] == pytest.approx(recall_score(target, refused))
    cost = np.where(refused, 1 - probability, 10 * probability).mean()
    assert point["cost"] == pytest.approx(cost, abs=1e-6)
    assert found["best_observed"]["observed_cost"] == min(found["curve"]["observed_cost"])


def test_a_file_that_was_scored_is_tried_as_it_was_decided(client: FlaskClient, job: str, settings: Settings) -> None:
    found = curve(client, job)
    kept = pl.read_parquet(files.result(JobStore(settings.jobs_dir).folder(job)))
    assert found["population"]["name"] == "décembre.csv"
    assert (found["population"]["used"], found["population"]["outcomes_known"]) == (80, True)
    assert found["population"]["mean_probability"] == pytest.approx(kept["probability"].mean(), abs=1e-9)
    assert found["today"]["refused"] == kept["prediction"].sum()


def test_scenarios_side_by_side(client: FlaskClient, job: str) -> None:
    asked = {"population": job, "threshold": 0.1, "scenarios": [poorer, capped], "colour": "blue"}
    answer = client.post("/scenarios?lang=en", json=asked)
    assert answer.status_code == 200, answer.text
    found = answer.get_json()
    assert (found["threshold"], found["outcome"]["threshold"]) == (0.1, 0.1)
    assert found["bands"] == ["Très faible", "Faible", "Modéré", "Élevé", "Très élevé"]
    assert found["warnings"] == ["colour: unknown field, ignored"]
    income, cap = found["scenarios"]
    assert (income["name"], income["follows"], income["touched"]) == ("Income -10 %", [], 80)
    assert (cap["name"], cap["follows"]) == ("Cap", ["AMT_ANNUITY"])
    assert 0 < cap["touched"] < 80
    # The model is monotone: less income, no lower risk.
    assert income["mean_probability"] >= found["population"]["mean_probability"]
    assert income["flows"]["become_accepted"] == 0
    for scenario in found["scenarios"]:
        assert sum(scenario["flows"].values()) == 80
        assert sum(map(sum, scenario["bands"])) == 80
        assert (
            scenario["outcome"]["accepted"] == scenario["flows"]["stay_accepted"] + scenario["flows"]["become_accepted"]
        )


def test_without_anything_said_it_is_the_clients_on_hand_at_the_models_threshold(
    client: FlaskClient, scorer: Scorer
) -> None:
    found = client.post("/scenarios", json={}).get_json()
    assert found["population"]["name"] == "portfolio"
    assert found["threshold"] == scorer.model.optimal_threshold
    assert found["scenarios"] == []


def rule(**parts: Any) -> dict[str, Any]:
    return {"scenarios": [poorer, {"name": "bad", "rules": [parts]}]}


@pytest.mark.parametrize(
    ("body", "field", "expected"),
    [
        ({"population": "everybody"}, "population", "portfolio, or the id of a finished job"),
        ({"population": None}, "population", "portfolio, or the id"),
        ({"threshold": 1.5}, "threshold", "a number from 0 to 1"),
        ({"scenarios": {}}, "scenarios", "a list of at most 8"),
        ({"scenarios": [poorer] * 9}, "scenarios", "a list of at most 8"),
        ({"scenarios": [{"name": "", "rules": poorer["rules"]}]}, "scenarios[0].name", "text of 1 to 80"),
        ({"scenarios": ["secret"]}, "scenarios[0].name", "text of 1 to 80"),
        ({"scenarios": [{"name": "x", "rules": []}]}, "scenarios[0].rules", "a list of 1 to 12"),
        (rule(column="AMT_CREDIT", operation="double"), "scenarios[1].rules[0].operation", "one of: multiply, add"),
        (rule(column="SECRET", operation="missing"), "scenarios[1].rules[0].column", "a column of the application"),
        (rule(column="CODE_GENDER", operation="missing"), "scenarios[1].rules[0].column", "other than SK_ID_CURR"),
        (rule(column="AMT_CREDIT", operation="multiply"), "scenarios[1].rules[0].value", "a number from 0 to 100"),
        (rule(column="AMT_CREDIT", operation="add", value="1"), "scenarios[1].rules[0].value", "-1000000000"),
        (
            rule(column="CNT_CHILDREN", operation="set", value=0.9),
            "scenarios[1].rules[0].value",
            "a whole number from 0",
        ),
        (
            rule(column="CNT_CHILDREN", operation="add", value=0.4),
            "scenarios[1].rules[0].value",
            "a whole number from -1",
        ),
        (
            rule(column="CNT_CHILDREN", operation="at_most", value=31),
            "scenarios[1].rules[0].value",
            "a number from 0 to",
        ),
        (rule(column="AMT_CREDIT", operation="missing", value=1), "scenarios[1].rules[0].value", "no value"),
        (rule(column="EXT_SOURCE_2", operation="set", value=7), "scenarios[1].rules[0].value", "from 0 to 1"),
        (
            rule(column="NAME_CONTRACT_TYPE", operation="add", value=7),
            "scenarios[1].rules[0].operation",
            "set, missing",
        ),
        (
            rule(column="NAME_CONTRACT_TYPE", operation="set", value="secret"),
            "scenarios[1].rules[0].value",
            "one of: Cash loans, Revolving loans",
        ),
    ],
)
def test_what_cannot_be_tried_is_named_with_what_was_expected(
    client: FlaskClient, body: dict[str, Any], field: str, expected: str
) -> None:
    answer = client.post("/scenarios?lang=en", json=body)
    assert answer.status_code == 400
    (first, *_) = [error for error in answer.get_json()["errors"] if error["field"] == field]
    assert expected in first["expected"]
    assert "secret" not in answer.text.lower()
    assert client.post("/scenarios?lang=fr", json=body).get_json()["errors"][0]["expected"] != first["expected"]


def test_all_that_is_wrong_is_said_at_once(client: FlaskClient) -> None:
    rules = [{"column": "NO", "operation": "missing"}, {"column": "AMT_CREDIT", "operation": "set", "value": -1}]
    answer = client.post("/scenarios", json={"scenarios": [{"rules": rules}, {"name": "x", "rules": [{}]}]})
    assert [error["field"] for error in answer.get_json()["errors"]] == [
        "scenarios[0].name",
        "scenarios[0].rules[0].column",
        "scenarios[0].rules[1].value",
        "scenarios[1].rules[0].operation",
    ]


def test_the_address_of_a_curve_is_checked_alike(client: FlaskClient) -> None:
    answer = client.get("/scenarios/curve?population=everybody&lang=fr")
    assert answer.status_code == 400
    (error,) = answer.get_json()["errors"]
    assert error["field"] == "population"
    assert error["expected"] == "portfolio, ou l’identifiant d’un traitement terminé qui a des lignes notées"


def test_a_job_that_is_unknown_unfinished_or_empty_has_nothing_to_try(client: FlaskClient, settings: Settings) -> None:
    assert client.post("/scenarios", json={"population": "0" * 32}).status_code == 404
    waiting = client.post("/jobs", data="AMT_CREDIT\n1\n", content_type="text/csv").get_json()["id"]
    assert client.get(f"/scenarios/curve?population={waiting}").status_code == 409
    client.delete(f"/jobs/{waiting}")
    unsound = client.post("/jobs", data="AMT_CREDIT\noops\n", content_type="text/csv").get_json()["id"]
    Worker(settings, model=shipped_model()).run(unsound)
    answer = client.post("/scenarios", json={"population": unsound})
    assert answer.status_code in (400, 409)
    assert answer.get_json()["detail"]
