"""The discretizer: values of a variable into small ordered codes, and codes into values that are nobody's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# A value is stored as such only where at least this many clients of the sample share it, and an interval only where it
# holds at least this many: fewer would tell one client from the others.
min_atom: Final = 6
min_interval: Final = 12

_digits: Final = 10

# The code of a missing value; the cells of a discretizer are numbered from 1.
missing: Final = 0


@dataclass(frozen=True, slots=True)
class CategoryDiscretizer:
    """The categories of a variable, in the order of their codes.

    Attributes:
        labels: the categories; the label at position `i` has the code `i + 1`.
    """

    labels: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many codes there are, the missing one included."""
        return len(self.labels) + 1

    def encode(self, values: pl.Series) -> NDArray[np.uint16]:
        """The code of each label. One that is too rare to be kept gets the code of the first label."""
        known = values.replace_strict(list(self.labels), range(1, self.size), default=1, return_dtype=pl.UInt16)
        codes = pl.select(pl.when(values.is_null()).then(missing).otherwise(known)).to_series()
        return codes.cast(pl.UInt16).to_numpy()

    def decode(self, codes: NDArray[np.uint16], rng: np.random.Generator) -> pl.Series:
        """The label of each code; `rng` is not used."""
        del rng
        labels = pl.Series([None, *self.labels], dtype=pl.String)
        return labels.gather(codes.astype(np.uint32))


@dataclass(frozen=True, slots=True)
class NumberDiscretizer:
    """Cells of a number: values that many share (atoms), and intervals between quantiles for the rest.

    Attributes:
        low: lower bound of each cell, float64 of shape (cells,); cells are in the order of their middles.
        high: upper bound; equal to `low` for an atom.
        step: values of an interval are rounded to multiples of this; 0 leaves them as they are.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    step: float

    @property
    def size(self) -> int:
        """How many codes there are, the missing one included."""
        return len(self.low) + 1

    @property
    def middles(self) -> NDArray[np.float64]:
        """The middle of each cell, ascending."""
        return (self.low + self.high) / 2

    def encode(self, values: pl.Series) -> NDArray[np.uint16]:
        """The code of the atom that equals the value, else of the interval that holds it, else of the nearest cell."""
        numbers = values.cast(pl.Float64).to_numpy()
        atom = np.flatnonzero(self.low == self.high)
        interval = np.flatnonzero(self.low < self.high)
        cells = np.zeros(len(numbers), dtype=np.int64)
        if len(interval):
            place = np.searchsorted(self.low[interval], numbers, side="right") - 1
            cells = interval[np.clip(place, 0, len(interval) - 1)]
        if len(atom):
            points = self.low[atom]
            right = np.clip(np.searchsorted(points, numbers), 0, len(points) - 1)
            left = np.maximum(right - 1, 0)
            near = np.where(np.abs(points[left] - numbers) < np.abs(points[right] - numbers), left, right)
            exact = np.abs(points[near] - numbers) <= 1e-9 * np.maximum(1.0, np.abs(numbers))
            cells = np.where(exact | (len(interval) == 0), atom[near], cells)
        return np.where(np.isnan(numbers), missing, cells + 1).astype(np.uint16)

    def decode(self, codes: NDArray[np.uint16], rng: np.random.Generator) -> pl.Series:
        """The atom of each code, or a number drawn evenly from its interval."""
        cell = np.maximum(codes.astype(np.int64) - 1, 0)
        low, high = self.low[cell], self.high[cell]
        drawn = low + rng.random(len(codes)) * (high - low)
        if self.step:
            drawn = np.where(low < high, np.round(drawn / self.step) * self.step, drawn)
        return pl.Series(np.where(codes == missing, np.nan, drawn)).fill_nan(None)


def category_discretizer(values: pl.Series) -> CategoryDiscretizer:
    """The categories that at least `min_atom` values share, in alphabetical order."""
    counts = values.drop_nulls().cast(pl.String).value_counts(name="count")
    kept = counts.filter(pl.col("count") >= min_atom)[values.name]
    return CategoryDiscretizer(tuple(sorted(kept.to_list())))


def number_discretizer(values: pl.Series, step: float, cells: int) -> NumberDiscretizer:
    """Atoms and about `cells` intervals that together cover the values.

    Args:
        values: numbers, nulls left out.
        step: the grid on which the values lie; 0 where there is none.
        cells: the most intervals to make; fewer where they would hold less than `min_interval` values.
    """
    raw = values.drop_nulls().cast(pl.Float64).to_numpy()
    # Copies of the same value differ in the last digit of a float: they count as one, written as most of them are.
    numbers = np.round(raw, _digits)
    points, inverse, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    atoms = _as_written(raw, points)[counts >= min_atom]
    rest = np.sort(numbers[counts[inverse] < min_atom])
    low, high = _intervals(rest, min(cells, len(rest) // min_interval))
    low, high = np.concatenate([atoms, low]), np.concatenate([atoms, high])
    if not len(low):
        low = high = np.array([float(np.median(numbers))])
    order = np.argsort(low + high, kind="stable")
    return NumberDiscretizer(low[order], high[order], step)


def _as_written(raw: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each rounded value, the most common of the values that are rounded to it."""
    written, counts = np.unique(raw, return_counts=True)
    place = np.searchsorted(points, np.round(written, _digits))
    order = np.lexsort((counts, place))
    last = np.append(np.diff(place[order]) > 0, True)
    most: NDArray[np.float64] = written[order[last]]
    return most


def _intervals(rest: NDArray[np.float64], cells: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Intervals of about equal counts; bounds lie halfway between neighbours, the outer ones leave the extremes out."""
    if cells < 1:
        return np.empty(0), np.empty(0)
    cuts = np.round(np.linspace(0, len(rest), cells + 1)).astype(int)[1:-1]
    # A cut within equal values moves behind them: a bound that is a client's own value would give it away.
    cuts = np.unique(np.searchsorted(rest, rest[cuts - 1], side="right"))
    cuts = cuts[cuts < len(rest)]
    inner = (rest[cuts - 1] + rest[cuts]) / 2
    first, last = rest[: min_atom // 2].mean(), rest[-(min_atom // 2) :].mean()
    edges: Sequence[float] = [first, *inner, last]
    bounds = np.unique(np.asarray(edges))
    return bounds[:-1], bounds[1:]
