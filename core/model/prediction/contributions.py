"""The contributions of features to log-odds, by TreeSHAP: of a tree they depend on its bit pattern alone.

So they are computed once for each pattern of each tree, and those of a row are a look-up and a sum.

Source: Lundberg et al., "From local explanations to global understanding with explainable AI for trees" (Nature Machine
Intelligence, 2020), path-dependent, with the counts of training rows as LightGBM 4.7 takes them (src/io/tree.cpp,
`TreeSHAP`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.model.prediction.conditions import Conditions
from core.model.prediction.paths import Paths, max_splits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.model.prediction.bit_patterns import BitPatterns
    from core.model.prediction.trees import TreeColumns

# As many as keep what is computed for them in the cache of a core.
_trees_at_once: Final = 64


def explainable(trees: TreeColumns) -> bool:
    """Whether contributions can be looked up: of one output, with rows of training on each side of every split."""
    counts = np.concatenate([trees.split_counts, trees.leaf_counts])
    n_splits, n_leaves = len(trees.features), int(trees.n_leaves[trees.n_leaves > 1].sum())
    complete = len(trees.split_counts) == n_splits and len(trees.leaf_counts) == n_leaves
    return trees.n_outputs == 1 and complete and bool((counts > 0).all())


@dataclass(frozen=True)
class Contributions:
    """What each feature adds to the log-odds of a row.

    Attributes:
        patterns: the trees.
        expected: what a row of training has, on average: the sum of the trees' leaves by the rows in them.
        features: int (n_trees, n_places): the features that a tree reads, each once; what is left over is 0.
        shares: float64 (n_trees x n_patterns, n_places): what they add, by the pattern of the tree.
    """

    patterns: BitPatterns
    expected: float
    features: NDArray[np.intp]
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, trees: TreeColumns, patterns: BitPatterns) -> Contributions:
        """The contributions of trees that are `explainable`, and that `patterns` has been made of."""
        _, _, right_if_met = Conditions.of(trees)
        paths = Paths.of(trees, right_if_met)
        reads = _Reads.of(trees, paths)
        first = np.cumsum(trees.n_leaves) - trees.n_leaves
        expected = 0.0
        n_patterns = patterns.leaves.shape[1]
        shares = np.zeros((len(first), n_patterns, reads.features.shape[1]))
        for leaf in range(int(trees.n_leaves.max(initial=1))):
            node = max_splits + leaf
            for start in range(0, len(first), _trees_at_once):
                having = start + np.flatnonzero(trees.n_leaves[start : start + _trees_at_once] > leaf)
                values, reached = trees.leaves[first[having] + leaf], reads.reached[having, node]
                expected += float(reached.prod(axis=1) @ values)
                met = _met(paths, reads, having, node, n_patterns)
                shares[having] += values[:, np.newaxis, np.newaxis] * _shapley(met, reached)
        return cls(patterns, expected, reads.features, shares.reshape(-1, shares.shape[2]))

    def of_rows(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """The contributions of rows.

        Args:
            matrix: float64 (n_rows, n_features), NaN where missing.

        Returns:
            float64 (n_rows, n_features + 1): those of each feature, then what a row of training has on average; they
            add up to the log-odds of the row.
        """
        found = np.empty((len(matrix), matrix.shape[1] + 1))
        step = self.patterns.rows_at_once(len(matrix))
        for start in range(0, len(matrix), step):
            rows = slice(start, start + step)
            found[rows] = self.at(self.patterns.leaf_places(matrix[rows]), matrix.shape[1])
        return found

    def at(self, places: NDArray[np.intp], n_features: int) -> NDArray[np.float64]:
        """The same of rows whose places in the trees are known.

        Args:
            places: int (n_trees, n_rows), as `BitPatterns.leaf_places`.
            n_features: how many columns the rows have.
        """
        found = np.empty((places.shape[1], n_features + 1))
        columns = self.features.ravel()
        for row, of_row in enumerate(places.T):
            shares = self.shares.take(of_row, axis=0).ravel()
            found[row] = np.bincount(columns, weights=shares, minlength=n_features + 1)
        found[:, -1] = self.expected
        return found


@dataclass(frozen=True)
class _Reads:
    """The features that each tree reads, and how many rows of training their splits let through.

    Attributes:
        features: int (n_trees, n_places).
        bits: uint8 (n_trees, n_places): the splits of each.
        reached: float64 (n_trees, n_nodes, n_places): of the rows that come to a split of the feature above the node,
            the share that goes on to the node, over all of these splits.
    """

    features: NDArray[np.intp]
    bits: NDArray[np.uint8]
    reached: NDArray[np.float64]

    @classmethod
    def of(cls, trees: TreeColumns, paths: Paths) -> _Reads:
        n_trees, n_nodes = paths.masks.shape
        place_of_split = np.zeros((n_trees, max_splits), dtype=np.intp)
        feature = np.full((n_trees, max_splits), -1)
        feature[paths.tree_of_split, paths.place_in_tree] = trees.features
        for split in range(max_splits):
            # The place of a feature is that of the first split that reads it.
            place_of_split[:, split] = (feature == feature[:, split, np.newaxis]).argmax(axis=1)
        bits = np.zeros((n_trees, max_splits), dtype=np.uint8)
        counts = np.zeros((n_trees, n_nodes))
        counts[paths.tree_of_split, paths.place_in_tree] = trees.split_counts
        several = np.flatnonzero(trees.n_leaves > 1)
        tree_of_leaf = np.repeat(several, trees.n_leaves[several])
        ends = np.cumsum(trees.n_leaves[several])
        leaf = np.arange(len(tree_of_leaf)) - np.repeat(ends - trees.n_leaves[several], trees.n_leaves[several])
        counts[tree_of_leaf, max_splits + leaf] = trees.leaf_counts
        reached = np.ones((n_trees, n_nodes, max_splits))
        for split, _, having, nodes in paths.descents():
            places = place_of_split[having, split]
            bits[having, places] |= np.uint8(1 << split)
            reached[having, nodes] = reached[having, split]
            reached[having, nodes, places] *= counts[having, nodes] / counts[having, split]
        width = int(paths.n_splits.max(initial=0)) or 1
        return cls(np.maximum(feature, 0)[:, :width], bits[:, :width], reached[:, :, :width])


def _met(paths: Paths, reads: _Reads, having: NDArray[np.intp], node: int, n_patterns: int) -> NDArray[np.bool_]:
    """Whether a pattern goes the way to a node wherever a feature is read: bool (n_trees, n_patterns, n_places)."""
    masks = paths.masks[having, node, np.newaxis] & reads.bits[having]
    expected = paths.expected[having, node, np.newaxis] & masks
    patterns = np.arange(n_patterns, dtype=np.uint8)[:, np.newaxis]
    met: NDArray[np.bool_] = patterns & masks[:, np.newaxis] == expected[:, np.newaxis]
    return met


def _shapley(met: NDArray[np.bool_], reached: NDArray[np.float64]) -> NDArray[np.float64]:
    """The Shapley values of a game that pays 1 at a leaf: (n_trees, n_patterns, n_places).

    A coalition is paid the product, over its members, of whether their splits lead to the leaf, and over the others, of
    the share of the rows that theirs let through. The value of a member is the integral over t from 0 to 1 of what it
    changes, (met - reached), times the product over the others of (met t + reached (1 - t)): a polynomial of a degree
    of seven at most, for which four points of Gauss and Legendre are exact.
    """
    gains = met - reached[:, np.newaxis]
    values = np.zeros(met.shape)
    points, weights = np.polynomial.legendre.leggauss(max_splits // 2)
    for point, weight in zip((points + 1) / 2, weights / 2, strict=True):
        factors = np.where(met, point, 0.0) + (1 - point) * reached[:, np.newaxis]
        values += weight * factors.prod(axis=2, keepdims=True) / factors
    product: NDArray[np.float64] = gains * values
    return product
