"""The evaluation of predictions: ranking, honesty of the probabilities, and what the decisions cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.metrics import brier_score_loss, log_loss, roc_curve

from core.model.evidence.auc import auc
from core.model.evidence.calibration import expected_calibration_error
from core.model.evidence.threshold import business_cost

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Metrics of predictions against what happened.

    Attributes:
        auc: area under the ROC curve; `gini` is 2 auc - 1; `ks` the largest gap between the two score distributions.
        log_loss, brier, calibration_error: how honest the probabilities are (lower is better).
        accuracy, precision, recall: of the refusals, at `threshold`.
        business_cost: mean cost per application at `threshold`; `cost_accept_all`, `cost_refuse_all` and
            `cost_at_half` (threshold 0.5) are what it is compared with.
    """

    n_rows: int
    default_rate: float
    auc: float
    gini: float
    ks: float
    log_loss: float
    brier: float
    calibration_error: float
    threshold: float
    accuracy: float
    precision: float
    recall: float
    approval_rate: float
    business_cost: float
    cost_accept_all: float
    cost_refuse_all: float
    cost_at_half: float


def evaluate(
    target: NDArray[np.int8],
    probability: NDArray[np.float64],
    threshold: float,
    cost_fn: float,
    cost_fp: float,
) -> Evaluation:
    """Evaluates predictions.

    Args:
        target: (n,), 1 where the client defaulted; both classes must be present.
        probability: float64 (n,), 0 to 1.
        threshold: probability from which an application is refused.
    """
    ranked = auc(target, probability)
    false_positives, true_positives, _ = roc_curve(target, probability)
    refused, defaulted = probability >= threshold, np.asarray(target) == 1
    hits = int((refused & defaulted).sum())

    def cost(at: float) -> float:
        return business_cost(target, probability, at, cost_fn, cost_fp)

    return Evaluation(
        n_rows=len(target),
        default_rate=float(defaulted.mean()),
        auc=ranked,
        gini=2 * ranked - 1,
        ks=float(np.max(true_positives - false_positives)),
        log_loss=float(log_loss(target, probability)),
        brier=float(brier_score_loss(target, probability)),
        calibration_error=expected_calibration_error(target, probability),
        threshold=threshold,
        accuracy=float((refused == defaulted).mean()),
        precision=hits / max(int(refused.sum()), 1),
        recall=hits / max(int(defaulted.sum()), 1),
        approval_rate=float((~refused).mean()),
        business_cost=cost(threshold),
        cost_accept_all=cost(np.inf),
        cost_refuse_all=cost(-np.inf),
        cost_at_half=cost(0.5),
    )
