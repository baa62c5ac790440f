"""The paths through the trees of a model, by the bits of their splits: which bits lead to each leaf."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from core.model.prediction.trees import TreeColumns

max_splits: Final = 8
"""How many splits of a tree fit into the byte of its pattern; bit `k` belongs to split `k`."""


@dataclass(frozen=True)
class Paths:
    """The bits that lead to each node of each tree; a node is split `k`, or leaf `k` in place `max_splits + k`.

    Attributes:
        tree_of_split, place_in_tree: int (n_splits,): where the columns of `trees` belong.
        n_splits: int (n_trees,).
        masks: uint8 (n_trees, n_nodes): the bits of the splits above the node.
        expected: uint8 (n_trees, n_nodes): what these bits are for a row that comes there.
        children: int (n_trees, max_splits, 2): the nodes to the left and to the right of each split.
    """

    tree_of_split: NDArray[np.intp]
    place_in_tree: NDArray[np.intp]
    n_splits: NDArray[np.intp]
    masks: NDArray[np.uint8]
    expected: NDArray[np.uint8]
    children: NDArray[np.intp]

    @classmethod
    def of(cls, trees: TreeColumns, right_if_met: NDArray[np.bool_]) -> Paths:
        """The paths of trees of at most `max_splits` splits.

        Args:
            trees: the trees.
            right_if_met: bool (n_splits,): whether the bit is 1 for a row that goes right; else for one that goes left.
        """
        n_trees, n_splits = len(trees.n_leaves), trees.n_leaves - 1
        tree_of_split = np.repeat(np.arange(n_trees), n_splits)
        place_in_tree = np.arange(len(tree_of_split)) - (np.cumsum(n_splits) - n_splits)[tree_of_split]
        children = np.zeros((n_trees, max_splits, 2), dtype=np.intp)
        for side, column in enumerate((trees.left, trees.right)):
            # A leaf is written as the complement of its number.
            children[tree_of_split, place_in_tree, side] = np.where(column >= 0, column, max_splits + ~column)
        bit_to_the_right = np.zeros((n_trees, max_splits), dtype=np.uint8)
        bit_to_the_right[tree_of_split, place_in_tree] = right_if_met
        masks = np.zeros((n_trees, 2 * max_splits + 1), dtype=np.uint8)
        paths = cls(tree_of_split, place_in_tree, n_splits, masks, np.zeros_like(masks), children)
        for split, side, having, nodes in paths.descents():
            bit = bit_to_the_right[having, split] ^ (1 - side)
            masks[having, nodes] = masks[having, split] | 1 << split
            paths.expected[having, nodes] = paths.expected[having, split] | bit << split
        return paths

    def descents(self) -> Iterator[tuple[int, int, NDArray[np.intp], NDArray[np.intp]]]:
        """Each step from a split to a child, in all trees at once; the steps to a node come before those from it.

        Yields:
            The split; 0 for left, 1 for right; the trees that have the split; the node that the step leads to in each.
        """
        for split in range(int(self.n_splits.max(initial=0))):
            having = np.flatnonzero(self.n_splits > split)
            for side in (0, 1):
                yield split, side, having, self.children[having, split, side]

    def leaves_reached(self) -> Iterator[tuple[NDArray[np.intp], int, NDArray[np.bool_]]]:
        """The patterns that lead to each leaf, in all trees at once.

        Yields:
            The trees that have the leaf; its number; bool (these trees, 256): whether the pattern leads there.
        """
        patterns = np.arange(1 << max_splits, dtype=np.uint8)
        for leaf in range(int(self.n_splits.max(initial=0)) + 1):
            having = np.flatnonzero(self.n_splits >= leaf)
            mask, expected = (bits[having, max_splits + leaf, np.newaxis] for bits in (self.masks, self.expected))
            yield having, leaf, patterns & mask == expected
