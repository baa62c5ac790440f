"""The metrics agree with scikit-learn and scipy."""

import numpy as np
import pytest
from scipy.stats import ks_2samp
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, confusion_matrix, precision_score, recall_score, roc_auc_score

from core.model.evidence.auc import auc
from core.model.evidence.calibration import expected_calibration_error, reliability
from core.model.evidence.evaluation import evaluate

generator = np.random.default_rng(3)
probability = np.round(generator.beta(1, 8, 5000), 4)
target = (generator.random(5000) < probability).astype(np.int8)


def test_metrics_agree_with_scikit_learn() -> None:
    found = evaluate(target, probability, 0.12, cost_fn=10, cost_fp=1)
    refused = probability >= 0.12
    tn, fp, fn, _ = confusion_matrix(target, refused).ravel()
    assert found.auc == pytest.approx(roc_auc_score(target, probability))
    assert found.gini == pytest.approx(2 * roc_auc_score(target, probability) - 1)
    assert found.ks == pytest.approx(ks_2samp(probability[target == 1], probability[target == 0]).statistic)
    assert found.accuracy == pytest.approx(accuracy_score(target, refused))
    assert found.precision == pytest.approx(precision_score(target, refused))
    assert found.recall == pytest.approx(recall_score(target, refused))
    assert found.business_cost == pytest.approx((10 * fn + fp) / len(target))
    assert found.approval_rate == pytest.approx((tn + fn) / len(target))
    assert found.cost_accept_all == pytest.approx(10 * target.mean())
    assert found.cost_refuse_all == pytest.approx(1 - target.mean())


def test_no_rows_have_no_bins() -> None:
    assert reliability(np.array([]), np.array([])) == ()


def test_calibration_error_is_the_mean_gap_of_the_reliability_curve() -> None:
    distinct = probability + np.arange(5000) * 1e-9
    observed, predicted = calibration_curve(target, distinct, n_bins=10, strategy="quantile")
    assert expected_calibration_error(target, distinct) == pytest.approx(np.abs(observed - predicted).mean(), abs=2e-4)


def test_bins_hold_all_rows_of_a_probability_in_any_order_of_the_rows() -> None:
    rounded = probability.round(2)
    bins = reliability(target, rounded)
    # Independently: each bin is a run of whole probabilities, one after another.
    left = np.unique(rounded)
    for each in bins:
        held = [left[0]]
        while (rounded <= held[-1]).sum() - (rounded < held[0]).sum() < each.rows:
            held.append(left[len(held)])
        inside = np.isin(rounded, held)
        assert each.rows == inside.sum()
        assert each.observed == pytest.approx(target[inside].mean())
        assert each.predicted == pytest.approx(rounded[inside].mean())
        left = left[len(held) :]
    assert not left.size
    assert len(bins) == 10
    for order in (np.argsort(target, kind="stable"), np.argsort(-target, kind="stable")):
        assert reliability(target[order], rounded[order]) == bins


def test_calibration_error_of_dishonest_probabilities_is_their_bias() -> None:
    assert expected_calibration_error(np.zeros(100, dtype=np.int8), np.full(100, 0.3)) == pytest.approx(0.3)


def test_auc_without_scikit_learn_is_the_same() -> None:
    assert auc(target.astype(np.float64), probability) == pytest.approx(roc_auc_score(target, probability), abs=1e-12)
