"""Rows of a table from counts per owner, and in the types of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from core import catalogue
from core.catalogue.ages import days_per_month

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

# Days of a month, on average.
month: Final = days_per_month
# What a day that has not come, or never comes, looks like in the tables.
no_day: Final = 365243
# The history tables look this far back.
oldest_day: Final = -2922
oldest_month: Final = -96
_enough: Final = 30


def spread(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The owner of each row and its place among the rows of that owner, for so many rows an owner."""
    owner = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return owner, place


def standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values with mean 0 and deviation 1; as they are where they are too few to say."""
    if len(values) < _enough:
        return values
    scaled: NDArray[np.float64] = (values - values.mean()) / values.std()
    return scaled


def mixed(risk: NDArray[np.float64], share: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Habits that are in part the owner's risk: standard normal, correlated with it by `share`.

    Payments of one client resemble each other far more than their risk explains: on the real sample, the lateness of
    two payments of a client correlates by 0.16 in ranks, and of a payment with the risk that the application tells by
    -0.04. Were chance drawn payment by payment around the risk, the mean of forty would give it away.

    Args:
        risk: standard normal, one element an owner.
        share: the correlation, 0 to 1.
    """
    habits: NDArray[np.float64] = share * risk + np.sqrt(1 - share**2) * rng.standard_normal(len(risk))
    return habits


def first_of_each(owner: NDArray[np.signedinteger[Any]]) -> NDArray[np.int64]:
    """For each row, the first of the neighbouring rows with the same owner."""
    place = np.arange(len(owner))
    starts = np.ones(len(owner), dtype=bool)
    starts[1:] = owner[1:] != owner[:-1]
    return np.maximum.accumulate(np.where(starts, place, 0))


def typed(drawn: pl.DataFrame, table: str, columns: Mapping[str, pl.Expr] | None = None) -> pl.DataFrame:
    """All columns of a table in their types and their order: those given, the others as they were drawn."""
    derived = columns or {}
    schema = catalogue.polars_schema(table)
    return drawn.select(_typed(derived.get(name, pl.col(name)), dtype).alias(name) for name, dtype in schema.items())


def _typed(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype.is_integer():
        column = column.cast(pl.Float64).fill_nan(None).round()
    if dtype.is_float():
        column = column.cast(pl.Float64).fill_nan(None)
    return column.cast(dtype)


def pick(shares: NDArray[np.float64], uniform: NDArray[np.float64]) -> NDArray[np.int64]:
    """The position that each number in [0, 1) picks among shares that add up to one, in a row of its own or of all."""
    edges = np.cumsum(np.atleast_2d(shares), axis=1)
    place: NDArray[np.int64] = (uniform[:, None] >= edges[:, :-1]).sum(axis=1)
    return place
