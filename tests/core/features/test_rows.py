"""A few applications as mappings: the same features as in a frame, to the last bit."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import catalogue
from core.data import demo
from core.features import build, feature_names, history_names, input_schema, matrix, rows
from core.features.encoding import not_employed


@pytest.fixture(scope="module")
def applications() -> pl.DataFrame:
    return demo.draw_applications(40, 5, "train")


def test_the_features_are_those_of_a_frame(applications: pl.DataFrame) -> None:
    mappings = list(applications.iter_rows(named=True))
    np.testing.assert_array_equal(rows.matrix(mappings), build(applications).to_numpy())
    for position, mapping in enumerate(mappings):
        alone = rows.matrix([mapping])
        assert alone.shape == (1, len(feature_names()))
        np.testing.assert_array_equal(alone[0], build(applications[position]).to_numpy()[0])


def test_most_features_are_copied_and_history_ones_among_them() -> None:
    copied = set(rows._plan().copied)
    assert set(history_names()) <= copied
    # Its sentinel becomes a missing value, so it is computed.
    assert "DAYS_EMPLOYED" not in copied
    assert len(copied) > len(feature_names()) / 2


numbers = st.sampled_from([each.name for each in catalogue.columns() if each.type in ("integer", "real", "flag")])


@given(st.dictionaries(numbers | st.sampled_from(history_names()), st.none() | st.integers(0, 120), max_size=12))
def test_any_subset_of_columns_gives_the_same(given_values: dict[str, int | None]) -> None:
    schema = input_schema()
    frame = pl.DataFrame([given_values], schema={name: schema[name] for name in given_values}, orient="row")
    if not given_values:
        frame = pl.DataFrame({"SK_ID_CURR": [1]}, schema={"SK_ID_CURR": pl.Int32()})
    np.testing.assert_array_equal(rows.matrix([given_values]), build(frame).to_numpy())
    np.testing.assert_array_equal(matrix(frame), build(frame).to_numpy())


@given(st.lists(st.sampled_from(sorted(input_schema())), max_size=40, unique=True))
def test_so_does_any_subset_for_many_rows(applications: pl.DataFrame, names: list[str]) -> None:
    """With columns that no feature reads alone, with few, and with so many that all features are computed."""
    known = [name for name in names if name in applications.columns]
    for frame in (applications.select(["SK_ID_CURR", *(name for name in known if name != "SK_ID_CURR")]), applications):
        np.testing.assert_array_equal(matrix(frame), build(frame).to_numpy())


codes = {column.name: [code.code for code in column.codes] for column in catalogue.columns() if column.codes}


@given(
    st.fixed_dictionaries({}, optional={name: st.none() | st.sampled_from(known) for name, known in codes.items()}),
    st.sampled_from([None, -900, not_employed]),
)
def test_codes_are_numbered_as_in_a_frame(given_codes: dict[str, str | None], employment: int | None) -> None:
    values = given_codes | {"DAYS_EMPLOYED": employment}
    schema = input_schema()
    frame = pl.DataFrame([values], schema={name: schema[name] for name in values}, orient="row")
    np.testing.assert_array_equal(rows.matrix([values]), build(frame).to_numpy())


columns = st.sampled_from(["AMT_CREDIT", "CODE_GENDER", "EXT_SOURCE_2"])
mappings = st.lists(st.dictionaries(columns, st.none() | st.floats(0, 1) | st.sampled_from("FM")), max_size=6)


@given(mappings)
def test_each_value_is_in_its_column_and_row(given_rows: list[dict[str, float | str | None]]) -> None:
    found = rows.by_column(given_rows)
    assert set(found) == {name for row in given_rows for name in row}
    for name, values in found.items():
        assert list(values) == [row.get(name) for row in given_rows]


def test_rows_with_one_name_alike() -> None:
    assert rows.by_column([{"AMT_CREDIT": 1.0}, {"AMT_CREDIT": 2.0}]) == {"AMT_CREDIT": (1.0, 2.0)}
