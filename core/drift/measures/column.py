"""Drift of one column between two sets of rows: numbers sorted once, codes counted once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core.drift.measures.bins import CategoryBins, ColumnBins, NumberBins, category_bins, number_bins
from core.drift.measures.distributions import EmpiricalDistribution, Gap
from core.drift.measures.statistics import (
    bins_p_value,
    chi_squared,
    jensen_shannon,
    kolmogorov_smirnov_is_exact,
    kolmogorov_smirnov_p_value,
    psi_by_bin,
    psi_by_chance,
    share_p_value,
    shares,
    total_variation,
    two_proportions,
)
from core.drift.results.columns import (
    BinShift,
    ColumnDrift,
    MissingShift,
    NumberShift,
    PairedHistogram,
    QuantileShift,
    Significance,
)
from core.reference.binning import left_closed, readable_edges, well_filled
from core.reference.microaggregation import microaggregated
from core.reference.profiles import CategoryProfile, NumberProfile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from core.drift.measures.statistics import PValue

# Which quantiles a report shows; whole percentiles, as those of a profile are.
shown_quantiles: Final = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class NumberRows:
    """A column of numbers, as its rows have it.

    Attributes:
        distribution: of the numbers proper.
        specials: rows with each special value.
        missing: rows without a number; NaN and infinity are none.
    """

    distribution: EmpiricalDistribution
    specials: tuple[int, ...]
    missing: int

    @classmethod
    def of(cls, values: pl.Series, specials: Sequence[float] = ()) -> NumberRows:
        """The column of a frame; `specials` are the values that stand for something else."""
        numbers = values.drop_nulls().to_numpy()
        if values.dtype.is_float():
            numbers = numbers[np.isfinite(numbers)]
        distribution, counts = EmpiricalDistribution.of(numbers), []
        for special in specials:
            distribution, count = distribution.without(special)
            counts.append(count)
        return cls(distribution, tuple(counts), len(values) - len(numbers))

    @cached_property
    def ascending(self) -> NDArray[np.float64]:
        """The numbers proper, sorted."""
        return self.distribution.expanded()

    @cached_property
    def aggregated(self) -> NDArray[np.float64]:
        """Numbers that are nobody's own in their place."""
        return microaggregated(self.ascending)

    def counts(self, bins: NumberBins) -> list[int]:
        """Rows in each of the bins; their specials must be those of the rows."""
        return [*self.distribution.counts_between(bins.edges).tolist(), *self.specials, self.missing]


@dataclass(frozen=True, slots=True)
class CategoryRows:
    """A column of codes, as its rows have it: rows with each code, and rows without."""

    codes: Mapping[str, int]
    missing: int

    @classmethod
    def of(cls, values: pl.Series) -> CategoryRows:
        """The column of a frame; flags have the codes `0` and `1`."""
        plain = (values.cast(pl.Int8) if values.dtype == pl.Boolean else values).drop_nulls()
        if plain.dtype == pl.Int8:
            # Counted by themselves: flags are every third column of an application.
            of_bytes = np.bincount(plain.to_numpy().view(np.uint8), minlength=256)
            present = np.flatnonzero(of_bytes)
            codes, counts = present.astype(np.int8).tolist(), of_bytes[present].tolist()
        else:
            codes, counts = (column.to_list() for column in plain.value_counts().get_columns())
        return cls(dict(zip(map(str, codes), counts, strict=True)), values.null_count())

    def counts(self, bins: CategoryBins) -> list[int]:
        """Rows in each of the bins."""
        named = [self.codes.get(code, 0) for code in bins.codes]
        return [*named, sum(self.codes.values()) - sum(named), self.missing]


ReferenceNumbers = NumberRows | NumberProfile
ReferenceCodes = CategoryRows | CategoryProfile


def compare_numbers(
    name: str, reference: ReferenceNumbers, current: NumberRows, bins: NumberBins | None = None
) -> ColumnDrift:
    """Compares a column of numbers.

    Args:
        name: of the column.
        reference: its rows, or their profile.
        current: its rows.
        bins: by default the deciles of the reference; with a profile, only its own bins will do.

    Returns:
        The column with its level `stable`, without an importance, and with p-values that are not corrected yet:
        `core.drift.verdict` does that when all columns are known.
    """
    if isinstance(reference, NumberProfile):
        bins = NumberBins(reference.psi_edges, tuple(special.value for special in reference.specials))
        before = [*reference.psi_counts, *(special.count for special in reference.specials), reference.missing]
        numbers = _profiled_numbers(reference, current)
    else:
        bins = bins or number_bins(reference.ascending, reference.aggregated)
        before = reference.counts(bins)
        numbers = _numbers(reference, current)
    return _compared(name, "number", bins, before, current.counts(bins), numbers)


def compare_codes(
    name: str, reference: ReferenceCodes, current: CategoryRows, bins: CategoryBins | None = None
) -> ColumnDrift:
    """Compares a column of codes; arguments and answer as for `compare_numbers`."""
    if isinstance(reference, CategoryProfile):
        bins = CategoryBins(tuple(code.code for code in reference.codes))
        before = [*(code.count for code in reference.codes), reference.rare, reference.missing]
    else:
        bins = bins or category_bins(reference.codes)
        before = reference.counts(bins)
    return _compared(name, "category", bins, before, current.counts(bins), None)


def _compared(
    name: str,
    kind: str,
    bins: ColumnBins,
    before: list[int],
    after: list[int],
    numbers: NumberShift | None,
) -> ColumnDrift:
    parts, was, now = psi_by_bin(before, after), shares(before), shares(after)
    return ColumnDrift(
        name=name,
        kind="number" if kind == "number" else "category",
        importance=None,
        level="stable",
        reasons=(),
        psi=float(parts.sum()),
        psi_by_chance=psi_by_chance(int(np.count_nonzero(np.add(before, after))), sum(before), sum(after)),
        jensen_shannon=jensen_shannon(before, after),
        total_variation=min(total_variation(before, after), 1.0),
        chi_squared=_uncorrected(chi_squared(before, after).statistic, bins_p_value(before, after)),
        missing=_missing(before, after),
        numbers=numbers,
        bins=tuple(
            BinShift(bin_.kind, bin_.low, bin_.high, bin_.code, float(was[at]), float(now[at]), float(parts[at]))
            for at, bin_ in enumerate(bins.bins)
        ),
    )


def _numbers(reference: NumberRows, current: NumberRows) -> NumberShift | None:
    before, after = reference.distribution, current.distribution
    if not before.rows or not after.rows:
        return None
    gap = Gap.between(before, after)
    distance = gap.wasserstein
    return NumberShift(
        kolmogorov_smirnov=_kolmogorov_smirnov(gap.kolmogorov_smirnov, before.rows, after.rows),
        wasserstein=_finite(distance),
        wasserstein_scaled=_scaled(distance, before.deviation),
        reference_mean=before.mean,
        current_mean=after.mean,
        quantiles=_quantiles(before.quantiles(shown_quantiles), after),
        histogram=_histogram(reference, current),
    )


def _profiled_numbers(reference: NumberProfile, current: NumberRows) -> NumberShift | None:
    after = current.distribution
    if not reference.count or not after.rows:
        return None
    upto = np.cumsum(reference.psi_counts)[:-1] / reference.count
    gaps = np.abs(np.cumsum(after.counts_between(reference.psi_edges))[:-1] / after.rows - upto)
    distance: float | None = None
    quantiles: tuple[QuantileShift, ...] = ()
    if reference.quantiles:
        grid = np.linspace(0, 1, len(reference.quantiles))
        apart = np.abs(np.array(after.quantiles(grid.tolist())) - np.array(reference.quantiles))
        distance = float(np.trapezoid(apart, grid))
        at = [round(quantile * (len(grid) - 1)) for quantile in shown_quantiles]
        quantiles = _quantiles([reference.quantiles[index] for index in at], after)
    edges = np.array(reference.histogram.edges)
    return NumberShift(
        kolmogorov_smirnov=_kolmogorov_smirnov(float(gaps.max(initial=0.0)), reference.count, after.rows),
        wasserstein=_finite(distance),
        wasserstein_scaled=_scaled(distance, reference.std),
        reference_mean=reference.mean,
        current_mean=after.mean,
        quantiles=quantiles,
        histogram=_drawn(edges, reference.histogram.counts, left_closed(current.ascending, edges).tolist()),
    )


def _kolmogorov_smirnov(statistic: float, before: int, after: int) -> Significance:
    p_value = kolmogorov_smirnov_p_value(statistic, before, after)
    return Significance(statistic, p_value, p_value, kolmogorov_smirnov_is_exact(before, after))


def _missing(before: list[int], after: list[int]) -> MissingShift:
    counts = before[-1], sum(before), after[-1], sum(after)
    test = _uncorrected(two_proportions(*counts).statistic, share_p_value(*counts))
    return MissingShift(counts[0] / counts[1], counts[2] / counts[3], test)


def _uncorrected(statistic: float, p_value: PValue) -> Significance:
    return Significance(statistic, p_value.p_value, p_value.p_value, p_value.exact)


def _scaled(distance: float | None, deviation: float | None) -> float | None:
    return None if distance is None or not deviation else _finite(distance / deviation)


def _finite(number: float | None) -> float | None:
    """What JSON can say: a difference of the largest numbers there are is beyond them."""
    return number if number is not None and np.isfinite(number) else None


def _quantiles(reference: Sequence[float], current: EmpiricalDistribution) -> tuple[QuantileShift, ...]:
    after = current.quantiles(shown_quantiles)
    return tuple(
        QuantileShift(share, was, now) for share, was, now in zip(shown_quantiles, reference, after, strict=True)
    )


def _histogram(reference: NumberRows, current: NumberRows) -> PairedHistogram | None:
    edges = well_filled(readable_edges(reference.aggregated, reference.ascending), reference.ascending)
    before, after = (left_closed(side.ascending, edges).tolist() for side in (reference, current))
    return _drawn(edges, before, after)


def _drawn(edges: NDArray[np.float64], before: Sequence[int], after: Sequence[int]) -> PairedHistogram | None:
    if not len(edges):
        return None
    return PairedHistogram(tuple(edges.tolist()), tuple(shares(before).tolist()), tuple(shares(after).tolist()))
