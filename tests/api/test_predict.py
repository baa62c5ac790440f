"""`/predict`: the contract's answer, with numbers that a plain LightGBM gives too."""

import json
from collections.abc import Mapping
from pathlib import Path

import joblib
import polars as pl
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.openapi.examples import features, legacy_features
from core import catalogue
from core.features import build, input_schema
from core.model.artefacts import pickled_model_file
from core.portfolio.clients import Portfolio
from core.scoring import Scorer

contract = ["client_id", "probability", "prediction", "decision", "risk_category", "threshold"]


def predict(client: FlaskClient, given: Mapping[str, object], **query: object) -> TestResponse:
    return client.post("/predict", json={"features": given}, query_string=query)


def probability(client: FlaskClient, given: Mapping[str, object], **query: object) -> float:
    answer = predict(client, given, **query)
    assert answer.status_code == 200, answer.text
    return float(answer.get_json()["probability"])


def by_plain_lightgbm(models_dir: Path, given: Mapping[str, object]) -> float:
    """The features of one row, written out as a frame, into the booster as joblib reads it."""
    schema = input_schema()
    row = {name: value for name, value in given.items() if name in schema}
    frame = pl.DataFrame([row], schema={name: schema[name] for name in row})
    booster = joblib.load(models_dir / pickled_model_file)
    return float(booster.predict(build(frame).to_numpy())[0])


def test_the_answer_is_the_contracts(client: FlaskClient, scorer: Scorer) -> None:
    answer = predict(client, features)
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    content = answer.get_json()
    assert list(content)[: len(contract)] == contract
    assert content["client_id"] == features["SK_ID_CURR"]
    assert content["threshold"] == scorer.model.optimal_threshold
    assert content["prediction"] == int(content["probability"] >= content["threshold"])
    assert content["decision"] == ("REFUSÉ" if content["prediction"] else "ACCEPTÉ")
    assert content["warnings"] == []
    assert content["model_version"] == scorer.model.version


def test_accents_and_key_order_are_kept(client: FlaskClient) -> None:
    text = predict(client, features, threshold=0).data.decode("utf-8")
    assert '"decision":"REFUSÉ"' in text
    assert "\\u" not in text


def test_the_probability_is_that_of_plain_lightgbm(client: FlaskClient, models_dir: Path, portfolio: Portfolio) -> None:
    for line in portfolio.search(limit=25).clients:
        given = {name: value for name, value in portfolio.client(line.client_id).features.items() if value is not None}
        assert probability(client, given) == pytest.approx(by_plain_lightgbm(models_dir, given), abs=1e-12)


def test_order_and_absent_columns_and_nulls_do_not_matter(client: FlaskClient) -> None:
    names = sorted(features, key=lambda name: name[::-1])
    assert names != list(features)
    expected = probability(client, features)
    assert probability(client, {name: features[name] for name in names}) == expected
    assert probability(client, features | {"EXT_SOURCE_1": None, "OWN_CAR_AGE": None}) == expected


def test_an_application_without_number_is_scored(client: FlaskClient) -> None:
    content = predict(client, {"AMT_CREDIT": 500000}).get_json()
    assert content["client_id"] is None
    assert 0 < content["probability"] < 1


@pytest.mark.parametrize("threshold", [0, 0.05, 0.5, 1])
def test_the_threshold_can_be_chosen(client: FlaskClient, threshold: float) -> None:
    content = predict(client, features, threshold=threshold).get_json()
    assert content["threshold"] == threshold
    assert content["prediction"] == int(content["probability"] >= threshold)
    assert content["probability"] == probability(client, features)


@pytest.mark.parametrize("wrong", ["-0.01", "1.01", "NaN", "Infinity", "half", "", "0,5", "1e400"])
def test_a_threshold_that_is_no_probability_is_named(client: FlaskClient, wrong: str) -> None:
    answer = predict(client, features, threshold=wrong)
    assert answer.status_code == 400
    (error,) = answer.get_json()["errors"]
    assert (error["field"], error["expected"]) == ("threshold", "a number from 0 to 1")


def test_risk_bands_are_multiples_of_the_threshold(client: FlaskClient) -> None:
    value = probability(client, features)
    for multiple, category in ((5, "Très faible"), (3, "Faible"), (1.5, "Modéré"), (0.8, "Élevé"), (0.4, "Très élevé")):
        assert predict(client, features, threshold=value * multiple).get_json()["risk_category"] == category


def test_the_earlier_systems_payload_is_understood(client: FlaskClient) -> None:
    assert len(legacy_features) == 17
    answer = predict(client, legacy_features)
    assert answer.status_code == 200
    derived = {"CREDIT_INCOME_RATIO", "ANNUITY_INCOME_RATIO", "EXT_SOURCE_MEAN"}
    raw = {name: value for name, value in legacy_features.items() if name not in derived | {"CODE_GENDER_M"}}
    raw |= {"FLAG_OWN_CAR": "Y", "FLAG_OWN_REALTY": "N", "CODE_GENDER": "M"}
    assert answer.get_json()["probability"] == probability(client, raw)
    # What was recomputed is said, and what was sent for it is not used.
    warned = {warning.split(":")[0] for warning in answer.get_json()["warnings"]}
    assert warned == derived
    assert probability(client, legacy_features | dict.fromkeys(derived, 0.9)) == answer.get_json()["probability"]


def test_unknown_keys_are_warnings_in_either_language(client: FlaskClient) -> None:
    body = {"features": features | {"FAVOURITE_COLOUR": "secret-blue"}, "treshold": 0.3}
    english = client.post("/predict", json=body)
    assert english.status_code == 200
    assert english.get_json()["warnings"] == [
        "FAVOURITE_COLOUR: unknown field, ignored",
        "treshold: unknown field, ignored",
    ]
    french = client.post("/predict?lang=fr", json=body).get_json()["warnings"]
    assert french == ["FAVOURITE_COLOUR\u00a0: champ inconnu, ignoré", "treshold\u00a0: champ inconnu, ignoré"]
    assert "secret-blue" not in english.text


def test_the_gender_decides_nothing(client: FlaskClient) -> None:
    assert probability(client, features | {"CODE_GENDER": "F"}) == probability(client, features | {"CODE_GENDER": "M"})


def test_a_row_of_the_real_tables_is_scored(client: FlaskClient, real_sample: Path) -> None:
    rows = pl.read_csv(real_sample / "application_train.csv.gz", n_rows=50, infer_schema_length=None)
    for row in rows.iter_rows(named=True):
        answer = client.post("/predict", data=json.dumps({"features": row}), content_type="application/json")
        assert answer.status_code == 200, answer.get_json()["errors"][0]["field"]
        assert answer.get_json()["client_id"] == row["SK_ID_CURR"]
        # A model trained on the demo tables has not met every kind of employer.
        strange = ": outside of what the model saw in training"
        assert all(warning.endswith(strange) for warning in answer.get_json()["warnings"])


def test_the_number_of_a_known_client_brings_its_history_where_asked(client: FlaskClient, portfolio: Portfolio) -> None:
    for line in portfolio.search(limit=5).clients:
        whole = {name: value for name, value in portfolio.client(line.client_id).features.items() if value is not None}
        raw = {name: value for name, value in whole.items() if name in catalogue.polars_schema()}
        joined = probability(client, raw, history="portfolio")
        assert joined == probability(client, whole) == pytest.approx(line.probability, abs=1e-12)
        stranger = {name: value for name, value in raw.items() if name != "SK_ID_CURR"}
        assert joined != probability(client, stranger) == probability(client, raw)
