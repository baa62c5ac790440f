"""The bins in which two sets of rows are compared: taken from a profile, or from the reference rows themselves."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from core.reference.binning import decile_edges
from core.reference.profiles import Bin, CategoryProfile, fewest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from core.reference.profiles import ColumnProfile


@dataclass(frozen=True, slots=True)
class NumberBins:
    """Bins of numbers: up to the first edge, between each and the next (the upper one included), above the last.

    Attributes:
        edges: ascending, distinct.
        specials: values that stand for something else, such as 365243 days employed; each is a bin of its own.
    """

    edges: tuple[float, ...]
    specials: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not np.isfinite([*self.edges, *self.specials]).all() or any(a >= b for a, b in pairwise(self.edges)):
            raise ValueError("edges: expected finite numbers, ascending, each once")

    @property
    def bins(self) -> tuple[Bin, ...]:
        """The bins in order: intervals, special values, missing."""
        bounds = (None, *self.edges, None)
        intervals = (Bin("interval", low, high, None, 0.0) for low, high in pairwise(bounds))
        specials = (Bin("special", None, special, None, 0.0) for special in self.specials)
        return (*intervals, *specials, Bin("missing", None, None, None, 0.0))


@dataclass(frozen=True, slots=True)
class CategoryBins:
    """Bins of codes: each of those named, one for all others, one for missing."""

    codes: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(set(self.codes)) < len(self.codes):
            raise ValueError("codes: expected each code once")

    @property
    def bins(self) -> tuple[Bin, ...]:
        """The bins in order: codes, unseen, missing."""
        codes = (Bin("code", None, None, code, 0.0) for code in self.codes)
        return (*codes, Bin("unseen", None, None, None, 0.0), Bin("missing", None, None, None, 0.0))


ColumnBins = NumberBins | CategoryBins


def frozen_bins(profile: ColumnProfile) -> ColumnBins:
    """The bins that were frozen in the profile of a column."""
    if isinstance(profile, CategoryProfile):
        return CategoryBins(tuple(code.code for code in profile.codes))
    return NumberBins(profile.psi_edges, tuple(special.value for special in profile.specials))


def number_bins(
    ascending: NDArray[np.float64], aggregated: NDArray[np.float64], specials: tuple[float, ...] = ()
) -> NumberBins:
    """The deciles of the reference's numbers, as a profile of the same rows would freeze them.

    A bin holds at least `profiles.fewest` rows, and its bounds are nobody's own number.

    Args:
        ascending: the sorted numbers proper.
        aggregated: as `core.reference.microaggregation.microaggregated` gives it for them.
        specials: values that stand for something else; not among the numbers.
    """
    return NumberBins(tuple(decile_edges(aggregated, ascending).tolist()), specials)


def category_bins(reference: Mapping[str, int]) -> CategoryBins:
    """The codes that at least `profiles.fewest` rows of the reference have, by how many rows have each."""
    kept = [code for code, count in reference.items() if count >= fewest]
    return CategoryBins(tuple(sorted(kept, key=lambda code: (-reference[code], code))))
