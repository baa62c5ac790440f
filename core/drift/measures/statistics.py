"""Statistics of drift that banks and data scientists use; every one a pure function.

Counts by bin come from `core.drift.measures.bins`, distributions of numbers from `core.drift.measures.distributions`.
The tests hold each function to scipy, to 1e-9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.drift.measures.kolmogorov import is_of_many, survival
from core.drift.measures.tails import chi_squared_tail, normal_two_sided

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

# The least share that a bin counts with in the PSI, so that an empty one does not make it infinite.
psi_floor: Final = 1e-4
# Rows that a cell of a table has to expect, for the chi-squared test to hold.
enough_expected: Final = 5
# Up to so many pairs of a row of one side and a row of the other, Kolmogorov and Smirnov's p-value is exact: five
# hundred rows a side, or thirty against ten thousand. Beyond, the asymptotic one is right to the second digit, and the
# exact one would take a second or more for a report.
max_exact_pairs: Final = 300_000


@dataclass(frozen=True, slots=True)
class Result:
    """A statistic with the probability of one at least as large where nothing has changed."""

    statistic: float
    p_value: float


@dataclass(frozen=True, slots=True)
class PValue:
    """A p-value; `exact` where the usual test does not hold, and an exact one took its place."""

    p_value: float
    exact: bool


def shares(counts: ArrayLike) -> NDArray[np.float64]:
    """Counts as shares of their total.

    Raises:
        ValueError: where a count is negative or there is no row.
    """
    numbers = np.asarray(counts, dtype=np.float64)
    total = numbers.sum()
    if numbers.ndim != 1 or total <= 0 or (numbers < 0).any():
        raise ValueError("counts: expected numbers of rows by bin, at least one row")
    return np.asarray(numbers / total)


def psi_by_bin(reference: ArrayLike, current: ArrayLike, floor: float = psi_floor) -> NDArray[np.float64]:
    """What each bin adds to the Population Stability Index: (c - r) ln(c / r), with shares of at least `floor`.

    Args:
        reference, current: (n_bins,), rows in each bin.
        floor: the least share that a bin counts with.

    Returns:
        float64 (n_bins,), none negative; it adds up to the PSI (the Jeffreys divergence, in nats).

    Source: Siddiqi, "Credit Risk Scorecards" (Wiley, 2006).
    """
    before, after = np.maximum(shares(reference), floor), np.maximum(shares(current), floor)
    return np.asarray((after - before) * np.log(after / before))


def psi(reference: ArrayLike, current: ArrayLike, floor: float = psi_floor) -> float:
    """The Population Stability Index of counts by bin; see `psi_by_bin`.

    >>> round(psi([100, 100, 100, 100], [40, 80, 120, 160]), 3)
    0.228
    """
    return float(psi_by_bin(reference, current, floor).sum())


def jensen_shannon(reference: ArrayLike, current: ArrayLike) -> float:
    """The Jensen-Shannon distance of counts by bin: the square root of the divergence, in base 2, 0 to 1.

    As `scipy.spatial.distance.jensenshannon(r, c, base=2)`. Source: Endres and Schindelin, "A new metric for
    probability distributions" (IEEE Transactions on Information Theory, 2003).
    """
    before, after = shares(reference), shares(current)
    middle = (before + after) / 2
    divergence = (_entropy_terms(before, middle) + _entropy_terms(after, middle)).sum() / (2 * np.log(2))
    # Rounding may leave it a hair outside.
    return float(np.sqrt(np.clip(divergence, 0, 1)))


def total_variation(reference: ArrayLike, current: ArrayLike) -> float:
    """Half the sum of the absolute differences of the shares: the share of rows that would have to change bins."""
    return float(np.abs(shares(reference) - shares(current)).sum() / 2)


def chi_squared(reference: ArrayLike, current: ArrayLike) -> Result:
    """Pearson's test of homogeneity of counts by bin, without Yates' correction.

    Bins that are empty on both sides do not count. As `scipy.stats.chi2_contingency([r, c], correction=False)`; where
    all rows share one bin nothing can differ, and the p-value is 1.
    """
    table = np.array([reference, current], dtype=np.float64)
    for side in table:
        shares(side)
    table = table[:, table.sum(axis=0) > 0]
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    freedom = table.shape[1] - 1
    return Result(statistic, chi_squared_tail(freedom, statistic) if freedom else 1.0)


def two_proportions(reference_count: int, reference_rows: int, current_count: int, current_rows: int) -> Result:
    """The two-sided test that two shares are the same, with the pooled variance.

    The statistic is z, positive where the share has risen; its square is that of `chi_squared` on the two-by-two table.

    Raises:
        ValueError: where a side has no row, or counts more than its rows.
    """
    if not 0 <= reference_count <= reference_rows or not 0 <= current_count <= current_rows:
        raise ValueError("count: expected 0 to the number of rows")
    if not reference_rows or not current_rows:
        raise ValueError("rows: expected at least one")
    pooled = (reference_count + current_count) / (reference_rows + current_rows)
    variance = pooled * (1 - pooled) * (1 / reference_rows + 1 / current_rows)
    if variance == 0:
        return Result(0.0, 1.0)
    z = (current_count / current_rows - reference_count / reference_rows) / np.sqrt(variance)
    return Result(float(z), normal_two_sided(float(z)))


def bins_p_value(reference: ArrayLike, current: ArrayLike) -> PValue:
    """The probability that counts by bin differ at least as much where nothing has changed, however few rows there are.

    That of `chi_squared` where it holds, which is where every bin expects five rows or more on either side. Else the
    smallest of the bins' own p-values (each bin against all others; Fisher's exact test for bins that expect fewer),
    times the number of bins that hold a row (Bonferroni).

    Source: Cochran, "Some methods for strengthening the common chi-squared tests" (Biometrics 10, 1954); Fisher, "The
    Design of Experiments" (1935).
    """
    table = np.array([reference, current], dtype=np.int64)
    table = table[:, table.sum(axis=0) > 0]
    rows = table.sum(axis=1)
    expected = np.outer(rows, table.sum(axis=0)) / table.sum()
    if expected.min() >= enough_expected or table.shape[1] == 1:
        return PValue(chi_squared(reference, current).p_value, exact=False)
    p_values = (share_p_value(int(was), int(rows[0]), int(now), int(rows[1])).p_value for was, now in table.T)
    return PValue(min(min(p_values) * table.shape[1], 1.0), exact=True)


def share_p_value(reference_count: int, reference_rows: int, current_count: int, current_rows: int) -> PValue:
    """The probability that two shares differ at least as much where nothing has changed, however few rows there are.

    That of `two_proportions` where each of the four cells expects five rows or more, else of Fisher's exact test, as
    `scipy.stats.fisher_exact`.
    """
    test = two_proportions(reference_count, reference_rows, current_count, current_rows)
    both, rows = reference_count + current_count, reference_rows + current_rows
    if min(both, rows - both) * min(reference_rows, current_rows) >= enough_expected * rows or test.statistic == 0:
        return PValue(test.p_value, exact=False)
    return PValue(_fisher(current_count, both, reference_rows, current_rows), exact=True)


def _fisher(current_count: int, both: int, reference_rows: int, current_rows: int) -> float:
    """Fisher's exact test, two-sided: the probability of all splits of the counted rows that are no likelier.

    Args:
        current_count: how many of the rows that count, `both`, are current ones.
    """
    possible = np.arange(max(0, both - reference_rows), min(both, current_rows) + 1)
    # Each by the one before: C(current_rows, k) C(reference_rows, both - k) grows by that much.
    before = possible[:-1].astype(np.float64)
    growth = (current_rows - before) * (both - before) / ((before + 1) * (reference_rows - both + before + 1))
    weights = np.r_[0.0, np.cumsum(np.log(growth))]
    chances = np.exp(weights - weights.max())
    seen = chances[current_count - possible[0]]
    # Splits that are as likely differ by rounding.
    return float(min(chances[chances <= seen * (1 + 1e-7)].sum() / chances.sum(), 1.0))


def kolmogorov_smirnov_p_value(statistic: float, reference_rows: int, current_rows: int) -> float:
    """The probability of a gap at least as large between two samples of one continuous distribution.

    Too large, never too small, where there are ties. Up to `max_exact_pairs` exact, as
    `scipy.stats.ks_2samp(method="exact")`, which needs the rows themselves; beyond, the asymptotic value, as with
    `method="asymp"`. Where scipy needs 0.1 s and more for that, what is known of it takes its place: a gap so small
    that the value is 1 - 1e-9 or nearer to 1, and one so large that it is below 1e-10.

    Source: Simard and L'Ecuyer, "Computing the two-sided Kolmogorov-Smirnov distribution" (Journal of Statistical
    Software 39, 2011), section 4 for the tail.
    """
    if kolmogorov_smirnov_is_exact(reference_rows, current_rows):
        exact = _exact_kolmogorov_smirnov(statistic, reference_rows, current_rows)
        # What is nearly nothing is lost in the subtraction from 1.
        if exact > _min_exact:
            return exact
    rows = float(np.round(reference_rows * current_rows / (reference_rows + current_rows)))
    size = rows * statistic**2
    if not rows:
        # One row a side: nothing can be said, and scipy says NaN.
        return 1.0
    if rows > _many_rows and size < _surely_same:
        return 1.0
    if rows > _many_rows and size > _surely_different:
        return float(2 * np.exp(-((6 * rows * statistic + 1) ** 2) / (18 * rows)))
    if rows > _many_rows and is_of_many(statistic, rows):
        return survival(statistic, rows)
    from scipy.stats import kstwo  # 0.7 s, only for few rows

    return float(np.clip(kstwo.sf(statistic, rows), 0, 1))


def kolmogorov_smirnov_is_exact(reference_rows: int, current_rows: int) -> bool:
    """Whether `kolmogorov_smirnov_p_value` is exact for so many rows."""
    return reference_rows * current_rows <= max_exact_pairs


def _exact_kolmogorov_smirnov(statistic: float, reference_rows: int, current_rows: int) -> float:
    """The share of all orders of the rows of both sides in which the gap is at least as large.

    An order is a path from (0, 0) to (n, m) of steps of one row of either side; those are counted that stay nearer to
    the diagonal than the statistic, one row of the smaller side after another. `shares[j]` is the number of such paths
    to (i, j) divided by C(i + m, i), so that no number of paths overflows.

    Source: Hodges, "The significance probability of the Smirnov two-sample test" (Arkiv för Matematik 3, 1958).
    """
    few, many = sorted((reference_rows, current_rows))
    # In whole steps of 1 / (few * many), in which all gaps are; the rounding of the statistic is far below half a step.
    widest = round(statistic * few * many)
    shares = (np.arange(many + 1, dtype=np.int64) * few < widest).astype(np.float64)
    for row in range(1, few + 1):
        # Those in between |row * many - j * few| < widest. What is before is not read again, what is behind is 0.
        inside = shares[max((row * many - widest) // few + 1, 0) : (row * many + widest - 1) // few + 1]
        inside *= row / (row + many)
        np.add.accumulate(inside, out=inside)
    return float(np.clip(1.0 - shares[-1], 0.0, 1.0))


def psi_by_chance(bins: int, reference_rows: int, current_rows: int) -> float:
    """The Population Stability Index that is to be expected where nothing has changed: (bins - 1) (1/n + 1/m).

    Args:
        bins: those that hold a row.

    Source: Yurdakul and Naranjo, "Statistical properties of the population stability index" (Journal of Risk Model
    Validation 14, 2020): it is distributed as (1/n + 1/m) times chi-squared with bins - 1 degrees of freedom.
    """
    return (bins - 1) * (1 / reference_rows + 1 / current_rows)


def simes(p_values: Sequence[float]) -> float:
    """The probability of p-values as small as these together, where nothing has changed in any of the tests.

    The smallest of them corrected for false discoveries; 1 where there is none. It holds for tests that are independent
    or depend on each other positively, as those of columns that move together do.

    Source: Simes, "An improved Bonferroni procedure for multiple tests of significance" (Biometrika 73, 1986);
    Benjamini and Yekutieli, "The control of the false discovery rate in multiple testing under dependency" (Annals of
    Statistics 29, 2001) for the dependence.
    """
    return min(benjamini_hochberg(p_values), default=1.0)


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """The p-values corrected for their number, in their order: the least false discovery rate at which each counts.

    As `scipy.stats.false_discovery_control`. Source: Benjamini and Hochberg, "Controlling the false discovery rate"
    (Journal of the Royal Statistical Society B 57, 1995).
    """
    values = np.asarray(p_values, dtype=np.float64)
    if not values.size:
        return ()
    order = np.argsort(values, kind="stable")
    scaled = values[order] * values.size / np.arange(1, values.size + 1)
    corrected = np.empty_like(scaled)
    corrected[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return tuple(corrected.tolist())


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """The p-values corrected for their number, in their order: the least family-wise error rate at which each counts.

    However the tests depend on each other. Source: Holm, "A simple sequentially rejective multiple test procedure"
    (Scandinavian Journal of Statistics 6, 1979).
    """
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1)), 1.0)
    return tuple(corrected.tolist())


_min_exact: Final = 1e-9
_many_rows: Final = 140
_surely_same: Final = 0.05
_surely_different: Final = 12.0


def _entropy_terms(shares: NDArray[np.float64], middle: NDArray[np.float64]) -> NDArray[np.float64]:
    """By bin p ln(p / m), 0 where p is."""
    ratio = np.divide(shares, middle, out=np.ones_like(shares), where=shares > 0)
    return np.asarray(shares * np.log(ratio))
