"""The conditions that the splits of a model put to a value: each is tested once a row, however many splits ask it.

A condition is written so that a missing value never meets it: a value above a threshold where missing goes left, a
value up to it where missing goes right, a code of a set.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from core.model.prediction.trees import zero_threshold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.model.prediction.trees import TreeColumns

max_code: Final = 65_534
"""The largest code of a category that is looked up in a table."""


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The conditions of one kind on one feature, which stand side by side."""

    feature: int
    first: int
    thresholds: NDArray[np.float64]
    above: bool
    zeros_missing: bool


@dataclass(frozen=True, slots=True)
class _Lookup:
    """The conditions of a feature that is a category: bool (n_conditions, n_codes); the last column is no code."""

    feature: int
    first: int
    members: NDArray[np.bool_]


@dataclass(frozen=True)
class Conditions:
    """The distinct conditions of a model.

    They stand in the order of their kinds (values above a threshold, values up to one, codes), and within by feature.
    Behind them is one that no value meets.

    Attributes:
        features: int (n_conditions,).
        thresholds: float64 (n_comparisons,).
        zeros_missing: bool (n_comparisons,): whether a value that is zero to LightGBM is missing.
        n_above: how many of them ask for a value above the threshold.
        members: bool (n_lookups, n_codes): the codes that meet the condition; the last column is no code.
    """

    features: NDArray[np.intp]
    thresholds: NDArray[np.float64]
    zeros_missing: NDArray[np.bool_]
    n_above: int
    members: NDArray[np.bool_]
    _comparisons: tuple[_Comparison, ...]
    _lookups: tuple[_Lookup, ...]

    @property
    def never(self) -> int:
        """The place of the condition that no value meets."""
        return len(self.features)

    @classmethod
    def of(cls, trees: TreeColumns) -> tuple[Conditions, NDArray[np.intp], NDArray[np.bool_]]:
        """The conditions of the trees.

        Returns:
            The conditions; int (n_splits,): the place of the condition of each split; bool (n_splits,): whether a row
            that meets it goes right.
        """
        compared = ~np.isnan(trees.thresholds)
        above = trees.missing_left
        comparisons = np.column_stack([~above, trees.zeros_missing, trees.features, trees.thresholds])[compared]
        distinct, numbers = np.unique(comparisons, axis=0, return_inverse=True)
        places = np.empty(len(compared), dtype=np.intp)
        places[compared] = numbers.ravel()
        sets = sorted({(int(trees.features[place]), codes) for place, codes in trees.codes.items()})
        place_of_set = {one: place for place, one in enumerate(sets, len(distinct))}
        for place, codes in trees.codes.items():
            places[place] = place_of_set[int(trees.features[place]), codes]
        members = np.zeros(
            (len(sets), 2 + max((code for _, codes in sets for code in codes), default=0)), dtype=np.bool_
        )
        for row, (_, codes) in zip(members, sets, strict=True):
            row[list(codes)] = True
        features = np.array([*distinct[:, 2], *(feature for feature, _ in sets)], dtype=np.intp)
        conditions = cls(
            features=features,
            thresholds=distinct[:, 3].copy(),
            zeros_missing=distinct[:, 1] != 0,
            n_above=int((distinct[:, 0] == 0).sum()),
            members=members,
            _comparisons=tuple(_comparisons(distinct)),
            _lookups=tuple(
                _Lookup(
                    int(features[run.start]), run.start, members[run.start - len(distinct) : run.stop - len(distinct)]
                )
                for run in _runs(features[len(distinct) :, np.newaxis], len(distinct))
            ),
        )
        return conditions, places, above

    def by_row(self, matrix: NDArray[np.float64]) -> NDArray[np.bool_]:
        """What each row meets; quicker for few rows.

        Args:
            matrix: float64 (n_rows, n_features).

        Returns:
            bool (n_rows, n_conditions + 1).
        """
        n_compared = len(self.thresholds)
        met = np.zeros((len(matrix), self.never + 1), dtype=np.bool_)
        values = matrix.take(self.features, axis=1)
        if self._are_zeros_missing:
            zero = np.abs(values[:, :n_compared]) <= zero_threshold
            values[:, :n_compared][zero & self.zeros_missing] = np.nan
        above, up_to = slice(self.n_above), slice(self.n_above, n_compared)
        np.greater(values[:, above], self.thresholds[above], out=met[:, above])
        np.less_equal(values[:, up_to], self.thresholds[up_to], out=met[:, up_to])
        codes = _codes(values[:, n_compared:], self.members.shape[1])
        codes += self._first_codes
        met[:, n_compared : self.never] = self.members.ravel().take(codes)
        return met

    @cached_property
    def _are_zeros_missing(self) -> bool:
        """Whether zero is missing to any comparison."""
        return bool(self.zeros_missing.any())

    @cached_property
    def _first_codes(self) -> NDArray[np.intp]:
        """Where the codes of each lookup begin, of all in one row: int (n_lookups,)."""
        starts: NDArray[np.intp] = np.arange(len(self.members)) * self.members.shape[1]
        return starts

    def by_condition(self, columns: NDArray[np.float64], met: NDArray[np.bool_]) -> None:
        """What meets each condition; quicker for many rows.

        Args:
            columns: float64 (n_features, n_rows).
            met: bool (n_conditions + 1, n_rows), to be filled.
        """
        if columns.strides[1] != columns.itemsize:
            columns = np.ascontiguousarray(columns)
        # What varies one application varies a few features of it: what the others meet, all rows meet.
        varying = _varying(columns)
        met[:] = self.by_row(columns[:, :1].T).T
        for one in self._comparisons:
            if one.feature not in varying:
                continue
            values = columns[one.feature]
            if one.zeros_missing:
                values = np.where(np.abs(values) <= zero_threshold, np.nan, values)
            compare = np.greater if one.above else np.less_equal
            compare(values, one.thresholds, out=met[one.first : one.first + len(one.thresholds)])
        for lookup in self._lookups:
            if lookup.feature not in varying:
                continue
            codes = _codes(columns[lookup.feature], lookup.members.shape[1])
            met[lookup.first : lookup.first + len(lookup.members)] = lookup.members.take(codes, axis=1)


def _varying(columns: NDArray[np.float64]) -> set[int]:
    """The columns that do not have the same bits in all rows."""
    bits = columns.view(np.int64)
    return set(np.flatnonzero((bits != bits[:, :1]).any(axis=1)).tolist())


def _comparisons(distinct: NDArray[np.float64]) -> list[_Comparison]:
    """The conditions that stand side by side, of rows: 0 above or 1 up to, zeros missing, feature, threshold."""
    return [
        _Comparison(
            feature=int(distinct[run.start, 2]),
            first=run.start,
            thresholds=np.ascontiguousarray(distinct[run, 3:]),
            above=not distinct[run.start, 0],
            zeros_missing=bool(distinct[run.start, 1]),
        )
        for run in _runs(distinct[:, :3], 0)
    ]


def _runs(rows: NDArray[np.float64] | NDArray[np.intp], first: int) -> list[slice]:
    """The stretches of equal rows, numbered from `first`."""
    changes = np.flatnonzero((rows[1:] != rows[:-1]).any(axis=1)) + 1
    bounds = [0, *changes.tolist(), len(rows)] if len(rows) else []
    return [slice(first + start, first + end) for start, end in pairwise(bounds)]


def _codes(values: NDArray[np.float64], n_codes: int) -> NDArray[np.intp]:
    """Values cut to whole numbers; what is no code of the table becomes its last column."""
    no_code = n_codes - 1
    return np.where((values > -1) & (values < no_code), values, no_code).astype(np.intp)
