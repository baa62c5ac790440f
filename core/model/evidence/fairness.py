"""Fairness between two groups: how often each is accepted, whether the good are, and whether predictions hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core.catalogue.ages import age_band, age_band_of, age_bands
from core.model.evidence.intervals import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

samples: Final = 500
# Income and credit in fifths: those who are compared within them earn and ask for much the same.
_parts: Final = 5
# Fewer clients than this say nothing of a group.
min_rows: Final = 100


@dataclass(frozen=True, slots=True)
class GroupComparison:
    """The decisions on one group against those on all others of its dimension, with 95 % bootstrap intervals.

    Attributes:
        dimension: `CODE_GENDER` or `age_band`.
        group, against: who is compared, such as `M` with `F`, `< 30` with `>= 30`.
        n_rows: of the group, and of those it is compared with.
        adverse_impact: acceptance rate of the group over that of the others (the "four-fifths" ratio of 29 CFR
            1607.4(D)).
        equal_opportunity: the same among those who repaid (Hardt, Price and Srebro, NeurIPS 2016), as a ratio.
        conditional: the acceptance rate of the group over what it would be were it accepted as the others are who
            fall in the same fifths of income and credit.
        calibration: observed defaults of the group over predicted ones; 1 where predictions hold.
        calibration_of_others: the same of those it is compared with.
    """

    dimension: str
    group: str
    against: str
    n_rows: tuple[int, int]
    adverse_impact: Interval
    equal_opportunity: Interval
    conditional: Interval
    calibration: Interval
    calibration_of_others: Interval


def compare_groups(
    applications: pl.DataFrame, target: NDArray[np.int8], probability: NDArray[np.float64], threshold: float
) -> tuple[GroupComparison, ...]:
    """Compares men with women, and clients under 30 with all others; a comparison with too few clients is left out.

    Args:
        applications: the rows decided on, with `CODE_GENDER`, `DAYS_BIRTH`, `AMT_INCOME_TOTAL` and `AMT_CREDIT`.
        target, probability: (n,), in the order of the rows.
        threshold: probability from which an application is refused.
    """
    ages = age_band_of(applications["DAYS_BIRTH"])
    gender = applications["CODE_GENDER"]
    young, youngest = (ages == age_bands[0]), age_bands[0]
    pairs = (
        ("CODE_GENDER", "M", "F", gender == "M", gender == "F"),
        (age_band, youngest, youngest.replace("<", ">="), young, ~young),
    )
    strata = _strata(applications)
    comparisons = []
    for dimension, group, against, first, second in pairs:
        inside = first.fill_null(value=False).to_numpy()
        outside = second.fill_null(value=False).to_numpy()
        if min(inside.sum(), outside.sum()) >= min_rows:
            kept = inside | outside
            table = _counts(inside[kept], strata[kept], target[kept], probability[kept], threshold)
            comparisons.append(_comparison(dimension, (group, against), table))
    return tuple(comparisons)


@dataclass(frozen=True, slots=True)
class _Counts:
    """Rows, by group (0 the others, 1 the group), stratum, refusal and outcome; with the mean probability of each."""

    rows: NDArray[np.float64]
    predicted: NDArray[np.float64]


def _strata(applications: pl.DataFrame) -> NDArray[np.int64]:
    """The cell of each client in fifths of income and credit; what is not known is a part of its own."""
    places = [_part(applications[name].cast(pl.Float64)) for name in ("AMT_INCOME_TOTAL", "AMT_CREDIT")]
    return places[0] * (_parts + 1) + places[1]


def _part(values: pl.Series) -> NDArray[np.int64]:
    numbers = values.fill_null(np.nan).to_numpy()
    known = numbers[~np.isnan(numbers)]
    if not known.size:
        return np.full(len(numbers), _parts)
    bounds = np.quantile(known, np.linspace(0, 1, _parts + 1)[1:-1])
    return np.where(np.isnan(numbers), _parts, np.searchsorted(bounds, numbers, side="right"))


def _counts(
    inside: NDArray[np.bool_],
    strata: NDArray[np.int64],
    target: NDArray[np.int8],
    probability: NDArray[np.float64],
    threshold: float,
) -> _Counts:
    shape = (2, (_parts + 1) ** 2, 2, 2)
    places = np.ravel_multi_index(
        (inside.astype(np.int64), strata, (probability >= threshold).astype(np.int64), target.astype(np.int64)), shape
    )
    size = int(np.prod(shape))
    rows = np.bincount(places, minlength=size).astype(np.float64)
    total = np.bincount(places, probability, minlength=size)
    return _Counts(rows.reshape(shape), (total / np.maximum(rows, 1)).reshape(shape))


def _comparison(dimension: str, names: tuple[str, str], table: _Counts) -> GroupComparison:
    exact = _statistics(table.rows[None], table.predicted)
    rng = np.random.default_rng(0)
    total = int(table.rows.sum())
    # How often each cell comes up is the bootstrap of the rows, without copying any.
    drawn = rng.multinomial(total, table.rows.ravel() / total, samples).reshape(samples, *table.rows.shape)
    spread = _statistics(drawn.astype(np.float64), table.predicted)
    intervals = {name: _interval(float(exact[name][0]), spread[name]) for name in exact}
    others, own = table.rows.sum(axis=(1, 2, 3))
    group, against = names
    return GroupComparison(dimension, group, against, (int(own), int(others)), **intervals)


def _statistics(rows: NDArray[np.float64], predicted: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Each ratio for each table of (n_tables, group, stratum, refused, outcome)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        by_group = rows.sum(axis=(2, 4))
        accepted = by_group[:, :, 0] / by_group.sum(axis=2)
        good = rows[..., 0].sum(axis=2)
        good_accepted = good[:, :, 0] / good.sum(axis=2)
        by_stratum = rows.sum(axis=4)
        size = by_stratum.sum(axis=3)
        rates = by_stratum[..., 0] / size
        # Only strata that hold both: of the others nobody can say how the group would have fared.
        shared = (size > 0).all(axis=1)
        weight = np.where(shared, size[:, 1], 0.0)
        own = (weight * np.nan_to_num(rates[:, 1])).sum(axis=1)
        as_others = (weight * np.nan_to_num(rates[:, 0])).sum(axis=1)
        observed = rows[..., 1].sum(axis=(2, 3))
        expected = (rows * predicted).sum(axis=(2, 3, 4))
        ratio = observed / expected
        return {
            "adverse_impact": accepted[:, 1] / accepted[:, 0],
            "equal_opportunity": good_accepted[:, 1] / good_accepted[:, 0],
            "conditional": own / as_others,
            "calibration": ratio[:, 1],
            "calibration_of_others": ratio[:, 0],
        }


def _interval(estimate: float, drawn: NDArray[np.float64]) -> Interval:
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return Interval(estimate, float(low), float(high))
