"""The trees of a model as every format writes them down: LightGBM's own rules for missing values and zeros resolved.

How LightGBM reads a value depends on the kind of the split and on how small the value is. What is resolved here once,
no writer can get wrong: a node of a `Forest` compares, or looks a code up, and says where a missing value goes.

Source: LightGBM 4.7, include/LightGBM/tree.h (`NumericalDecision`, `CategoricalDecision`), include/LightGBM/meta.h
(`kZeroThreshold`) and src/c_api.cpp (`RowPairFunctionFromDenseMatric`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.model.booster import Booster

zero_threshold: Final = 1.0000000180025095e-35
"""Values this close to zero are zero to LightGBM, which keeps the number in single precision."""

_categorical: Final = 1
_default_left: Final = 2
_missing_kinds: Final = ("none", "zero", "nan")
_bits: Final = 32
_split_keys: Final = ("split_feature", "threshold", "decision_type", "left_child", "right_child")


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
        text = booster.model_to_string(num_iteration=-1)
        head, _, rest = text.partition("\n\n")
        described = dict(line.partition("=")[::2] for line in head.split("\n"))
        objective = re.fullmatch(r"binary sigmoid:(\S+)", described.get("objective", ""))
        if objective is None or described["num_tree_per_iteration"] != "1":
            raise NotExportable("the model is not one of two outcomes (objective=binary)")
        if "average_output" in described:
            raise NotExportable("the model averages its trees (boosting=rf), and only sums are exported")
        blocks = rest.partition("end of trees")[0].split("\n\n\n")
        lines = [dict(line.partition("=")[::2] for line in block.split("\n") if line) for block in blocks]
        trees = tuple(_tree(number, tree) for number, tree in enumerate(tree for tree in lines if "num_leaves" in tree))
        return cls(tuple(described["feature_names"].split(" ")), trees, float(objective[1]))

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


def _tree(number: int, lines: Mapping[str, str]) -> Tree:
    if lines.get("is_linear", "0") != "0":
        raise NotExportable(f"tree {number} has linear leaves (linear_tree), which only constant ones stand for")
    leaves = tuple(float(word) for word in lines["leaf_value"].split(" "))
    if len(leaves) == 1:
        return Tree((), leaves)
    sets = _sets(lines)
    columns = (
        lines[key].split(" ") for key in ("split_feature", "threshold", "decision_type", "left_child", "right_child")
    )
    splits = [
        _split(number, int(feature), float(threshold), int(kind), (int(left), int(right)), sets)
        for feature, threshold, kind, left, right in zip(*columns, strict=True)
    ]
    return Tree(tuple(splits), leaves)


def _split(
    number: int, feature: int, threshold: float, kind: int, children: tuple[int, int], sets: Sequence[tuple[int, ...]]
) -> Split:
    if kind & _categorical:
        # No code is NaN, which goes right, whatever the node says.
        return Split(feature, math.nan, sets[int(threshold)], missing_left=False, left=children[0], right=children[1])
    missing = _missing_kinds[(kind >> 2) & 3]
    if missing == "zero":
        raise NotExportable(f"tree {number} takes zeros for missing values (zero_as_missing), which is not exported")
    resolved = _as_compared(threshold)
    missing_left = bool(kind & _default_left) if missing == "nan" else resolved >= 0
    return Split(feature, resolved, None, missing_left, *children)


def _as_compared(threshold: float) -> float:
    """The threshold for values as they are, where LightGBM compares what it has taken for zero."""
    if -zero_threshold <= threshold < 0:
        return math.nextafter(-zero_threshold, -math.inf)
    if 0 <= threshold < zero_threshold:
        return zero_threshold
    return threshold


def _single(threshold: float) -> float:
    """The largest number in single precision up to a threshold; NaN, where codes are looked up, stays what it is."""
    # Beyond what single precision holds, it is infinite.
    with np.errstate(over="ignore"):
        nearest = np.float32(threshold)
    # As a Python number: beside one in single precision, NumPy rounds the threshold first.
    return float(nearest if float(nearest) <= threshold else np.nextafter(nearest, np.float32(-np.inf)))


def _sets(lines: Mapping[str, str]) -> list[tuple[int, ...]]:
    """The sets of codes of a tree, by the number that a split gives as its threshold: words of 32 bits each."""
    if lines["num_cat"] == "0":
        return []
    bounds = [int(word) for word in lines["cat_boundaries"].split(" ")]
    words = [int(word) for word in lines["cat_threshold"].split(" ")]
    return [
        tuple(
            place * _bits + bit
            for place, word in enumerate(words[start:end])
            for bit in range(_bits)
            if word >> bit & 1
        )
        for start, end in pairwise(bounds)
    ]
