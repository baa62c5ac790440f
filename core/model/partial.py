"""Partial forest: the trees of a model that read some features, for many rows that differ in those features only.

Where a search varies the amounts of one application, two trees of three give every row the same value. That value is
taken once from the whole model; only the other trees are walked for each row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.model.booster import Booster

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PartialForest:
    """The trees of a model that read some of its features.

    Attributes:
        whole: the model, a sum of trees.
        part: those of its trees that read one of the features; the model itself where all of them do.
    """

    whole: Booster
    part: Booster

    @classmethod
    def of(cls, booster: Booster, features: AbstractSet[int]) -> PartialForest:
        """The trees that read one of the features.

        Args:
            booster: a model whose text was checked (`core.model.model_text`).
            features: places of the features among the columns of the matrix.
        """
        head, _, rest = booster.model_to_string(num_iteration=-1).partition("\n\n")
        sizes = next(line for line in head.split("\n") if line.startswith("tree_sizes=")).removeprefix("tree_sizes=")
        trees: list[str] = []
        start = 0
        for size in map(int, sizes.split()):
            trees.append(rest[start : start + size])
            start += size
        kept = [tree for tree in trees if not features.isdisjoint(_features_read(tree))]
        if len(kept) == len(trees) or not kept:
            return cls(booster, booster)
        numbered = [f"Tree={number}\n" + tree.partition("\n")[2] for number, tree in enumerate(kept)]
        new_sizes = " ".join(str(len(tree)) for tree in numbered)
        new_head = head.replace(f"tree_sizes={sizes}", f"tree_sizes={new_sizes}")
        return cls(booster, Booster(model_str=f"{new_head}\n\n{''.join(numbered)}{rest[start:]}"))

    def rest(self, row: NDArray[np.float64]) -> float:
        """The log-odds that the trees left out give to a row (1, n_features), and to all that differ from it so."""
        whole, part = (booster.predict(row, raw_score=True, num_threads=1) for booster in (self.whole, self.part))
        return float(np.asarray(whole)[0] - np.asarray(part)[0])

    def log_odds(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The log-odds (n,) of rows (n, n_features) from the trees kept, on one thread: add `rest` to them."""
        return np.asarray(self.part.predict(rows, raw_score=True, num_threads=1), dtype=np.float64)


def _features_read(tree: str) -> set[int]:
    line = next((line for line in tree.split("\n", 8) if line.startswith("split_feature=")), "split_feature=")
    return {int(feature) for feature in line.removeprefix("split_feature=").split()}
