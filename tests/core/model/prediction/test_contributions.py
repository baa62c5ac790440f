"""Contributions by bit pattern: those of LightGBM's TreeSHAP, for any trees and any rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given

from core.data import demo
from core.model.booster import Booster
from core.model.prediction.contributions import explainable
from core.model.prediction.predictor import Predictor
from core.model.prediction.trees import read
from tests.core.model.prediction.test_predictor import Recipe, awkward, grown, raw, recipes

if TYPE_CHECKING:
    from core.scoring import Scorer


def by_lightgbm(booster: Booster, rows: np.ndarray) -> np.ndarray:
    return np.asarray(booster.predict(rows, pred_contrib=True, num_threads=1))


@given(recipes)
def test_any_small_model_is_explained_as_lightgbm_does(recipe: Recipe) -> None:
    booster, known = grown(recipe)
    assert explainable(read(booster))
    rows = awkward(booster, known, recipe.seed)[-60:]
    found = Predictor(booster).contributions(rows)
    np.testing.assert_allclose(found, by_lightgbm(booster, rows), rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.sum(axis=1), raw(booster, rows)[:, 0], rtol=0, atol=1e-12)


def test_the_shipped_model_is_too(scorer: Scorer) -> None:
    booster = scorer.artefacts.booster
    rows = scorer.artefacts.preprocessor.transform(demo.draw_applications(120, 12, "train"))
    rows = np.vstack([rows, np.full((1, rows.shape[1]), np.nan)])
    predictor, expected = Predictor(booster), by_lightgbm(booster, rows)
    assert explainable(read(booster))
    np.testing.assert_allclose(predictor.contributions(rows), expected, rtol=0, atol=1e-12)
    for place in (0, 60, len(rows) - 1):
        np.testing.assert_allclose(
            predictor.contributions(rows[place : place + 1])[0], expected[place], rtol=0, atol=1e-12
        )


@pytest.mark.parametrize("count", [1, 5])
def test_larger_trees_are_left_to_lightgbm(count: int) -> None:
    booster, known = grown(Recipe(4, num_leaves=40, min_data_in_leaf=2))
    np.testing.assert_array_equal(Predictor(booster).contributions(known[:count]), by_lightgbm(booster, known[:count]))


def test_trees_without_rows_on_some_side_are_left_to_lightgbm() -> None:
    """TreeSHAP divides by them; LightGBM answers in its own way."""
    text = grown(Recipe(4, rounds=1))[0].model_to_string()
    head, _, tail = text.partition("\nleaf_count=")
    counts, _, rest = tail.partition("\n")
    booster = Booster(model_str=f"{head}\nleaf_count=0 {counts.partition(' ')[2]}\n{rest}")
    assert not explainable(read(booster))
    rows = np.zeros((1, 3))
    np.testing.assert_array_equal(Predictor(booster).contributions(rows), by_lightgbm(booster, rows))


@pytest.mark.parametrize("count", [1, 3, 60])
@pytest.mark.parametrize("num_leaves", [8, 40])
def test_contributions_and_probabilities_together_are_those_of_each(count: int, num_leaves: int) -> None:
    booster, known = grown(Recipe(4, num_leaves=num_leaves, min_data_in_leaf=2))
    predictor, rows = Predictor(booster), known[:count]
    contributions, probabilities = predictor.explained(rows)
    np.testing.assert_array_equal(contributions, predictor.contributions(rows))
    np.testing.assert_array_equal(probabilities, predictor.probabilities(rows))
