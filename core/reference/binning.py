"""Binning of a column of numbers: bins that can be read, and tenths that can be compared."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING, Final

import numpy as np

from core.reference.profiles import fewest, max_bins

if TYPE_CHECKING:
    from numpy.typing import NDArray

_steps: Final = (1, 2, 5)
# How much wider than the middle 98 % of the rows the bins may reach, before far values are put into the outer bins.
_reach: Final = 1.5


def readable_edges(aggregated: NDArray[np.float64], numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Edges at multiples of 1, 2 or 5 times a power of ten, for at most `max_bins` bins; whole where the numbers are.

    Args:
        aggregated: ascending, as `core.reference.microaggregation.microaggregated` gives them for `numbers`.

    Returns:
        Ascending; empty where `aggregated` is.
    """
    if not len(aggregated):
        return np.empty(0)
    low, high = _range(aggregated)
    size = max(abs(low), abs(high))
    exponent = 0 if size == 0 else floor(log10(size)) - 5
    if (numbers == np.rint(numbers)).all():
        exponent = max(exponent, 0)
    if high > low:
        exponent = max(exponent, floor(log10((high - low) / max_bins)))
    while True:
        for step in _steps:
            start = _multiple(low, step, exponent)
            bins = _multiple(high, step, exponent) - start + 1
            if bins <= max_bins:
                return _scaled(np.arange(start, start + bins + 1, dtype=np.float64) * step, exponent)
        exponent += 1


def well_filled(edges: NDArray[np.float64], ascending: NDArray[np.float64]) -> NDArray[np.float64]:
    """The edges without those that cut off fewer than `fewest` numbers; an empty bin may stay.

    Args:
        edges: ascending, of bins as in `left_closed`.
        ascending: the sorted numbers that are counted.
    """
    return _joined(edges, left_closed(ascending, edges))


def left_closed(ascending: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.intp]:
    """How many numbers lie between each edge and the next, the lower one included; the outer bins are open outwards.

    Args:
        ascending: sorted numbers.
        edges: ascending, one more than there are bins, or none.
    """
    if not len(edges):
        return np.empty(0, dtype=np.intp)
    return _gaps(np.searchsorted(ascending, edges[1:-1], side="left"), len(ascending))


def decile_edges(aggregated: NDArray[np.float64], ascending: NDArray[np.float64]) -> NDArray[np.float64]:
    """The distinct deciles, as bounds of bins as in `right_closed`, none of which holds fewer than `fewest` numbers.

    A bound above which no number lies is left out; but where all numbers are the same, there is a bound at it and one
    just below, so that lower numbers are told from it as readily as higher ones.

    Args:
        aggregated: ascending, as `core.reference.microaggregation.microaggregated` gives them for `ascending`.
        ascending: the sorted numbers that are counted.
    """
    if not len(aggregated):
        return np.empty(0)
    ranks = np.rint(np.linspace(0, len(aggregated) - 1, 11)[1:-1]).astype(np.intp)
    edges = np.unique(aggregated[ranks])
    if ascending[0] == ascending[-1]:
        return np.array([np.nextafter(edges[0], -np.inf), edges[0]])
    bounds = np.r_[-np.inf, edges[edges < ascending[-1]], np.inf]
    return _joined(bounds, right_closed(ascending, bounds[1:-1]))[1:-1]


def right_closed(ascending: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.intp]:
    """How many numbers lie up to the first edge, between each and the next, the upper one included, and above the last.

    Args:
        ascending: sorted numbers.
        edges: ascending.
    """
    return _gaps(np.searchsorted(ascending, edges, side="right"), len(ascending))


def _gaps(places: NDArray[np.intp], total: int) -> NDArray[np.intp]:
    return np.diff(places, prepend=0, append=total).astype(np.intp)


def _joined(edges: NDArray[np.float64], counts: NDArray[np.intp]) -> NDArray[np.float64]:
    """The edges left when each bin of a few numbers is joined to the emptier of its neighbours."""
    bounds, held = edges.tolist(), counts.tolist()
    while len(held) > 1:
        place = next((place for place, count in enumerate(held) if 0 < count < fewest), None)
        if place is None:
            break
        left = place > 0 and (place == len(held) - 1 or held[place - 1] <= held[place + 1])
        into = place - 1 if left else place
        held[into : into + 2] = [held[into] + held[into + 1]]
        del bounds[into + 1]
    return np.array(bounds)


def _range(aggregated: NDArray[np.float64]) -> tuple[float, float]:
    """What the bins are to span: all numbers where that is not much more than most of them take, else these."""
    low, high = (float(bound) for bound in _middle(aggregated))
    if low == high:
        # Nearly all share one number: what is to be seen is how the others lie.
        others = aggregated[aggregated != low]
        if not len(others):
            return low, high
        around = _middle(others)
        low, high = min(low, float(around[0])), max(high, float(around[1]))
    least, most = float(aggregated[0]), float(aggregated[-1])
    return (least, most) if most - least <= _reach * (high - low) else (low, high)


def _middle(ascending: NDArray[np.float64]) -> NDArray[np.float64]:
    """The 1st and the 99th percentile."""
    percentiles: NDArray[np.float64] = ascending[np.rint(np.array([0.01, 0.99]) * (len(ascending) - 1)).astype(np.intp)]
    return percentiles


def _multiple(number: float, step: int, exponent: int) -> int:
    return floor(float(_scaled(np.float64(number), -exponent)) / step)


def _scaled(numbers: NDArray[np.float64] | np.float64, exponent: int) -> NDArray[np.float64]:
    # Dividing by a whole power of ten, rather than multiplying by a fraction, gives the shortest decimals.
    scaled: NDArray[np.float64] = np.asarray(
        numbers * 10.0**exponent if exponent >= 0 else numbers / 10.0**-exponent, dtype=np.float64
    )
    return scaled
