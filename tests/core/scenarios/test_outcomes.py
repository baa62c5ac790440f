"""Outcomes at thresholds, against scikit-learn and against counting one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, precision_score, recall_score

from core.scenarios.outcomes import DecisionOutcome, Ranking, thresholds

cost_fn, cost_fp = 10.0, 1.0


@pytest.fixture(scope="module")
def ranking() -> Ranking:
    chance = np.random.default_rng(4)
    # With ties, and with probabilities that are thresholds themselves.
    probability = np.round(chance.beta(1, 11, 3000), 3)
    target = (chance.random(3000) < probability).astype(float)
    return Ranking(probability, cost_fn, cost_fp, target)


@pytest.mark.parametrize("threshold", [0.001, 0.05, 1 / 11, 0.12, 0.3])
def test_observed_numbers_are_those_of_scikit_learn(ranking: Ranking, threshold: float) -> None:
    assert ranking.target is not None
    refused = ranking.probability >= threshold
    _, wrongly, missed, _ = confusion_matrix(ranking.target, refused).ravel()
    found = ranking.at(threshold)
    assert (found.accepted, found.refused) == ((~refused).sum(), refused.sum())
    assert found.observed_defaults == missed
    assert found.observed_cost == pytest.approx((cost_fn * missed + cost_fp * wrongly) / 3000, abs=1e-12)
    assert found.observed_precision == pytest.approx(precision_score(ranking.target, refused), abs=1e-12)
    assert found.observed_recall == pytest.approx(recall_score(ranking.target, refused), abs=1e-12)


@pytest.mark.parametrize("threshold", [0.001, 0.05, 1 / 11, 0.12, 0.3])
def test_expected_numbers_are_those_of_scikit_learn_with_probabilities_as_weights(
    ranking: Ranking, threshold: float
) -> None:
    # Each application twice: as a default that weighs its probability, and as none that weighs the rest.
    probability = ranking.probability
    truth, twice = np.repeat([1, 0], len(probability)), np.tile(probability, 2)
    weights = np.append(probability, 1 - probability)
    _, wrongly, missed, _ = confusion_matrix(truth, twice >= threshold, sample_weight=weights).ravel()
    found = ranking.at(threshold)
    assert found.expected_defaults == pytest.approx(missed, abs=1e-9)
    assert found.cost == pytest.approx((cost_fn * missed + cost_fp * wrongly) / 3000, abs=1e-12)
    assert found.precision == pytest.approx(precision_score(truth, twice >= threshold, sample_weight=weights))
    assert found.recall == pytest.approx(recall_score(truth, twice >= threshold, sample_weight=weights))


def test_the_best_threshold_costs_least_of_all(ranking: Ranking) -> None:
    assert ranking.target is not None
    every = [*np.unique(ranking.probability), 1.0]
    assert ranking.best().threshold == pytest.approx(1 / 11)
    assert ranking.best().cost == pytest.approx(min(ranking.at(each).cost for each in every), abs=1e-12)
    observed = ranking.best_observed()
    assert observed is not None
    counted = [
        np.mean(np.where(ranking.probability >= each, cost_fp * (1 - ranking.target), cost_fn * ranking.target))
        for each in every
    ]
    assert observed.observed_cost == pytest.approx(min(counted), abs=1e-12)


def test_without_outcomes_nothing_is_observed(ranking: Ranking) -> None:
    blind = Ranking(ranking.probability, cost_fn, cost_fp)
    found = blind.at(0.1)
    assert blind.best_observed() is None
    assert (found.observed_defaults, found.observed_cost, found.observed_precision) == (None, None, None)
    assert found.expected_defaults == ranking.at(0.1).expected_defaults


def test_where_nobody_is_refused_there_is_no_precision() -> None:
    found = Ranking(np.array([0.1, 0.2]), cost_fn, cost_fp, np.zeros(2)).at(0.5)
    assert found == DecisionOutcome(0.5, 2, 0, found.expected_defaults, found.cost, None, 0.0, 0, 0.0, None, None)
    assert (found.expected_defaults, found.cost) == pytest.approx((0.3, 1.5))


def test_thresholds_rise_from_0_to_1_and_hold_every_tenth_of_a_point_up_to_a_half() -> None:
    assert (thresholds[0], thresholds[-1]) == (0, 1)
    assert np.all(np.diff(thresholds) > 0)
    assert {0.001, 0.086, 0.499, 0.5, 0.51} <= set(thresholds)


@settings(max_examples=60)
@given(
    probability=st.lists(st.floats(0, 1), min_size=1, max_size=40),
    threshold=st.floats(0, 1),
)
def test_a_higher_threshold_never_refuses_more(probability: list[float], threshold: float) -> None:
    ranking = Ranking(np.array(probability), cost_fn, cost_fp)
    found, higher = ranking.at(threshold), ranking.at(min(1.0, threshold + 0.1))
    assert found.accepted + found.refused == len(probability)
    assert found.accepted == sum(each < threshold for each in probability)
    assert higher.accepted >= found.accepted
    assert higher.expected_defaults >= found.expected_defaults - 1e-12
