"""Bit patterns: the sum of a model's trees, each tree read as one byte of the conditions that a row meets.

LightGBM walks each tree for each row, from split to split. Where no tree has more than eight splits, all of them can
be asked at once: a bit a split makes a byte a tree, and the byte says which leaf the row is in, by a table. That is
the same work for every row and every tree, which NumPy does for many at a time. Leaves are added in the order of the
trees, as LightGBM adds them: the sums are the same to the last bit.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from core.model.prediction.conditions import Conditions, max_code
from core.model.prediction.paths import Paths, max_splits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.model.prediction.trees import TreeColumns

# Up to this many rows, one comparison of all that a row is asked is quicker than one a feature.
_few_rows: Final = 48
# Of the conditions that rows meet, which are taken so many rows at a time. Each row of many is quicker to combine than
# one of few, up to some hundred; the fold models have four times the conditions of the model.
_bytes_at_once: Final = 8_000_000
_least_rows_at_once: Final = 64
_most_rows_at_once: Final = 512
# Of many rows, so many trees are summed at a time: what is held of them stays in the cache of a core.
_trees_at_once: Final = 128


def expressible(trees: TreeColumns) -> bool:
    """Whether the trees can be read as bit patterns.

    They are summed, of eight splits at most, with a number in each leaf, and their codes of categories are small. Other
    models are left to LightGBM.
    """
    return (
        not trees.averaged
        and not trees.linear
        and 1 <= trees.n_leaves.min(initial=1) <= trees.n_leaves.max(initial=1) <= max_splits + 1
        and max((code for codes in trees.codes.values() for code in codes), default=0) <= max_code
    )


@dataclass(frozen=True)
class BitPatterns:
    """The trees of a model, ready to be summed.

    Attributes:
        n_outputs: how many sums the trees are for, in turn.
        conditions: what the splits ask.
        of_bits: int (n_trees, 8): the condition of each bit of a tree, the lowest first; a bit beyond its splits stands
            for the condition that no value meets.
        leaves: float64 (n_trees, n_patterns): what a tree adds, by its pattern.
    """

    n_outputs: int
    conditions: Conditions
    of_bits: NDArray[np.intp]
    leaves: NDArray[np.float64]
    # Of the last call for many rows; only one, however many threads ask.
    _kept: deque[_Memory] = field(default_factory=lambda: deque(maxlen=1), init=False, repr=False, compare=False)

    @classmethod
    def of(cls, trees: TreeColumns) -> BitPatterns:
        """The bit patterns of trees that are `expressible`."""
        conditions, places, right_if_met = Conditions.of(trees)
        paths = Paths.of(trees, right_if_met)
        of_bits = np.full((len(paths.n_splits), max_splits), conditions.never)
        of_bits[paths.tree_of_split, paths.place_in_tree] = places
        first = np.cumsum(trees.n_leaves) - trees.n_leaves
        n_patterns = 1 << int(paths.n_splits.max(initial=0))
        leaves = np.empty((len(first), n_patterns))
        for having, leaf, reached in paths.leaves_reached():
            value = trees.leaves[first[having] + leaf, np.newaxis]
            leaves[having] = np.where(reached[:, :n_patterns], value, leaves[having])
        return cls(trees.n_outputs, conditions, of_bits, leaves)

    def log_odds(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sums of the leaves of each row, as LightGBM adds them; a row's do not depend on the others.

        Args:
            matrix: float64 (n_rows, n_features), NaN where missing.

        Returns:
            float64 (n_rows, n_outputs).
        """
        if self.are_few(matrix):
            return self.sums_at(self.leaf_places(matrix))
        sums = np.empty((len(matrix), self.n_outputs))
        step = self.rows_at_once(len(matrix))
        memory = self._memory(step)
        sum_of_many = _SumOfMany(self, memory)
        for start in range(0, len(matrix), step):
            sums[start : start + step] = sum_of_many.of(matrix[start : start + step]).T
        self._kept.append(memory)
        return sums

    def _memory(self, max_rows: int) -> _Memory:
        """Memory for so many rows, which no other thread has: that of an earlier call, or new."""
        try:
            memory = self._kept.pop()
        except IndexError:
            return _Memory.of(self, max_rows)
        return memory if memory.max_rows >= max_rows else _Memory.of(self, max_rows)

    def rows_at_once(self, n_rows: int) -> int:
        """How many rows `leaf_places` shall be asked for at a time, of so many."""
        if n_rows <= _few_rows:
            return max(n_rows, 1)
        fitting = _bytes_at_once // (self.conditions.never + 1)
        parts = math.ceil(n_rows / min(max(fitting, _least_rows_at_once), _most_rows_at_once))
        # All alike: a few that are left over would take as long as many.
        return math.ceil(n_rows / parts)

    def leaf_places(self, matrix: NDArray[np.float64]) -> NDArray[np.intp]:
        """For each tree and row, the place of its pattern in `leaves` taken as one column: int (n_trees, n_rows)."""
        if len(matrix) <= _few_rows:
            patterns = self._patterns_of_few(matrix)
        else:
            met = np.empty((self.conditions.never + 1) * len(matrix), dtype=np.bool_)
            combined = _Combined(self, met, np.empty((2, len(self.of_bits) * len(matrix)), dtype=np.uint8))
            combined.read(matrix)
            patterns = combined.patterns(self.of_bits)
        places: NDArray[np.intp] = patterns + self._starts
        return places

    @cached_property
    def _starts(self) -> NDArray[np.intp]:
        """Where the leaves of each tree begin, of all in one column: int (n_trees, 1)."""
        starts: NDArray[np.intp] = np.arange(len(self.leaves)) * self.leaves.shape[1]
        return starts[:, np.newaxis]

    @property
    def n_bits(self) -> int:
        """How many splits the largest tree has."""
        return int(self.leaves.shape[1] - 1).bit_length()

    def are_few(self, matrix: NDArray[np.float64]) -> bool:
        """Whether rows are so few that all trees are looked at together."""
        return len(matrix) <= _few_rows

    def sums_at(self, places: NDArray[np.intp]) -> NDArray[np.float64]:
        """What `log_odds` gives of few rows whose `leaf_places` are known."""
        sums = _added(self.leaves.ravel().take(places).reshape(len(places) // self.n_outputs, -1))
        return sums.reshape(self.n_outputs, -1).T

    def _patterns_of_few(self, matrix: NDArray[np.float64]) -> NDArray[np.uint8]:
        """The pattern of each tree and row: uint8 (n_trees, n_rows)."""
        bits = self.conditions.by_row(matrix).take(self.of_bits.ravel(), axis=1)
        return np.packbits(bits, axis=1, bitorder="little").T


@dataclass(frozen=True, slots=True)
class _Memory:
    """What many rows are summed in; it is kept from call to call.

    Of new memory the system has to clear each page before it is written: a tenth of the time of a batch.

    Attributes:
        max_rows, n_trees: for so many at a time.
        met, combining, places, values: as `_Combined` and `_SumOfMany` fill them; flat, for fewer rows as well.
        starts: int (n_trees, 1): where the leaves of each tree begin.
    """

    max_rows: int
    n_trees: int
    met: NDArray[np.bool_]
    combining: NDArray[np.uint8]
    places: NDArray[np.intp]
    values: NDArray[np.float64]
    starts: NDArray[np.intp]

    @classmethod
    def of(cls, model: BitPatterns, max_rows: int) -> _Memory:
        """New memory, for so many rows at a time."""
        n_trees = model.n_outputs * max(_trees_at_once // model.n_outputs, 1)
        return cls(
            max_rows,
            n_trees,
            met=np.empty((model.conditions.never + 1) * max_rows, dtype=np.bool_),
            combining=np.empty((2, n_trees * max_rows), dtype=np.uint8),
            places=np.empty(n_trees * max_rows, dtype=np.intp),
            values=np.empty((n_trees + model.n_outputs) * max_rows),
            starts=(np.arange(n_trees) * model.leaves.shape[1])[:, np.newaxis],
        )


class _SumOfMany:
    """The sums of the leaves of many rows, some trees at a time."""

    def __init__(self, model: BitPatterns, memory: _Memory) -> None:
        self._model = model
        self._memory = memory
        self._combined = _Combined(model, memory.met, memory.combining)

    def of(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sums: float64 (n_outputs, n_rows), until the next call."""
        model, memory, n_rows, n_outputs = self._model, self._memory, len(matrix), self._model.n_outputs
        self._combined.read(matrix)
        # First what the trees before add up to, so that the sum goes on in their order.
        totals = memory.values[: n_outputs * n_rows].reshape(n_outputs, n_rows)
        totals[:] = 0
        for first in range(0, len(model.leaves), memory.n_trees):
            trees = slice(first, first + memory.n_trees)
            leaves = model.leaves[trees]
            places = memory.places[: len(leaves) * n_rows].reshape(-1, n_rows)
            np.add(self._combined.patterns(model.of_bits[trees]), memory.starts[: len(leaves)], out=places)
            values = memory.values[: (len(leaves) + n_outputs) * n_rows].reshape(-1, n_rows)
            # No place is outside: without `mode`, NumPy would copy them to see.
            np.take(leaves.ravel(), places, out=values[n_outputs:], mode="clip")
            totals[:] = _added(values.reshape(-1, n_outputs * n_rows)).reshape(totals.shape)
        return totals


def _added(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of each column, added from the first row to the last."""
    # NumPy adds the numbers of a single column in another order.
    total: NDArray[np.float64] = values.sum(axis=0) if values.shape[1] > 1 else np.add.accumulate(values)[-1]
    return total


class _Combined:
    """The conditions that many rows meet, combined to the patterns of some trees at a time.

    Args:
        model: whose conditions they are.
        met: bool (n_conditions x n_rows,) at least: to be filled.
        combining: uint8 (2, n_trees x n_rows) at least: to be filled with patterns, and with one bit of them.
    """

    def __init__(self, model: BitPatterns, met: NDArray[np.bool_], combining: NDArray[np.uint8]) -> None:
        self._conditions = model.conditions
        self._n_bits = model.n_bits
        self._kept = met
        self._patterns: NDArray[np.uint8] = combining[0]
        self._bits: NDArray[np.uint8] = combining[1]

    def read(self, matrix: NDArray[np.float64]) -> None:
        """Finds what rows meet: float64 (n_rows, n_features)."""
        self._met = self._kept[: (self._conditions.never + 1) * len(matrix)].reshape(-1, len(matrix))
        self._conditions.by_condition(matrix.T, self._met)

    def patterns(self, of_bits: NDArray[np.intp]) -> NDArray[np.uint8]:
        """The pattern of each tree and row that was read: uint8 (n_trees, n_rows), until the next call.

        Args:
            of_bits: int (n_trees, 8): of these trees.
        """
        met, shape = self._met.view(np.uint8), (len(of_bits), self._met.shape[1])
        patterns, bits = (kept[: shape[0] * shape[1]].reshape(shape) for kept in (self._patterns, self._bits))
        patterns[:] = 0
        for bit in reversed(range(self._n_bits)):
            # Twice as much is the same as a bit further up; NumPy shifts one byte at a time.
            np.add(patterns, patterns, out=patterns)
            np.take(met, of_bits[:, bit], axis=0, out=bits, mode="clip")
            np.bitwise_or(patterns, bits, out=patterns)
        return patterns
