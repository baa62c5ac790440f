"""The decisions that an exported file gives itself, held against its own probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.model.export.forest import NotExportable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def with_decisions(probabilities: NDArray[np.float64], refused: ArrayLike, threshold: float) -> NDArray[np.float64]:
    """The probabilities, where the decisions beside them are the same as of a probability against the threshold.

    Args:
        probabilities: of default, (n,); one that is no number differs from ours in any case, and is left out here.
        refused: (n,), 1 or 0 as the file says; any other number is no decision.
        threshold: a probability from which an application is refused.

    Raises:
        NotExportable: where a decision is another one.
    """
    said = np.asarray(refused)
    wrong = int((~np.isnan(probabilities) & (said != (probabilities >= threshold))).sum())
    if wrong:
        raise NotExportable(
            f"the output `refused` of the file is not its probability against the threshold {threshold!r} in"
            f" {wrong:,} of {len(probabilities):,} rows. Nothing was written"
        )
    return probabilities
