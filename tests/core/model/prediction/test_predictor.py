"""The predictor: whatever the trees and whatever the rows, the numbers are those of LightGBM, to the last bit."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import demo
from core.features import variations
from core.model import fold_models
from core.model.booster import Booster, Dataset, train
from core.model.prediction import bit_patterns
from core.model.prediction.bit_patterns import expressible
from core.model.prediction.conditions import max_code
from core.model.prediction.predictor import Predictor
from core.model.prediction.trees import read, zero_threshold

if TYPE_CHECKING:
    from core.features.variations import Varied
    from core.scoring import Scorer

counts = (0, 1, 2, 3, 48, 49, 200)


@dataclass(frozen=True)
class Recipe:
    """What a small model is grown from; its second feature is a category where there are codes."""

    seed: int
    missing: float = 0.2
    codes: int = 0
    code_step: int = 1
    scale: float = 1.0
    num_leaves: int = 8
    zero_as_missing: bool = False
    use_missing: bool = True
    min_data_in_leaf: int = 5
    rounds: int = 5


recipes = st.builds(
    Recipe,
    seed=st.integers(0, 10**6),
    missing=st.sampled_from([0.0, 0.2]),
    codes=st.sampled_from([0, 3, 70]),
    scale=st.sampled_from([1.0, 1e-35, 3e-36]),
    num_leaves=st.integers(2, 9),
    zero_as_missing=st.booleans(),
    use_missing=st.booleans(),
    min_data_in_leaf=st.sampled_from([3, 60, 350]),
    rounds=st.integers(1, 6),
)


def grown(recipe: Recipe) -> tuple[Booster, np.ndarray]:
    """A model, and the rows that it was grown from."""
    draw = np.random.default_rng(recipe.seed)
    rows = draw.choice([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 1 / 3], (400, 3)) * recipe.scale
    risk = rows[:, 0] / recipe.scale - rows[:, 2] / recipe.scale
    if recipe.codes:
        rows[:, 1] = draw.integers(0, recipe.codes, 400)
        risk = risk + 2 * (rows[:, 1] % 3 == 1)
        rows[:, 1] *= recipe.code_step
    rows[draw.random(rows.shape) < recipe.missing] = np.nan
    parameters = {
        "objective": "binary",
        "verbosity": -1,
        "num_threads": 1,
        "cat_smooth": 1,
        "min_data_per_group": 3,
        "num_leaves": recipe.num_leaves,
        "zero_as_missing": recipe.zero_as_missing,
        "use_missing": recipe.use_missing,
        "min_data_in_leaf": recipe.min_data_in_leaf,
    }
    dataset = Dataset(
        rows,
        label=(draw.random(400) < 1 / (1 + np.exp(-risk))).astype(float),
        feature_name=list("abc"),
        categorical_feature=[1] if recipe.codes else "auto",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # LightGBM's own, of categories
        return train(parameters, dataset, num_boost_round=recipe.rounds), rows


def awkward(booster: Booster, rows: np.ndarray, seed: int) -> np.ndarray:
    """Rows of the thresholds of the model, what lies beside them, and values that nobody would expect."""
    thresholds = read(booster).thresholds
    known = np.concatenate([thresholds[~np.isnan(thresholds)], rows[0]])
    odd = [0.0, -0.0, zero_threshold, -zero_threshold, 5e-324, np.nan, np.inf, -np.inf, 1e300, -1e300]
    codes = [-1.0, -0.5, 0.5, 1.0, 2.0, 31.0, 32.0, 69.9, 1e6, 2.0**31, 2.0**32 + 1, -(2.0**40)]
    beside = [np.nextafter(value, side) for value in (*known, zero_threshold, -zero_threshold) for side in (-9, 9)]
    pool = np.concatenate([known, beside, odd, codes])
    return np.concatenate([np.random.default_rng(seed).choice(pool, (max(counts) - 20, 3)), rows[:20]])


def raw(booster: Booster, rows: np.ndarray) -> np.ndarray:
    return np.asarray(booster.predict(rows, raw_score=True, num_threads=1)).reshape(len(rows), -1)


@given(recipes)
def test_any_small_model_gives_the_same_to_the_last_bit(recipe: Recipe) -> None:
    booster, known = grown(recipe)
    assert expressible(read(booster))
    rows = awkward(booster, known, recipe.seed)
    predictor, expected = Predictor(booster), raw(booster, rows)
    for count in counts:
        np.testing.assert_array_equal(
            predictor.log_odds(rows[-count:] if count else rows[:0]), expected[len(rows) - count :]
        )
    np.testing.assert_array_equal(predictor.probabilities(rows), np.asarray(booster.predict(rows, num_threads=1)))
    np.testing.assert_array_equal(predictor.log_odds(np.asfortranarray(rows)), expected)


@given(st.lists(recipes, min_size=2, max_size=4))
def test_so_do_models_that_are_joined(several: list[Recipe]) -> None:
    models = [grown(recipe)[0] for recipe in several]
    joined = fold_models.joined(models)
    rows = awkward(models[0], grown(several[0])[1], several[0].seed)
    predictor, expected = Predictor(joined), raw(joined, rows)
    for count in counts[1:]:
        np.testing.assert_array_equal(predictor.log_odds(rows[:count]), expected[:count])


@given(st.lists(recipes, min_size=2, max_size=3), st.sampled_from([1, 2, 4]))
def test_however_many_trees_and_rows_are_looked_at_together(several: list[Recipe], trees_at_once: int) -> None:
    models = [grown(recipe)[0] for recipe in several]
    rows = awkward(models[0], grown(several[0])[1], several[0].seed)
    for booster in (models[0], fold_models.joined(models)):
        with patch.multiple(bit_patterns, _trees_at_once=trees_at_once, _most_rows_at_once=64):
            found = Predictor(booster).log_odds(rows)
        np.testing.assert_array_equal(found, raw(booster, rows))


def test_a_row_that_is_left_over_by_itself_gives_the_same() -> None:
    """As the last of 511 times 512 rows and one; here of 63 times 64 and one."""
    booster, known = grown(Recipe(1, rounds=60))
    rows = np.tile(awkward(booster, known, 1), (30, 1))[: 63 * 64 + 1]
    predictor, expected = Predictor(booster), raw(booster, rows)
    with patch.object(bit_patterns, "_most_rows_at_once", 64):
        for shift in range(0, 100, 5):
            np.testing.assert_array_equal(
                predictor.log_odds(np.roll(rows, shift, axis=0)), np.roll(expected, shift, axis=0)
            )


def test_splits_of_each_kind_are_among_them() -> None:
    """Or the property would hold of less than it says."""
    seen = read(grown(Recipe(1, codes=70))[0])
    assert seen.codes
    assert seen.missing_left.any()
    assert (~seen.missing_left).any()
    assert read(grown(Recipe(1, zero_as_missing=True))[0]).zeros_missing.all()
    assert read(grown(Recipe(1, min_data_in_leaf=350))[0]).n_leaves.max() == 1
    assert np.abs(read(grown(Recipe(1, scale=1e-35, missing=0.0))[0]).thresholds).min() < 1e-34


@pytest.mark.parametrize("num_leaves", [9, 10, 40])
def test_larger_trees_are_left_to_lightgbm_and_give_the_same(num_leaves: int) -> None:
    booster, known = grown(Recipe(4, num_leaves=num_leaves, min_data_in_leaf=2))
    assert expressible(read(booster)) == (num_leaves == 9)
    rows = np.concatenate([awkward(booster, known, 4)] * 2)
    predictor, expected = Predictor(booster), raw(booster, rows)
    for count in (*counts, len(rows)):
        np.testing.assert_array_equal(predictor.log_odds(rows[:count]), expected[:count])
        np.testing.assert_array_equal(predictor.probabilities(rows[:count]).shape, (count,))
    np.testing.assert_array_equal(predictor.probabilities(rows), np.asarray(booster.predict(rows, num_threads=1)))


def test_codes_beyond_a_table_are_left_to_lightgbm() -> None:
    booster, rows = grown(Recipe(2, codes=70, code_step=1000))
    assert max(max(codes) for codes in read(booster).codes.values()) > max_code
    assert not expressible(read(booster))
    np.testing.assert_array_equal(Predictor(booster).log_odds(rows), raw(booster, rows))


def test_averaged_trees_are_left_to_lightgbm() -> None:
    known = grown(Recipe(2))[1]
    forest = {
        "objective": "binary",
        "boosting": "rf",
        "bagging_freq": 1,
        "bagging_fraction": 0.5,
        "verbosity": -1,
        "num_leaves": 4,
    }
    averaged = train(forest, Dataset(known, label=np.arange(400) % 2), num_boost_round=3)
    assert not expressible(read(averaged))
    np.testing.assert_array_equal(Predictor(averaged).log_odds(known), raw(averaged, known))


@pytest.fixture(scope="module")
def matrix(scorer: Scorer) -> np.ndarray:
    rows = scorer.artefacts.preprocessor.transform(demo.draw_applications(700, 12, "train"))
    return np.vstack([rows, np.full((1, rows.shape[1]), np.nan)])


def test_the_shipped_model_gives_the_same(scorer: Scorer, matrix: np.ndarray) -> None:
    booster, folds = scorer.artefacts.booster, scorer.artefacts.folds
    assert folds is not None
    predictor, of_folds = Predictor(booster), Predictor(folds)
    assert expressible(read(booster))
    assert expressible(read(folds))
    np.testing.assert_array_equal(predictor.probabilities(matrix), np.asarray(booster.predict(matrix)))
    np.testing.assert_array_equal(of_folds.log_odds(matrix), raw(folds, matrix))
    for place in range(640, len(matrix)):
        row = matrix[place : place + 1]
        np.testing.assert_array_equal(predictor.log_odds(row), raw(booster, row))
        np.testing.assert_array_equal(of_folds.log_odds(row), raw(folds, row))


@pytest.mark.parametrize("count", [3, 300])
def test_rows_that_differ_in_few_features_give_the_same(scorer: Scorer, count: int) -> None:
    """As a what-if and a search for recourse ask for them: what is alike in all rows is read once."""
    stated = {"AMT_CREDIT": 400_000.0, "AMT_INCOME_TOTAL": 120_000.0, "CODE_GENDER": None, "EXT_SOURCE_2": 0.4}
    contracts = ["Cash loans", "Revolving loans", None] * (count // 3)
    varied: dict[str, Varied] = {"AMT_CREDIT": np.linspace(5e4, 2e6, count), "NAME_CONTRACT_TYPE": contracts}
    rows = variations.matrix(stated, varied)
    np.testing.assert_array_equal(
        Predictor(scorer.artefacts.booster).log_odds(rows), raw(scorer.artefacts.booster, rows)
    )


def test_log_odds_beyond_all_numbers_are_a_probability_too() -> None:
    for value in ("-800", "-700", "800", "0"):
        text = grown(Recipe(1, min_data_in_leaf=350, rounds=1))[0].model_to_string()
        head, _, tail = text.partition("leaf_value=")
        booster = Booster(model_str=f"{head}leaf_value={value}\n{tail.partition(chr(10))[2]}")
        np.testing.assert_array_equal(
            Predictor(booster).probabilities(np.zeros((2, 3))), booster.predict(np.zeros((2, 3)))
        )


def test_threads_do_not_mix_their_rows(scorer: Scorer, matrix: np.ndarray) -> None:
    predictor = Predictor(scorer.artefacts.booster)
    expected = np.asarray(scorer.artefacts.booster.predict(matrix))
    with ThreadPoolExecutor(4) as pool:
        for place, found in enumerate(
            pool.map(lambda start: predictor.probabilities(matrix[start : start + 60]), range(200))
        ):
            np.testing.assert_array_equal(found, expected[place : place + 60])


def test_memory_is_kept_for_rows_that_come_next_and_made_anew_for_more(scorer: Scorer, matrix: np.ndarray) -> None:
    booster = scorer.artefacts.booster
    predictor = Predictor(booster)
    with patch.object(bit_patterns._Memory, "of", side_effect=bit_patterns._Memory.of) as make:
        for count in (300, 49, 300, 200, len(matrix), 60, 400, 401):
            np.testing.assert_array_equal(predictor.log_odds(matrix[:count]), raw(booster, matrix[:count]))
    # Of 701 rows, half are looked at at a time.
    assert [call.args[1] for call in make.call_args_list] == [300, 351, 400, 401]
