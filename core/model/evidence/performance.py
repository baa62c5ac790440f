"""Performance on known outcomes: how well scores rank, and what the decisions cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.model.evidence.auc import auc
from core.model.evidence.threshold import mean_cost

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class RealisedPerformance:
    """What the decisions on clients whose outcome is known were worth.

    Attributes:
        clients: how many have a known outcome.
        default_rate: share of them that defaulted.
        auc: area under the ROC curve.
        cost: of the wrong decisions, for each client.
        false_negatives, false_positives: defaults that were accepted; good clients that were refused.
    """

    clients: int
    default_rate: float
    auc: float
    cost: float
    false_negatives: int
    false_positives: int


def measure(
    outcomes: NDArray[np.float64],
    probabilities: NDArray[np.float64],
    threshold: float,
    costs: tuple[float, float],
) -> RealisedPerformance | None:
    """Measures decisions at a threshold.

    Args:
        outcomes: (n,): 1 default, 0 none, NaN not known.
        probabilities: (n,), each 0 to 1.
        threshold: probability from which an application is refused.
        costs: of a default that was accepted, of a good client that was refused.

    Returns:
        None where no default, or nothing but defaults, is known.
    """
    known = ~np.isnan(outcomes)
    default, scores = outcomes[known] == 1, probabilities[known]
    if not 0 < default.sum() < len(default):
        return None
    refused = scores >= threshold
    missed, turned_away = int((default & ~refused).sum()), int((~default & refused).sum())
    cost = mean_cost(missed, turned_away, len(default), *costs)
    return RealisedPerformance(len(default), float(default.mean()), auc(default, scores), cost, missed, turned_away)
