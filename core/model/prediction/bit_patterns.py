"""Bit patterns: the sum of a model's trees, each tree read as one byte of the conditions that a row meets.

LightGBM walks each tree for each row, from split to split. Where no tree has more than eight splits, all of them can
be asked at once: a bit a split makes a byte a tree, and the byte says which leaf the row is in, by a table. That is
the same work for every row and every tree, which NumPy does for many at a time. Leaves are added in the order of the
trees, as LightGBM adds them: the sums are the same to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.model.prediction.conditions import Conditions, max_code
from core.model.prediction.paths import Paths, max_splits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.model.prediction.trees import TreeColumns

# Up to this many rows, one comparison of all that a row is asked is quicker than one a feature.
_few_rows: Final = 48
# Of the conditions that rows meet, which are taken so many rows at a time: what the cache of a core holds.
_bytes_at_once: Final = 1_000_000
_least_rows_at_once: Final = 64


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
        sums = np.empty((len(matrix), self.n_outputs))
        step = self.rows_at_once(len(matrix))
        for start in range(0, len(matrix), step):
            places = self.leaf_places(matrix[start : start + step])
            values = self.leaves.ravel().take(places).reshape(len(places) // self.n_outputs, -1)
            # In the order of the trees: NumPy adds the numbers of a single column in another one.
            total = values.sum(axis=0) if values.shape[1] > 1 else np.add.accumulate(values)[-1]
            sums[start : start + step] = total.reshape(self.n_outputs, -1).T
        return sums

    def rows_at_once(self, n_rows: int) -> int:
        """How many rows `leaf_places` shall be asked for at a time, of so many."""
        if n_rows <= _few_rows:
            return max(n_rows, 1)
        return max(_bytes_at_once // (self.conditions.never + 1), _least_rows_at_once)

    def leaf_places(self, matrix: NDArray[np.float64]) -> NDArray[np.intp]:
        """For each tree and row, the place of its pattern in `leaves` taken as one column: int (n_trees, n_rows)."""
        starts = np.arange(len(self.leaves)) * self.leaves.shape[1]
        places: NDArray[np.intp] = self._patterns(matrix) + starts[:, np.newaxis]
        return places

    def _patterns(self, matrix: NDArray[np.float64]) -> NDArray[np.uint8]:
        """The pattern of each tree and row: uint8 (n_trees, n_rows)."""
        if len(matrix) <= _few_rows:
            bits = self.conditions.by_row(matrix).take(self.of_bits.ravel(), axis=1)
            return np.packbits(bits, axis=1, bitorder="little").T
        met = self.conditions.by_condition(np.ascontiguousarray(matrix.T)).view(np.uint8)
        n_bits = (self.leaves.shape[1] - 1).bit_length()
        patterns = np.zeros((len(self.of_bits), len(matrix)), dtype=np.uint8)
        for bit in reversed(range(n_bits)):
            patterns <<= 1
            patterns |= met.take(self.of_bits[:, bit], axis=0)
        return patterns
