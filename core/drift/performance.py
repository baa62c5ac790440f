"""Performance on each side: how well probabilities rank and how honest they are, where the outcome is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core.drift.measures.intervals import auc_interval
from core.drift.measures.tails import chi_squared_tail, normal_two_sided
from core.drift.results.scores import PerformanceDrift, ScorePerformance
from core.model.evidence.auc import area
from core.model.evidence.calibration import calibration_error, reliability
from core.model.evidence.threshold import business_cost

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.drift.measures.thresholds import Thresholds
    from core.model.artefacts import ModelInfo
    from core.model.evidence.calibration import ReliabilityBin

# Of each outcome: with fewer, an area under the curve and its error are little more than chance.
fewest_outcomes: Final = 10
_bins: Final = 10
# What a group of rows has to expect of either outcome for Hosmer and Lemeshow's test to hold, and the fewest groups.
_enough_expected: Final = 5.0
_fewest_groups: Final = 2
# Keeps the logarithm of a probability of 0 or 1 finite, as scikit-learn does.
_least: Final = float(np.finfo(np.float64).eps)


def performance(
    target: NDArray[np.float64], probability: NDArray[np.float64], model: ModelInfo
) -> ScorePerformance | None:
    """The performance on the rows whose outcome is known.

    Args:
        target: (n,): 1 default, 0 none, NaN not known.
        probability: (n,), of default.
        model: whose threshold and costs count.

    Returns:
        None where no outcome is known. Where fewer than `fewest_outcomes` of either are, what they were and no more.
    """
    known = ~np.isnan(target)
    defaulted, scores = target[known] == 1, probability[known]
    if not len(defaulted):
        return None
    defaults = int(defaulted.sum())
    fewer = min(defaults, len(defaulted) - defaults)
    if fewer < fewest_outcomes:
        return _too_few(len(scores), defaults, float(scores.mean()))
    rank = area(defaulted, scores)
    low, high = auc_interval(rank.auc, rank.error or 0.0, fewer)
    sure = np.clip(scores, _least, 1 - _least)
    outcomes = defaulted.astype(np.int8)
    tenths = _reliability(defaulted, scores)
    honest = hosmer_lemeshow(tenths)
    return ScorePerformance(
        rows=len(scores),
        defaults=defaults,
        default_rate=float(defaulted.mean()),
        mean_probability=float(scores.mean()),
        auc=rank.auc,
        auc_error=rank.error,
        auc_low=low,
        auc_high=high,
        brier=float(np.mean((scores - defaulted) ** 2)),
        log_loss=float(-np.mean(np.where(defaulted, np.log(sure), np.log1p(-sure)))),
        calibration_error=calibration_error(tenths),
        calibration_error_by_chance=_error_by_chance(tenths),
        calibration_p_value=None if np.isnan(honest) else honest,
        cost=business_cost(outcomes, scores, model.optimal_threshold, model.cost_fn, model.cost_fp),
        reliability=tenths,
        stored=False,
    )


def stored_performance(model: ModelInfo, default_rate: float) -> ScorePerformance:
    """What the model's cross-validation found, for a reference whose rows are not at hand."""
    return ScorePerformance(
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


def _too_few(rows: int, defaults: int, mean_probability: float) -> ScorePerformance:
    return ScorePerformance(
        rows=rows,
        defaults=defaults,
        default_rate=defaults / rows,
        mean_probability=mean_probability,
        auc=None,
        auc_error=None,
        brier=None,
        log_loss=None,
        calibration_error=None,
        calibration_p_value=None,
        cost=None,
        reliability=(),
        stored=False,
    )


def performance_drift(
    reference: ScorePerformance,
    current: ScorePerformance,
    thresholds: Thresholds,
    calibration_p_value: float | None = None,
) -> PerformanceDrift:
    """The change from one performance to the other.

    Args:
        calibration_p_value: as `calibration_change_p_value` finds it where the rows of both sides are known.

    A fall of the AUC counts only where the two-sided test of independent areas is significant, by the larger of two
    standard errors: that of each side as measured (DeLong), which is too small for an area that is large by chance, and
    that of two sides of one area. Of the calibration
    error, what chance alone gives is taken off on both sides, and a rise counts only where the current probabilities
    are dishonest beyond chance, and otherwise than those of the reference: with few rows, the error is large by chance
    alone.
    """
    change = None if current.auc is None or reference.auc is None else current.auc - reference.auc
    p_value = None
    if change is not None and current.auc_error is not None:
        error = max(
            float(np.hypot(current.auc_error, reference.auc_error or 0.0)), _error_of_no_change(reference, current)
        )
        p_value = normal_two_sided(change / error) if error else float(change == 0)
    sure = p_value is not None and p_value <= thresholds.significance
    dishonest = None
    if reference.calibration_error is not None and current.calibration_error is not None:
        dishonest = _beyond_chance(current) - _beyond_chance(reference)
    # Cross-validation found the stored one honest: there a change is that the current one is not.
    changed = current.calibration_p_value if reference.stored else calibration_p_value
    tests = (current.calibration_p_value, changed)
    surely_dishonest = all(test is not None and test <= thresholds.significance for test in tests)
    return PerformanceDrift(
        reference=reference,
        current=current,
        auc_change=change,
        auc_p_value=p_value,
        calibration_change=dishonest,
        auc_level=thresholds.auc_drop.level(-change) if sure and change is not None else "stable",
        calibration_level=thresholds.calibration_rise.level(dishonest) if surely_dishonest else "stable",
        calibration_p_value=changed,
    )


def calibration_change_p_value(
    reference: tuple[NDArray[np.float64], NDArray[np.float64]], current: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> float | None:
    """The probability of gaps between predicted and observed rates that differ as much from one side to the other,
    where both have the same gap, which need not be none.

    The rows of both sides in tenths by their probability, neighbours put together until each side expects five of
    either outcome; chi-squared with a degree of freedom for each group, each gap with the variance of the rate that the
    common gap leads to.

    Args:
        reference, current: outcomes (n,) with NaN where not known, and probabilities (n,).

    Returns:
        None where that leaves a single group: too few to tell.
    """
    sides = [
        (target[~np.isnan(target)], probability[~np.isnan(target)]) for target, probability in (reference, current)
    ]
    edges = np.unique(np.quantile(np.concatenate([scores for _, scores in sides]), np.linspace(0, 1, _bins + 1)[1:-1]))
    rows, predicted, observed = (
        np.array([np.bincount(np.searchsorted(edges, scores), weights, len(edges) + 1) for scores, weights in parts])
        for parts in (
            [(scores, np.ones_like(scores)) for _, scores in sides],
            [(scores, scores) for _, scores in sides],
            [(scores, target) for target, scores in sides],
        )
    )
    starts = _enough_in_each(*predicted, *(rows - predicted))
    if len(starts) < _fewest_groups:
        return None
    rows, predicted, observed = (np.add.reduceat(part, starts, axis=1) for part in (rows, predicted, observed))
    gap = (observed - predicted).sum(axis=0) / rows.sum(axis=0)
    rate = np.clip(predicted / rows + gap, 1 / rows, 1 - 1 / rows)
    difference = np.diff((observed - predicted) / rows, axis=0)[0]
    variance = (rate * (1 - rate) / rows).sum(axis=0)
    return chi_squared_tail(len(starts), float((difference**2 / variance).sum()))


def _error_of_no_change(*sides: ScorePerformance) -> float:
    """The standard error of the difference of two areas where both are samples of one.

    Source: Hanley and McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC) curve"
    (Radiology 143, 1982).
    """
    bad = np.array([side.rows * side.default_rate for side in sides])
    good = np.array([side.rows for side in sides]) - bad
    auc = float(np.average([side.auc or 0.0 for side in sides], weights=bad))
    both_bad, both_good = auc / (2 - auc) - auc**2, 2 * auc**2 / (1 + auc) - auc**2
    variances = (auc * (1 - auc) + (bad - 1) * both_bad + (good - 1) * both_good) / (bad * good)
    return float(np.sqrt(variances.sum()))


def _reliability(defaulted: NDArray[np.bool_], scores: NDArray[np.float64]) -> tuple[ReliabilityBin, ...]:
    """The tenths of Hosmer and Lemeshow: as many rows in each, in the order of their probabilities."""
    return reliability(defaulted, scores, _bins)


def hosmer_lemeshow(tenths: tuple[ReliabilityBin, ...]) -> float:
    """The p-value of the test that predicted and observed rates agree, on rows that the model was not fitted to.

    Neighbouring tenths are put together until each group expects five of either outcome: with less, a single default
    makes the statistic large. NaN, too few to tell, where that leaves a single group.

    Source: Hosmer and Lemeshow, "Applied Logistic Regression" (2nd ed., Wiley 2000), section 5.2.2; for what a cell has
    to expect, Cochran, "Some methods for strengthening the common chi-squared tests" (Biometrics 10, 1954).
    """
    rows, predicted, observed = (
        np.array([getattr(tenth, name) for tenth in tenths], dtype=np.float64)
        for name in ("rows", "predicted", "observed")
    )
    starts = _enough_in_each(rows * predicted, rows * (1 - predicted))
    if len(starts) < _fewest_groups:
        return float("nan")
    expected, defaults, variance = (
        np.add.reduceat(part, starts)
        for part in (rows * predicted, rows * observed, rows * predicted * (1 - predicted))
    )
    return chi_squared_tail(len(starts), float(((defaults - expected) ** 2 / np.maximum(variance, _least)).sum()))


def _enough_in_each(*expected: NDArray[np.float64]) -> list[int]:
    """Where each group of neighbouring parts begins, so that each expects enough of everything; none where not all
    parts together do.
    """
    starts, held = [0], np.zeros(len(expected))
    for place, part in enumerate(np.array(expected).T):
        if held.min() >= _enough_expected:
            starts.append(place)
            held = np.zeros(len(expected))
        held = held + part
    if held.min() < _enough_expected:
        # The last group goes to the one before it.
        starts.pop()
    return starts


def _error_by_chance(tenths: tuple[ReliabilityBin, ...]) -> float:
    """The expected calibration error of honest probabilities: of each tenth the mean deviation of its observed rate,
    that of a normal distribution of the same variance.
    """
    rows, predicted = (np.array([getattr(tenth, name) for tenth in tenths]) for name in ("rows", "predicted"))
    deviations = np.sqrt(2 / np.pi * predicted * (1 - predicted) / rows)
    return float((rows * deviations).sum() / rows.sum())


def _beyond_chance(of: ScorePerformance) -> float:
    return max((of.calibration_error or 0.0) - (of.calibration_error_by_chance or 0.0), 0.0)
