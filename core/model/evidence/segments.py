"""The model by segment: does it rank, decide and stay honest alike for everybody?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from core.catalogue.ages import age_band, age_band_of
from core.model.evidence.auc import auc
from core.model.evidence.calibration import expected_calibration_error

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Fewer clients or defaults than this say nothing of a segment.
min_rows: Final = 100
min_defaults: Final = 10

dimensions: Final = ("NAME_CONTRACT_TYPE", "NAME_INCOME_TYPE", age_band, "CODE_GENDER")


@dataclass(frozen=True, slots=True)
class Segment:
    """The decisions on one segment.

    Attributes:
        dimension: the column it is cut by; `age_band` in completed years.
        value: which part, e.g. `Cash loans`, `30-39`.
        auc: None where the segment holds too few defaults.
        mean_probability: against `default_rate`, whether the segment is judged too hard or too lightly.
        approval_rate: share accepted.
        false_refusal_rate: share refused among those who repaid.
    """

    dimension: str
    value: str
    n_rows: int
    default_rate: float
    mean_probability: float
    calibration_error: float
    auc: float | None
    approval_rate: float
    false_refusal_rate: float


def by_segment(
    applications: pl.DataFrame, target: NDArray[np.int8], probability: NDArray[np.float64], threshold: float
) -> tuple[Segment, ...]:
    """Evaluates predictions by contract type, income type, age band and gender.

    Args:
        applications: the rows predicted, with the columns of `dimensions` (age from `DAYS_BIRTH`).
        target, probability: (n,), in the order of the rows.
        threshold: probability from which an application is refused.
    """
    cut = applications.with_columns(age_band_of(applications["DAYS_BIRTH"])).select(dimensions)
    segments = []
    for dimension in dimensions:
        for value in cut[dimension].drop_nulls().unique().sort().to_list():
            rows = (cut[dimension] == value).fill_null(value=False).to_numpy()
            if rows.sum() >= min_rows:
                segments.append(_segment(dimension, value, target[rows], probability[rows], threshold))
    return tuple(segments)


def _segment(
    dimension: str, value: str, target: NDArray[np.int8], probability: NDArray[np.float64], threshold: float
) -> Segment:
    refused, good = probability >= threshold, target == 0
    defaults = int(target.sum())
    enough = min(defaults, len(target) - defaults) >= min_defaults
    return Segment(
        dimension=dimension,
        value=value,
        n_rows=len(target),
        default_rate=float(target.mean()),
        mean_probability=float(probability.mean()),
        calibration_error=expected_calibration_error(target, probability),
        auc=auc(target, probability) if enough else None,
        approval_rate=float((~refused).mean()),
        false_refusal_rate=float(refused[good].mean()) if good.any() else 0.0,
    )
