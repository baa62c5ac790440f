"""The bounds that decisions without an outcome put on an area under the ROC curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


def auc_bounds(known: pl.DataFrame, hidden: pl.DataFrame) -> tuple[float, float]:
    """The least and the greatest area under the ROC curve that any outcomes of the hidden decisions lead to.

    Where so many of them default, the area is greatest if it is those with the highest scores, and least if it is those
    with the lowest: to exchange two labels so puts more pairs in order. All numbers of defaults count.

    Args:
        known, hidden: cells with `rows`, and `defaults` of those known, of which both outcomes are there.
    """
    size = int(max(known["cell"].max() or 0, hidden["cell"].max() or 0)) + 1  # type: ignore[arg-type]
    bad, good, unknown = (np.zeros(size) for _ in range(3))
    np.add.at(bad, known["cell"].to_numpy(), known["defaults"].to_numpy())
    np.add.at(good, known["cell"].to_numpy(), (known["rows"] - known["defaults"]).to_numpy())
    np.add.at(unknown, hidden["cell"].to_numpy(), hidden["rows"].to_numpy())
    highest = _greatest(bad, good, unknown)
    # Turned round, what is in order is out of order.
    return 1 - _greatest(bad[::-1], good[::-1], unknown[::-1]), highest


def _greatest(bad: NDArray[np.float64], good: NDArray[np.float64], hidden: NDArray[np.float64]) -> float:
    """The greatest area over the numbers of hidden defaults, which are those with the highest scores.

    With k defaults among those of a cell, and all of those above it, the pairs in order are a quadratic in k, and so is
    the number of pairs. Their ratio, the area, is greatest at an end of the cell, or next to where its derivative is 0,
    whose numerator is a quadratic in k too: the cubes cancel.
    """
    bad, good, hidden = bad[::-1], good[::-1], hidden[::-1]
    # From the highest cell on. Before a cell: all that is hidden in higher ones defaults, the rest is good.
    above, total = np.cumsum(hidden) - hidden, hidden.sum()
    bad_above, good_below = np.cumsum(bad) - bad, good.sum() - np.cumsum(good)
    left = total - above - hidden
    as_bad = good_below + left + (good + hidden - 1) / 2
    as_good = bad_above + above + bad / 2
    slope = as_bad - as_good + 0.5
    gained = slope * hidden - hidden**2 / 2
    # Were all of those hidden good.
    of_none = (bad * (good_below + good / 2 + total - above - hidden / 2)).sum()
    pairs = of_none + np.cumsum(gained) - gained
    defaults, others = bad.sum() + above, good.sum() + total - above
    product, more = defaults * others, others - defaults
    roots = _roots(slope - more / 2, 2 * pairs - product, slope * product - pairs * more)
    counts = np.concatenate([np.zeros((1, len(hidden))), hidden[None], np.floor(roots), np.ceil(roots)])
    counts = np.clip(np.nan_to_num(counts), 0, hidden)
    areas = (pairs + slope * counts - counts**2 / 2) / ((defaults + counts) * (others - counts))
    return float(areas.max())


def _roots(
    square: NDArray[np.float64], linear: NDArray[np.float64], constant: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Both roots of each quadratic, (2, n); what is none is not a number."""
    with np.errstate(divide="ignore", invalid="ignore"):
        half = -(linear + np.copysign(np.sqrt(linear**2 - 4 * square * constant), linear)) / 2
        return np.array([half / square, constant / half])
