"""Drift of the score by segment: type of contract, type of income, age band."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from core.catalogue.ages import age_band, age_band_of, age_bands
from core.drift.measures.column import NumberRows
from core.drift.measures.statistics import benjamini_hochberg, bins_p_value, psi
from core.drift.results.scores import SegmentDrift

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.drift.measures.bins import NumberBins
    from core.drift.measures.thresholds import Thresholds

dimensions: Final = ("NAME_CONTRACT_TYPE", age_band, "NAME_INCOME_TYPE")
# A side with fewer rows than this says nothing of a segment.
min_rows: Final = 100


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
    segments: list[SegmentDrift] = []
    p_values: list[float] = []
    for dimension in dimensions:
        cuts = [_cut(frame, dimension) for frame, _ in (reference, current)]
        if cuts[0] is None or cuts[1] is None:
            continue
        values = pl.concat([cut.drop_nulls() for cut in cuts if cut is not None]).unique().to_list()
        parts = [
            _segment(dimension, value, (cuts[0] == value, reference[1]), (cuts[1] == value, current[1]), bins)
            for value in values
        ]
        parts.sort(key=lambda part: _order(part[0]))
        segments += [part for part, _ in parts]
        p_values += [p_value for _, p_value in parts]
    corrected = benjamini_hochberg(p_values)
    return tuple(
        SegmentDrift(
            segment.dimension,
            segment.value,
            segment.reference_rows,
            segment.current_rows,
            segment.reference_share,
            segment.current_share,
            segment.reference_mean,
            segment.current_mean,
            segment.psi,
            thresholds.score_psi.level(segment.psi if p_value <= thresholds.significance else None),
        )
        for segment, p_value in zip(segments, corrected, strict=True)
    )


def _order(segment: SegmentDrift) -> tuple[int, str]:
    if segment.dimension == age_band:
        return age_bands.index(segment.value), ""
    return -segment.reference_rows, segment.value


def _cut(frame: pl.DataFrame, dimension: str) -> pl.Series | None:
    """The segment of each row; None where the column is not there."""
    if dimension != age_band:
        return frame[dimension].cast(pl.String) if dimension in frame.columns else None
    return age_band_of(frame["DAYS_BIRTH"]) if "DAYS_BIRTH" in frame.columns else None


def _segment(
    dimension: str,
    value: str,
    reference: tuple[pl.Series, NDArray[np.float64]],
    current: tuple[pl.Series, NDArray[np.float64]],
    bins: NumberBins,
) -> tuple[SegmentDrift, float]:
    """The segment, not yet judged, and the p-value by which it is."""
    scores = [probability[chosen.fill_null(value=False).to_numpy()] for chosen, probability in (reference, current)]
    before, after = (len(score) for score in scores)
    index, p_value = None, 1.0
    if min(before, after) >= min_rows:
        was, now = (NumberRows.of(pl.Series(score)).counts(bins) for score in scores)
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
