"""The drift of the score: its distribution, its segments, and how good it is where outcomes are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import NonNegativeInt, PositiveInt

from core.drift.measures.measure import Level
from core.drift.results.columns import ColumnDrift, Share, strict
from core.model.evidence.calibration import ReliabilityBin


@dataclass(frozen=True, slots=True)
class SegmentDrift:
    """The score within one segment; a segment may grow without any of its clients being judged otherwise.

    Attributes:
        dimension: the column it is cut by; `age_band` in completed years.
        reference_share, current_share: of all rows.
        reference_mean, current_mean: mean probability of default in the segment.
        psi: of the probability of default in the segment, over the bins of the whole; None where too few rows.
    """

    __pydantic_config__: ClassVar = strict

    dimension: str
    value: str
    reference_rows: NonNegativeInt
    current_rows: NonNegativeInt
    reference_share: Share
    current_share: Share
    reference_mean: Share | None
    current_mean: Share | None
    psi: float | None
    level: Level


@dataclass(frozen=True, slots=True)
class ScoreDrift:
    """The probability of default on both sides.

    Attributes:
        column: the probability as a column of numbers, without an importance; its level goes by `score_psi` alone, and
            counts where either of its tests is significant.
        threshold: from which an application is refused.
        reference_refused, current_refused: share refused.
        segments: within which the score was compared; empty where the rows of a side are not known.
    """

    __pydantic_config__: ClassVar = strict

    column: ColumnDrift
    threshold: Share
    reference_refused: Share
    current_refused: Share
    segments: tuple[SegmentDrift, ...]


@dataclass(frozen=True, slots=True)
class ScorePerformance:
    """How good the probabilities of one side are, on its rows whose outcome is known.

    Attributes:
        defaults: how many of the rows defaulted; None for a model's stored performance.
        auc, auc_error, auc_low, auc_high: with its standard error (DeLong) and its 95 % interval. This and all below is
            None where fewer than `core.drift.performance.fewest_outcomes` defaulted, or did not: too few to
            tell.
        calibration_error: expected, over tenths of the rows.
        calibration_error_by_chance: what it is to be expected to be of honest probabilities, on so many rows.
        calibration_p_value: of Hosmer and Lemeshow's test that the probabilities are honest; small where they are not.
            None where too few defaults are expected for it to hold.
        cost: mean cost per application at the threshold.
        reliability: empty for a model's stored performance.
        stored: whether the numbers are those of the model's cross-validation, not of rows compared here.
    """

    __pydantic_config__: ClassVar = strict

    rows: PositiveInt
    default_rate: Share
    mean_probability: Share | None
    auc: Share | None
    auc_error: float | None
    brier: float | None
    log_loss: float | None
    calibration_error: float | None
    calibration_p_value: Share | None
    cost: float | None
    reliability: tuple[ReliabilityBin, ...]
    stored: bool
    defaults: NonNegativeInt | None = None
    auc_low: Share | None = None
    auc_high: Share | None = None
    calibration_error_by_chance: float | None = None


@dataclass(frozen=True, slots=True)
class PerformanceDrift:
    """Performance of both sides.

    Attributes:
        auc_change: current less reference; None where one is not known.
        auc_p_value: two-sided, of no change; None where a standard error is not known.
        calibration_change: of the calibration error beyond what chance gives, current less reference; None where one is
            not known.
        calibration_p_value: of no change of the calibration; where the rows of the reference are not known, that the
            current probabilities are honest. None where too few defaults are expected to tell.
        auc_level, calibration_level: a fall of the one, a rise of the error of the other, against its limit; stable
            where it is not significant.
    """

    __pydantic_config__: ClassVar = strict

    reference: ScorePerformance
    current: ScorePerformance
    auc_change: float | None
    auc_p_value: Share | None
    calibration_change: float | None
    auc_level: Level
    calibration_level: Level
    calibration_p_value: Share | None = None


@dataclass(frozen=True, slots=True)
class NotComparable:
    """Why the score of two sides says nothing: one has columns that the model uses, and the other has not.

    Attributes:
        columns: those that one side lacks, by name.
        importance: share of the model's gain that rests on them, 0 to 1.
    """

    __pydantic_config__: ClassVar = strict

    columns: tuple[str, ...]
    importance: Share
