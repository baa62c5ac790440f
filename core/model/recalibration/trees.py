"""The adjustment written into the trees of a model, so that nothing else has to know of it.

Leaf values times the slope are the log-odds times the slope. The offsets of a segmentation are one tree more that
splits its feature, so that TreeSHAP gives their share in a decision to the feature that they come from. No monotone
constraint breaks: the slope is positive, and the features that are cut have no direction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.model import fold_models
from core.model.booster import Booster
from core.model.recalibration.adjustment import age, age_thresholds, contract, contract_numbers
from core.model.training.averaging import exact, parts, scaled, written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.model.recalibration.adjustment import Adjustment

# Of `decision_type`: a missing value is NaN and goes to the right; a set of categories goes to the left.
_missing_right: Final = 8
_category: Final = 1
# Above every value there is: all that is known goes to the left.
_beyond: Final = "1e+300"


def recalibrated(model: Booster, adjustment: Adjustment) -> Booster:
    """The model with an adjustment: its raw prediction is the adjusted log-odds.

    Raises:
        ValueError: where the slope is not positive: the model would rank the other way round.
    """
    _check(adjustment)
    head, blocks, tail = parts(model.model_to_string(num_iteration=-1))
    blocks = [scaled(block, adjustment.slope) for block in blocks]
    for tree in _trees(adjustment, model.feature_name()):
        blocks.append("".join(f"{key}={value}\n" for key, value in {"Tree": "0", **tree}.items()) + "\n\n")
    return Booster(model_str=written(head, blocks, tail))


def recalibrated_folds(folds: Booster, adjustment: Adjustment) -> Booster:
    """The joined fold models (`core.model.fold_models`), each with the same adjustment."""
    _check(adjustment)
    added = _trees(adjustment, folds.feature_name())

    def change(trees: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
        values = [
            " ".join(exact(float(word) * adjustment.slope) for word in tree["leaf_value"].split()) for tree in trees
        ]
        return [*({**tree, "leaf_value": line} for tree, line in zip(trees, values, strict=True)), *added]

    return fold_models.changed(folds, change)


def _check(adjustment: Adjustment) -> None:
    if adjustment.slope <= 0:
        raise ValueError("slope: expected above 0; these outcomes contradict the model")


def _trees(adjustment: Adjustment, names: Sequence[str]) -> list[dict[str, str]]:
    """One tree a segmentation; the level is in the leaves of the first."""
    makers = {age: _by_age, contract: _by_contract}
    trees = []
    level = adjustment.intercept
    for feature, offsets in adjustment.offsets.items():
        trees.append(makers[feature](names.index(feature), [*offsets, 0.0], adjustment.rows[feature], level))
        level = 0.0
    if not trees:
        raise ValueError("offsets: expected those of one segmentation at least")
    return trees


def _by_age(place: int, offsets: Sequence[float], rows: Sequence[int], level: float) -> dict[str, str]:
    thresholds = [_beyond, *map(exact, age_thresholds())]
    return _chain(
        place,
        {
            "num_cat": "0",
            "threshold": " ".join(thresholds),
            "decision_type": " ".join([str(_missing_right)] * len(thresholds)),
        },
        # What is not known leaves at the first split, and the oldest at the second.
        left=[1, *(-1 - leaf for leaf in range(len(thresholds) - 1))],
        right=[-len(offsets), *range(2, len(thresholds)), -len(thresholds)],
        values=[level + offset for offset in offsets],
        rows=rows,
    )


def _by_contract(place: int, offsets: Sequence[float], rows: Sequence[int], level: float) -> dict[str, str]:
    numbers = list(contract_numbers().values())
    splits = len(numbers)
    return _chain(
        place,
        {
            "num_cat": str(splits),
            "threshold": " ".join(map(str, range(splits))),
            "decision_type": " ".join([str(_category)] * splits),
            # One word of 32 numbers each, in which a bit stands for a category.
            "cat_boundaries": " ".join(map(str, range(splits + 1))),
            "cat_threshold": " ".join(str(1 << number) for number in numbers),
        },
        left=[-1 - leaf for leaf in range(splits)],
        right=[*range(1, splits), -len(offsets)],
        values=[level + offset for offset in offsets],
        rows=rows,
    )


def _chain(
    place: int,
    splitting: Mapping[str, str],
    *,
    left: Sequence[int],
    right: Sequence[int],
    values: Sequence[float],
    rows: Sequence[int],
) -> dict[str, str]:
    """The lines of a tree of which each split leads to the next, in the order in which LightGBM writes them."""
    splits = len(left)
    # TreeSHAP weighs the two sides of a split by them: none may be empty.
    counts = [max(count, 1) for count in rows]
    below: list[list[int]] = [[] for _ in range(splits)]
    for split in reversed(range(splits)):
        for child in (left[split], right[split]):
            below[split] += below[child] if child >= 0 else [-1 - child]
    totals = [sum(counts[leaf] for leaf in leaves) for leaves in below]
    means = [
        sum(counts[leaf] * values[leaf] for leaf in leaves) / total for leaves, total in zip(below, totals, strict=True)
    ]

    def line(numbers: Sequence[float]) -> str:
        return " ".join(map(exact, numbers))

    lines = {
        "num_leaves": str(splits + 1),
        "num_cat": splitting["num_cat"],
        "split_feature": " ".join([str(place)] * splits),
        "split_gain": " ".join(["0"] * splits),
        "threshold": splitting["threshold"],
        "decision_type": splitting["decision_type"],
        "left_child": " ".join(map(str, left)),
        "right_child": " ".join(map(str, right)),
        "leaf_value": line(values),
        "leaf_weight": line(counts),
        "leaf_count": " ".join(map(str, counts)),
        "internal_value": line(means),
        "internal_weight": line(totals),
        "internal_count": " ".join(map(str, totals)),
    }
    categories = {key: splitting[key] for key in ("cat_boundaries", "cat_threshold") if key in splitting}
    return lines | categories | {"is_linear": "0", "shrinkage": "1"}
