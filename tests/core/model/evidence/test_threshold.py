"""The threshold costs least among all thresholds, by brute force."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.evidence.threshold import business_cost, cost_curve

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
