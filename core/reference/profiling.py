"""Profiling: rows summed up column by column into a reference profile, in which no row can be found again.

Quantiles and bounds are taken from microaggregated numbers (`core.reference.microaggregation`). A bin holds no row, or
at least `core.reference.profiles.fewest`; a code that fewer have is not named; numbers by decision are left out where
fewer rows were accepted, or fewer refused, since the one would follow from the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import polars as pl

from core import catalogue
from core.catalogue import Column
from core.features import application_features, history_names
from core.features.assembly import with_all_columns
from core.model.evidence.threshold import mean_cost
from core.reference.binning import decile_edges, left_closed, readable_edges, right_closed, well_filled
from core.reference.microaggregation import microaggregated
from core.reference.profiles import (
    CategoryProfile,
    CodeCount,
    ColumnProfile,
    Histogram,
    NumberProfile,
    NumberSpread,
    Special,
    fewest,
    percentiles,
)
from core.reference.reference_profile import Cutoff, Meaning, ReferenceProfile, probability_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

_cutoff_steps: Final = 200


def profile(
    applications: pl.DataFrame,
    probabilities: NDArray[np.float64],
    threshold: float,
    *,
    origin: Literal["demo", "real"],
    cost_fn: float,
    cost_fp: float,
) -> ReferenceProfile:
    """The reference profile of typed applications.

    Args:
        applications: any subset of the application columns, typed by `catalogue.polars_schema`, and of the history
            features; what is absent is profiled as missing. Defaults are known where `TARGET` is there and complete.
        probabilities: float64 (n_rows,), the probability of default of each row; for training rows, out of fold.
        threshold: a row counts as refused where its probability reaches it.
        cost_fn, cost_fp: cost of an accepted default, of a refused good client.

    Raises:
        ValueError: where there is no row, or not one probability a row.
    """
    if applications.height == 0 or len(probabilities) != applications.height:
        raise ValueError("applications, probabilities: expected the same length, at least 1")
    rows = _RowOutcomes(probabilities < threshold, _target(applications))
    frame = with_all_columns(applications)
    columns: dict[str, ColumnProfile] = {}
    for column in profiled_columns():
        values = frame[column.name]
        if column.type in ("category", "flag"):
            columns[column.name] = _category(column, values, rows)
        else:
            columns[column.name] = _number(column.name, _floats(values), rows, column.sentinel)
    for name, expression in application_features().items():
        columns[name] = _number(name, _floats(frame.select(expression.alias(name))[name]), rows)
    for name in history_names():
        columns[name] = _number(name, _floats(frame[name]), rows)
    columns[probability_name] = _number(probability_name, np.asarray(probabilities, dtype=np.float64), rows)
    return ReferenceProfile(
        n_rows=applications.height,
        origin=origin,
        threshold=float(threshold),
        accepted_count=int(rows.accepted.sum()),
        default_rate=None if rows.defaulted is None else float(rows.defaulted.mean()),
        cost_fn=float(cost_fn),
        cost_fp=float(cost_fp),
        cutoffs=_cutoffs(np.asarray(probabilities), rows, threshold, cost_fn, cost_fp),
        columns=columns,
        dictionary={name: _meaning(name) for name in columns if name != probability_name},
    )


def profiled_columns() -> tuple[Column, ...]:
    """The application columns that are profiled: all but the client's number and the outcome."""
    return tuple(column for column in catalogue.columns() if column.type not in ("id", "target"))


@dataclass(frozen=True, slots=True)
class _RowOutcomes:
    """What is known of every row: whether it was accepted, and whether it defaulted (None where not known)."""

    accepted: NDArray[np.bool_]
    defaulted: NDArray[np.bool_] | None

    def tell(self, known: NDArray[np.bool_]) -> bool:
        """Whether enough of the known rows were accepted, and refused, for either to be told from all."""
        accepted = int((known & self.accepted).sum())
        refused = int(known.sum()) - accepted
        return not (0 < accepted < fewest or 0 < refused < fewest)

    def counts(self, chosen: NDArray[np.bool_], *, tell: bool) -> tuple[int, int | None, int | None]:
        """How many rows are chosen, and how many of them were accepted and defaulted."""
        accepted = int((chosen & self.accepted).sum()) if tell else None
        defaults = None if self.defaulted is None else int((chosen & self.defaulted).sum())
        return int(chosen.sum()), accepted, defaults


def _number(name: str, values: NDArray[np.float64], rows: _RowOutcomes, sentinel: float | None = None) -> NumberProfile:
    known = np.isfinite(values)
    specials: tuple[Special, ...] = ()
    if sentinel is not None:
        has_it = values == sentinel
        known &= ~has_it
        count, accepted, defaults = rows.counts(has_it, tell=rows.tell(has_it))
        if count < fewest:
            count, accepted, defaults = 0, accepted and 0, defaults and 0
        specials = (Special(float(sentinel), count, accepted, defaults),)
    numbers = np.sort(values[known])
    tell = rows.tell(known)
    accepted_numbers = np.sort(values[known & rows.accepted]) if tell else None
    refused_numbers = np.sort(values[known & ~rows.accepted]) if tell else None
    aggregated = microaggregated(numbers)
    psi_edges = decile_edges(aggregated, numbers)
    return NumberProfile(
        name=name,
        missing=len(values) - len(numbers) - sum(special.count for special in specials),
        specials=specials,
        spread=_spread(numbers, aggregated),
        accepted=_part(accepted_numbers),
        refused=_part(refused_numbers),
        histogram=_histogram(
            numbers,
            aggregated,
            accepted_numbers,
            None if rows.defaulted is None else np.sort(values[known & rows.defaulted]),
        ),
        psi_edges=tuple(psi_edges.tolist()),
        psi_counts=tuple(right_closed(numbers, psi_edges).tolist()),
    )


def _spread(numbers: NDArray[np.float64], aggregated: NDArray[np.float64]) -> NumberSpread:
    if not len(aggregated):
        return NumberSpread(len(numbers), None, None, ())
    ranks = np.rint(np.linspace(0, len(aggregated) - 1, percentiles)).astype(np.intp)
    # A ratio may be as large as floats go; its square may not.
    unit = 2.0 ** int(np.frexp(np.abs(numbers[[0, -1]]).max())[1])
    scaled = numbers / unit
    mean, deviation = float(scaled.mean() * unit), float(scaled.std(ddof=1) * unit)
    return NumberSpread(len(numbers), mean, deviation, tuple(aggregated[ranks].tolist()))


def _part(numbers: NDArray[np.float64] | None) -> NumberSpread | None:
    return None if numbers is None or not len(numbers) else _spread(numbers, microaggregated(numbers))


def _histogram(
    numbers: NDArray[np.float64],
    aggregated: NDArray[np.float64],
    accepted: NDArray[np.float64] | None,
    defaulted: NDArray[np.float64] | None,
) -> Histogram:
    edges = well_filled(readable_edges(aggregated, numbers), numbers)

    def counts(some: NDArray[np.float64] | None) -> tuple[int, ...] | None:
        return None if some is None else tuple(left_closed(some, edges).tolist())

    return Histogram(tuple(edges.tolist()), counts(numbers) or (), counts(accepted), counts(defaulted))


def _category(column: Column, values: pl.Series, rows: _RowOutcomes) -> CategoryProfile:
    names = ("0", "1") if column.type == "flag" else tuple(code.code for code in column.codes)
    # Columns of a portfolio that lacks them are null, of whatever type.
    codes = values.cast(pl.String).cast(pl.Enum(names), strict=False).to_physical().cast(pl.Int32).fill_null(-1)
    places = codes.to_numpy()
    size = len(names)
    counts = np.bincount(places[places >= 0], minlength=size)
    accepted = np.bincount(places[(places >= 0) & rows.accepted], minlength=size)
    defaults = None if rows.defaulted is None else np.bincount(places[(places >= 0) & rows.defaulted], minlength=size)
    tell = rows.tell(np.ones(len(places), dtype=bool))
    missing = values.null_count()
    kept = [place for place in range(size) if counts[place] >= fewest]
    return CategoryProfile(
        name=column.name,
        missing=missing,
        codes=tuple(
            CodeCount(
                names[place],
                int(counts[place]),
                int(accepted[place]) if tell else None,
                None if defaults is None else int(defaults[place]),
            )
            for place in kept
        ),
        rare=len(values) - missing - int(counts[kept].sum()),
        accepted_rows=int(rows.accepted.sum()) if tell else None,
    )


def _cutoffs(
    probabilities: NDArray[np.float64], rows: _RowOutcomes, threshold: float, cost_fn: float, cost_fp: float
) -> tuple[Cutoff, ...]:
    """Thresholds in readable steps and the one in use, with what each comes to."""
    total = len(probabilities)
    steps = np.arange(_cutoff_steps + 1) / _cutoff_steps
    thresholds = np.unique(np.r_[steps, threshold])
    ascending = np.sort(probabilities)
    accepted = np.searchsorted(ascending, thresholds, side="left")
    if rows.defaulted is None:
        return tuple(
            Cutoff(float(at), float(count / total), None, None, None)
            for at, count in zip(thresholds, accepted, strict=True)
        )
    missed = np.searchsorted(np.sort(probabilities[rows.defaulted]), thresholds, side="left")
    defaults = int(rows.defaulted.sum())
    return tuple(
        Cutoff(
            threshold=float(at),
            accepted_share=float(count / total),
            accepted_default_rate=float(lost / count) if count >= fewest else None,
            refused_default_rate=float((defaults - lost) / (total - count)) if total - count >= fewest else None,
            cost=mean_cost(float(lost), float(total - count - (defaults - lost)), total, cost_fn, cost_fp),
        )
        for at, count, lost in zip(thresholds, accepted, missed, strict=True)
    )


def _target(applications: pl.DataFrame) -> NDArray[np.bool_] | None:
    if "TARGET" not in applications.columns or applications["TARGET"].null_count():
        return None
    defaulted: NDArray[np.bool_] = applications["TARGET"].to_numpy() == 1
    return defaulted


def _floats(values: pl.Series) -> NDArray[np.float64]:
    return values.cast(pl.Float64).to_numpy()


def _meaning(name: str) -> Meaning:
    try:
        entry: catalogue.Entry = catalogue.column(name)
    except catalogue.UnknownEntry:
        entry = catalogue.feature(name)
    return Meaning(entry.table, entry.unit, entry.label_fr, entry.label_en, entry.help_fr, entry.help_en)
