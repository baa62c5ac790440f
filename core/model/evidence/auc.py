"""The area under the ROC curve and its standard error, from ranks; without scikit-learn, whose import takes 1.5 s."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class AreaDifference:
    """By how much the area of one score exceeds that of another on the same clients, with its standard error."""

    first: float
    second: float
    error: float

    @property
    def difference(self) -> float:
        """Of the second over the first."""
        return self.second - self.first


@dataclass(frozen=True, slots=True)
class Area:
    """The area under the ROC curve with its standard error; None where a class has one row."""

    auc: float
    error: float | None


def auc(target: NDArray[np.generic], probability: NDArray[np.float64]) -> float:
    """Area under the ROC curve: how often a defaulting client scores above a good one, ties counting half.

    Args:
        target: (n,), 1 or True where the client defaulted; both outcomes present.
        probability: float64 (n,).

    Raises:
        ValueError: where only one outcome is there: nothing is ranked.

    Source: Mann and Whitney's U statistic (1947); equal to `sklearn.metrics.roc_auc_score`.
    """
    return _mann_whitney(np.asarray(target) == 1, _ranks(probability))


def area(target: NDArray[np.generic], probability: NDArray[np.float64]) -> Area:
    """The `auc` with its standard error.

    Args, Raises: as of `auc`.

    Source: DeLong, DeLong and Clarke-Pearson, "Comparing the areas under two or more correlated receiver operating
    characteristic curves" (Biometrics 44, 1988), computed from ranks as by Sun and Xu (IEEE Signal Processing Letters
    21, 2014).
    """
    defaulted, ranks = np.asarray(target) == 1, _ranks(probability)
    value = _mann_whitney(defaulted, ranks)
    above, below = _placements(defaulted, probability, ranks)
    if min(len(above), len(below)) == 1:
        return Area(value, None)
    return Area(value, float(np.sqrt(above.var(ddof=1) / len(above) + below.var(ddof=1) / len(below))))


def area_difference(
    target: NDArray[np.generic], first: NDArray[np.float64], second: NDArray[np.float64]
) -> AreaDifference:
    """The `auc` of two scores of the same clients, and the standard error of their difference, which is paired.

    Args:
        target: as of `auc`; at least two clients of each outcome.
        first, second: float64 (n,).

    Raises:
        ValueError: where there are fewer of an outcome.

    Source: as of `area`: the variance of the difference is that of the differences of the placement values.
    """
    defaulted = np.asarray(target) == 1
    if min(int(defaulted.sum()), int((~defaulted).sum())) < 2:
        raise ValueError("target: expected two of each outcome")
    ranks = _ranks(first), _ranks(second)
    placed = [_placements(defaulted, scores, rank) for scores, rank in zip((first, second), ranks, strict=True)]
    above, below = placed[1][0] - placed[0][0], placed[1][1] - placed[0][1]
    return AreaDifference(
        _mann_whitney(defaulted, ranks[0]),
        _mann_whitney(defaulted, ranks[1]),
        float(np.sqrt(above.var(ddof=1) / len(above) + below.var(ddof=1) / len(below))),
    )


def _placements(
    defaulted: NDArray[np.bool_], probability: NDArray[np.float64], ranks: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each client: the share of the other class that scores below a bad one, above a good one."""
    bad, good = ranks[defaulted], ranks[~defaulted]
    above = (bad - _ranks(probability[defaulted])) / len(good)
    below = 1 - (good - _ranks(probability[~defaulted])) / len(bad)
    return above, below


def _mann_whitney(defaulted: NDArray[np.bool_], ranks: NDArray[np.float64]) -> float:
    bad = int(defaulted.sum())
    good = len(defaulted) - bad
    if not bad or not good:
        raise ValueError("target: expected both outcomes")
    return float((ranks[defaulted].sum() - bad * (bad + 1) / 2) / (bad * good))


def _ranks(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    return pl.Series(numbers).rank("average").to_numpy()
