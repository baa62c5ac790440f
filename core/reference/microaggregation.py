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


def microaggregated(ascending: NDArray[np.float64]) -> NDArray[np.float64]:
    """Numbers that are nobody's own in the place of sorted ones.

    Args:
        ascending: (n,), finite.

    Returns:
        (n,), ascending; empty where no number is shared and there are too few for three groups.
    """
    if not len(ascending):
        return np.empty(0)
    first = np.r_[0, np.flatnonzero(np.diff(ascending)) + 1]
    sizes = np.diff(np.r_[first, len(ascending)])
    shared = np.repeat(sizes >= fewest, sizes)
    lone = ascending[~shared]
    if not len(lone):
        return ascending
    numbers = ascending.copy()
    groups = len(lone) // fewest
    if groups >= _min_groups:
        starts = np.arange(groups) * fewest
        lengths = np.diff(np.r_[starts, len(lone)])
        means = np.add.reduceat(lone, starts) / lengths
        means[0], means[-1] = means[1], means[-2]
        numbers[~shared] = np.repeat(_rounded(means), lengths)
    else:
        atoms = ascending[first[sizes >= fewest]]
        if not len(atoms):
            return np.empty(0)
        numbers[~shared] = atoms[np.abs(lone[:, None] - atoms[None, :]).argmin(axis=1)]
    numbers.sort()
    return numbers


def _rounded(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """To `_digits` significant digits."""
    sizes = np.abs(numbers)
    exponents = np.floor(np.log10(np.where(sizes > 0, sizes, 1.0)))
    # Dividing by a power of ten rather than multiplying by its inverse gives the shortest decimals.
    places = (_digits - 1 - exponents).clip(-300, 300)
    up, down = 10.0 ** places.clip(min=0), 10.0 ** (-places).clip(min=0)
    return np.asarray(np.rint(numbers * up / down) * down / up)
