"""The points-based scorecard: weights of evidence counted by hand, missing values with a weight of their own."""

import numpy as np
import pytest
from sklearn.base import clone

from core.model.evidence.auc import auc
from core.model.training.scorecard import PointsScorecard


@pytest.fixture(scope="module")
def rows() -> tuple[np.ndarray, np.ndarray]:
    """A number that tells, missing for the risky; a code that tells; noise; the number again."""
    draw = np.random.default_rng(3)
    n = 5000
    score, code = draw.normal(size=n), draw.integers(2, 5, n).astype(float)
    absent = draw.random(n) < 0.2
    target = (draw.random(n) < np.where(absent, 0.6, 0.1 + 0.1 * (score > 0) + 0.1 * (code == 3))).astype(np.int8)
    known = np.where(absent, np.nan, score)
    return np.column_stack([known, code, draw.normal(size=n), known * 2]), target


def test_a_missing_value_has_the_weight_of_those_who_lack_it(rows: tuple[np.ndarray, np.ndarray]) -> None:
    matrix, target = rows
    card = PointsScorecard(categorical=(1,)).fit(matrix, target)
    absent = np.isnan(matrix[:, 0])
    number = next(binned for binned in card.binned_ if binned.index in (0, 3))
    rate, own = target.mean(), (target[absent].sum() + 20 * target.mean()) / (absent.sum() + 20)
    expected = np.log(own / (1 - own)) - np.log(rate / (1 - rate))
    np.testing.assert_allclose(number.of(matrix)[absent], expected)
    assert card.predict_proba(matrix)[absent, 1].mean() == pytest.approx(0.6, abs=0.03)
    assert auc(target, card.predict_proba(matrix)[:, 1]) > 0.75


def test_what_says_the_same_is_taken_once(rows: tuple[np.ndarray, np.ndarray]) -> None:
    card = PointsScorecard(categorical=(1,)).fit(*rows)
    assert len({binned.index for binned in card.binned_} & {0, 3}) == 1


def test_no_more_variables_than_were_asked_for(rows: tuple[np.ndarray, np.ndarray]) -> None:
    card = clone(PointsScorecard(categorical=(1,), variables=1)).fit(*rows)
    assert [binned.index for binned in card.binned_] in ([0], [3])


def test_a_code_never_seen_has_no_weight(rows: tuple[np.ndarray, np.ndarray]) -> None:
    matrix, target = rows
    card = PointsScorecard(categorical=(1,)).fit(matrix, target)
    code = next(binned for binned in card.binned_ if binned.index == 1)
    assert code.of(np.array([[0.0, 99.0, 0.0, 0.0]])) == pytest.approx(0, abs=1e-12)
