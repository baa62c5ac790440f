"""Application features against the same formulas in plain Python."""

import math

import polars as pl
import pytest

from core import catalogue
from core.features import application_features, build, feature_names, input_schema, raw_features
from core.features.encoding import is_amount, not_employed_category, unknown_category

row = {
    "AMT_INCOME_TOTAL": 200_000.0,
    "AMT_CREDIT": 400_000.0,
    "AMT_ANNUITY": 25_000.0,
    "AMT_GOODS_PRICE": 350_000.0,
    "CNT_FAM_MEMBERS": 3,
    "DAYS_BIRTH": -10_000,
    "DAYS_EMPLOYED": -2_500,
    "EXT_SOURCE_1": 0.2,
    "EXT_SOURCE_3": 0.6,
    "OBS_30_CNT_SOCIAL_CIRCLE": 4,
    "DEF_30_CNT_SOCIAL_CIRCLE": 1,
    "NAME_CONTRACT_TYPE": "Revolving loans",
}


def built(**changes: object) -> dict[str, float | None]:
    frame = pl.DataFrame([row | changes], schema_overrides=input_schema())
    return build(frame).row(0, named=True)


def test_formulas() -> None:
    found = built()
    expected = {
        "ANNUITY_INCOME_RATIO": 0.125,
        "CREDIT_INCOME_RATIO": 2.0,
        "GOODS_INCOME_RATIO": 1.75,
        "CREDIT_GOODS_RATIO": 400 / 350,
        "CREDIT_DURATION": 16.0,
        "INCOME_PER_PERSON": 200_000 / 3,
        "EXT_SOURCE_MEAN": 0.4,
        "EXT_SOURCES_KNOWN": 2,
        "EMPLOYED_AGE_RATIO": 0.25,
        "SOCIAL_DEFAULT_RATIO": 0.25,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_not_employed_is_told_from_an_employment_that_is_not_known() -> None:
    not_employed, unknown = built(DAYS_EMPLOYED=365243), built(DAYS_EMPLOYED=None)
    assert unknown["DAYS_EMPLOYED"] is None
    assert unknown["EMPLOYED_AGE_RATIO"] is None
    assert unknown["OCCUPATION_TYPE"] == unknown_category
    # Beyond the longest employment of the catalogue, and a share of life that nobody can have worked.
    assert not_employed["DAYS_EMPLOYED"] is not None
    assert not_employed["DAYS_EMPLOYED"] < (catalogue.column("DAYS_EMPLOYED").minimum or 0)
    assert not_employed["EMPLOYED_AGE_RATIO"] is not None
    assert not_employed["EMPLOYED_AGE_RATIO"] > 1
    assert not_employed["OCCUPATION_TYPE"] == not_employed_category


def test_what_a_reader_is_shown_of_somebody_not_employed_is_no_number() -> None:
    frame = pl.DataFrame([row | {"DAYS_EMPLOYED": 365243}], schema_overrides=input_schema())
    assert frame.select(application_features()["EMPLOYED_AGE_RATIO"]).item() is None
    assert not is_amount("EMPLOYED_AGE_RATIO", built(DAYS_EMPLOYED=365243)["EMPLOYED_AGE_RATIO"] or 0)
    assert is_amount("EMPLOYED_AGE_RATIO", 0.25)
    assert not is_amount("AMT_CREDIT", float("nan"))


def test_how_many_scores_are_known_is_missing_where_none_is() -> None:
    assert built(EXT_SOURCE_1=None, EXT_SOURCE_3=None)["EXT_SOURCES_KNOWN"] is None


def test_a_zero_denominator_gives_nothing_rather_than_infinity() -> None:
    found = built(AMT_INCOME_TOTAL=0.0, AMT_ANNUITY=0.0, OBS_30_CNT_SOCIAL_CIRCLE=0)
    assert found["ANNUITY_INCOME_RATIO"] is None
    assert found["CREDIT_DURATION"] is None
    assert found["SOCIAL_DEFAULT_RATIO"] is None
    assert all(value is None or math.isfinite(value) for value in found.values())


def test_counts_are_missing_where_a_part_of_them_is() -> None:
    documents = {column.name: 0 for column in catalogue.columns() if column.name.startswith("FLAG_DOCUMENT_")}
    assert built(**documents | {"FLAG_DOCUMENT_3": 1})["DOCUMENTS_PROVIDED"] == 1
    assert built(**documents | {"FLAG_DOCUMENT_3": None})["DOCUMENTS_PROVIDED"] is None


def test_codes_are_numbered_in_the_order_of_the_catalogue_and_what_is_not_known_is_a_category_of_its_own() -> None:
    numbers = [built(NAME_CONTRACT_TYPE=code)["NAME_CONTRACT_TYPE"] for code in ("Cash loans", "Revolving loans")]
    assert numbers[0] is not None
    assert numbers == [numbers[0], numbers[0] + 1]
    for unknown in ("Barter", None):
        assert built(NAME_CONTRACT_TYPE=unknown)["NAME_CONTRACT_TYPE"] == unknown_category
    assert {unknown_category, not_employed_category}.isdisjoint(numbers)


def test_every_feature_has_an_entry_and_a_place() -> None:
    assert len(set(feature_names())) == len(feature_names())
    for name in feature_names():
        assert catalogue.entry(name).name == name
    described = {feature.name for feature in catalogue.features("application")}
    assert described == set(application_features())
    assert feature_names()[: len(raw_features())] == raw_features()
    assert "CODE_GENDER" not in feature_names()
    assert "TARGET" not in feature_names()


def test_a_clients_features_do_not_depend_on_the_others() -> None:
    alone = pl.DataFrame([row], schema_overrides=input_schema())
    others = pl.DataFrame(
        [row | {"AMT_CREDIT": 1e6}, row, row | {"EXT_SOURCE_1": None}], schema_overrides=input_schema()
    )
    assert build(others).row(1) == build(alone).row(0)
