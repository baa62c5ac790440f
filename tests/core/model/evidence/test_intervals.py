"""Bootstrap intervals against scikit-learn on resampled rows."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from core.model.evidence.intervals import auc_difference, auc_interval

generator = np.random.default_rng(1)
signal = generator.normal(size=1500)
target = (generator.random(1500) < 1 / (1 + np.exp(2 - signal))).astype(np.int8)
good = np.round(1 / (1 + np.exp(2 - signal)), 2)
noise = generator.random(1500)


def test_estimate_is_the_auc_with_ties() -> None:
    assert auc_interval(target, good, samples=2).estimate == pytest.approx(roc_auc_score(target, good))


def test_interval_is_that_of_resampled_rows() -> None:
    resampler = np.random.default_rng(7)
    direct = []
    for _ in range(400):
        rows = resampler.integers(0, len(target), len(target))
        direct.append(roc_auc_score(target[rows], good[rows]))
    found = auc_interval(target, good, samples=400)
    assert found.low == pytest.approx(np.quantile(direct, 0.025), abs=0.006)
    assert found.high == pytest.approx(np.quantile(direct, 0.975), abs=0.006)


def test_difference_from_itself_is_nothing_and_from_noise_is_sure() -> None:
    same = auc_difference(target, good, good, samples=20)
    assert (same.estimate, same.low, same.high) == (0, 0, 0)
    assert auc_difference(target, good, noise, samples=100).low > 0.1
