"""Decisions on many probabilities at once, by the rules of `core.decision.Decision`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from core.decision import accepted, refused, risk_bands

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

decisions_schema: Final = {
    "probability": pl.Float64(),
    "prediction": pl.Int8(),
    "decision": pl.String(),
    "risk_category": pl.String(),
    "threshold": pl.Float64(),
}


def decide(probabilities: NDArray[np.float64], threshold: float) -> pl.DataFrame:
    """The decision on each probability.

    Args:
        probabilities: (n,), each 0 to 1.
        threshold: probability from which an application is refused, 0 to 1.

    Returns:
        A row a probability, with the columns of `decisions_schema`.
    """
    probability = pl.col("probability")
    band = pl.lit(risk_bands[-1][1])
    for multiple, name in reversed(risk_bands[:-1]):
        band = pl.when(probability < multiple * threshold).then(pl.lit(name)).otherwise(band)
    reached = probability >= threshold
    return pl.DataFrame({"probability": probabilities}).with_columns(
        prediction=reached.cast(pl.Int8),
        decision=pl.when(reached).then(pl.lit(refused)).otherwise(pl.lit(accepted)),
        risk_category=band,
        threshold=pl.lit(threshold, pl.Float64),
    )
