"""Small models with each kind of split that `train` can make, and some that it cannot."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.model import booster as lightgbm

trained: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # What each kind of split is grown from: values, categories, and the parameters.
    "never missing": ({}, {}),
    "missing": ({"missing": 0.3}, {}),
    "missing alone": ({"missing": 0.3, "constant": True}, {}),
    "categories": ({"missing": 0.2, "codes": 70}, {"cat_smooth": 1, "min_data_per_group": 5}),
    "one category against all": ({"codes": 6}, {"max_cat_to_onehot": 100}),
    "around zero": ({"scale": 1e-35, "missing": 0.1}, {}),
    "another slope": ({"missing": 0.1}, {"sigmoid": 2.5}),
    "one leaf": ({}, {"min_data_in_leaf": 900}),
}


def drawn(missing: float = 0.0, codes: int = 0, scale: float = 1.0, *, constant: bool = False) -> np.ndarray:
    draw = np.random.default_rng(3)
    matrix = draw.choice([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 1 / 3], (1000, 4)) * scale
    if constant:
        matrix[:] = 7.0
    if codes:
        matrix[:, 1] = draw.integers(0, codes, 1000)
    matrix[draw.random(matrix.shape) < missing] = np.nan
    return matrix


def grown(drawing: dict[str, Any], parameters: dict[str, Any]) -> tuple[lightgbm.Booster, np.ndarray]:
    matrix = drawn(**drawing)
    risk = np.nan_to_num(matrix / drawing.get("scale", 1.0), nan=1.5) @ [0.8, 0.05, -0.6, 0.4]
    target = np.random.default_rng(4).random(len(matrix)) < 1 / (1 + np.exp(-risk))
    chosen = {"objective": "binary", "verbosity": -1, "num_leaves": 8, "min_data_in_leaf": 5, "num_threads": 1}
    dataset = lightgbm.Dataset(
        matrix,
        target.astype(float),
        feature_name=["a", "b", "c", "d"],
        categorical_feature=[1] if drawing.get("codes") else "auto",
    )
    return lightgbm.train(chosen | parameters, dataset, num_boost_round=6), matrix
