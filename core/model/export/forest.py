"""The trees of a model as every format writes them down: a node compares, or looks a code up, and that is all.

LightGBM's own rules for missing values and zeros are resolved before (`core.model.prediction.trees`), so that no writer
can get them wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from core.model.prediction.trees import read

if TYPE_CHECKING:
    from core.model.booster import Booster
    from core.model.prediction.trees import TreeColumns


class NotExportable(ValueError):
    """A model or a format that cannot be exported without changing what is decided; the message says why."""


def not_installed(package: str) -> NotExportable:
    """What is said where a package of the extra `export` is missing."""
    return NotExportable(
        f"the package {package} is not installed: python3 -m pip install --require-hashes --requirement"
        " requirements/export.txt"
    )


@dataclass(frozen=True, slots=True)
class Split:
    """A node that sends a row to one of two children.

    Attributes:
        feature: its place among the columns of the matrix.
        threshold: a value up to it goes left; NaN where codes are looked up.
        codes: ascending, those that go left, where the feature is a category; None where it is a number. A value is cut
            to a whole number first.
        missing_left: where NaN goes.
        left, right: the place of a split in the tree; `-1 - k` is leaf `k`.
    """

    feature: int
    threshold: float
    codes: tuple[int, ...] | None
    missing_left: bool
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Tree:
    """Splits, of which the first is the root, and the log-odds of each leaf; a tree of one leaf has no splits."""

    splits: tuple[Split, ...]
    leaves: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Forest:
    """A model: the log-odds of a row are the sum of one leaf a tree, in order; its probability is their logistic.

    Attributes:
        slope: what log-odds are multiplied by before the logistic.
    """

    feature_names: tuple[str, ...]
    trees: tuple[Tree, ...]
    slope: float

    @classmethod
    def of(cls, booster: Booster) -> Forest:
        """Reads a model.

        Raises:
            NotExportable: where it has what these trees cannot say: other outcomes than two, averaged or linear leaves,
                zeros that count as missing.
        """
        columns = read(booster)
        objective = re.fullmatch(r"binary sigmoid:(\S+)", columns.head.get("objective", ""))
        if objective is None or columns.n_outputs != 1:
            raise NotExportable("the model is not one of two outcomes (objective=binary)")
        if columns.averaged:
            raise NotExportable("the model averages its trees (boosting=rf), and only sums are exported")
        if columns.linear:
            number = columns.linear[0]
            raise NotExportable(f"tree {number} has linear leaves (linear_tree), which only constant ones stand for")
        return cls(tuple(columns.head["feature_names"].split(" ")), _trees(columns), float(objective[1]))

    def thresholds(self) -> tuple[tuple[int, float], ...]:
        """Each pair of a feature and a threshold that a split of the model compares, once, in order."""
        return tuple(sorted({(node.feature, node.threshold) for node in self._splits() if node.codes is None}))

    def in_single_precision(self) -> Forest:
        """The same model for values that are rounded to single precision.

        A threshold becomes the largest such number up to it: what was rounded goes where it would by the exact one.
        """
        trees = (
            replace(tree, splits=tuple(replace(one, threshold=_single(one.threshold)) for one in tree.splits))
            for tree in self.trees
        )
        return replace(self, trees=tuple(trees))

    def categories(self) -> dict[int, int]:
        """The features that are looked up as codes, each with the largest code that a split knows."""
        largest: dict[int, int] = {}
        for node in self._splits():
            if node.codes is not None:
                largest[node.feature] = max(largest.get(node.feature, 0), *node.codes, 0)
        return dict(sorted(largest.items()))

    def _splits(self) -> list[Split]:
        return [split for tree in self.trees for split in tree.splits]


def _trees(columns: TreeColumns) -> tuple[Tree, ...]:
    ends = np.cumsum(columns.n_leaves)
    # A tree has a split less than leaves.
    split_ends = ends - np.arange(1, len(ends) + 1)
    zeros = np.flatnonzero(columns.zeros_missing)
    if len(zeros):
        number = int(np.searchsorted(split_ends, zeros[0], side="right"))
        raise NotExportable(f"tree {number} takes zeros for missing values (zero_as_missing), which is not exported")
    splits = [
        Split(feature, threshold, columns.codes.get(place), missing_left=missing_left, left=left, right=right)
        for place, (feature, threshold, missing_left, left, right) in enumerate(
            zip(
                columns.features.tolist(),
                columns.thresholds.tolist(),
                columns.missing_left.tolist(),
                columns.left.tolist(),
                columns.right.tolist(),
                strict=True,
            )
        )
    ]
    leaves = columns.leaves.tolist()
    return tuple(
        Tree(tuple(splits[split_end - size + 1 : split_end]), tuple(leaves[end - size : end]))
        for size, end, split_end in zip(columns.n_leaves.tolist(), ends.tolist(), split_ends.tolist(), strict=True)
    )


def _single(threshold: float) -> float:
    """The largest number in single precision up to a threshold; NaN, where codes are looked up, stays what it is."""
    # Beyond what single precision holds, it is infinite.
    with np.errstate(over="ignore"):
        nearest = np.float32(threshold)
    # As a Python number: beside one in single precision, NumPy rounds the threshold first.
    return float(nearest if float(nearest) <= threshold else np.nextafter(nearest, np.float32(-np.inf)))
