"""Calibration: how honest predicted probabilities are; without scikit-learn, which the services do not carry."""

from __future__ import annotations

from dataclasses import dataclass
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
        By ascending probability; equally filled, because default probabilities crowd near zero.
    """
    defaulted = np.asarray(target, dtype=np.float64)
    parts = np.array_split(np.argsort(probability, kind="stable"), bins)
    return tuple(
        ReliabilityBin(len(part), float(probability[part].mean()), float(defaulted[part].mean()))
        for part in parts
        if len(part)
    )


def calibration_error(bins: Sequence[ReliabilityBin]) -> float:
    """The expected calibration error: the mean gap between predicted and observed default rates, weighted by rows.

    Source: Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning" (AAAI
    2015), with bins of equally many rows.
    """
    return sum(part.rows * abs(part.observed - part.predicted) for part in bins) / sum(part.rows for part in bins)


def expected_calibration_error(target: NDArray[np.generic], probability: NDArray[np.float64]) -> float:
    """The `calibration_error` over ten bins; see `reliability` for the arguments."""
    return calibration_error(reliability(target, probability))
