"""Confidence intervals of an AUC, and of a difference of two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % bootstrap interval."""

    estimate: float
    low: float
    high: float

    def text(self, places: int) -> str:
        """The estimate with its bounds, in so many decimals, as reports in English have it.

        >>> Interval(1.143, 1.052, 1.234).text(2)
        '1.14 (1.05 to 1.23)'
        """
        return f"{self.estimate:.{places}f} ({self.low:.{places}f} to {self.high:.{places}f})"


def auc_interval(
    target: NDArray[np.int8], probability: NDArray[np.float64], samples: int = 200, seed: int = 0
) -> Interval:
    """The AUC with a 95 % percentile bootstrap interval, resampling rows.

    Source: Efron and Tibshirani, "An introduction to the bootstrap" (1993), chapter 13.
    """
    return auc_difference(target, probability, None, samples, seed)


def auc_difference(
    target: NDArray[np.int8],
    probability: NDArray[np.float64],
    other: NDArray[np.float64] | None,
    samples: int = 200,
    seed: int = 0,
) -> Interval:
    """AUC of `probability` less AUC of `other` (0 where None) on the same resampled rows, with a 95 % interval."""
    generator = np.random.default_rng(seed)
    ranked, against = _order(probability), None if other is None else _order(other)

    def statistic(weights: NDArray[np.float64]) -> float:
        first = _weighted_auc(target, ranked, weights)
        return first if against is None else first - _weighted_auc(target, against, weights)

    # Drawing how often each row comes up is the same bootstrap without copying rows.
    drawn = [
        statistic(generator.multinomial(len(target), np.full(len(target), 1 / len(target))).astype(np.float64))
        for _ in range(samples)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(statistic(np.ones(len(target))), float(low), float(high))


def _order(probability: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The rows by ascending probability, and where each run of equal probabilities begins."""
    order = np.argsort(probability, kind="stable")
    ranked = probability[order]
    return order, np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])


def _weighted_auc(
    target: NDArray[np.int8], ranked: tuple[NDArray[np.intp], NDArray[np.intp]], weights: NDArray[np.float64]
) -> float:
    order, starts = ranked
    positive = weights[order] * (target[order] == 1)
    negative = weights[order] * (target[order] == 0)
    positives, negatives = np.add.reduceat(positive, starts), np.add.reduceat(negative, starts)
    below = np.cumsum(negatives) - negatives
    return float((positives * (below + negatives / 2)).sum() / (positives.sum() * negatives.sum()))
