"""Counts that are moved on: of some decisions, what was counted is taken off, and what counts now is added."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

_measures: Final = ("rows", "defaults", "probability", "amount_lost", "amounts")
# Of a sum of all, in sums of parts that were added up in another order.
_rounding: Final = 1e-11


def changed(counted: pl.DataFrame, then: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Counts, with some decisions as they are now and no longer as they were; sorted by cell.

    Sums of probabilities and amounts may differ in their last digits from sums that were made at once.

    Args:
        counted: of all decisions, as they were.
        then, now: of some of them, as they were and as they are; of the same columns, `rows` among them.
    """
    if not then.height and not now.height:
        return counted
    return _summed(pl.concat([counted, _negative(then), now])).filter(pl.col("rows") > 0).sort("cell")


def are_same(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    """Whether two counts are of the same decisions: their sums differ in their last digits at most, in every cell."""
    both, apart = pl.concat([one, other]), _summed(pl.concat([one, _negative(other)]))
    for name in (name for name in _measures if name in apart.columns):
        is_sum = apart[name].dtype == pl.Float64
        # What a cell knows nothing of is null, and what is no number is the same as nothing.
        size = np.nansum(np.abs(both[name].to_numpy())) if is_sum else 0.0
        if not (np.abs(apart[name].to_numpy()) <= _rounding * size).all():
            return False
    return True


def _summed(parts: pl.DataFrame) -> pl.DataFrame:
    keys = [name for name in parts.columns if name not in _measures]
    return parts.group_by(keys).agg(pl.col(name).sum() for name in parts.columns if name in _measures)


def _negative(counts: pl.DataFrame) -> pl.DataFrame:
    return counts.with_columns(-pl.col(name) for name in counts.columns if name in _measures)
