"""Variations of one application: each row is what the application would be if it were sent that way."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data import demo
from core.decision import Value
from core.features import feature_names, rows, variations

amounts = st.one_of(st.none(), st.floats(0, 1e7))
scores = st.one_of(st.none(), st.floats(0, 1))
columns: dict[str, st.SearchStrategy[Value]] = {
    "AMT_CREDIT": amounts,
    "AMT_ANNUITY": amounts,
    "AMT_INCOME_TOTAL": amounts,
    "EXT_SOURCE_2": scores,
    "FLAG_DOCUMENT_6": st.sampled_from([0, 1, None]),
    "NAME_CONTRACT_TYPE": st.sampled_from(["Cash loans", "Revolving loans", None]),
    "DAYS_EMPLOYED": st.sampled_from([-1200, 365243, None]),
    "BUREAU_LOANS": st.one_of(st.none(), st.integers(0, 40)),
}


@pytest.fixture(scope="module")
def applications() -> list[dict[str, Value]]:
    drawn: pl.DataFrame = demo.draw_applications(20, 3, "train")
    return drawn.to_dicts()


@settings(max_examples=60)
@given(data=st.data())
def test_each_row_is_the_application_with_those_columns(
    data: st.DataObject, applications: list[dict[str, Value]]
) -> None:
    values = data.draw(st.sampled_from(applications))
    names = data.draw(st.lists(st.sampled_from(sorted(columns)), min_size=1, unique=True))
    length = data.draw(st.integers(1, 5))
    varied = {name: [data.draw(columns[name]) for _ in range(length)] for name in names}
    whole = [values | {name: varied[name][row] for name in names} for row in range(length)]
    np.testing.assert_array_equal(variations.matrix(values, varied), rows.matrix(whole))


def test_an_array_does_as_a_list_and_its_nan_is_missing(applications: list[dict[str, Value]]) -> None:
    listed: dict[str, list[Value]] = {"AMT_CREDIT": [100_000.0, None], "FLAG_DOCUMENT_3": [1, None]}
    arrays = {"AMT_CREDIT": np.array([100_000.0, np.nan]), "FLAG_DOCUMENT_3": np.array([1.0, np.nan])}
    np.testing.assert_array_equal(
        variations.matrix(applications[0], arrays), variations.matrix(applications[0], listed)
    )


def test_a_column_that_no_feature_reads_changes_nothing(applications: list[dict[str, Value]]) -> None:
    found = variations.matrix(applications[0], {"CODE_GENDER": ["F", "M", None], "unheard_of": [1, 2, 3]})
    np.testing.assert_array_equal(found, np.repeat(rows.matrix([applications[0]]), 3, axis=0))


def test_no_rows_are_no_rows(applications: list[dict[str, Value]]) -> None:
    assert variations.matrix(applications[0], {"AMT_CREDIT": []}).shape == (0, len(feature_names()))


@pytest.mark.parametrize("varied", [{}, {"AMT_CREDIT": [1.0], "AMT_ANNUITY": [1.0, 2.0]}])
def test_columns_of_different_lengths_or_none_are_refused(varied: dict[str, list[Value]]) -> None:
    with pytest.raises(ValueError, match="one length"):
        variations.matrix({}, varied)
