"""A CART: one code drawn given the codes before it, by a small decision tree whose leaves hold counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Cart:
    """A tree over earlier codes; each leaf holds how often each code of its variable occurred in the sample.

    Attributes:
        feature: column of the predictors that an inner node looks at, -1 for a leaf; int16 of shape (nodes,).
        threshold: a code at most this goes left.
        left, right: positions of the children of an inner node.
        first: position in `codes` of the first entry of a leaf, shape (nodes,).
        codes: the codes that the leaves hold, leaf by leaf, ascending within each.
        counts: how many clients of the sample had it; the counts of a leaf add up to its size.
    """

    feature: NDArray[np.int16]
    threshold: NDArray[np.uint16]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    first: NDArray[np.int32]
    codes: NDArray[np.uint16]
    counts: NDArray[np.uint16]

    def leaves(self, predictors: NDArray[np.uint16]) -> NDArray[np.int64]:
        """The leaf in which each row ends.

        Args:
            predictors: codes, one row a predictor, one column a client, so that a gather walks along memory.
        """
        node = np.zeros(predictors.shape[1], dtype=np.int64)
        if self.feature[0] < 0:
            return node
        walking = np.arange(len(node))
        while len(walking):
            here = node[walking]
            goes_left = predictors[self.feature[here], walking] <= self.threshold[here]
            there = np.where(goes_left, self.left[here], self.right[here])
            node[walking] = there
            walking = walking[self.feature[there] >= 0]
        return node

    def draw(self, predictors: NDArray[np.uint16], uniform: NDArray[np.float64]) -> NDArray[np.uint16]:
        """A code for each client.

        Args:
            predictors: as in `leaves`.
            uniform: numbers in [0, 1), one a client; a higher one draws a higher code from the same leaf.
        """
        leaf = self.leaves(predictors)
        edges = np.concatenate([[0], np.cumsum(self.counts, dtype=np.int64)])
        start = edges[self.first[leaf]]
        total = edges[self._last()[leaf]] - start
        place = start + np.minimum((uniform * total).astype(np.int64), total - 1)
        drawn: NDArray[np.uint16] = self.codes[np.searchsorted(edges, place, side="right") - 1]
        return drawn

    def _last(self) -> NDArray[np.int64]:
        """Position behind the last entry of each leaf; entries are stored in the order of the nodes."""
        last = np.zeros(len(self.first), dtype=np.int64)
        leaf = np.flatnonzero(self.feature < 0)
        last[leaf] = np.append(self.first[leaf][1:], len(self.codes))
        return last
