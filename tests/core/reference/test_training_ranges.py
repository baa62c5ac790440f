"""What the model never saw in training is named, and nothing else."""

import json
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.application import parse_application
from core.contract.field_warnings import texts
from core.data import demo
from core.decision import Value
from core.features import input_schema
from core.reference.profiles import NumberProfile
from core.reference.training_ranges import TrainingRanges
from core.scoring import Scorer


@pytest.fixture(scope="module")
def training_ranges(scorer: Scorer) -> TrainingRanges:
    return scorer.training_ranges


@pytest.mark.parametrize(
    ("name", "value", "outside"),
    [
        ("AMT_INCOME_TOTAL", 90_000.0, False),
        ("AMT_INCOME_TOTAL", 900_000_000.0, True),
        ("AMT_INCOME_TOTAL", 1.0, True),
        ("AMT_INCOME_TOTAL", None, False),
        ("DAYS_EMPLOYED", -1200, False),
        ("DAYS_EMPLOYED", 365_243, False),
        ("DAYS_EMPLOYED", -30_000, True),
        ("EXT_SOURCE_1", 0.5, False),
        ("EXT_SOURCE_1", 1.0, True),
        ("NAME_CONTRACT_TYPE", "Cash loans", False),
        ("NAME_CONTRACT_TYPE", "Interplanetary loans", True),
        ("BUREAU_LOANS", 5, False),
        ("BUREAU_LOANS", 5_000_000, True),
        # Not a feature of the model, a flag, and nothing at all.
        ("CODE_GENDER", "XNA", False),
        ("FLAG_DOCUMENT_3", 1, False),
        ("FLAG_DOCUMENT_2", 1, False),
        ("unheard_of", 1e9, False),
    ],
)
def test_a_value_is_outside_where_training_had_none_like_it(
    training_ranges: TrainingRanges, name: str, value: Value, outside: bool
) -> None:
    assert training_ranges.outside({name: value}) == ((name,) if outside else ())


def test_warnings_name_the_field_and_not_its_value(training_ranges: TrainingRanges) -> None:
    values: dict[str, Value] = {"AMT_INCOME_TOTAL": 7_391_746_000.0, "EXT_SOURCE_1": 1.0, "AMT_CREDIT": 500_000.0}
    assert texts(training_ranges.warnings(values, "en")) == [
        "AMT_INCOME_TOTAL: outside of what the model saw in training",
        "EXT_SOURCE_1: outside of what the model saw in training",
    ]
    french = training_ranges.warnings(values, "fr")[0]
    assert (french.code, french.field) == ("outside_training", "AMT_INCOME_TOTAL")
    assert french.message == "hors de ce que le modèle a vu à l’entraînement"
    assert french.text == f"AMT_INCOME_TOTAL\u00a0: {french.message}"


@pytest.mark.parametrize("name", ["AMT_ANNUITY", "AMT_CREDIT", "AMT_GOODS_PRICE", "AMT_INCOME_TOTAL"])
def test_an_amount_of_nothing_is_outside(training_ranges: TrainingRanges, name: str) -> None:
    assert [warning.field for warning in training_ranges.warnings({name: 0.0}, "en")] == [name]


def test_an_application_keeps_the_warnings_that_it_had(scorer: Scorer) -> None:
    given: dict[str, float] = {"SHOE_SIZE": 42, "AMT_ANNUITY": 1, "AMT_INCOME_TOTAL": 135_000}
    given |= {"AMT_GOODS_PRICE": 450_000, "DAYS_EMPLOYED": -900, "EXT_SOURCE_2": 0.5}
    application = scorer.warned(parse_application(given), "en")
    assert [(warning.code, warning.field) for warning in application.warnings] == [
        ("unknown_field", "SHOE_SIZE"),
        ("outside_training", "AMT_ANNUITY"),
        ("missing_essential", "AMT_CREDIT"),
        ("missing_essential", "DAYS_BIRTH"),
    ]


def test_the_ends_of_the_reference_are_inside_and_beyond_them_outside(
    scorer: Scorer, training_ranges: TrainingRanges
) -> None:
    reference = scorer.artefacts.reference
    assert len(training_ranges.ranges) > 100
    for name, (low, high) in training_ranges.ranges.items():
        profile = reference.columns[name]
        assert isinstance(profile, NumberProfile)
        assert (low, high) == (profile.quantiles[0], profile.quantiles[-1])
        assert training_ranges.outside({name: low}) == training_ranges.outside({name: high}) == ()
        assert training_ranges.outside({name: high + abs(high) + 1}) == (name,)
        assert training_ranges.outside({name: low - abs(low) - 1}) == (name,)


def test_few_of_the_clients_that_training_was_like_are_outside(training_ranges: TrainingRanges) -> None:
    rows: list[dict[str, Any]] = demo.draw_applications(400, 99, "train").to_dicts()
    assert sum(bool(training_ranges.outside(row)) for row in rows) < 0.02 * len(rows)


@given(st.dictionaries(st.sampled_from(["AMT_CREDIT", "EXT_SOURCE_2", "CNT_CHILDREN"]), st.floats() | st.none()))
def test_any_number_can_be_asked_about(scorer: Scorer, values: dict[str, Value]) -> None:
    assert set(scorer.training_ranges.outside(values)) <= set(values)


def test_a_model_without_its_reference_finds_nothing_strange(scorer: Scorer) -> None:
    bare = Scorer(replace(scorer.artefacts, reference_source=None))
    assert bare.training_ranges.outside({"AMT_INCOME_TOTAL": 9e11}) == ()
    assert json.dumps(bare.training_ranges.warnings({"AMT_INCOME_TOTAL": 9e11}, "fr")) == "[]"
    assert isinstance(bare.probabilities(pl.DataFrame({"AMT_CREDIT": [1.0]}))[0], float)


@settings(max_examples=60)
@given(data=st.data())
def test_rows_are_judged_as_applications_are(data: st.DataObject, training_ranges: TrainingRanges) -> None:
    schema = input_schema()
    names = data.draw(st.lists(st.sampled_from(sorted(schema)), min_size=1, max_size=12, unique=True))
    rows = data.draw(st.lists(st.tuples(*(near(name, training_ranges) for name in names)), min_size=1, max_size=8))
    frame = pl.DataFrame(rows, schema={name: schema[name] for name in names}, orient="row")
    outside = training_ranges.outside_rows(frame.columns)
    marks = frame.select(each.fill_null(value=False).alias(name) for name, each in outside.items())
    for position, row in enumerate(frame.iter_rows(named=True)):
        found = {name for name in marks.columns if marks[name][position]}
        assert found == set(training_ranges.outside(row))
    known = [{name: value for name, value in row.items() if value is not None} for row in frame.iter_rows(named=True)]
    assert training_ranges.outside_many(known) == [training_ranges.outside(row) for row in known]
    columns = frame.to_dict(as_series=False)
    assert training_ranges.outside_by_column(columns, len(rows)) == [training_ranges.outside(row) for row in known]


def near(name: str, training_ranges: TrainingRanges) -> st.SearchStrategy[Value]:
    """Values about the ends of what the model saw, what stands for something else, and what nobody saw."""
    dtype = input_schema()[name]
    if dtype == pl.String:
        return st.sampled_from([*sorted(training_ranges.others.get(name, ()), key=str), "never heard of", None])
    low, high = training_ranges.ranges.get(name, (0.0, 1.0))
    specials = [each for each in training_ranges.others.get(name, ()) if isinstance(each, int | float)]
    chosen = [low, high, low - 1, high + 1, (low + high) / 2, *specials]
    limits = (-128, 127) if dtype == pl.Int8 else (-(2**31), 2**31 - 1)
    numbers = [min(max(int(each), limits[0]), limits[1]) for each in chosen] if dtype.is_integer() else chosen
    return st.sampled_from([*numbers, None])
