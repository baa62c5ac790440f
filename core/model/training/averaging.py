"""The mean of boosters, as one model: what one training made by chance counts for less in it.

Which values are withheld, which rows and columns a tree is shown, and which of two splits that are as good comes first
are chance. Boosters that share the rows and differ in all of that differ in their log-odds; the mean of two has half of
that variance (Breiman, "Bagging predictors", Machine Learning 24, 1996). The trees stand one booster behind the other
in one text, each leaf divided by the number of boosters: nothing that reads a model has to know of it, and
contributions stay exact.
"""

from __future__ import annotations

import re
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from core.model.booster import Booster

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

boosters: Final = 2
"""How many of them a model is the mean of. Each takes a training of its own, and makes a decision's trees as many more:
with a third, 2.6 % of decisions would turn with the rows drawn again in place of 2.8 %."""


def settings_of(chosen: Mapping[str, object], number: int) -> dict[str, object]:
    """LightGBM's parameters of one of the boosters: those that were chosen, with a seed of its own.

    Args:
        chosen: with the `seed` of the training, where it has one.
        number: of the booster, counted from 0.
    """
    return {**chosen, "seed": seed_of(int(str(chosen.get("seed", 0))), number)}


def seed_of(seed: int, number: int) -> int:
    """The seed of one of the boosters: unlike `seed + number` never that of another training."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0] >> 1)


def mean_of(models: Sequence[Booster]) -> Booster:
    """One booster whose log-odds are the mean of those of several, with the trees of all.

    Args:
        models: one at least, of the same features and one output.
    """
    first, *others = (model.model_to_string(num_iteration=-1) for model in models)
    head, blocks, tail = parts(first)
    for text in others:
        blocks += parts(text)[1]
    shares = [scaled(block, 1 / len(models)) for block in blocks]
    return Booster(model_str=written(head, shares, tail))


def followed_by(model: Booster, others: Booster) -> Booster:
    """The model with the trees of another behind its own, which are described as those of the other.

    Args:
        model: its trees are kept as they are.
        others: grown from the log-odds of `model`, of the same features.
    """
    head, blocks, tail = parts(others.model_to_string(num_iteration=-1))
    return Booster(model_str=written(head, [*parts(model.model_to_string(num_iteration=-1))[1], *blocks], tail))


def shortened(model: Booster, divisor: int) -> Booster:
    """The model with the first trees alone of each of its boosters, which weigh most.

    The first trees of the whole text would be those of one booster, at a share of its log-odds. LightGBM writes a
    shrinkage of 1 for the tree that carries the mean of the outcomes, with which each booster begins.

    Args:
        model: as `mean_of` makes it, or one booster.
        divisor: how many times fewer trees there are to be; at least one is left of each booster.
    """
    head, blocks, tail = parts(model.model_to_string(num_iteration=-1))
    starts = [place for place, block in enumerate(blocks) if place == 0 or "\nshrinkage=1\n" in block]
    bounds = pairwise([*starts, len(blocks)])
    kept = [blocks[start : start + max(1, (end - start) // divisor)] for start, end in bounds]
    return Booster(model_str=written(head, list(chain.from_iterable(kept)), tail))


def parts(text: str) -> tuple[str, list[str], str]:
    """What stands before the trees of a model's text, the lines of each tree, and what stands behind them."""
    head, _, rest = text.partition("\n\n")
    forest, end, tail = rest.partition("end of trees")
    return head, re.split(r"(?=^Tree=)", forest, flags=re.MULTILINE)[1:], end + tail


def written(head: str, blocks: Sequence[str], tail: str) -> str:
    """The text of a model of those trees, numbered anew; `head` and `tail` as `parts` returns them."""
    numbered = [re.sub(r"^Tree=\d+", f"Tree={number}", block) for number, block in enumerate(blocks)]
    sizes = " ".join(str(len(block)) for block in numbered)
    head = re.sub(r"^tree_sizes=.*$", f"tree_sizes={sizes}", head, flags=re.MULTILINE)
    return f"{head}\n\n{''.join(numbered)}{tail}"


def scaled(block: str, factor: float) -> str:
    """The lines of a tree whose outputs are multiplied by a factor."""

    def times(line: re.Match[str]) -> str:
        return f"{line[1]}={' '.join(exact(float(word) * factor) for word in line[2].split())}"

    return re.sub(r"^(leaf_value|internal_value)=(.+)$", times, block, flags=re.MULTILINE)


def exact(value: float) -> str:
    """A number as LightGBM reads it, to the last bit."""
    return repr(float(value)).removesuffix(".0")
