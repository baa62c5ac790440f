"""The adjustment against another solver, and what holds of it whatever the outcomes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from core.catalogue.ages import days_per_year
from core.model.recalibration.adjustment import TooFewOutcomes, cross_fitted, fit, segmentations

_names = ("DAYS_BIRTH", "AMT_CREDIT", "NAME_CONTRACT_TYPE")


def drawn(
    seed: int, n: int, slope: float = 1.3, young: float = -0.5
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Rows of a model, its log-odds, and outcomes that ask for another slope and less risk of the young."""
    rng = np.random.default_rng(seed)
    ages = rng.uniform(20, 70, n)
    matrix = np.column_stack([-ages * days_per_year, rng.uniform(1e5, 1e6, n), rng.choice([2.0, 3.0], n)])
    matrix[: n // 50, 0] = np.nan
    log_odds = rng.normal(-1.5, 0.8, n)
    asked = slope * log_odds + 0.3 + np.where(np.nan_to_num(ages) < 25, young, 0)
    return matrix, log_odds, (rng.random(n) < expit(asked)).astype(np.int8)


def test_it_is_what_penalised_likelihood_gives() -> None:
    """By scikit-learn, whose penalty is on all but the level: the slope is scaled so that it weighs nothing."""
    matrix, log_odds, target = drawn(0, 4000)
    segments = segmentations(matrix, _names)
    found = fit(log_odds, target, segments)
    members = np.column_stack([part.places == place for part in segments for place in range(len(part.labels))])
    scale = 1e4
    other = LogisticRegression(C=0.25**2, tol=1e-10, max_iter=10_000, solver="newton-cholesky")
    other.fit(np.column_stack([log_odds * scale, members]), target)
    assert found.slope == pytest.approx(other.coef_[0, 0] * scale, abs=1e-5)
    assert found.intercept == pytest.approx(other.intercept_[0], abs=1e-4)
    assert [*found.offsets["DAYS_BIRTH"], *found.offsets["NAME_CONTRACT_TYPE"]] == pytest.approx(
        other.coef_[0, 1:].tolist(), abs=1e-4
    )


def test_segments_are_those_of_completed_years() -> None:
    ages = np.array([24.99, 25.0, 29.9, 30.0, 59.9, 60.0, np.nan])
    matrix = np.column_stack([-ages * days_per_year, ages, np.array([2, 3, 0, 2, 3, np.nan, 2])])
    age, contract = segmentations(matrix, _names)
    assert [age.labels[place] if place >= 0 else None for place in age.places] == [
        "< 25",
        "25-29",
        "25-29",
        "30-39",
        "50-59",
        ">= 60",
        None,
    ]
    cash, revolving = "Cash loans", "Revolving loans"
    assert [contract.labels[place] if place >= 0 else None for place in contract.places] == [
        cash,
        revolving,
        None,
        cash,
        revolving,
        None,
        cash,
    ]


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.floats(0.6, 1.6), st.floats(-1, 1))
def test_the_mean_prediction_is_the_default_rate(seed: int, slope: float, young: float) -> None:
    matrix, log_odds, target = drawn(seed, 3000, slope, young)
    segments = segmentations(matrix, _names)
    adjusted = fit(log_odds, target, segments).adjusted(log_odds, segments)
    assert expit(adjusted).mean() == pytest.approx(target.mean(), abs=1e-6)


def test_an_offset_of_few_clients_is_shrunk_more() -> None:
    """Four young clients who repaid say little; four hundred say more."""
    rng = np.random.default_rng(1)
    offsets = []
    for young in (4, 400):
        ages = np.r_[np.full(young, 22.0), np.full(4000, 45.0)]
        matrix = np.column_stack([-ages * days_per_year, ages, np.full(len(ages), 2.0)])
        log_odds = rng.normal(-1.5, 0.5, len(ages))
        target = (rng.random(len(ages)) < expit(log_odds)).astype(np.int8)
        target[:young] = 0
        offsets.append(fit(log_odds, target, segmentations(matrix, _names)).offsets["DAYS_BIRTH"][-1])
    assert offsets[1] < offsets[0] < 0


def test_no_row_is_judged_by_an_adjustment_that_has_seen_it() -> None:
    """The same folds, each judged by what the others alone ask for."""
    matrix, log_odds, target = drawn(3, 2000)
    found = cross_fitted(log_odds, target, segmentations(matrix, _names), seed=7)
    for others, held_out in StratifiedKFold(5, shuffle=True, random_state=7).split(matrix, target):
        asked = fit(log_odds[others], target[others], segmentations(matrix[others], _names))
        expected = asked.adjusted(log_odds[held_out], segmentations(matrix[held_out], _names))
        np.testing.assert_allclose(found[held_out], expected)


def test_few_outcomes_fit_nothing() -> None:
    matrix, log_odds, _ = drawn(4, 300)
    target = np.zeros(300, dtype=np.int8)
    target[:99] = 1
    with pytest.raises(TooFewOutcomes, match="100"):
        fit(log_odds, target, segmentations(matrix, _names))
