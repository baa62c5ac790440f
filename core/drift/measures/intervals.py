"""95 % intervals of a share and of an area under the ROC curve, for figures of few rows."""

from __future__ import annotations

from typing import Final

import numpy as np

# Of the normal distribution: 2.5 % lie above.
_z: Final = 1.959963984540054
_outside: Final = 0.025


def share_interval(share: float, rows: int) -> tuple[float, float]:
    """The 95 % interval of a share, 0 to 1.

    Args:
        share: as counted.
        rows: that were counted, at least one.

    Source: Wilson, "Probable inference, the law of succession, and statistical inference" (JASA 22, 1927).
    """
    weight = _z**2 / rows
    middle = (share + weight / 2) / (1 + weight)
    reach = np.sqrt(share * (1 - share) * weight + weight**2 / 4) / (1 + weight)
    return float(max(middle - reach, 0.0)), float(min(middle + reach, 1.0))


def auc_interval(auc: float, error: float, fewer: int) -> tuple[float, float]:
    """The 95 % interval of an area under the ROC curve, 0 to 1, which the logit keeps inside of these.

    Where the scores part the outcomes without fault, and the standard error is nothing, so many independent pairs would
    all have been in order with a probability of 2.5 % at the lower end.

    Args:
        auc: as measured.
        error: its standard error.
        fewer: rows with the rarer outcome.

    Source: Pepe, "The Statistical Evaluation of Medical Tests for Classification and Prediction" (Oxford, 2003),
    section 5.2.
    """
    if not error or not 0 < auc < 1:
        far = _outside ** (1 / fewer)
        return (far, 1.0) if auc > 0.5 else (0.0, 1 - far)
    middle, reach = np.log(auc / (1 - auc)), _z * error / (auc * (1 - auc))
    return float(1 / (1 + np.exp(reach - middle))), float(1 / (1 + np.exp(-reach - middle)))
