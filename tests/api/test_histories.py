"""Whose history a decision rests on: joined where clients on hand are real or it is asked for, and always said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from api import create_app
from core import catalogue
from core.data import demo
from core.features import history_names
from core.jobs.running.worker import Worker
from core.settings import Settings
from tests.shipped import shipped_model

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flask.testing import FlaskClient

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

Features = dict[str, Any]
paths = ["/predict", "/predict/explain", "/simulate", "/recourse", "/predict/batch", "/comparison"]


class Bank:
    """An API with clients on hand, and an application of one of them without its history."""

    def __init__(self, portfolio: Portfolio, scorer: Scorer, models_dir: Path, folder: Path) -> None:
        settings = Settings(
            models_dir=models_dir,
            data_dir=portfolio.folder.parent,
            jobs_dir=folder / "jobs",
            audit_file=folder / "audit.db",
        )
        self.portfolio, self.worker = portfolio, Worker(settings, model=shipped_model())
        self.client: FlaskClient = create_app(settings, scorer, portfolio).test_client()
        found = portfolio.client(portfolio.search(limit=1).clients[0].client_id)
        whole = {name: value for name, value in found.features.items() if value is not None}
        self.number = found.client_id
        self.history: Features = {name: whole[name] for name in history_names() if name in whole}
        self.raw: Features = {name: value for name, value in whole.items() if name in catalogue.polars_schema()}

    def ask(self, path: str, features: Mapping[str, object], **query: object) -> dict[str, Any]:
        body: dict[str, object] = {"features": features}
        if path == "/predict/batch":
            body = {"clients": [features]}
        if path == "/simulate":
            body["changes"] = {"AMT_CREDIT": 300_000}
        answer = self.client.post(path, json=body, query_string=query)
        assert answer.status_code == 200, answer.text
        content: dict[str, Any] = answer.get_json()
        return content["predictions"][0] if path == "/predict/batch" else content

    def recorded(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get("/predictions?include=inputs&limit=100").get_json()["predictions"]
        return found

    def sent(self, rows: pl.DataFrame, **query: str) -> dict[str, Any]:
        answer = self.client.post("/jobs", data=rows.write_csv(), content_type="text/csv", query_string=query)
        assert answer.status_code == 202, answer.text
        content: dict[str, Any] = answer.get_json()
        return content


@pytest.fixture
def drawn(portfolio: Portfolio, scorer: Scorer, models_dir: Path, tmp_path: Path) -> Bank:
    return Bank(portfolio, scorer, models_dir, tmp_path)


@pytest.fixture
def real(imported_portfolio: Portfolio, scorer: Scorer, models_dir: Path, tmp_path: Path) -> Bank:
    return Bank(imported_portfolio, scorer, models_dir, tmp_path)


@pytest.mark.parametrize("path", paths)
def test_a_synthetic_history_is_not_joined_to_a_number(drawn: Bank, path: str) -> None:
    alone, bare = drawn.ask(path, drawn.raw), {k: v for k, v in drawn.raw.items() if k != "SK_ID_CURR"}
    assert (alone["history"], alone["portfolio"]) == ("none", None)
    if "probability" in alone:
        assert alone["probability"] == drawn.ask(path, bare)["probability"]


@pytest.mark.parametrize("path", paths)
def test_a_synthetic_history_is_joined_where_it_is_asked_for(drawn: Bank, path: str) -> None:
    joined = drawn.ask(path, drawn.raw, history="portfolio")
    assert (joined["history"], joined["portfolio"]) == ("portfolio", str(drawn.portfolio.provenance))
    if "probability" in joined:
        whole = drawn.ask(path, drawn.raw | drawn.history)
        assert (whole["history"], whole["portfolio"]) == ("sent", None)
        assert joined["probability"] == whole["probability"] != drawn.ask(path, drawn.raw)["probability"]


@pytest.mark.parametrize("path", paths)
def test_the_history_of_a_real_client_on_hand_is_joined(real: Bank, path: str) -> None:
    joined, without = real.ask(path, real.raw), real.ask(path, real.raw, history="none")
    assert (joined["history"], joined["portfolio"]) == ("portfolio", str(real.portfolio.provenance))
    assert joined["portfolio"].startswith("imported:")
    assert (without["history"], without["portfolio"]) == ("none", None)
    if "probability" in joined:
        assert joined["probability"] != without["probability"]


@pytest.mark.parametrize("choice", [None, "portfolio", "none"])
def test_a_history_that_is_sent_stays_alone(real: Bank, choice: str | None) -> None:
    query = {} if choice is None else {"history": choice}
    answer = real.ask("/predict", real.raw | {"BUREAU_LOANS": 40}, **query)
    stranger = {k: v for k, v in real.raw.items() if k != "SK_ID_CURR"}
    assert (answer["history"], answer["portfolio"]) == ("sent", None)
    assert answer["probability"] == real.ask("/predict", stranger | {"BUREAU_LOANS": 40})["probability"]


@pytest.mark.parametrize("path", ["/predict", "/predict/explain", "/simulate", "/recourse"])
def test_a_client_who_is_named_has_the_stored_history(drawn: Bank, path: str) -> None:
    named = drawn.ask(path, {}, client_id=drawn.number)
    assert (named["history"], named["portfolio"]) == ("portfolio", str(drawn.portfolio.provenance))
    without = drawn.ask(path, {}, client_id=drawn.number, history="none")
    assert (without["history"], without["portfolio"]) == ("none", str(drawn.portfolio.provenance))
    if "probability" in named:
        assert named["probability"] == drawn.ask(path, drawn.raw | drawn.history)["probability"]
        assert without["probability"] == drawn.ask(path, drawn.raw)["probability"]


def test_a_client_who_is_shown_says_so_too(drawn: Bank) -> None:
    shown = drawn.client.get(f"/clients/{drawn.number}").get_json()["prediction"]
    assert (shown["history"], shown["portfolio"]) == ("portfolio", str(drawn.portfolio.provenance))


def test_the_record_says_whose_history_it_was(drawn: Bank) -> None:
    drawn.ask("/predict", drawn.raw)
    drawn.ask("/predict", drawn.raw, history="portfolio")
    drawn.ask("/predict", drawn.raw | drawn.history)
    last = drawn.ask("/predict", {}, client_id=drawn.number)
    on_hand = str(drawn.portfolio.provenance)
    said = [(each["history"], each["portfolio"]) for each in drawn.recorded()]
    assert said == [("portfolio", on_hand), ("sent", None), ("portfolio", on_hand), ("none", None)]
    word = {"prediction_id": last["prediction_id"], "decision": "ACCEPTÉ", "reason": "seen", "officer": "C. Martin"}
    decided = drawn.client.post("/decisions", json=word).get_json()
    assert (decided["history"], decided["portfolio"]) == ("portfolio", on_hand)


@pytest.mark.parametrize("path", [*paths, "/jobs"])
def test_another_choice_is_named(drawn: Bank, path: str) -> None:
    answer = drawn.client.post(f"{path}?history=both&lang=fr", json={"features": drawn.raw})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.get_json()["errors"]] == ["history"]


def test_what_is_not_there_cannot_be_joined(models_dir: Path, scorer: Scorer, tmp_path: Path) -> None:
    settings = Settings(models_dir=models_dir, data_dir=tmp_path, jobs_dir=tmp_path / "jobs")
    client = create_app(settings, scorer).test_client()
    body = {"features": {"SK_ID_CURR": 100_002, "AMT_CREDIT": 500_000}}
    assert client.post("/predict?history=portfolio", json=body).status_code == 503
    assert client.post("/predict", json=body).get_json()["history"] == "none"
    assert client.post("/jobs?history=portfolio", data=b"AMT_CREDIT\n1\n", content_type="text/csv").status_code == 503
    assert client.get("/jobs").get_json()["total"] == 0


@pytest.fixture
def file(portfolio: Portfolio) -> pl.DataFrame:
    """Three clients of the demo without a history, one with one, and a stranger."""
    numbers = portfolio.index["SK_ID_CURR"].head(4).to_list()
    amounts = [100_000.0, 200_000.0, 300_000.0, 400_000.0, 500_000.0]
    return pl.DataFrame(
        {"SK_ID_CURR": [*numbers, 100_002], "AMT_CREDIT": amounts, "BUREAU_LOANS": [None, None, None, 3.0, None]}
    )


def test_rows_of_a_file_get_no_synthetic_history(drawn: Bank, file: pl.DataFrame) -> None:
    job = drawn.sent(file)
    drawn.worker.run(job["id"])
    done = drawn.client.get(f"/jobs/{job['id']}").get_json()["history"]
    text = "No history of clients on hand is joined: a row has what the file says of it and nothing else."
    assert done.pop("text").startswith(text)
    assert done == {"choice": None, "portfolio": None, "rows": 5, "joined": 0, "sent": 1}
    found = [drawn.client.get(f"/jobs/{job['id']}/rows/{row}").get_json() for row in range(2, 7)]
    assert [row["prediction"]["history"] for row in found] == ["none", "none", "none", "sent", "none"]
    assert all(set(row["features"]) <= {"SK_ID_CURR", "AMT_CREDIT", "BUREAU_LOANS"} for row in found)


@pytest.mark.parametrize("when", ["sent", "started"])
def test_rows_of_a_file_get_the_history_that_is_asked_for(drawn: Bank, file: pl.DataFrame, when: str) -> None:
    asked = {"history": "portfolio"}
    job = drawn.sent(file, hold="true", **(asked if when == "sent" else {}))
    preview = drawn.client.get(f"/jobs/{job['id']}/preview", query_string={} if when == "sent" else asked).get_json()
    drawn.client.post(f"/jobs/{job['id']}/start", query_string={"confirm": "true"} | ({} if when == "sent" else asked))
    drawn.worker.run(job["id"])
    done = drawn.client.get(f"/jobs/{job['id']}?lang=fr").get_json()["history"]
    on_hand = str(drawn.portfolio.provenance)
    counts = {"choice": "portfolio", "portfolio": on_hand, "rows": 5, "joined": 3, "sent": 1}
    assert preview["history"].items() >= counts.items()
    assert "3 of the 5 rows" in preview["history"]["text"]
    assert done.items() >= counts.items()
    assert "3 lignes sur 5" in done["text"]
    assert [(row["history"], row["portfolio"]) for row in drawn.recorded()] == []


def test_the_preview_says_what_each_choice_would_do(real: Bank, imported_portfolio: Portfolio) -> None:
    numbers = imported_portfolio.index["SK_ID_CURR"].head(3).to_list()
    job = real.sent(pl.DataFrame({"SK_ID_CURR": [*numbers, 7], "AMT_CREDIT": [1e5] * 4}), hold="true")
    by_choice = {
        choice: real.client.get(f"/jobs/{job['id']}/preview?history={choice}").get_json()["history"]
        for choice in ("portfolio", "none")
    }
    usual = real.client.get(f"/jobs/{job['id']}/preview").get_json()["history"]
    assert (usual["joined"], by_choice["portfolio"]["joined"], by_choice["none"]["joined"]) == (3, 3, 0)
    assert (usual["choice"], by_choice["none"]["portfolio"]) == (None, None)


def test_an_imported_portfolio_is_joined_unasked(real: Bank, imported_portfolio: Portfolio) -> None:
    number = imported_portfolio.index["SK_ID_CURR"][0]
    job = real.sent(pl.DataFrame({"SK_ID_CURR": [number], "AMT_CREDIT": [1e5]}))
    real.worker.run(job["id"])
    row = real.client.get(f"/jobs/{job['id']}/rows/2").get_json()
    assert (row["prediction"]["history"], row["prediction"]["portfolio"]) == (
        "portfolio",
        str(imported_portfolio.provenance),
    )
    alone = real.ask("/predict", {"SK_ID_CURR": number, "AMT_CREDIT": 1e5})
    assert row["prediction"]["probability"] == pytest.approx(alone["probability"], abs=1e-12)


def test_a_job_whose_clients_are_gone_says_so(
    drawn: Bank, file: pl.DataFrame, tmp_path: Path, models_dir: Path
) -> None:
    job = drawn.sent(file, history="portfolio")
    elsewhere = Settings(models_dir=models_dir, data_dir=tmp_path / "nothing", jobs_dir=tmp_path / "jobs")
    Worker(elsewhere, model=shipped_model()).run(job["id"])
    ended = drawn.client.get(f"/jobs/{job['id']}").get_json()
    assert (ended["status"], ended["error_code"]) == ("failed", "job_no_portfolio")


def test_drift_sees_no_history_that_nobody_sent(drawn: Bank) -> None:
    """Others who bear the numbers of the demo's clients, as a table drawn with another seed has them."""
    job = drawn.sent(demo.draw_applications(400, 77, "train"))
    drawn.worker.run(job["id"])
    body = {"reference": "portfolio", "current": job["id"]}
    made = drawn.client.post("/data/drift", json=body)
    assert made.status_code == 201, made.text
    kept = drawn.client.get("/data/drift?format=json").get_json()
    compared = {column["name"] for column in kept["report"]["columns"]}
    assert "AMT_CREDIT" in compared
    assert not compared & set(history_names())
