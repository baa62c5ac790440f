"""Which clients moved: the score within each type of contract and of income, and in each age band."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core.drift.measures.column import NumberRows
from core.drift.measures.statistics import benjamini_hochberg, bins_p_value, psi
from core.drift.results import SegmentDrift, age_band

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.drift.measures.bins import NumberBins
    from core.drift.measures.thresholds import Thresholds

dimensions: Final = ("NAME_CONTRACT_TYPE", age_band, "NAME_INCOME_TYPE")
# Completed years at which an age band begins.
age_bounds: Final = (30, 40, 50, 60)
# A side with fewer rows than this says nothing of a segment.
least_rows: Final = 100

_bands: Final = (
    f"< {age_bounds[0]}",
    *(f"{low}-{high - 1}" for low, high in pairwise(age_bounds)),
    f">= {age_bounds[-1]}",
)


def segment_drift(
    reference: tuple[pl.DataFrame, NDArray[np.float64]],
    current: tuple[pl.DataFrame, NDArray[np.float64]],
    bins: NumberBins,
    thresholds: Thresholds,
) -> tuple[SegmentDrift, ...]:
    """Compares the probability of default within each segment that either side has.

    Args:
        reference, current: typed applications, and the probability of each row.
        bins: those of the probability over the whole reference.
        thresholds: `score_psi` counts, where the chi-squared test is significant after correction.

    Returns:
        By dimension, the largest segment of the reference first, age bands ascending; dimensions that a side lacks are
        left out.
    """
    found: list[SegmentDrift] = []
    p_values: list[float] = []
    for dimension in dimensions:
        cuts = [_cut(frame, dimension) for frame, _ in (reference, current)]
        if cuts[0] is None or cuts[1] is None:
            continue
        values = pl.concat([each.drop_nulls() for each in cuts if each is not None]).unique().to_list()
        parts = [
            _segment(dimension, value, (cuts[0] == value, reference[1]), (cuts[1] == value, current[1]), bins)
            for value in values
        ]
        parts.sort(key=lambda each: _order(each[0]))
        found += [part for part, _ in parts]
        p_values += [p_value for _, p_value in parts]
    corrected = benjamini_hochberg(p_values)
    return tuple(
        SegmentDrift(
            each.dimension,
            each.value,
            each.reference_rows,
            each.current_rows,
            each.reference_share,
            each.current_share,
            each.reference_mean,
            each.current_mean,
            each.psi,
            thresholds.score_psi.level(each.psi if p_value <= thresholds.significance else None),
        )
        for each, p_value in zip(found, corrected, strict=True)
    )


def _order(segment: SegmentDrift) -> tuple[int, str]:
    if segment.dimension == age_band:
        return _bands.index(segment.value), ""
    return -segment.reference_rows, segment.value


def _cut(frame: pl.DataFrame, dimension: str) -> pl.Series | None:
    """The segment of each row; None where the column is not there."""
    if dimension != age_band:
        return frame[dimension].cast(pl.String) if dimension in frame.columns else None
    if "DAYS_BIRTH" not in frame.columns:
        return None
    years = (-frame["DAYS_BIRTH"].cast(pl.Float64) / 365.25).fill_null(np.nan).to_numpy()
    # NaN sorts last, after infinity, and has no label.
    places = np.searchsorted(np.array([*age_bounds, np.inf]), years, side="right")
    return pl.Series(age_band, np.array([*_bands, None])[places].tolist(), dtype=pl.String)


def _segment(
    dimension: str,
    value: str,
    reference: tuple[pl.Series, NDArray[np.float64]],
    current: tuple[pl.Series, NDArray[np.float64]],
    bins: NumberBins,
) -> tuple[SegmentDrift, float]:
    """The segment, not yet judged, and the p-value by which it is."""
    scores = [probability[chosen.fill_null(value=False).to_numpy()] for chosen, probability in (reference, current)]
    before, after = (len(each) for each in scores)
    index, p_value = None, 1.0
    if min(before, after) >= least_rows:
        was, now = (NumberRows.of(pl.Series(each)).counts(bins) for each in scores)
        index, p_value = psi(was, now), bins_p_value(was, now).p_value
    return (
        SegmentDrift(
            dimension=dimension,
            value=value,
            reference_rows=before,
            current_rows=after,
            reference_share=before / len(reference[1]),
            current_share=after / len(current[1]),
            reference_mean=float(scores[0].mean()) if before else None,
            current_mean=float(scores[1].mean()) if after else None,
            psi=index,
            level="stable",
        ),
        p_value,
    )
