"""What a recalibration does: calibration before and after, on outcomes that neither model nor adjustment has seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import expit
from scipy.stats import binomtest, chi2, norm

from core.model.evidence.auc import auc
from core.model.evidence.calibration import expected_calibration_error
from core.model.evidence.intervals import Interval
from core.model.recalibration.adjustment import Adjustment, cross_fitted, fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from core.model.recalibration.adjustment import Segmentation

# Chance alone calls an honest model dishonest once in twenty times; what is then changed is small.
_significance: Final = 0.05
_beyond: Final = float(norm.ppf(0.975))


@dataclass(frozen=True, slots=True)
class Calibration:
    """How predictions hold on rows with outcomes.

    Attributes:
        slope: of the outcomes on the log-odds (Cox, 1958), with its 95 % interval: above 1 the predictions are too
            timid at both ends, below 1 too bold.
        mean_predicted: to be held against the default rate.
        calibration_error: the expected calibration error over ten bins.
    """

    slope: Interval
    mean_predicted: float
    calibration_error: float
    log_loss: float
    auc: float


@dataclass(frozen=True, slots=True)
class SegmentCalibration:
    """Observed defaults over predicted ones in one segment, with 95 % intervals (Wilson); 1 where predictions hold.

    Attributes:
        feature, label: which.
        offset: what the adjustment adds to its log-odds, beside level and slope.
        before, after: None where nobody is in the segment.
    """

    feature: str
    label: str
    n_rows: int
    n_defaults: int
    offset: float
    before: Interval | None
    after: Interval | None


@dataclass(frozen=True, slots=True)
class Recalibration:
    """A recalibration, and whether it was taken.

    Attributes:
        origin: `demo` or `real`: whose outcomes they are.
        n_rows, n_defaults: outcomes it was fitted on.
        intercept, slope: of the adjustment.
        p_value: of a model without fault, by the likelihood ratio of the adjustment against none.
        log_loss_gain: how much lower the mean log loss is after it, with a 95 % interval; cross-fitted.
        taken: whether the fault is more than chance (`p_value` under 5 %), and the log loss is lower after it.
        before: the model as it was.
        after: the model with adjustments that were each fitted without the rows that they are judged on.
    """

    origin: str
    n_rows: int
    n_defaults: int
    intercept: float
    slope: float
    p_value: float
    log_loss_gain: Interval
    taken: bool
    before: Calibration
    after: Calibration
    segments: tuple[SegmentCalibration, ...]


@dataclass(frozen=True, slots=True)
class Fitted:
    """An adjustment, what it does, and the probabilities by which that was measured.

    Attributes:
        probability: float64 (n_rows,), cross-fitted where the adjustment is taken, else the model's own.
    """

    adjustment: Adjustment
    evidence: Recalibration
    probability: NDArray[np.float64]


def fit_and_measure(
    log_odds: NDArray[np.float64], target: NDArray[np.int8], segments: Sequence[Segmentation], origin: str
) -> Fitted:
    """Fits an adjustment, and measures what it does.

    Args:
        log_odds: float64 (n_rows,), of a model that was not trained on these rows.
        target: (n_rows,), 1 where the client defaulted.
        segments: of the rows, as `core.model.recalibration.adjustment.segmentations` makes them.
        origin: `demo` or `real`.

    Raises:
        TooFewOutcomes: where there are too few to fit anything.
    """
    adjustment = fit(log_odds, target, segments)
    adjusted = cross_fitted(log_odds, target, segments)
    gains = _losses(log_odds, target) - _losses(adjusted, target)
    spread = _beyond * float(gains.std(ddof=1)) / np.sqrt(len(gains))
    gain = Interval(float(gains.mean()), float(gains.mean() - spread), float(gains.mean() + spread))
    ratio = 2 * float((_losses(log_odds, target) - _losses(adjustment.adjusted(log_odds, segments), target)).sum())
    p_value = float(chi2.sf(max(ratio, 0.0), adjustment.freedom))
    taken = p_value < _significance and gain.estimate > 0 and adjustment.slope > 0
    evidence = Recalibration(
        origin=origin,
        n_rows=len(target),
        n_defaults=int((target == 1).sum()),
        intercept=adjustment.intercept,
        slope=adjustment.slope,
        p_value=p_value,
        log_loss_gain=gain,
        taken=taken,
        before=_calibration(log_odds, target),
        after=_calibration(adjusted, target),
        segments=tuple(_by_segment(log_odds, adjusted, target, segments, adjustment)),
    )
    return Fitted(adjustment, evidence, expit(adjusted if taken else log_odds))


def _losses(log_odds: NDArray[np.float64], target: NDArray[np.int8]) -> NDArray[np.float64]:
    """The log loss of each row."""
    losses: NDArray[np.float64] = np.logaddexp(0, log_odds) - target * log_odds
    return losses


def _calibration(log_odds: NDArray[np.float64], target: NDArray[np.int8]) -> Calibration:
    probability = expit(log_odds)
    line = fit(log_odds, target, ())
    chance = expit(line.adjusted(log_odds, ()))
    design = np.column_stack([np.ones(len(target)), log_odds])
    information = design.T @ (design * (chance * (1 - chance))[:, None])
    spread = _beyond * float(np.sqrt(np.linalg.inv(information)[1, 1]))
    return Calibration(
        slope=Interval(line.slope, line.slope - spread, line.slope + spread),
        mean_predicted=float(probability.mean()),
        calibration_error=expected_calibration_error(target, probability),
        log_loss=float(_losses(log_odds, target).mean()),
        auc=auc(target, probability),
    )


def _by_segment(
    log_odds: NDArray[np.float64],
    adjusted: NDArray[np.float64],
    target: NDArray[np.int8],
    segments: Sequence[Segmentation],
    adjustment: Adjustment,
) -> list[SegmentCalibration]:
    parts = []
    for segmentation in segments:
        offsets = adjustment.offsets[segmentation.feature]
        for place, (label, offset) in enumerate(zip(segmentation.labels, offsets, strict=True)):
            rows = segmentation.places == place
            outcomes = target[rows]
            parts.append(
                SegmentCalibration(
                    feature=segmentation.feature,
                    label=label,
                    n_rows=len(outcomes),
                    n_defaults=int((outcomes == 1).sum()),
                    offset=offset,
                    before=_observed_to_predicted(outcomes, expit(log_odds[rows])),
                    after=_observed_to_predicted(outcomes, expit(adjusted[rows])),
                )
            )
    return parts


def _observed_to_predicted(target: NDArray[np.int8], probability: NDArray[np.float64]) -> Interval | None:
    if not len(target):
        return None
    observed = binomtest(int((target == 1).sum()), len(target))
    interval = observed.proportion_ci(method="wilson")
    predicted = float(probability.mean())
    return Interval(observed.statistic / predicted, float(interval.low) / predicted, float(interval.high) / predicted)
