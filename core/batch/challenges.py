"""Challenges of a batch: what a challenger in shadow says of its rows. They are for the record, and in no result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

ChallengeState = Literal["scored", "failed", "loading", "same"]
"""What became of asking a challenger; same: it is the model in use, and was not asked."""

challenges_schema: Final = {
    "challenger_version": pl.String(),
    "challenger_probability": pl.Float64(),
    "challenger_threshold": pl.Float64(),
}


@dataclass(frozen=True, slots=True)
class Challenges:
    """What became of asking a challenger of the rows of a batch.

    Attributes:
        state: of all of them: they are asked together.
        rows: a row for each, by `challenges_schema`, named as `core.audit.tables.PredictionRow` has them; none where
            they were not scored.
    """

    state: ChallengeState
    rows: pl.DataFrame

    @classmethod
    def none(cls, state: ChallengeState) -> Challenges:
        """Of rows that were not scored, and why."""
        return cls(state, pl.DataFrame(schema=challenges_schema))

    @classmethod
    def scored(cls, version: str, probabilities: Sequence[float] | NDArray[np.float64], threshold: float) -> Challenges:
        """Of rows that were.

        Args:
            version: of the challenger.
            probabilities: of default, a row each.
            threshold: from which it would have refused.
        """
        rows = pl.DataFrame({"challenger_probability": probabilities}).with_columns(
            challenger_version=pl.lit(version), challenger_threshold=pl.lit(threshold)
        )
        return cls("scored", rows.select(pl.col(name).cast(kind) for name, kind in challenges_schema.items()))
