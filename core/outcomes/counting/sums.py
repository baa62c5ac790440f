"""Counts that are moved on: of some decisions, what was counted is taken off, and what counts now is added."""

from __future__ import annotations

from typing import Final

import polars as pl

_measures: Final = ("rows", "defaults", "probability", "amount_lost", "amounts")


def changed(counted: pl.DataFrame, then: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Counts, with some decisions as they are now and no longer as they were; sorted by cell.

    Sums of probabilities and amounts may differ in their last digits from sums that were made at once.

    Args:
        counted: of all decisions, as they were.
        then, now: of some of them, as they were and as they are; of the same columns, `rows` among them.
    """
    if not then.height and not now.height:
        return counted
    measures = [name for name in counted.columns if name in _measures]
    keys = [name for name in counted.columns if name not in _measures]
    parts = pl.concat([counted, then.with_columns(-pl.col(name) for name in measures), now])
    return parts.group_by(keys).agg(pl.col(measures).sum()).filter(pl.col("rows") > 0).sort("cell")
