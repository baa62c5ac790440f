"""The precision that an exported model computes in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

Precision = Literal["double", "single"]

dtypes: Final[Mapping[Precision, type[np.floating]]] = {"double": np.float64, "single": np.float32}
tolerances: Final[Mapping[Precision, float]] = {"double": 1e-6, "single": 1e-5}
"""Of probabilities, on rows of that precision: what differs by more is no rounding, and is not exported."""


max_share_differing: Final = 0.01
"""Of the clients compared: where rounding turns the decision of more of them, single precision is not exported."""


def rounded(matrix: NDArray[np.float64], precision: Precision) -> NDArray[np.float64]:
    """Rows as a runtime of that precision sees them; a value beyond single precision is infinite there."""
    if precision == "double":
        return matrix
    with np.errstate(over="ignore"):
        return matrix.astype(np.float32).astype(np.float64)
