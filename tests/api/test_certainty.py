"""How sure a decision is, where it is answered: alone, in a batch, explained, of a client, of a row; and on record."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api import create_app
from core.jobs.running.worker import Worker
from core.settings import Settings
from tests.folds import give_folds, take_folds

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from core.portfolio.clients import Portfolio

_features: dict[str, Any] = {
    "AMT_CREDIT": 450000,
    "AMT_ANNUITY": 24300,
    "AMT_GOODS_PRICE": 450000,
    "AMT_INCOME_TOTAL": 150000,
    "DAYS_BIRTH": -14000,
    "DAYS_EMPLOYED": -2000,
    "EXT_SOURCE_2": 0.5,
}
_names = ("certainty", "certainty_text", "fold_agreement", "thin_file", "referral", "referral_reasons")


@pytest.fixture(scope="module")
def settings(models_dir: Path, portfolio: Portfolio, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("sure")
    models = give_folds(Path(shutil.copytree(models_dir, folder / "models")))
    return Settings(
        models_dir=models,
        data_dir=portfolio.folder.parent,
        jobs_dir=folder / "jobs",
        audit_file=folder / "audit.db",
        replacement_seconds=0,
    )


@pytest.fixture(scope="module")
def app(settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def threshold(app: Flask) -> float:
    """Just above the application's probability: the fold models that are higher by 0.1 and 0.3 refuse it."""
    return float(app.test_client().post("/predict", json={"features": _features}).get_json()["probability"]) * 1.02


def said(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: answer[name] for name in _names}


def test_a_close_call_is_referred_and_decided_as_before(client: FlaskClient, threshold: float) -> None:
    answer = client.post(f"/predict?threshold={threshold}&lang=en", json={"features": _features}).get_json()
    assert (answer["decision"], answer["prediction"]) == ("ACCEPTÉ", 0)
    assert (answer["certainty"], answer["fold_agreement"], answer["referral"]) == ("close_call", 0.6, True)
    assert [reason["code"] for reason in answer["referral_reasons"]] == ["close_call"]
    assert "60" in answer["referral_reasons"][0]["message"]
    french = client.post(f"/predict?threshold={threshold}&lang=fr", json={"features": _features}).get_json()
    assert french["referral_reasons"][0]["message"] != answer["referral_reasons"][0]["message"]


def test_a_sure_decision_is_not_referred(client: FlaskClient) -> None:
    answer = client.post("/predict?threshold=0.9", json={"features": _features}).get_json()
    assert (answer["certainty"], answer["fold_agreement"], answer["referral"]) == ("sure", 1.0, False)
    assert answer["referral_reasons"] == []


def test_an_application_without_its_essentials_is_referred_not_only_refused(client: FlaskClient) -> None:
    answer = client.post(
        "/predict?threshold=0&lang=en", json={"features": {"AMT_CREDIT": 450000, "EXT_SOURCE_2": 0.5}}
    ).get_json()
    assert (answer["decision"], answer["certainty"], answer["referral"]) == ("REFUSÉ", "sure", True)
    assert [reason["code"] for reason in answer["referral_reasons"]] == ["missing_essentials"]
    assert answer["thin_file"] is True
    assert str(round(answer["information"] * 100)) in answer["certainty_text"]


def test_all_routes_say_the_same(client: FlaskClient, threshold: float) -> None:
    query = f"threshold={threshold}"
    alone = said(client.post(f"/predict?{query}", json={"features": _features}).get_json())
    assert said(client.post(f"/predict/explain?{query}", json={"features": _features}).get_json()) == alone
    batch = client.post("/predict/batch", json={"clients": [_features, _features], "threshold": threshold}).get_json()
    assert [said(prediction) for prediction in batch["predictions"]] == [alone, alone]


def test_of_a_client_it_is_said_in_both_forms(client: FlaskClient) -> None:
    number = client.get("/clients?limit=1").get_json()["clients"][0]["client_id"]
    short = client.get(f"/clients/{number}").get_json()["prediction"]
    assert short["certainty"] in ("sure", "close_call")
    assert said(client.get(f"/clients/{number}?include=file").get_json()["prediction"]) == said(short)


def test_it_is_on_record(client: FlaskClient, threshold: float) -> None:
    answer = client.post(f"/predict?threshold={threshold}", json={"features": _features}).get_json()
    recorded = client.get(f"/predictions/{answer['prediction_id']}").get_json()
    assert (recorded["fold_agreement"], recorded["referral"]) == (0.6, "close_call")


def test_rows_of_a_file_are_told_what_predict_says(client: FlaskClient, settings: Settings, threshold: float) -> None:
    partial = {"AMT_CREDIT": 450000, "EXT_SOURCE_2": 0.5}
    names = list(_features)
    lines = [names, list(_features.values()), [partial.get(name, "") for name in names]]
    text = "\n".join(",".join(map(str, line)) for line in lines)
    sent = client.post(f"/jobs?threshold={threshold}", data=text, content_type="text/csv").get_json()
    Worker(settings).run(sent["id"])
    job = client.get(f"/jobs/{sent['id']}").get_json()
    assert (job["status"], job["referred"], job["close_calls"] >= 1) == ("done", 2, True)
    found = client.get(f"/jobs/{sent['id']}/rows").get_json()["rows"]
    for row, features in zip(found, (_features, partial), strict=True):
        alone = client.post(f"/predict?threshold={threshold}", json={"features": features}).get_json()
        assert row["fold_agreement"] == alone["fold_agreement"]
        assert row["certainty"] == alone["certainty"]
        assert row["referral_reasons"].split() == [reason["code"] for reason in alone["referral_reasons"]]
        assert (row["referral"], row["thin_file"]) == (int(alone["referral"]), int(alone["thin_file"]))
        whole = client.get(f"/jobs/{sent['id']}/rows/{row['row']}").get_json()["prediction"]
        assert said(whole) == said(alone)
    head = client.get(f"/jobs/{sent['id']}/result").text.partition("\n")[0]
    assert "certainty,fold_agreement,referral,referral_reasons,thin_file" in head


def test_a_model_without_fold_models_says_nothing_of_it(
    settings: Settings, tmp_path: Path, portfolio: Portfolio
) -> None:
    models = take_folds(Path(shutil.copytree(settings.models_dir, tmp_path / "models")))
    app = create_app(Settings(models_dir=models, data_dir=portfolio.folder.parent, audit_file=tmp_path / "audit.db"))
    answer = app.test_client().post("/predict", json={"features": _features}).get_json()
    assert (answer["certainty"], answer["fold_agreement"], answer["referral"]) == (None, None, False)
