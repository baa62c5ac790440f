"""Calibration: how honest predicted probabilities are; without scikit-learn, which the services do not carry."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

import numpy as np
from pydantic import ConfigDict, Field, PositiveInt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Of a training's out-of-fold predictions, which are many, in the model card and its figure.
shown_bins: Final = 20

_Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Rows of neighbouring probabilities: how many, the mean predicted, the share that defaulted."""

    # Drift reports are read back from JSON with it.
    __pydantic_config__: ClassVar = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    rows: PositiveInt
    predicted: _Share
    observed: _Share


def reliability(
    target: NDArray[np.generic], probability: NDArray[np.float64], bins: int = 10
) -> tuple[ReliabilityBin, ...]:
    """Predicted against observed default rates, over equally filled bins.

    Args:
        target: (n,), 1 or True where the client defaulted.
        probability: float64 (n,), 0 to 1.
        bins: how many; fewer where there are fewer rows.

    Returns:
        By ascending probability; equally filled as far as equal probabilities allow, because default probabilities
        crowd near zero. Rows of one probability share a bin, so that their order, which in a file may be that of the
        outcomes, counts for nothing.
    """
    if not len(probability):
        return ()
    order = np.argsort(probability, kind="stable")
    scores, defaulted = probability[order], np.asarray(target, dtype=np.float64)[order]
    cuts = bin_ends(np.flatnonzero(np.r_[np.diff(scores) > 0, True]) + 1, bins)
    return tuple(
        ReliabilityBin(high - low, float(scores[low:high].mean()), float(defaulted[low:high].mean()))
        for low, high in pairwise((0, *cuts))
    )


def bin_ends(ends: NDArray[np.int64], bins: int) -> list[int]:
    """Where equally filled bins end that part no rows of one probability.

    Args:
        ends: ascending, the number of rows up to and with each distinct probability; one at least.
        bins: how many; fewer come of it where there are fewer probabilities, or where many rows share one.

    Returns:
        The number of rows up to the end of each bin, ascending: of the ends the nearest to where
        `numpy.array_split` parts as many rows, without ties the very same.
    """
    total = int(ends[-1])
    wanted = np.cumsum(total // bins + (np.arange(bins) < total % bins))
    above = np.searchsorted(ends, wanted)
    high, low = ends[above], np.r_[0, ends][above]
    return [int(end) for end in np.unique(np.where(high - wanted <= wanted - low, high, low)) if end]


def calibration_error(bins: Sequence[ReliabilityBin]) -> float:
    """The expected calibration error: the mean gap between predicted and observed default rates, weighted by rows.

    Source: Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning" (AAAI
    2015), with bins of equally many rows.
    """
    return sum(part.rows * abs(part.observed - part.predicted) for part in bins) / sum(part.rows for part in bins)


def expected_calibration_error(target: NDArray[np.generic], probability: NDArray[np.float64]) -> float:
    """The `calibration_error` over ten bins; see `reliability` for the arguments."""
    return calibration_error(reliability(target, probability))
