"""The check that a model has learnt what a missing value means in every numeric feature that it splits on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from core.model.booster import Booster

_trees: Final = re.compile(r"^(split_feature|decision_type)=(.*)$", re.MULTILINE)
# Of `decision_type` in LightGBM's model text: bit 0 marks a split of categories, bits 2 and 3 hold the kind of missing
# value (0 none, 1 zero, 2 NaN).
_categorical: Final = 1
_kind_shift: Final = 2
_kind_mask: Final = 3
_nan: Final = 2


def without_learnt_meaning(booster: Booster) -> tuple[str, ...]:
    """The numeric features of which a missing value is read as 0: they were never missing when their trees were grown.

    Source: LightGBM's model text, `decision_type` (include/LightGBM/tree.h: `GetMissingType`).

    Returns:
        Names in the order of the model's features; empty for a sound model.
    """
    names = booster.feature_name()
    indices: set[int] = set()
    features = np.empty(0, dtype=np.int64)
    for key, values in _trees.findall(booster.model_to_string()):
        numbers = np.array(values.split(), dtype=np.int64)
        if key == "split_feature":
            features = numbers
            continue
        numeric = (numbers & _categorical) == 0
        kinds = (numbers >> _kind_shift) & _kind_mask
        indices.update(features[numeric & (kinds != _nan)].tolist())
    return tuple(names[index] for index in sorted(indices))
