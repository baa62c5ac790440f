"""The pieces that draw: discretizers, trees of counts, chained models, and chance that leans."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.demo.fitted.cart import Cart
from core.data.demo.fitted.chained_model import leaning, steered
from core.data.demo.fitted.discretizer import (
    CategoryDiscretizer,
    NumberDiscretizer,
    category_discretizer,
    min_atom,
    missing,
    number_discretizer,
)

numbers = st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=1, max_size=400).filter(
    lambda values: any(value is not None for value in values)
)


@given(numbers)
def test_a_number_comes_back_as_its_atom_or_from_the_cells(values: list[int | None]) -> None:
    series = pl.Series(values, dtype=pl.Float64)
    discretizer = number_discretizer(series, step=0.0, cells=10)
    codes = discretizer.encode(series)
    back = discretizer.decode(codes, np.random.default_rng(0))
    assert (back.is_null() == series.is_null()).all()
    assert codes.max(initial=0) < discretizer.size
    shared = {value for value, count in series.drop_nulls().value_counts().rows() if count >= min_atom}
    for value, drawn in zip(series, back, strict=True):
        if value in shared:
            assert drawn == value
        elif value is not None:
            assert discretizer.low.min() <= drawn <= discretizer.high.max()


@given(numbers)
def test_codes_keep_the_order_of_numbers(values: list[int | None]) -> None:
    series = pl.Series(values, dtype=pl.Float64).drop_nulls()
    discretizer = number_discretizer(series, step=0.0, cells=10)
    assert (np.diff(discretizer.middles) >= 0).all()


def test_an_interval_is_drawn_on_its_grid() -> None:
    discretizer = NumberDiscretizer(np.array([0.0]), np.array([100.0]), step=4.5)
    drawn = discretizer.decode(np.ones(200, dtype=np.uint16), np.random.default_rng(1))
    assert ((drawn / 4.5) == (drawn / 4.5).round()).all()
    assert drawn.n_unique() > 10


def test_rare_categories_are_left_out() -> None:
    discretizer = category_discretizer(pl.Series("word", ["often"] * 10 + ["seldom"] * (min_atom - 1) + [None]))
    assert discretizer.labels == ("often",)
    assert discretizer.encode(pl.Series(["often", "seldom", None])).tolist() == [1, 1, missing]


def test_categories_come_back() -> None:
    discretizer = CategoryDiscretizer(("a", "b"))
    values = pl.Series(["b", None, "a"])
    assert discretizer.decode(discretizer.encode(values), np.random.default_rng(0)).to_list() == ["b", None, "a"]


@pytest.fixture
def tree() -> Cart:
    """Left where the predictor is at most 3: codes 1 (three times) and 2 (once); right: code 9."""
    return Cart(
        feature=np.array([0, -1, -1], dtype=np.int16),
        threshold=np.array([3, 0, 0], dtype=np.uint16),
        left=np.array([1, 0, 0], dtype=np.int32),
        right=np.array([2, 0, 0], dtype=np.int32),
        first=np.array([0, 0, 2], dtype=np.int32),
        codes=np.array([1, 2, 9], dtype=np.uint16),
        counts=np.array([3, 1, 5], dtype=np.uint16),
    )


def test_a_tree_draws_what_its_leaf_counted(tree: Cart) -> None:
    predictors = np.array([[0, 3, 3, 3, 4, 7]], dtype=np.uint16)
    uniform = np.array([0.0, 0.74, 0.75, np.nextafter(1, 0), 0.0, 0.99])
    assert tree.draw(predictors, uniform).tolist() == [1, 1, 2, 2, 9, 9]


def test_shares_of_a_leaf_are_those_that_were_counted(tree: Cart) -> None:
    uniform = (np.arange(4_000) + 0.5) / 4_000
    drawn = tree.draw(np.zeros((1, 4_000), dtype=np.uint16), uniform)
    assert (drawn == 1).mean() == pytest.approx(0.75)


@given(st.floats(-0.95, 0.95))
def test_leaning_chance_stays_even_and_correlates_as_told(weight: float) -> None:
    rng = np.random.default_rng(5)
    push = rng.standard_normal(20_000)
    uniform = leaning(rng, push, weight)
    assert ((uniform >= 0) & (uniform < 1)).all()
    assert uniform.mean() == pytest.approx(0.5, abs=0.02)
    assert uniform.std() == pytest.approx(12**-0.5, abs=0.01)
    # Of two normals that correlate by r, one made uniform: r * sqrt(3 / pi).
    assert np.corrcoef(push, uniform)[0, 1] == pytest.approx(weight * (3 / np.pi) ** 0.5, abs=0.03)


def test_a_variable_without_weight_is_left_to_chance() -> None:
    rng = np.random.default_rng(5)
    push = rng.standard_normal(20_000)
    uniforms = steered(rng, push, {"leans": 0.5})
    assert abs(np.corrcoef(push, uniforms("other"))[0, 1]) < 0.03
    assert np.corrcoef(push, uniforms("leans"))[0, 1] > 0.4


@given(numbers)
def test_no_bound_of_an_interval_is_a_value_that_few_share(values: list[int | None]) -> None:
    series = pl.Series("value", values, dtype=pl.Float64).drop_nulls()
    discretizer = number_discretizer(series, step=0.0, cells=10)
    interval = discretizer.low < discretizer.high
    inner = {*discretizer.low[interval].tolist()} & {*discretizer.high[interval].tolist()}
    assert not inner & set(series)
