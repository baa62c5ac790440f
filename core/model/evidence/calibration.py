"""How honest predicted probabilities are; without scikit-learn, which the services do not carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def expected_calibration_error(target: NDArray[np.int8], probability: NDArray[np.float64], bins: int = 10) -> float:
    """The mean gap between predicted and observed default rate over equally filled bins, weighted by their size.

    Source: Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning" (AAAI
    2015), with quantile bins, because default probabilities crowd near zero.
    """
    parts = np.array_split(np.argsort(probability, kind="stable"), bins)
    defaulted = np.asarray(target, dtype=np.float64)
    gaps = [len(part) * abs(defaulted[part].mean() - probability[part].mean()) for part in parts if len(part)]
    return float(sum(gaps) / len(probability))
