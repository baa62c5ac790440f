"""Microaggregation: numbers replaced by ones that are nobody's own, so that quantiles and bounds can be shown.

The rule: a number that at least `core.reference.profiles.fewest` rows share stays. The others are put, in their order,
into groups of as many; each takes the mean of its group, rounded. The lowest and the highest group take the mean of the
next one in, so that nobody's extreme income shows through a mean it dominates. Fewer than three groups are none: such
numbers take the nearest that is shared.

Source: microaggregation (Domingo-Ferrer & Mateo-Sanz, "Practical data-oriented microaggregation for statistical
disclosure control", IEEE TKDE 14, 2002) with top and bottom coding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core.reference.profiles import fewest

if TYPE_CHECKING:
    from numpy.typing import NDArray

_min_groups: Final = 3
# Significant digits of a mean.
_digits: Final = 6
_powers_of_ten: Final = 10.0 ** np.arange(301)


def microaggregated(ascending: NDArray[np.float64]) -> NDArray[np.float64]:
    """Numbers that are nobody's own in the place of sorted ones.

    Args:
        ascending: (n,), finite.

    Returns:
        (n,), ascending; empty where no number is shared and there are too few for three groups.
    """
    if not len(ascending):
        return np.empty(0)
    first = np.flatnonzero(np.r_[True, ascending[1:] != ascending[:-1]])
    sizes = np.diff(first, append=len(ascending))
    kept = sizes >= fewest
    atoms, counts = ascending[first[kept]], sizes[kept]
    lone = np.repeat(ascending[first[~kept]], sizes[~kept])
    if not len(lone):
        return ascending
    groups = len(lone) // fewest
    if groups >= _min_groups:
        starts = np.arange(groups) * fewest
        lengths = np.diff(starts, append=len(lone))
        means = np.add.reduceat(lone, starts) / lengths
        means[0], means[-1] = means[1], means[-2]
        return _in_order(np.r_[atoms, _rounded(means)], np.r_[counts, lengths])
    if not len(atoms):
        return np.empty(0)
    nearest = np.abs(lone[:, None] - atoms[None, :]).argmin(axis=1)
    return np.repeat(atoms, counts + np.bincount(nearest, minlength=len(atoms)))


def _in_order(values: NDArray[np.float64], counts: NDArray[np.intp]) -> NDArray[np.float64]:
    """Each value as often as it counts, in ascending order."""
    order = np.argsort(values, kind="stable")
    return np.repeat(values[order], counts[order])


def _rounded(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """To `_digits` significant digits."""
    sizes = np.abs(numbers)
    exponents = np.floor(np.log10(np.where(sizes > 0, sizes, 1.0)))
    # Dividing by a power of ten rather than multiplying by its inverse gives the shortest decimals.
    places = (_digits - 1 - exponents).clip(-300, 300).astype(np.intp)
    up, down = _powers_of_ten[places.clip(min=0)], _powers_of_ten[(-places).clip(min=0)]
    return np.asarray(np.rint(numbers * up / down) * down / up)
