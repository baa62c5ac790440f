"""The trees of a booster as columns of numbers, with LightGBM's own rules for missing values and zeros resolved.

How LightGBM reads a value depends on the kind of the split and on how small the value is. What is resolved here once,
nobody who walks the trees or writes them down can get wrong.

Source: LightGBM 4.7, include/LightGBM/tree.h (`NumericalDecision`, `CategoricalDecision`), include/LightGBM/meta.h
(`kZeroThreshold`) and src/c_api.cpp (`RowPairFunctionFromDenseMatric`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from core.model.booster import Booster

zero_threshold: Final = 1.0000000180025095e-35
"""Values this close to zero are zero to LightGBM, which keeps the number in single precision."""

# Of `decision_type`: bit 0 marks a split of categories, bit 1 the side of what is missing, bits 2 and 3 hold what is.
_categorical: Final = 1
_default_left: Final = 2
_missing_shift: Final = 2
_missing_mask: Final = 3
_zeros: Final = 1
_nan: Final = 2
_bits: Final = 32
_line: Final = re.compile(
    r"^(num_leaves|num_cat|split_feature|threshold|decision_type|left_child|right_child|leaf_value|leaf_count"
    r"|internal_count|cat_boundaries|cat_threshold|is_linear)=(.*)$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class TreeColumns:
    """The splits and the leaves of all trees, one tree after the other; those of several outputs in turn.

    Attributes:
        head: the lines before the trees, by their keys.
        n_leaves: int (n_trees,): a tree has a split less; the first is its root, and each comes after its parent.
        features: int (n_splits,): place of the feature among the columns of the matrix.
        thresholds: float64 (n_splits,): a value up to it goes left; NaN where codes are looked up.
        codes: by the place of a split: ascending, the codes that go left, where the feature is a category. A value is
            cut to a whole number first; none of them, and NaN, goes right.
        zeros_missing: bool (n_splits,): whether a value that is zero to LightGBM goes where NaN does.
        missing_left: bool (n_splits,): where NaN goes.
        left, right: int (n_splits,): the place of a split in its tree; `-1 - k` is leaf `k`.
        leaves: float64 (all leaves,): log-odds.
        split_counts, leaf_counts: int (n_splits,), (leaves of trees with splits,): rows of training; empty where the
            text has none.
        linear: the trees whose leaves are linear models, of which `leaves` are a part alone.
    """

    head: Mapping[str, str]
    n_leaves: NDArray[np.intp]
    features: NDArray[np.intp]
    thresholds: NDArray[np.float64]
    codes: Mapping[int, tuple[int, ...]]
    zeros_missing: NDArray[np.bool_]
    missing_left: NDArray[np.bool_]
    left: NDArray[np.intp]
    right: NDArray[np.intp]
    leaves: NDArray[np.float64]
    split_counts: NDArray[np.intp]
    leaf_counts: NDArray[np.intp]
    linear: tuple[int, ...]

    @property
    def n_outputs(self) -> int:
        """How many sums the trees are for, in turn."""
        return int(self.head["num_tree_per_iteration"])

    @property
    def averaged(self) -> bool:
        """Whether the trees are averaged (boosting=rf), where they are summed else."""
        return "average_output" in self.head


def read(booster: Booster) -> TreeColumns:
    """The trees of a booster."""
    text = booster.model_to_string(num_iteration=-1)
    head = text.partition("\n\n")[0]
    trees: list[dict[str, str]] = []
    # Line by line, and only those that are read: a text has megabytes.
    for line in _line.finditer(text, len(head), text.index("end of trees", len(head))):
        if line[1] == "num_leaves":
            trees.append({})
        trees[-1][line[1]] = line[2]
    split = [tree for tree in trees if tree["num_leaves"] != "1"]
    kinds, thresholds = _whole(split, "decision_type"), _real(split, "threshold")
    categorical = kinds & _categorical != 0
    missing = kinds >> _missing_shift & _missing_mask
    compared = np.where(categorical, math.nan, _as_compared(thresholds))
    missing_left = np.where((missing == _zeros) | (missing == _nan), kinds & _default_left != 0, compared >= 0)
    return TreeColumns(
        head=dict(line.partition("=")[::2] for line in head.split("\n")),
        n_leaves=_whole(trees, "num_leaves"),
        features=_whole(split, "split_feature"),
        thresholds=compared,
        codes=_codes(split, np.where(categorical, thresholds, -1).astype(np.intp).tolist()),
        zeros_missing=~categorical & (missing == _zeros),
        missing_left=~categorical & missing_left,
        left=_whole(split, "left_child"),
        right=_whole(split, "right_child"),
        leaves=_real(trees, "leaf_value"),
        split_counts=_whole(split, "internal_count"),
        leaf_counts=_whole(split, "leaf_count"),
        linear=tuple(number for number, tree in enumerate(trees) if tree.get("is_linear", "0") != "0"),
    )


def _whole(trees: Sequence[Mapping[str, str]], key: str) -> NDArray[np.intp]:
    return np.fromstring(_words(trees, key), dtype=np.intp, sep=" ")


def _real(trees: Sequence[Mapping[str, str]], key: str) -> NDArray[np.float64]:
    return np.fromstring(_words(trees, key), dtype=np.float64, sep=" ")


def _words(trees: Sequence[Mapping[str, str]], key: str) -> str:
    # Of nothing but spaces NumPy makes the number -1.
    return " ".join(tree[key] for tree in trees if tree.get(key))


def _as_compared(thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """The thresholds for values as they are, where LightGBM compares what it has taken for zero."""
    below = (thresholds >= -zero_threshold) & (thresholds < 0)
    above = (thresholds >= 0) & (thresholds < zero_threshold)
    return np.select([below, above], [math.nextafter(-zero_threshold, -math.inf), zero_threshold], thresholds)


def _codes(split: Sequence[Mapping[str, str]], numbers: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """The codes that go left, by the place of the split.

    Args:
        split: the lines of the trees that have splits.
        numbers: of each split, which set of its tree it looks up; -1: none.
    """
    found: dict[int, tuple[int, ...]] = {}
    start = 0
    for tree in split:
        n_splits = int(tree["num_leaves"]) - 1
        if tree["num_cat"] != "0":
            sets = _sets(tree)
            chosen = enumerate(numbers[start : start + n_splits], start)
            found |= {place: sets[number] for place, number in chosen if number >= 0}
        start += n_splits
    return found


def _sets(tree: Mapping[str, str]) -> list[tuple[int, ...]]:
    """The sets of codes of a tree, by the number that a split gives as its threshold: words of 32 bits each."""
    bounds = [int(word) for word in tree["cat_boundaries"].split()]
    words = [int(word) for word in tree["cat_threshold"].split()]
    return [
        tuple(
            place * _bits + bit
            for place, word in enumerate(words[start:end])
            for bit in range(_bits)
            if word >> bit & 1
        )
        for start, end in pairwise(bounds)
    ]
