"""`/predict/explain`: exact contributions, told in plain words."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

import joblib
import polars as pl
import pytest
from flask.testing import FlaskClient
from pydantic_core import to_json
from werkzeug.test import TestResponse

from api.openapi.examples import features
from core import catalogue
from core.catalogue import concepts
from core.contract.prediction import Explained
from core.features import build
from core.model.artefacts import pickled_model_file
from core.portfolio.clients import Portfolio


def explain(client: FlaskClient, given: Mapping[str, object], **query: object) -> TestResponse:
    answer = client.post("/predict/explain", json={"features": given}, query_string=query)
    assert answer.status_code == 200, answer.text
    return answer


def sigmoid(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def test_the_answer_is_the_contracts(client: FlaskClient) -> None:
    content = explain(client, features).get_json()
    for name in ("client_id", "probability", "prediction", "decision", "top_features"):
        assert name in content
    assert len(content["top_features"]) == 10
    for feature in content["top_features"]:
        assert list(feature)[:4] == ["feature", "value", "contribution", "direction"]
        assert feature["direction"] == ("augmente le risque" if feature["contribution"] > 0 else "diminue le risque")
    sizes = [abs(feature["contribution"]) for feature in content["top_features"]]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("query", [{}, {"include": "recourse", "lang": "fr"}], ids=["plain", "recourse"])
def test_the_answer_is_what_its_documented_type_writes(client: FlaskClient, query: dict[str, str]) -> None:
    content = explain(client, features, **query).data
    assert content == to_json(Explained.model_validate_json(content), inf_nan_mode="null")


def test_it_agrees_with_the_prediction(client: FlaskClient) -> None:
    plain = client.post("/predict?threshold=0.2", json={"features": features}).get_json()
    explained = explain(client, features, threshold=0.2).get_json()
    assert explained["probability"] == pytest.approx(plain["probability"], abs=1e-9)
    for name in ("client_id", "prediction", "decision", "risk_category", "threshold", "warnings", "model_version"):
        assert explained[name] == plain[name]


@pytest.mark.parametrize("top_n", [1, 5, 500])
def test_base_and_all_contributions_sum_to_the_log_odds(client: FlaskClient, portfolio: Portfolio, top_n: int) -> None:
    for line in portfolio.search(limit=10).clients:
        content = explain(client, portfolio.client(line.client_id).features, top_n=top_n).get_json()
        shown = sum(feature["contribution"] for feature in content["top_features"])
        total = content["base_value"] + shown + content["other_contributions"]
        assert sigmoid(total) == pytest.approx(content["probability"], abs=1e-9)


def test_groups_sum_up_their_features_and_to_the_log_odds(client: FlaskClient, portfolio: Portfolio) -> None:
    for line in portfolio.search(limit=10).clients:
        content = explain(client, portfolio.client(line.client_id).features, top_n=500).get_json()
        by_group: dict[str, float] = {}
        for feature in content["top_features"]:
            by_group[feature["group"]] = by_group.get(feature["group"], 0) + feature["contribution"]
        groups = content["groups"]
        assert {group["group"]: group["contribution"] for group in groups} == pytest.approx(by_group, abs=1e-12)
        total = content["base_value"] + sum(group["contribution"] for group in groups)
        assert sigmoid(total) == pytest.approx(content["probability"], abs=1e-9)
        assert sum(group["share"] for group in groups) == pytest.approx(1)
        shares = [group["share"] for group in groups]
        assert shares == sorted(shares, reverse=True)
        assert explain(client, portfolio.client(line.client_id).features, top_n=1).get_json()["groups"] == groups


def test_groups_are_named_in_the_language_asked_for(client: FlaskClient) -> None:
    for lang in ("fr", "en"):
        for group in explain(client, features, lang=lang).get_json()["groups"]:
            assert list(group) == ["group", "label", "contribution", "share"]
            assert group["label"] == catalogue.group_label(group["group"], lang)


def test_the_contributions_are_those_of_plain_lightgbm(
    client: FlaskClient, models_dir: Path, portfolio: Portfolio
) -> None:
    booster = joblib.load(models_dir / pickled_model_file)
    schema = catalogue.polars_schema("application")
    for line in portfolio.search(limit=5).clients:
        given = portfolio.client(line.client_id).features
        frame = pl.DataFrame([{name: given[name] for name in schema if name in given}], schema_overrides=schema)
        history = {name: value for name, value in given.items() if name not in schema}
        frame = frame.with_columns(pl.lit(value, pl.Float64).alias(name) for name, value in history.items())
        *shares, base = booster.predict(build(frame).to_numpy(), pred_contrib=True)[0]
        content = explain(client, given, top_n=500).get_json()
        assert content["base_value"] == pytest.approx(base, abs=1e-12)
        answered = {feature["feature"]: feature["contribution"] for feature in content["top_features"]}
        assert answered == pytest.approx(dict(zip(booster.feature_name(), shares, strict=True)), abs=1e-12)


def test_two_clients_have_different_reasons(client: FlaskClient, portfolio: Portfolio) -> None:
    first, second = (portfolio.client(line.client_id).features for line in portfolio.search(limit=2).clients)
    reasons = [
        [(feature["feature"], feature["contribution"]) for feature in explain(client, given).get_json()["top_features"]]
        for given in (first, second)
    ]
    assert reasons[0] != reasons[1]


def test_values_are_those_sent_or_computed(client: FlaskClient) -> None:
    content = explain(client, features, top_n=500).get_json()
    values = {feature["feature"]: feature["value"] for feature in content["top_features"]}
    assert values["AMT_CREDIT"] == features["AMT_CREDIT"]
    assert values["NAME_INCOME_TYPE"] == "Working"
    assert values["EXT_SOURCE_MEAN"] == pytest.approx((0.62 + 0.48) / 2)
    assert values["OWN_CAR_AGE"] is None


def test_the_protected_attribute_is_no_reason(client: FlaskClient) -> None:
    content = explain(client, features | {"CODE_GENDER": "F"}, top_n=500).get_json()
    assert "CODE_GENDER" not in {feature["feature"] for feature in content["top_features"]}


def test_reasons_are_told_in_the_language_asked_for(client: FlaskClient) -> None:
    french = explain(client, features, lang="fr", top_n=500).get_json()["top_features"]
    english = explain(client, features, lang="en", top_n=500).get_json()["top_features"]
    assert explain(client, features, top_n=500).get_json()["top_features"] == english
    for one, other in zip(french, english, strict=True):
        entry = catalogue.entry(one["feature"])
        assert (one["label"], other["label"]) == (entry.label_fr, entry.label_en)
        # Nothing, all, yes and no are said without their number.
        assert one["value_text"].lower() in one["text"].lower() or one["value"] in (0, 1, "Y", "N")
        assert (one["contribution"], one["direction"], one["group"]) == (
            other["contribution"],
            other["direction"],
            entry.group,
        )
    text = json.dumps(french, ensure_ascii=False)
    assert "é" in text


@pytest.mark.parametrize("wrong", ["0", "501", "-1", "many", "1.5", ""])
def test_top_n_out_of_bounds_is_named(client: FlaskClient, wrong: str) -> None:
    answer = client.post("/predict/explain", json={"features": features}, query_string={"top_n": wrong})
    assert answer.status_code == 400
    (error,) = answer.get_json()["errors"]
    assert (error["field"], error["expected"]) == ("top_n", "a whole number from 1 to 500")


def test_all_bad_parameters_are_named_at_once(client: FlaskClient) -> None:
    answer = client.post("/predict/explain?top_n=0&threshold=7&lang=xx", json={"features": features})
    assert {error["field"] for error in answer.get_json()["errors"]} == {"top_n", "threshold", "lang"}


def test_concepts_sum_up_all_features_and_to_the_log_odds(client: FlaskClient, portfolio: Portfolio) -> None:
    for line in portfolio.search(limit=10).clients:
        content = explain(client, portfolio.client(line.client_id).features, top_n=500).get_json()
        by_concept: dict[str, float] = {}
        for feature in content["top_features"]:
            concept = concepts.sides(feature["feature"]).concept
            by_concept[concept] = by_concept.get(concept, 0) + feature["contribution"]
        answered = {concept["concept"]: concept["contribution"] for concept in content["concepts"]}
        assert answered == pytest.approx(by_concept, abs=1e-12)
        assert sigmoid(content["base_value"] + sum(answered.values())) == pytest.approx(
            content["probability"], abs=1e-9
        )


def test_what_is_not_known_is_one_line_and_no_reason(client: FlaskClient) -> None:
    for lang, begins in (("fr", "Non connu de nous\u00a0: "), ("en", "Not known to us: ")):
        content = explain(client, {"AMT_CREDIT": 4.5e5, "EXT_SOURCE_2": 0.05}, lang=lang).get_json()
        assert content["not_known"].startswith(begins)
        said = [concept for concept in content["concepts"] if concept["text"]]
        assert {concept["concept"] for concept in said} <= {"credit_size", "external_scores"}
        assert all(concept["known"] for concept in said)
        # Of the credit, nothing more than that it speaks against: the amount alone stands on the other side.
        assert any(concept["feature"] for concept in said)
        assert [concept["label"] for concept in content["concepts"]] == [
            concepts.concept(concept["concept"]).label("fr" if lang == "fr" else "en")
            for concept in content["concepts"]
        ]
