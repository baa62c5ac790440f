"""The check of a LightGBM model text before the library reads it: every number that leads somewhere leads inside.

LightGBM takes its own text for sound: sizes, places of children and numbers of features are used as they stand, in C++
and without bounds. A text that somebody else wrote could crash the process, or worse. So every line is matched whole,
and every number that leads somewhere is looked at; what is left is a forest, and nothing else.

Source: LightGBM 4.7, src/io/tree.cpp and src/boosting/gbdt_model_text.cpp.
"""

from __future__ import annotations

import hashlib
import re
from math import isfinite
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_head_keys: Final = (
    "version",
    "num_class",
    "num_tree_per_iteration",
    "label_index",
    "max_feature_idx",
    "objective",
    "feature_names",
    "monotone_constraints",
    "feature_infos",
    "tree_sizes",
)
_optional_head_keys: Final = frozenset({"monotone_constraints"})
_fixed: Final = {
    "version": "v4",
    "num_class": "1",
    "num_tree_per_iteration": "1",
    "label_index": "0",
    "objective": "binary sigmoid:1",
}
_tree_keys: Final = (
    "num_leaves",
    "num_cat",
    "split_feature",
    "split_gain",
    "threshold",
    "decision_type",
    "left_child",
    "right_child",
    "leaf_value",
    "leaf_weight",
    "leaf_count",
    "internal_value",
    "internal_weight",
    "internal_count",
    "cat_boundaries",
    "cat_threshold",
    "is_linear",
    "shrinkage",
)
_of_categories: Final = frozenset({"cat_boundaries", "cat_threshold"})

# Of the joined fold models (`core.model.fold_models`): what predictions need, and no objective, as there is no outcome
# that these outputs are the classes of.
_fold_head_keys: Final = tuple(key for key in _head_keys if key not in ("objective", "monotone_constraints"))
fold_tree_keys: Final = (
    "num_leaves",
    "num_cat",
    "split_feature",
    "threshold",
    "decision_type",
    "left_child",
    "right_child",
    "leaf_value",
    "cat_boundaries",
    "cat_threshold",
)
"""The lines of a tree that predictions need, in the order in which LightGBM writes them."""
_max_folds: Final = 50

# Thirty times the leaves that we grow. TreeSHAP goes down a tree by recursion and takes memory by the square of its
# depth.
_max_leaves: Final = 1024
_max_depth: Final = 256
_max_trees: Final = 20_000
# Of characters: what is longer is not taken apart, which takes thirty times its size in memory.
_max_head: Final = 1_000_000
_max_tree: Final = 500_000
_max_tail: Final = 1_000_000
_categorical: Final = 1
_max_decision_type: Final = 11
_most_word: Final = 2**32 - 1

# A carriage return would be the end of a line to LightGBM.
_characters: Final = re.compile(r"[\n\x20-\x7e]*", re.ASCII)
_empty_or_numbers: Final = re.compile(r"[-+0-9.einf ]*", re.ASCII)
_whole: Final = re.compile(r"-?[0-9]{1,18}( -?[0-9]{1,18})*", re.ASCII)
_real: Final = re.compile(r"[-+0-9.e]{1,40}( [-+0-9.e]{1,40})*", re.ASCII)
_real_or_infinite: Final = re.compile(r"[-+0-9.einf]{1,40}( [-+0-9.einf]{1,40})*", re.ASCII)
_tail: Final = re.compile(
    r"end of trees\n\nfeature_importances:\n(?:[A-Za-z0-9_]{1,200}=[0-9]{1,18}\n)*"
    r"(?:\nparameters:\n(?:\[[a-z0-9_]{1,100}: (?:[^\[\]\n:][^\[\]\n]*)?\]\n)*\nend of parameters\n)?\n"
    r"pandas_categorical:(?:null|\[\])\n?",
    re.ASCII,
)


# Of texts that were found sound, with what they were held against.
_max_sound: Final = 64
_sound: Final[dict[bytes, None]] = {}


class UnsoundModel(ValueError):
    """A text is no model of ours; the message says what is wrong with it, and where."""


def check(text: str, feature_names: Sequence[str]) -> None:
    """Makes sure that a text is a forest for probabilities of those features.

    Args:
        text: as `Booster.model_to_string` writes it.
        feature_names: the columns of the matrix, in order.

    Raises:
        UnsoundModel: where it is anything else.
    """
    _once("model", text, feature_names, _check)


def check_folds(text: str, feature_names: Sequence[str]) -> None:
    """Makes sure that a text is the joined fold models (`core.model.fold_models`) of those features.

    Raises:
        UnsoundModel: where it is anything else.
    """
    _once("folds", text, feature_names, _check_folds)


def _once(kind: str, text: str, feature_names: Sequence[str], check: Callable[[str, Sequence[str]], None]) -> None:
    """Checks a text that was not found sound before: the same one is loaded again and again, and takes 0.1 s each."""
    key = hashlib.sha256("\0".join([kind, *feature_names, text]).encode(errors="surrogatepass")).digest()
    if key in _sound:
        return
    check(text, feature_names)
    if len(_sound) >= _max_sound:
        _sound.clear()
    _sound[key] = None


def _check(text: str, feature_names: Sequence[str]) -> None:
    head, rest = _parts(text)
    keys = [key for key in _head_keys if key not in _optional_head_keys or f"\n{key}=" in head]
    sizes, _ = _check_head(head, feature_names, keys, _fixed)
    _check_trees(rest, sizes, len(feature_names), _tree_keys)


def _check_folds(text: str, feature_names: Sequence[str]) -> None:
    head, rest = _parts(text)
    fixed = {key: _fixed[key] for key in ("version", "label_index")}
    sizes, values = _check_head(head, feature_names, _fold_head_keys, fixed)
    folds = _numbers("num_class", values["num_class"], 1, 2, _max_folds)[0]
    if values["num_tree_per_iteration"] != values["num_class"] or len(sizes) % folds:
        raise UnsoundModel("num_tree_per_iteration: expected as many trees of each fold as num_class says")
    _check_trees(rest, sizes, len(feature_names), fold_tree_keys)


def _parts(text: str) -> tuple[str, str]:
    """What stands before the trees, and the trees with all that follows."""
    if not _characters.fullmatch(text):
        raise UnsoundModel("expected the characters that LightGBM writes only")
    head, gap, rest = text.partition("\n\n")
    if not gap or len(head) > _max_head:
        raise UnsoundModel("there are no trees in it, or too much before them")
    return head, rest


def _check_trees(rest: str, sizes: Sequence[int], n_features: int, keys: Sequence[str]) -> None:
    """Checks the trees, each of the lines `keys`, and what stands behind them."""
    start = 0
    for number, size in enumerate(sizes):
        try:
            _check_tree(rest[start : start + size], number, n_features, keys)
        except UnsoundModel as error:
            raise UnsoundModel(f"tree {number}: {error}") from None
        start += size
    tail = rest[start : start + _max_tail + 1]
    if len(tail) > _max_tail or not _tail.fullmatch(tail):
        raise UnsoundModel("what follows the trees is not what LightGBM writes")


def _check_head(
    head: str, feature_names: Sequence[str], keys: Sequence[str], fixed: Mapping[str, str]
) -> tuple[list[int], dict[str, str]]:
    """Checks what stands before the trees; returns how long each of them is, and the lines by their keys."""
    first, _, lines = head.partition("\n")
    if first != "tree":
        raise UnsoundModel("its first lines are not those of a LightGBM model")
    values = _values(lines, keys)
    for key, expected in fixed.items():
        if values[key] != expected:
            raise UnsoundModel(f"{key}: expected {expected}")
    if values["feature_names"] != " ".join(feature_names) or values["max_feature_idx"] != str(len(feature_names) - 1):
        raise UnsoundModel("feature_names: expected those of the preprocessor")
    if len(values["feature_infos"].split(" ")) != len(feature_names):
        raise UnsoundModel("feature_infos: expected one a feature")
    if "monotone_constraints" in values:
        _numbers("monotone_constraints", values["monotone_constraints"], len(feature_names), -1, 1)
    sizes = _numbers("tree_sizes", values["tree_sizes"], None, 1, _max_tree)
    if len(sizes) > _max_trees:
        raise UnsoundModel(f"expected {_max_trees:,} trees at most")
    return sizes, values


def _check_tree(block: str, number: int, n_features: int, keys: Sequence[str]) -> None:
    lines = block.removesuffix("\n\n\n")
    title, _, rest = lines.partition("\n")
    if title != f"Tree={number}" or len(lines) != len(block) - 3:
        raise UnsoundModel("expected at the place that tree_sizes gives")
    leaves = _count(rest, "num_leaves", 1, _max_leaves)
    categories = _count(rest, "num_cat", 0, _max_leaves)
    if leaves == 1:
        _check_leaf(rest)
        return
    values = _values(rest, [key for key in keys if categories or key not in _of_categories])
    if values.get("is_linear", "0") != "0":
        raise UnsoundModel("is_linear: expected 0")
    splits = leaves - 1
    _numbers("split_feature", values["split_feature"], splits, 0, n_features - 1)
    _check_shape(
        _numbers("left_child", values["left_child"], splits, -leaves, splits - 1),
        _numbers("right_child", values["right_child"], splits, -leaves, splits - 1),
    )
    _reals("leaf_value", values["leaf_value"], leaves)
    _check_description(values, leaves)
    thresholds = _reals("threshold", values["threshold"], splits, infinite=True)
    kinds = _numbers("decision_type", values["decision_type"], splits, 0, _max_decision_type)
    if categories:
        bounds = _numbers("cat_boundaries", values["cat_boundaries"], categories + 1, 0, _max_leaves * 1000)
        if bounds[0] or bounds != sorted(bounds):
            raise UnsoundModel("cat_boundaries: expected to ascend from 0")
        _numbers("cat_threshold", values["cat_threshold"], bounds[-1], 0, _most_word)
    for kind, threshold in zip(kinds, thresholds, strict=True):
        if kind & _categorical and threshold not in range(categories):
            raise UnsoundModel("threshold: expected the number of a set of categories")


def _check_description(values: Mapping[str, str], leaves: int) -> None:
    """What only describes a tree, as far as it is there: predictions do not read it, LightGBM does."""
    splits = leaves - 1
    reals = {
        "leaf_weight": leaves,
        "split_gain": splits,
        "internal_value": splits,
        "internal_weight": splits,
        "shrinkage": 1,
    }
    for key, length in reals.items():
        if key in values:
            _reals(key, values[key], length)
    for key, length in (("leaf_count", leaves), ("internal_count", splits)):
        if key in values:
            _numbers(key, values[key], length, 0, 2**31 - 1)


def _check_leaf(lines: str) -> None:
    """A tree without splits: LightGBM reads its value, and leaves alone what describes none."""
    values = _values(lines, None)
    if unknown := next((key for key in values if key not in _tree_keys), None):
        raise UnsoundModel(f"{unknown}: unknown")
    if not all(map(_empty_or_numbers.fullmatch, values.values())):
        raise UnsoundModel("expected numbers")
    if (values["num_cat"], values.get("is_linear")) != ("0", "0"):
        raise UnsoundModel("num_cat, is_linear: expected 0")
    for key in ("leaf_value", "shrinkage"):
        _reals(key, values.get(key, ""), 1)


def _check_shape(left: Sequence[int], right: Sequence[int]) -> None:
    """Each split and each leaf has one parent; a split comes after its parent, so that no way leads back."""
    splits = len(left)
    depth = [1] * splits
    children: list[int] = []
    for parent, pair in enumerate(zip(left, right, strict=True)):
        for child in pair:
            if child >= 0:
                if child <= parent:
                    raise UnsoundModel("left_child, right_child: expected a tree, found a cycle")
                depth[child] = depth[parent] + 1
        children.extend(pair)
    if sorted(children) != [*range(-splits - 1, 0), *range(1, splits)]:
        raise UnsoundModel("left_child, right_child: expected each split and leaf once")
    if max(depth) > _max_depth:
        raise UnsoundModel(f"expected a depth of {_max_depth} at most")


def _values(lines: str, keys: Sequence[str] | None) -> dict[str, str]:
    """The lines `key=value`, whose keys are these in this order; any, each once, where none are given."""
    pairs = [line.partition("=") for line in lines.split("\n")]
    values = {key: value for key, _, value in pairs}
    if keys is not None and [key for key, _, _ in pairs] != list(keys):
        absent = next((key for key in keys if key not in values), None)
        raise UnsoundModel(f"{absent}: missing" if absent else "its lines are not those that LightGBM writes")
    if len(values) != len(pairs):
        raise UnsoundModel("expected each line once")
    return values


def _count(lines: str, key: str, least: int, most: int) -> int:
    for line in lines.split("\n", 3)[:2]:
        name, _, value = line.partition("=")
        if name == key:
            return _numbers(key, value, 1, least, most)[0]
    raise UnsoundModel(f"{key}: missing")


def _numbers(key: str, text: str, length: int | None, least: int, most: int) -> list[int]:
    if not _whole.fullmatch(text) and not (length == 0 and not text):
        raise UnsoundModel(f"{key}: expected whole numbers")
    numbers = [int(word) for word in text.split(" ")] if text else []
    if length is not None and len(numbers) != length:
        raise UnsoundModel(f"{key}: expected {length} numbers")
    if numbers and not least <= min(numbers) <= max(numbers) <= most:
        raise UnsoundModel(f"{key}: expected numbers from {least} to {most}")
    return numbers


def _reals(key: str, text: str, length: int, *, infinite: bool = False) -> list[float]:
    if not (_real_or_infinite if infinite else _real).fullmatch(text):
        raise UnsoundModel(f"{key}: expected numbers")
    try:
        numbers = [float(word) for word in text.split(" ")]
    except ValueError:
        raise UnsoundModel(f"{key}: expected numbers") from None
    if len(numbers) != length:
        raise UnsoundModel(f"{key}: expected {length} numbers")
    if not infinite and not all(map(isfinite, numbers)):
        raise UnsoundModel(f"{key}: expected finite numbers")
    return numbers
