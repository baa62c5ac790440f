"""Numbers are counted or sorted, whichever is quicker, to the same distribution."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.drift.measures.column import CategoryRows
from core.drift.measures.distributions import EmpiricalDistribution

small = st.integers(-40, 40).map(float)
finite = st.floats(allow_nan=False, allow_infinity=False)
numbers = (
    st.lists(small, max_size=60)
    | st.lists(finite, max_size=60)
    | st.lists(small | st.integers(-(2**60), 2**60).map(float) | finite, max_size=60)
)


@given(values=numbers)
@example(values=[*map(float, range(200)), 0.5])
@example(values=[2.0**53, 2.0**53 + 2, 2.0**53])
@example(values=[-0.0, 0.0, -1.0])
@example(values=[1e308, -1e308])
def test_the_distinct_numbers_and_how_many_are_up_to_each(values: list[float]) -> None:
    array = np.array(values, dtype=np.float64)
    distinct, counts = np.unique(array, return_counts=True)
    found = EmpiricalDistribution.of(array)
    assert found.values.dtype == np.float64
    assert found.values.tolist() == distinct.tolist()
    assert found.upto.tolist() == np.cumsum(counts).tolist()
    assert found.expanded().tolist() == np.sort(array).tolist()


@pytest.mark.parametrize("kind", [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint64, np.float32])
def test_numbers_of_each_type(kind: type[np.generic]) -> None:
    array = np.array([3, 1, 1, 120, 7, 3, 3], dtype=kind)
    found = EmpiricalDistribution.of(array)
    assert (found.values.tolist(), found.upto.tolist()) == ([1.0, 3.0, 7.0, 120.0], [2, 5, 6, 7])
    top = EmpiricalDistribution.of(np.array([np.iinfo(np.int64).max] * 2 + [0]))
    assert (top.values.tolist(), top.upto.tolist()) == ([0.0, 2.0**63], [1, 3])


@given(codes=st.lists(st.none() | st.integers(-128, 127), max_size=50))
def test_flags_are_counted_as_texts_are(codes: list[int | None]) -> None:
    texts = CategoryRows.of(pl.Series([None if code is None else str(code) for code in codes], dtype=pl.String))
    flags = CategoryRows.of(pl.Series(codes, dtype=pl.Int8))
    assert (flags.codes, flags.missing) == (texts.codes, texts.missing)
