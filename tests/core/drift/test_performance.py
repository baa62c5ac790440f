"""Performance of both sides against scikit-learn, and when a change counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from core.drift.performance import performance, performance_drift, ranking, stored_performance
from core.drift.results import Performance
from core.drift.thresholds import Thresholds
from core.scoring import Scorer


def drawn(rows: int, seed: int, skill: float = 1.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Outcomes, and probabilities that are honest where `skill` is 1."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-2.5, 1, rows)
    target = (rng.random(rows) < 1 / (1 + np.exp(-odds))).astype(float)
    shown = odds if skill == 1 else skill * odds + (1 - skill) * rng.normal(-2.5, 1, rows)
    return target, 1 / (1 + np.exp(-shown))


def measured(rows: int, seed: int, scorer: Scorer, skill: float = 1.0) -> Performance:
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
    found = ranking(target == 1, probability)
    assert found.auc == pytest.approx(wins.mean(), abs=1e-9)
    assert found.error == pytest.approx(wanted, abs=1e-9)
    assert ranking(np.array([True, False, False]), np.array([0.5, 0.5, 0.1])).error is None


def test_rows_without_an_outcome_do_not_count(scorer: Scorer) -> None:
    target, probability = drawn(2000, 3)
    with_gaps = np.r_[target, np.full(500, np.nan)]
    assert performance(with_gaps, np.r_[probability, np.full(500, 0.9)], scorer.model) == performance(
        target, probability, scorer.model
    )
    assert performance(np.zeros(50), probability[:50], scorer.model) is None
    assert performance(np.full(50, np.nan), probability[:50], scorer.model) is None


def test_a_fall_counts_where_it_is_beyond_chance(scorer: Scorer) -> None:
    before = measured(20_000, 4, scorer)
    worse = performance_drift(before, measured(20_000, 5, scorer, skill=0.3), Thresholds())
    assert worse.auc_level == "major"
    assert worse.auc_p_value == pytest.approx(0, abs=1e-9)
    same = performance_drift(before, measured(20_000, 6, scorer), Thresholds())
    assert (same.auc_level, same.calibration_level) == ("stable", "stable")
    # A fall as large, on rows too few to tell.
    few = replace(measured(20_000, 5, scorer, skill=0.3), auc=before.auc - 0.06, auc_error=0.05)
    assert performance_drift(before, few, Thresholds()).auc_level == "stable"
    better = performance_drift(measured(20_000, 5, scorer, skill=0.3), before, Thresholds())
    assert better.auc_level == "stable"


def test_dishonest_probabilities_count_and_few_rows_do_not(scorer: Scorer) -> None:
    before = measured(20_000, 4, scorer)
    target, probability = drawn(20_000, 7)
    doubled = performance(target, np.minimum(2 * probability, 0.99), scorer.model)
    assert doubled is not None
    assert performance_drift(before, doubled, Thresholds()).calibration_level == "major"
    levels = {
        performance_drift(before, measured(300, seed, scorer), Thresholds()).calibration_level for seed in (8, 9, 10)
    }
    assert levels == {"stable"}


def test_honest_probabilities_pass_the_test_as_often_as_they_should(scorer: Scorer) -> None:
    p_values = [measured(3000, seed, scorer).calibration_p_value or 0.0 for seed in range(100, 220)]
    assert 0.35 < np.mean(p_values) < 0.65
    assert np.mean(np.array(p_values) < 0.05) < 0.15


def test_what_training_found_stands_for_rows_that_are_gone(scorer: Scorer) -> None:
    before = stored_performance(scorer.model, 0.08)
    assert (before.auc, before.rows, before.stored) == (scorer.model.auc, scorer.model.n_training_rows, True)
    drift = performance_drift(before, measured(5000, 1, scorer), Thresholds())
    assert drift.auc_p_value is not None
