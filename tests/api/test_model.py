"""`/model/*`: the numbers of the artefacts, as the contract names them."""

import dataclasses
import io
import json
import shutil
import zipfile
from pathlib import Path

import lightgbm
import numpy as np
import polars as pl
import pytest
from flask.testing import FlaskClient

from api import create_app
from core import catalogue
from core.model import artefacts
from core.model.artefacts import config_file, pickled_model_file
from core.model.export.exporting import export
from core.model.export.proof.certificate import RowSet
from core.model.export.stored import NoExport, archive
from core.model.source import FolderModel, described
from core.portfolio.clients import Portfolio, clients_file
from core.scoring import Scorer
from core.settings import Settings


@pytest.fixture(scope="module")
def config(models_dir: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads((models_dir / config_file).read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def booster(models_dir: Path) -> lightgbm.Booster:
    import joblib

    booster: lightgbm.Booster = joblib.load(models_dir / pickled_model_file)
    return booster


def test_info_is_what_the_configuration_says(client: FlaskClient, config: dict[str, object]) -> None:
    answer = client.get("/model/info")
    assert answer.status_code == 200
    contract = [
        "model_name", "version", "optimal_threshold", "cost_fn", "cost_fp", "n_features", "training_date", "auc",
        "accuracy", "business_cost",
    ]  # fmt: skip
    assert list(answer.get_json())[: len(contract)] == contract
    described = answer.get_json()
    assert described.pop("warnings") == []
    assert described == {name: config[name] for name in described}


def test_feature_names_are_the_models(client: FlaskClient, booster: lightgbm.Booster) -> None:
    answer = client.get("/model/feature-names")
    assert answer.status_code == 200
    assert answer.get_json() == {"features": booster.feature_name()}


def test_features_are_ranked_by_gain(client: FlaskClient, booster: lightgbm.Booster) -> None:
    gains = booster.feature_importance(importance_type="gain")
    shares = dict(zip(booster.feature_name(), gains / gains.sum(), strict=True))
    answer = client.get("/model/features")
    assert answer.status_code == 200
    listed = answer.get_json()
    assert len(listed) == 20
    assert [each["rank"] for each in listed] == list(range(1, 21))
    assert [each["importance"] for each in listed] == pytest.approx(sorted(shares.values(), reverse=True)[:20])
    for each in listed:
        assert each["importance"] == pytest.approx(shares[each["feature"]])


def test_top_n_chooses_how_many(client: FlaskClient, booster: lightgbm.Booster) -> None:
    for count in (1, 7, 100):
        listed = client.get(f"/model/features?top_n={count}").get_json()
        assert len(listed) == min(count, booster.num_feature())
    whole = client.get("/model/features?top_n=100").get_json()
    assert np.all(np.diff([each["importance"] for each in whole]) <= 0)


@pytest.mark.parametrize(
    ("path", "accepted", "lang"),
    [
        ("/model/features?lang=fr", "en", "fr"),
        ("/model/features", "fr-FR,en;q=0.5", "fr"),
        ("/model/features", "de,en;q=0.3,fr;q=0.2", "en"),
        ("/model/features", "de", "en"),
        ("/model/features", "", "en"),
    ],
)
def test_labels_come_in_the_language_asked_for(
    client: FlaskClient, path: str, accepted: str, lang: catalogue.Language
) -> None:
    for each in client.get(path, headers={"Accept-Language": accepted}).get_json():
        assert each["label"] == catalogue.entry(each["feature"]).label(lang)


@pytest.mark.parametrize("wrong", ["0", "101", "-3", "ten", "2.5", "", "1e3", "NaN", "9" * 400])
def test_top_n_out_of_bounds_is_named(client: FlaskClient, wrong: str) -> None:
    answer = client.get("/model/features", query_string={"top_n": wrong})
    assert answer.status_code == 400
    (error,) = answer.get_json()["errors"]
    assert (error["field"], error["expected"]) == ("top_n", "a whole number from 1 to 100")
    assert error["message"]


def test_a_language_that_we_do_not_speak_is_named(client: FlaskClient) -> None:
    (error,) = client.get("/model/features?lang=de").get_json()["errors"]
    assert error == {"field": "lang", "message": "is not a known value", "expected": "one of: fr, en"}


def test_the_evaluation_is_the_stored_one(client: FlaskClient, models_dir: Path) -> None:
    answer = client.get("/model/evaluation")
    assert answer.status_code == 200
    stored = json.loads((models_dir / "evaluation.json").read_text(encoding="utf-8"))
    # The shipped model was measured before there were recalibrations.
    assert answer.get_json() == {"recalibration": None} | stored
    assert {segment["dimension"] for segment in answer.get_json()["segments"]} >= {"CODE_GENDER", "age_band"}


def test_the_card_comes_as_text_and_as_a_page(client: FlaskClient, config: dict[str, object]) -> None:
    text = client.get("/model/card")
    assert text.content_type == "text/markdown; charset=utf-8"
    assert text.get_data(as_text=True).startswith("# Model card")
    page = client.get("/model/card?format=html")
    assert page.content_type == "text/html; charset=utf-8"
    assert "script" not in page.headers["Content-Security-Policy"]
    assert "<h1>Model card</h1>" in page.get_data(as_text=True)
    assert "<table>" in page.get_data(as_text=True)
    for answer in (text, page):
        assert str(config["version"]) in answer.get_data(as_text=True)


def test_without_an_evaluation_the_reason_is_given(models_dir: Path, tmp_path: Path) -> None:
    app = create_app(Settings(models_dir=tmp_path, data_dir=tmp_path))
    for path in ("/model/evaluation", "/model/card", "/model/card?format=html"):
        answer = app.test_client().get(path)
        assert answer.status_code == 503
        assert ".json is missing" in answer.get_json()["detail"]
    artefacts.save(artefacts.load(models_dir), tmp_path, b'{"rounds": 3}')
    assert "is not what training writes" in app.test_client().get("/model/evaluation").get_json()["detail"]


@pytest.mark.parametrize(("lang", "said"), [("fr", "lue comme 0"), ("en", "read as 0")])
def test_a_model_that_reads_missing_values_as_zero_is_told(
    scorer: Scorer, portfolio: Portfolio, lang: str, said: str
) -> None:
    features = scorer.artefacts.preprocessor.transform(pl.read_parquet(portfolio.folder / clients_file))
    whole = np.nan_to_num(features, nan=1.0)
    dataset = lightgbm.Dataset(whole, label=np.arange(len(whole)) % 2, feature_name=list(scorer.model.feature_names))
    # The trees of a model to whose rows nothing was ever missing.
    unsound = lightgbm.train({"objective": "binary", "verbosity": -1}, dataset, num_boost_round=3)
    unlearnt = Scorer(dataclasses.replace(scorer.artefacts, booster=unsound))
    warnings = described(FolderModel(portfolio.folder), unlearnt, "fr" if lang == "fr" else "en").warnings
    assert len(warnings) == 1
    assert said in warnings[0]


def test_the_schema_of_an_application_is_json_schema(client: FlaskClient) -> None:
    answer = client.get("/model/schema")
    assert answer.content_type == "application/schema+json"
    described = answer.get_json()
    assert described["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert described["properties"]["NAME_CONTRACT_TYPE"]["anyOf"][0]["enum"] == ["Cash loans", "Revolving loans"]


def test_an_export_is_handed_over_as_it_was_certified(
    tmp_path: Path, scorer: Scorer, portfolio: Portfolio, models_dir: Path
) -> None:
    settings = Settings(models_dir=models_dir, data_dir=portfolio.folder.parent, exports_dir=tmp_path)
    client = create_app(settings, scorer, portfolio).test_client()

    def problem(name: str) -> str:
        answer = client.get(f"/model/export/{name}")
        assert answer.status_code in (400, 404)
        return str(answer.get_json()["type"])

    assert problem("treelite") == "/problems/no-export"
    assert problem("pickle") == "/problems/invalid-parameters"
    matrix = scorer.artefacts.preprocessor.transform(pl.read_parquet(portfolio.folder / clients_file).head(20))
    rows = RowSet("portfolio", matrix, [str(place) for place in range(len(matrix))])
    export("lightgbm-text", scorer.artefacts, [rows], tmp_path / "lightgbm-text", "2026-11-28T12:00:00+00:00")
    answer = client.get("/model/export/lightgbm-text")
    assert (answer.status_code, answer.content_type) == (200, "application/zip")
    assert "lightgbm-text.zip" in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        assert packed.read("model.txt") == scorer.artefacts.booster.model_to_string(num_iteration=-1).encode()
        assert json.loads(packed.read("certificate.json"))["certified"]
        assert {"features.csv", "schema.json", "certificate.fr.md", "certificate.en.md"} < set(packed.namelist())
    # Under another name, altered, or of another model, it is none.
    shutil.copytree(tmp_path / "lightgbm-text", tmp_path / "c")
    assert problem("c") == "/problems/no-export"
    newer = dataclasses.replace(scorer.model, version="another")
    with pytest.raises(NoExport):
        archive(tmp_path / "lightgbm-text", "lightgbm-text", newer)
    (tmp_path / "lightgbm-text" / "features.csv").write_text("altered")
    assert problem("lightgbm-text") == "/problems/no-export"
