"""Gower's distance from one application to the clients on hand, variable by variable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.comparison.comparison_columns import axis, values_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from core.comparison.comparison_columns import ComparisonColumns
    from core.decision import Value


@dataclass(frozen=True, slots=True)
class GowerDistance:
    """How far each client is from an application.

    Attributes:
        names: the variables that were compared: those of which the application has a value.
        apart: float64 (n_clients, n_names), the distance in each variable, 0 to 1.
        total: float64 (n_clients,), the mean over the variables, 0 to 1; NaN where none was compared. Rounded to 12
            decimals, so that clients who are equally far are not told apart by the last bit of a sum.
    """

    names: tuple[str, ...]
    apart: NDArray[np.float64]
    total: NDArray[np.float64]


def gower(population: ComparisonColumns, applicant: Mapping[str, Value], names: Sequence[str]) -> GowerDistance:
    """Gower's distance, 1 - S, where S is the mean of the similarities in each variable, all of the same weight.

    A category is at 0 where it is the same and at 1 where it is another. A number is at the share of the clients who
    lie between the two values, half of those at either: its difference in percentile ranks, whose range is 1, since the
    range of an amount is that of its one largest value.

    A variable of which the application has no value is left out, as Gower leaves out what cannot be compared. A client
    without a value where the application has one is at 1: left out, who is hardly known would be near everybody.

    Args:
        population: the clients, among whom ranks are counted.
        applicant: the application's raw columns and history features by name.
        names: variables, of `core.comparison.comparison_columns.axes()`.

    Raises:
        catalogue.UnknownEntry: for a name that clients are not compared by.

    References:
        J. C. Gower, "A General Coefficient of Similarity and Some of Its Properties", Biometrics 27 (1971) 857-871.
        Ranks in it: J. Podani, "Extending Gower's general coefficient of similarity to ordinal characters", Taxon 48
        (1999) 331-340.
    """
    own = values_of(applicant, tuple(names))
    known = tuple(name for name in names if not np.isnan(own[name]))
    apart = np.empty((population.size, len(known)))
    for place, name in enumerate(known):
        apart[:, place] = (
            _categories(population, name, own[name])
            if axis(name).categorical
            else _numbers(population, name, own[name])
        )
    total = apart.mean(axis=1).round(12) if known else np.full(population.size, np.nan)
    return GowerDistance(known, apart, total)


def _categories(population: ComparisonColumns, name: str, own: float) -> NDArray[np.float64]:
    is_another: NDArray[np.bool_] = population.column(name) != own
    return is_another.astype(np.float64)


def _numbers(population: ComparisonColumns, name: str, own: float) -> NDArray[np.float64]:
    ranked = population.ranked(name)
    apart = np.ones(population.size)
    if len(ranked.values):
        apart[ranked.order] = np.abs(_ranks(ranked.values, ranked.values) - _ranks(ranked.values, np.array([own])))
    return apart


def _ranks(ascending: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of the known values below each, equal ones counting half."""
    below = np.searchsorted(ascending, values, side="left") + np.searchsorted(ascending, values, side="right")
    shares: NDArray[np.float64] = below / (2 * len(ascending))
    return shares
