"""Features of one application without a frame: the same expressions, the same numbers to the last bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.features import rows
from core.features.assembly import expressions, input_schema
from core.features.encoding import not_employed
from core.features.scalar import scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

schema = input_schema()
computed = [
    expression
    for expression in expressions()
    if not expression.meta.eq(
        pl.col(expression.meta.output_name()).cast(pl.Float64).alias(expression.meta.output_name())
    )
    and scalar(expression, schema) is not None
]
read = sorted({name for expression in computed for name in expression.meta.root_names()})

amounts = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, -0.0, 0.1, 1e-320, 1.7e308])
counts = {
    "Int8": st.integers(-5, 5),
    "Int32": st.integers(-400_000, 400_000) | st.just(not_employed),
}
values = st.fixed_dictionaries(
    {name: st.none() | (amounts if schema[name].is_float() else counts[str(schema[name])]) for name in read}
)


def bits(numbers: list[float | None]) -> list[int]:
    """Each number as it is stored, so that not even 0 and -0 are the same; missing is NaN."""
    filled = [float("nan") if number is None else float(number) for number in numbers]
    return np.array(filled).view(np.int64).tolist()  # type: ignore[no-any-return]


@given(values)
@example(dict.fromkeys(read))
def test_each_feature_is_what_polars_makes_of_the_expression(row: Mapping[str, float | None]) -> None:
    frame = pl.DataFrame([row], schema={name: schema[name] for name in read})
    whole = frame.select(computed).row(0)
    functions = [scalar(expression, schema) for expression in computed]
    assert bits([function(row) if function else None for function in functions]) == bits(list(whole))


@given(st.lists(st.none() | st.floats(-1e9, 1e9), min_size=2, max_size=4))
def test_numbers_are_added_in_the_order_of_polars(terms: list[float | None]) -> None:
    columns = {f"x{place}": term for place, term in enumerate(terms)}
    types = dict.fromkeys(columns, pl.Float64())
    for expression in (
        pl.sum_horizontal(list(columns), ignore_nulls=False).cast(pl.Float64).alias("y"),
        pl.mean_horizontal(list(columns)).cast(pl.Float64).alias("y"),
    ):
        function = scalar(expression, types)
        assert function is not None
        (found,) = pl.DataFrame([columns], schema=types).select(expression).row(0)
        assert bits([function(columns)]) == bits([found])


def test_no_feature_needs_a_frame() -> None:
    assert len(computed) > 10
    assert rows._plan().expressions == ()


@pytest.mark.parametrize(
    "expression",
    [
        pl.col("AMT_CREDIT").log(),
        pl.col("AMT_CREDIT") % 2,
        pl.col("AMT_CREDIT").cast(pl.Int32),
        pl.col("NAME_INCOME_TYPE"),
        pl.col("AMT_CREDIT").sum(),
        pl.sum_horizontal("AMT_CREDIT", "AMT_ANNUITY"),
        pl.mean_horizontal("AMT_CREDIT", "AMT_ANNUITY", "AMT_GOODS_PRICE", "AMT_INCOME_TOTAL", "EXT_SOURCE_1"),
        pl.lit("x"),
        pl.col("nowhere"),
    ],
)
def test_what_is_not_known_is_left_to_polars(expression: pl.Expr) -> None:
    assert scalar(expression, schema) is None
