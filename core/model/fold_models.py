"""The fold models: the models of the cross-validation, joined in one text that gives the log-odds of each at once.

Each was trained on other rows of the same data. Where they decide an application differently from one another, the
decision hangs on which rows happened to be there.

LightGBM keeps the trees of several outputs in turn (those of "multiclass" objectives): with the trees of fold `k` as
those of output `k`, one prediction of a row is all of theirs. What only describes a tree is left out, and its numbers
are rounded, so that five models take less than twice the room of the one that decides.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from core.model import model_text
from core.model.booster import Booster
from core.model.prediction.predictor import Predictor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

fold_reach: Final = "fold_reach"
"""Under this name `ModelInfo.metrics` has the result of `reach`."""

# Share of the rows of training that a fold model decides otherwise from further away.
_max_missed: Final = 1 / 1000
# Of log-odds that are computed of a probability, and back.
_rounding: Final = 1e-12
_least_log_odds: Final = -700.0
# Of leaf values: they are then off by less than 1e-7 log-odds a tree. A threshold may lie at a value of the rows, and
# stays as it is, in the shortest words for it.
_digits: Final = 6
_no_tree: Final[Mapping[str, str]] = {
    "num_leaves": "1",
    "num_cat": "0",
    "leaf_value": "0",
    "is_linear": "0",
    "shrinkage": "1",
}


def logit(probability: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """The log-odds of probabilities: of 0 and 1 they are infinite, and NumPy warns of it."""
    chance = np.asarray(probability, dtype=np.float64)
    log_odds: NDArray[np.float64] = np.log(chance) - np.log1p(-chance)
    return log_odds


@lru_cache(maxsize=256)
def near(threshold: float, distance: float) -> tuple[float, float]:
    """The probabilities between which a row is nearer to the threshold than a distance in log-odds.

    Beside the rounding of the log-odds: a row that lies as far as that is within. A threshold of 0 or 1 is beyond all
    reach.
    """
    if not 0 < threshold < 1:
        return threshold, threshold
    at = math.log(threshold) - math.log1p(-threshold)
    lowest, highest = _probability(at - distance), _probability(at + distance)
    return lowest * (1 - _rounding), highest * (1 + _rounding)


def _probability(log_odds: float) -> float:
    # Further down the two are the same, and what the other divides by is larger than any number.
    return math.exp(log_odds) if log_odds < _least_log_odds else 1 / (1 + math.exp(-log_odds))


def reach(folds: Booster, model: Booster, matrices: Sequence[NDArray[np.float64]], at: float) -> float:
    """How far from the threshold a row may be, in log-odds, and still be decided otherwise by a fold model.

    Beyond it one row of training in a thousand was, at most: those further away need not be asked of the fold models,
    which takes as long as the rest of a decision. A bound that was measured, and none for every application.

    Args:
        folds: as `joined` makes it.
        model: the one that decides.
        matrices: float64 (n_rows, n_features) each: rows of training, as they are and with values withheld.
        at: the log-odds of the threshold.
    """
    decides, of_folds = Predictor(model), Predictor(folds)
    distances = []
    for matrix in matrices:
        log_odds = decides.log_odds(matrix)[:, 0]
        otherwise = (of_folds.log_odds(matrix) >= at) != (log_odds >= at)[:, None]
        distances.append(np.where(otherwise.any(axis=1), np.abs(log_odds - at), 0.0))
    last = float(np.quantile(np.concatenate(distances), 1 - _max_missed, method="higher"))
    return float(np.nextafter(last, np.inf))


def text_of(folds: Booster) -> str:
    """The text of joined fold models as it is stored; the same again, whatever LightGBM has made of it meanwhile."""
    text = folds.model_to_string(num_iteration=-1)
    described = _described(text)
    count = int(described["num_class"])
    trees = _trees(text)
    return _written([trees[place::count] for place in range(count)], described)


def changed(folds: Booster, change: Callable[[Sequence[Mapping[str, str]]], Sequence[Mapping[str, str]]]) -> Booster:
    """Joined fold models of which the trees of each are what `change` makes of them.

    Args:
        folds: as `joined` makes it.
        change: given the lines of each tree of one model by their keys; lines that predictions do not need are left
            out of what it returns.
    """
    text = folds.model_to_string(num_iteration=-1)
    described = _described(text)
    count = int(described["num_class"])
    trees = _trees(text)
    forests = [[_needed(tree) for tree in change(trees[place::count])] for place in range(count)]
    return Booster(model_str=_written(forests, described))


def joined(models: Sequence[Booster]) -> Booster:
    """One booster whose raw prediction of a row is the log-odds of each model: (n_rows, n_models).

    Args:
        models: two at least, of the same features.
    """
    return Booster(model_str=joined_text([model.model_to_string(num_iteration=-1) for model in models]))


def joined_text(texts: Sequence[str]) -> str:
    """The text of that booster, from those of the models.

    Args:
        texts: as `Booster.model_to_string` writes them; sound by `core.model.model_text.check`.
    """
    return _written([_trees(text) for text in texts], _described(texts[0]))


def _described(text: str) -> dict[str, str]:
    """The lines before the trees, by their keys."""
    return {key: value for key, _, value in (line.partition("=") for line in text.partition("\n\n")[0].split("\n"))}


def _written(forests: Sequence[Sequence[Mapping[str, str]]], described: Mapping[str, str]) -> str:
    """The text of forests of the features that `described` names, their trees in turn."""
    rounds = max(map(len, forests))
    trees = [forest[place] if place < len(forest) else _no_tree for place in range(rounds) for forest in forests]
    blocks = [_block(number, tree) for number, tree in enumerate(trees)]
    names = ("max_feature_idx", "feature_names", "feature_infos")
    head = {
        "version": "v4",
        "num_class": str(len(forests)),
        "num_tree_per_iteration": str(len(forests)),
        "label_index": "0",
        **{name: described[name] for name in names},
        "tree_sizes": " ".join(str(len(block)) for block in blocks),
    }
    lines = "".join(f"{key}={value}\n" for key, value in head.items())
    tail = "end of trees\n\nfeature_importances:\n\npandas_categorical:null\n"
    return f"tree\n{lines}\n{''.join(blocks)}{tail}"


def _trees(text: str) -> list[dict[str, str]]:
    """The lines of each tree by their keys, without those that predictions do not need."""
    trees = text.partition("\n\n")[2].partition("end of trees")[0]
    blocks = (dict(line.partition("=")[::2] for line in block.split("\n")) for block in trees.split("\n\n\n"))
    return [_needed(block) for block in blocks if "num_leaves" in block]


def _needed(tree: Mapping[str, str]) -> dict[str, str]:
    """The lines of a tree that predictions need."""
    if tree["num_leaves"] == "1":
        return dict(_no_tree) | {"leaf_value": tree["leaf_value"]}
    return {key: _rounded(key, tree[key]) for key in model_text.fold_tree_keys if key in tree}


def _rounded(key: str, text: str) -> str:
    if key == "leaf_value":
        return " ".join(f"{float(word):.{_digits}g}" for word in text.split(" "))
    if key == "threshold":
        return " ".join(str(float(word)).removesuffix(".0") for word in text.split(" "))
    return text


def _block(number: int, tree: Mapping[str, str]) -> str:
    lines = "".join(f"{key}={value}\n" for key, value in tree.items())
    return f"Tree={number}\n{lines}\n\n"
