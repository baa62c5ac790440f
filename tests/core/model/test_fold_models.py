"""The fold models: one booster gives what each of them says, its text is checked, and their reach is measured."""

import math
import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.model import fold_models, model_text
from core.model.booster import Booster
from core.model.model_text import UnsoundModel
from tests.core.model.test_model_text import grown, names

texts = [grown(3), grown(7, num_leaves=12), grown(2, min_data_in_leaf=500), grown(5, monotone_constraints=[1, 0, 0])]


def rows() -> np.ndarray:
    rng = np.random.default_rng(8)
    found = rng.normal(size=(500, 3))
    found[:, 2] = rng.integers(-2, 45, 500)
    found[rng.random(found.shape) < 0.2] = np.nan
    return found


def raw(model: Booster, matrix: np.ndarray) -> np.ndarray:
    return np.asarray(model.predict(matrix, raw_score=True))


def test_one_booster_gives_the_log_odds_of_each() -> None:
    assert "num_leaves=1\n" in texts[2]
    joined = fold_models.joined([Booster(model_str=text) for text in texts])
    expected = np.column_stack([raw(Booster(model_str=text), rows()) for text in texts])
    np.testing.assert_allclose(raw(joined, rows()), expected, rtol=0, atol=1e-5)


def test_a_value_at_a_threshold_goes_the_same_way() -> None:
    joined = fold_models.joined([Booster(model_str=text) for text in texts])
    thresholds = np.unique(
        np.concatenate(
            [
                np.fromstring(line, sep=" ")
                for text in texts
                for line in re.findall(r"^threshold=(.+)$", text, re.MULTILINE)
            ]
        )
    )
    around = np.concatenate([thresholds, np.nextafter(thresholds, np.inf), np.nextafter(thresholds, -np.inf)])
    matrix = np.column_stack([around, around, np.zeros_like(around)])
    expected = np.column_stack([raw(Booster(model_str=text), matrix) for text in texts])
    np.testing.assert_allclose(raw(joined, matrix), expected, rtol=0, atol=1e-5)


def test_the_text_is_sound_and_the_same_again() -> None:
    text = fold_models.joined_text(texts)
    model_text.check_folds(text, names)
    assert fold_models.text_of(Booster(model_str=text)) == text
    assert len(text) < sum(map(len, texts))


@given(st.floats(1e-6, 1 - 1e-6), st.floats(0, 3), st.floats(-4, 4))
def test_who_is_near_a_threshold_is_within(threshold: float, distance: float, beyond: float) -> None:
    log_odds = float(fold_models.logit(threshold)) + beyond
    lowest, highest = fold_models.near(threshold, distance)
    # The rounding of a log-odds that becomes a probability.
    assume(abs(abs(beyond) - distance) > 1e-6)
    assert (lowest < 1 / (1 + math.exp(-log_odds)) < highest) == (abs(beyond) < distance)


def test_who_is_as_far_as_the_reach_is_within() -> None:
    for threshold in (0.01, 0.0889, 0.5, 0.93):
        at = float(fold_models.logit(threshold))
        for side in (-1, 1):
            lowest, highest = fold_models.near(threshold, 0.46)
            assert lowest < 1 / (1 + math.exp(-(at + side * 0.46))) < highest


@pytest.mark.parametrize("threshold", [5e-324, 1e-310, 1e-300, 1 - 2**-53])
def test_a_threshold_at_the_end_of_numbers_is_one_too(threshold: float) -> None:
    lowest, highest = fold_models.near(threshold, 0.6)
    assert 0 <= lowest <= threshold <= highest <= 1 + 1e-9


def test_without_a_reach_everybody_is_near_but_for_a_certain_threshold() -> None:
    lowest, highest = fold_models.near(0.1, math.inf)
    assert lowest == 0
    assert highest > 1
    assert fold_models.near(0, 0.4) == (0, 0)
    assert fold_models.near(1, math.inf) == (1, 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("num_class=4", "num_class=3"),
        ("num_class=4", "num_class=1"),
        ("num_class=4", "num_class=400"),
        ("num_tree_per_iteration=4", "num_tree_per_iteration=2"),
        ("version=v4", "version=v5"),
        ("feature_names=A B C", "feature_names=A B D"),
        ("left_child=2", "left_child=0"),
        ("split_feature=2", "split_feature=9"),
        ("end of trees", "end of tree!"),
    ],
)
def test_what_is_no_forest_of_folds_is_refused(before: str, after: str) -> None:
    text = fold_models.joined_text(texts)
    assert before in text
    with pytest.raises(UnsoundModel):
        model_text.check_folds(text.replace(before, after, 1), names)


def test_neither_text_passes_for_the_other() -> None:
    with pytest.raises(UnsoundModel):
        model_text.check_folds(texts[0], names)
    with pytest.raises(UnsoundModel):
        model_text.check(fold_models.joined_text(texts), names)


def test_beyond_the_reach_one_row_in_a_thousand_is_decided_otherwise() -> None:
    model, first, second = (Booster(model_str=text) for text in texts[:3])
    rng = np.random.default_rng(3)
    matrix = np.column_stack([rng.normal(size=(4000, 2)), rng.integers(0, 40, 4000)])
    log_odds = raw(model, matrix)
    for at in np.quantile(log_odds, [0.2, 0.5, 0.8]).tolist():
        found = fold_models.reach(fold_models.joined([first, second]), model, [matrix[:1000], matrix[1000:]], at)
        otherwise = [
            abs(own - at)
            for own, *others in np.column_stack([log_odds, raw(first, matrix), raw(second, matrix)]).tolist()
            if any((other >= at) != (own >= at) for other in others)
        ]
        beyond = sum(distance >= found for distance in otherwise)
        assert len(otherwise) > 100
        assert beyond <= 4
        # And not much further than that: with those at the very distance it would be more than one in a thousand.
        assert sum(distance >= found - 1e-9 for distance in otherwise) > beyond
