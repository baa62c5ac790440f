"""Performance of both sides against scikit-learn, and when a change counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from core.drift.measures.intervals import auc_interval, share_interval
from core.drift.measures.thresholds import Thresholds
from core.drift.performance import (
    calibration_change_p_value,
    performance,
    performance_drift,
    stored_performance,
)
from core.drift.results.scores import ScorePerformance
from core.model.evidence.auc import area
from core.scoring import Scorer


def drawn(rows: int, seed: int, skill: float = 1.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Outcomes, and probabilities that are honest where `skill` is 1."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-2.5, 1, rows)
    target = (rng.random(rows) < 1 / (1 + np.exp(-odds))).astype(float)
    shown = odds if skill == 1 else skill * odds + (1 - skill) * rng.normal(-2.5, 1, rows)
    return target, 1 / (1 + np.exp(-shown))


def measured(rows: int, seed: int, scorer: Scorer, skill: float = 1.0) -> ScorePerformance:
    found = performance(*drawn(rows, seed, skill), scorer.model)
    assert found is not None
    return found


def test_metrics_are_those_of_scikit_learn(scorer: Scorer) -> None:
    target, probability = drawn(3000, 1)
    probability = probability.round(2)
    found = performance(target, probability, scorer.model)
    assert found is not None
    assert found.auc == pytest.approx(roc_auc_score(target, probability), abs=1e-9)
    assert found.brier == pytest.approx(brier_score_loss(target, probability), abs=1e-9)
    assert found.log_loss == pytest.approx(log_loss(target, probability), abs=1e-9)
    assert found.default_rate == target.mean()
    assert sum(each.rows for each in found.reliability) == 3000


def test_the_standard_error_is_that_of_the_definition() -> None:
    target, probability = drawn(400, 2)
    probability = probability.round(2)
    bad, good = probability[target == 1], probability[target == 0]
    wins = (bad[:, None] > good[None, :]) + 0.5 * (bad[:, None] == good[None, :])
    wanted = np.sqrt(wins.mean(axis=1).var(ddof=1) / len(bad) + wins.mean(axis=0).var(ddof=1) / len(good))
    found = area(target == 1, probability)
    assert found.auc == pytest.approx(wins.mean(), abs=1e-9)
    assert found.error == pytest.approx(wanted, abs=1e-9)
    assert area(np.array([True, False, False]), np.array([0.5, 0.5, 0.1])).error is None


def test_a_file_sorted_by_outcome_is_as_honest_as_any_other(scorer: Scorer) -> None:
    target, probability = drawn(10_000, 1)
    probability = probability.round(2)
    order = np.argsort(target, kind="stable")
    found = performance(target, probability, scorer.model)
    in_order = performance(target[order], probability[order], scorer.model)
    assert found is not None
    assert in_order is not None
    assert in_order.reliability == found.reliability
    assert in_order.calibration_p_value == found.calibration_p_value
    assert found.calibration_p_value is not None
    assert found.calibration_p_value > 0.05


def test_rows_without_an_outcome_do_not_count(scorer: Scorer) -> None:
    target, probability = drawn(2000, 3)
    with_gaps = np.r_[target, np.full(500, np.nan)]
    assert performance(with_gaps, np.r_[probability, np.full(500, 0.9)], scorer.model) == performance(
        target, probability, scorer.model
    )
    assert performance(np.full(50, np.nan), probability[:50], scorer.model) is None


@pytest.mark.parametrize("defaults", [0, 1, 9, 10])
def test_too_few_outcomes_are_counted_and_not_judged(scorer: Scorer, defaults: int) -> None:
    target = np.r_[np.ones(defaults), np.zeros(60)]
    found = performance(target, np.linspace(0.02, 0.3, len(target)), scorer.model)
    assert found is not None
    assert (found.rows, found.defaults) == (60 + defaults, defaults)
    judged = (found.auc, found.auc_low, found.brier, found.log_loss, found.calibration_error, found.cost)
    assert [figure is None for figure in judged] == [defaults < 10] * 6
    drift = performance_drift(measured(5000, 1, scorer), found, Thresholds())
    assert (drift.auc_change is None) == (defaults < 10)
    if defaults < 10:
        assert (drift.auc_level, drift.calibration_level) == ("stable", "stable")


def test_the_interval_of_an_area_holds_it_as_often_as_it_says(scorer: Scorer) -> None:
    true = measured(400_000, 1, scorer).auc
    assert true is not None
    found = [measured(400, seed, scorer) for seed in range(400)]
    covered = [each.auc_low <= true <= each.auc_high for each in found if each.auc_low is not None and each.auc_high]
    assert len(covered) > 390
    assert 0.91 < np.mean(covered) < 0.985


def test_an_area_without_fault_is_not_certain() -> None:
    low, high = auc_interval(1.0, 0.0, 10)
    assert [low, high] == pytest.approx([0.6915, 1.0], abs=1e-4)
    assert list(auc_interval(0.0, 0.0, 10)) == pytest.approx([0.0, 1 - 0.6915], abs=1e-4)
    assert list(auc_interval(0.7, 0.05, 30)) == pytest.approx([0.594, 0.788], abs=1e-3)


def test_the_interval_of_a_share_is_wilsons() -> None:
    from scipy.stats import binomtest

    for count, rows in ((0, 3), (3, 5), (5, 5), (24, 300)):
        wanted = binomtest(count, rows).proportion_ci(method="wilson")
        assert list(share_interval(count / rows, rows)) == pytest.approx([wanted.low, wanted.high])


def test_a_fall_counts_where_it_is_beyond_chance(scorer: Scorer) -> None:
    before = measured(20_000, 4, scorer)
    worse = performance_drift(before, measured(20_000, 5, scorer, skill=0.3), Thresholds())
    assert worse.auc_level == "major"
    assert worse.auc_p_value == pytest.approx(0, abs=1e-9)
    same = performance_drift(before, measured(20_000, 6, scorer), Thresholds())
    assert (same.auc_level, same.calibration_level) == ("stable", "stable")
    # A fall as large, on rows too few to tell.
    assert before.auc is not None
    few = replace(measured(20_000, 5, scorer, skill=0.3), auc=before.auc - 0.06, auc_error=0.05)
    assert performance_drift(before, few, Thresholds()).auc_level == "stable"
    better = performance_drift(measured(20_000, 5, scorer, skill=0.3), before, Thresholds())
    assert better.auc_level == "stable"


def test_dishonest_probabilities_count_and_few_rows_do_not(scorer: Scorer) -> None:
    before = measured(20_000, 4, scorer)
    target, probability = drawn(20_000, 7)
    twice = np.minimum(2 * probability, 0.99)
    doubled = performance(target, twice, scorer.model)
    assert doubled is not None
    moved = calibration_change_p_value(drawn(20_000, 4), (target, twice))
    assert performance_drift(before, doubled, Thresholds(), moved).calibration_level == "major"
    # Of a stored reference, which was honest, the test of the current ones is enough.
    stored = stored_performance(scorer.model, 0.08)
    assert performance_drift(stored, doubled, Thresholds()).calibration_level == "major"
    for seed in range(8, 28):
        few = calibration_change_p_value(drawn(20_000, 4), drawn(300, seed))
        assert performance_drift(before, measured(300, seed, scorer), Thresholds(), few).calibration_level == "stable"


def test_two_sides_that_are_as_dishonest_have_not_changed() -> None:
    """A model without the history of its clients, on both sides: neither is honest, and nothing has moved."""
    found = []
    for seed in range(200):
        (was, honest_was), (now, honest_now) = drawn(3000, seed), drawn(3000, 1000 + seed)
        found.append(calibration_change_p_value((was, honest_was * 0.6), (now, honest_now * 0.6)))
    p_values = np.array([each for each in found if each is not None])
    assert len(p_values) == 200
    assert np.mean(p_values <= 0.05) < 0.1
    assert 0.4 < p_values.mean() < 0.6
    assert calibration_change_p_value(drawn(60, 1), drawn(60, 2)) is None


def test_honest_probabilities_pass_the_test_as_often_as_they_should(scorer: Scorer) -> None:
    for rows, samples in ((300, 600), (3000, 300)):
        found = [measured(rows, seed, scorer).calibration_p_value for seed in range(100, 100 + samples)]
        p_values = np.array([each for each in found if each is not None])
        assert len(p_values) > 0.9 * samples
        assert 0.45 < np.mean(p_values) < 0.6
        assert np.mean(p_values < 0.05) < 0.08


@pytest.mark.parametrize("rows", [10, 30, 100])
def test_of_few_rows_honesty_cannot_be_told(scorer: Scorer, rows: int) -> None:
    """Outcomes are drawn from the very probabilities: whoever calls them dishonest raises a false alarm."""
    for seed in range(40):
        found = performance(*drawn(rows, seed), scorer.model)
        assert found is not None
        if found.calibration_p_value is not None:
            # Ten of them expected at the least: two groups of five.
            assert rows * found.default_rate >= 5
            assert found.calibration_p_value > 0.001


def test_what_chance_adds_to_the_calibration_error_is_found_on_average(scorer: Scorer) -> None:
    found = [measured(2000, seed, scorer) for seed in range(200)]
    errors = np.mean([each.calibration_error or 0.0 for each in found])
    assert errors == pytest.approx(np.mean([each.calibration_error_by_chance or 0.0 for each in found]), rel=0.05)


def test_what_training_found_stands_for_rows_that_are_gone(scorer: Scorer) -> None:
    before = stored_performance(scorer.model, 0.08)
    assert (before.auc, before.rows, before.stored) == (scorer.model.auc, scorer.model.n_training_rows, True)
    drift = performance_drift(before, measured(5000, 1, scorer), Thresholds())
    assert drift.auc_p_value is not None
