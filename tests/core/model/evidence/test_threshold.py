"""The threshold of least cost by brute force, and the steady one against a regression and on drawn outcomes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar
from scipy.special import expit

from core.model.evidence.threshold import business_cost, cost_curve, steady_threshold

predictions = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0])), min_size=1, max_size=30
)


@given(predictions, st.floats(0.5, 20), st.floats(0.5, 20))
def test_curve_is_the_cost_at_each_threshold(rows: list[tuple[int, float]], cost_fn: float, cost_fp: float) -> None:
    target = np.array([row[0] for row in rows], dtype=np.int8)
    probability = np.array([row[1] for row in rows])
    curve = cost_curve(target, probability, cost_fn, cost_fp)
    direct = [business_cost(target, probability, threshold, cost_fn, cost_fp) for threshold in curve.thresholds[:-1]]
    np.testing.assert_allclose(curve.costs[:-1], direct)
    everywhere = [business_cost(target, probability, each, cost_fn, cost_fp) for each in np.linspace(0, 1.1, 111)]
    assert curve.least_cost <= min(everywhere) + 1e-12


def test_threshold_of_honest_probabilities_is_near_the_ratio_of_costs() -> None:
    generator = np.random.default_rng(0)
    probability = generator.beta(1, 10, 200_000)
    target = (generator.random(200_000) < probability).astype(np.int8)
    assert cost_curve(target, probability, 10, 1).best_threshold == pytest.approx(1 / 11, abs=0.02)


def test_nothing_to_learn_from_is_an_error() -> None:
    with pytest.raises(ValueError, match="same length"):
        cost_curve(np.array([], dtype=np.int8), np.array([]), 10, 1)


@given(st.integers(0, 10_000), st.floats(1, 30), st.floats(0.5, 3), st.floats(-0.5, 0.5))
@settings(max_examples=30, deadline=None)
def test_the_steady_threshold_finds_where_probabilities_are_off(
    seed: int, cost_fn: float, cost_fp: float, off: float
) -> None:
    generator = np.random.default_rng(seed)
    at = np.log(cost_fp / cost_fn)
    true = at + generator.normal(0, 1, 60_000)
    target = (generator.random(len(true)) < 1 / (1 + np.exp(-true))).astype(np.int8)
    said = 1 / (1 + np.exp(-(true - off)))
    found = steady_threshold(target, said, cost_fn, cost_fp)
    assert np.log(found / (1 - found)) == pytest.approx(at - off, abs=0.1)


def test_the_steady_threshold_is_the_one_at_which_a_regression_says_the_ratio() -> None:
    generator = np.random.default_rng(1)
    log_odds = generator.normal(-2.9, 1, 20_000)
    target = (generator.random(20_000) < expit(0.9 * log_odds - 0.1)).astype(np.int8)
    at, near = np.log(0.1), np.abs(log_odds - np.log(0.1)) < 1
    weight = 1 - (log_odds[near] - at) ** 2

    def penalised(shift: float) -> float:
        chance = expit(log_odds[near] + shift)
        likelihood = target[near] * np.log(chance) + (1 - target[near]) * np.log(1 - chance)
        return float(-(weight * likelihood).sum() + shift**2 / (2 * 0.5**2))

    shift = minimize_scalar(penalised, bounds=(-2, 2), method="bounded", options={"xatol": 1e-10}).x
    found = steady_threshold(target, expit(log_odds), 10, 1)
    assert found == pytest.approx(expit(at - shift), abs=1e-6)


@given(
    st.integers(0, 10_000),
    st.floats(-6, 6),
    st.sampled_from([1, 30, 1_000, 50_000]),
    st.sampled_from([0.0, 0.01, 0.5, 0.99, 1.0]),
)
@settings(deadline=None)
def test_so_it_is_however_far_from_true_the_probabilities_are(
    seed: int, at: float, count: int, default_rate: float
) -> None:
    """As where nobody paid, or everybody: the likelihood is far from a parabola, and its maximum far away."""
    generator = np.random.default_rng(seed)
    log_odds = at + generator.uniform(-0.9, 0.9, count)
    target = (generator.random(count) < default_rate).astype(np.int8)
    weight = 1 - (log_odds - at) ** 2

    def slope(shift: float) -> float:
        return float(weight @ (target - expit(log_odds + shift))) - shift / 0.5**2

    shift = brentq(slope, -30, 30, xtol=1e-12)
    found = steady_threshold(target, expit(log_odds), 1, float(np.exp(at)))
    assert np.log(found / (1 - found)) == pytest.approx(at - shift, abs=1e-6)


def test_the_steady_threshold_hangs_less_on_who_was_there_and_costs_no_more_on_others() -> None:
    generator = np.random.default_rng(2)
    steady, cheapest, costs = [], [], []
    for _ in range(30):
        probability = expit(generator.normal(-2.9, 0.9, (2, 10_000)))
        target = (generator.random((2, 10_000)) < probability).astype(np.int8)
        steady.append(steady_threshold(target[0], probability[0], 10, 1))
        cheapest.append(cost_curve(target[0], probability[0], 10, 1).best_threshold)
        costs.append(
            [business_cost(target[1], probability[1], at, 10, 1) for at in (steady[-1], cheapest[-1])],
        )
    assert np.std(steady) < np.std(cheapest) / 2
    ours, hindsight = np.mean(costs, axis=0)
    assert ours < hindsight


@pytest.mark.parametrize("probability", [0.0, 1.0, 0.9])
def test_without_outcomes_near_it_the_steady_threshold_is_the_ratio_of_costs(probability: float) -> None:
    target = np.array([0, 1, 0], dtype=np.int8)
    assert steady_threshold(target, np.full(3, probability), 10, 1) == pytest.approx(1 / 11)
    assert steady_threshold(np.array([], dtype=np.int8), np.array([]), 10, 1) == pytest.approx(1 / 11)
