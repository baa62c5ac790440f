"""How good and how honest the probabilities of each side are, where the outcome is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from scipy.special import chdtrc, ndtr

from core.drift.results import Performance, PerformanceDrift, ReliabilityBin
from core.model.calibration import expected_calibration_error
from core.model.threshold import business_cost

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.drift.thresholds import Thresholds
    from core.model.artefacts import ModelInfo

_bins: Final = 10
# Keeps the logarithm of a probability of 0 or 1 finite, as scikit-learn does.
_least: Final = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The area under the ROC curve with its standard error; None where a class has one row."""

    auc: float
    error: float | None


def ranking(defaulted: NDArray[np.bool_], probability: NDArray[np.float64]) -> Ranking:
    """How often a defaulting client scores above a good one, ties counting half, and how sure that is.

    Args:
        defaulted: (n,), both outcomes present.
        probability: (n,).

    Source: DeLong, DeLong and Clarke-Pearson, "Comparing the areas under two or more correlated receiver operating
    characteristic curves" (Biometrics 44, 1988), computed from ranks as by Sun and Xu (IEEE Signal Processing Letters
    21, 2014).
    """
    ranks = _ranks(probability)
    bad, good = ranks[defaulted], ranks[~defaulted]
    # For each client: the share of the other class that scores below a bad one, above a good one.
    above = (bad - _ranks(probability[defaulted])) / len(good)
    below = 1 - (good - _ranks(probability[~defaulted])) / len(bad)
    if min(len(bad), len(good)) == 1:
        return Ranking(float(above.mean()), None)
    error = np.sqrt(above.var(ddof=1) / len(bad) + below.var(ddof=1) / len(good))
    return Ranking(float(above.mean()), float(error))


def performance(target: NDArray[np.float64], probability: NDArray[np.float64], model: ModelInfo) -> Performance | None:
    """The performance on the rows whose outcome is known.

    Args:
        target: (n,): 1 default, 0 none, NaN not known.
        probability: (n,), of default.
        model: whose threshold and costs count.

    Returns:
        None where not both outcomes are known.
    """
    known = ~np.isnan(target)
    defaulted, scores = target[known] == 1, probability[known]
    if not 0 < defaulted.sum() < len(defaulted):
        return None
    rank = ranking(defaulted, scores)
    sure = np.clip(scores, _least, 1 - _least)
    outcomes = defaulted.astype(np.int8)
    tenths = _reliability(defaulted, scores)
    return Performance(
        rows=len(scores),
        default_rate=float(defaulted.mean()),
        mean_probability=float(scores.mean()),
        auc=rank.auc,
        auc_error=rank.error,
        brier=float(np.mean((scores - defaulted) ** 2)),
        log_loss=float(-np.mean(np.where(defaulted, np.log(sure), np.log1p(-sure)))),
        calibration_error=expected_calibration_error(outcomes, scores, _bins),
        calibration_p_value=_hosmer_lemeshow(tenths),
        cost=business_cost(outcomes, scores, model.optimal_threshold, model.cost_fn, model.cost_fp),
        reliability=tenths,
        stored=False,
    )


def stored_performance(model: ModelInfo, default_rate: float) -> Performance:
    """What the model's cross-validation found, for a reference whose rows are not at hand."""
    return Performance(
        rows=model.n_training_rows,
        default_rate=default_rate,
        mean_probability=None,
        auc=model.auc,
        auc_error=None,
        brier=model.metrics.get("brier"),
        log_loss=model.metrics.get("log_loss"),
        calibration_error=model.metrics.get("calibration_error"),
        calibration_p_value=None,
        cost=model.business_cost,
        reliability=(),
        stored=True,
    )


def performance_drift(reference: Performance, current: Performance, thresholds: Thresholds) -> PerformanceDrift:
    """The change from one performance to the other.

    A fall of the AUC counts only where the two-sided test of independent areas is significant; a standard error of the
    reference that is not known is taken as none, since a stored performance comes from many rows. A rise of the
    calibration error counts only where the current probabilities are dishonest beyond chance: with few rows, the error
    is large by chance alone.
    """
    change = current.auc - reference.auc
    p_value = None
    if current.auc_error is not None:
        error = float(np.hypot(current.auc_error, reference.auc_error or 0.0))
        p_value = float(2 * ndtr(-abs(change) / error)) if error else float(change == 0)
    sure = p_value is not None and p_value <= thresholds.significance
    dishonest = None
    if reference.calibration_error is not None and current.calibration_error is not None:
        dishonest = current.calibration_error - reference.calibration_error
    surely_dishonest = (current.calibration_p_value or 0.0) <= thresholds.significance
    return PerformanceDrift(
        reference=reference,
        current=current,
        auc_change=change,
        auc_p_value=p_value,
        calibration_change=dishonest,
        auc_level=thresholds.auc_drop.level(-change) if sure else "stable",
        calibration_level=thresholds.calibration_rise.level(dishonest) if surely_dishonest else "stable",
    )


def _reliability(defaulted: NDArray[np.bool_], probability: NDArray[np.float64]) -> tuple[ReliabilityBin, ...]:
    parts = np.array_split(np.argsort(probability, kind="stable"), _bins)
    return tuple(
        ReliabilityBin(len(part), float(probability[part].mean()), float(defaulted[part].mean()))
        for part in parts
        if len(part)
    )


def _hosmer_lemeshow(tenths: tuple[ReliabilityBin, ...]) -> float:
    """The p-value of the test that predicted and observed rates agree, on rows that the model was not fitted to.

    Source: Hosmer and Lemeshow, "Applied Logistic Regression" (2nd ed., Wiley 2000), section 5.2.2.
    """
    rows, predicted, observed = (
        np.array([getattr(each, name) for each in tenths], dtype=np.float64)
        for name in ("rows", "predicted", "observed")
    )
    variance = np.maximum(predicted * (1 - predicted) / rows, _least)
    return float(chdtrc(len(tenths), ((observed - predicted) ** 2 / variance).sum()))


def _ranks(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    return pl.Series(numbers).rank("average").to_numpy()
