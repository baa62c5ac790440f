"""The distribution of Kolmogorov's statistic for many rows, as scipy computes it, without a second of imports.

`scipy.stats` takes as long to import as two files of 300,000 rows take to compare; its own formulas for many rows are
few, and stand here. The tests hold them to `scipy.stats.kstwo`.
"""

from __future__ import annotations

from typing import Final

import numpy as np

# Above, the one-sided tail counted twice is exact to the last digit (Miller's approximation).
_two_tails: Final = 2.2
_precise_rows: Final = 100_000
_precise_reach: Final = 1.4
# From so many rows on the one-sided tail is taken from its expansion, which is right to 1e-10; `smirnov` adds up a
# term a row, some 0.02 s for files of 300,000 rows, and that for each column.
enough_to_expand: Final = 20_000
# Below, the distribution is less than the smallest float.
_least_log: Final = -708.0


def is_of_many(statistic: float, rows: float) -> bool:
    """Whether `survival` holds: else `scipy.stats.kstwo` computes with matrices.

    Args:
        statistic: the largest gap, 0 to 1.
        rows: of the one sample that it is equivalent to, more than 140.
    """
    precise = rows <= _precise_rows and rows * statistic**1.5 <= _precise_reach
    return rows * statistic**2 >= _two_tails or not precise


def survival(statistic: float, rows: float) -> float:
    """The probability of a gap at least as large; arguments as for `is_of_many`, which must hold.

    Source: Simard and L'Ecuyer, "Computing the two-sided Kolmogorov-Smirnov distribution" (Journal of Statistical
    Software 39, 2011).
    """
    if rows * statistic**2 >= _two_tails:
        tail = (_one_sided if rows >= enough_to_expand else _summed)(statistic, rows)
        return float(np.clip(2 * tail, 0, 1))
    return float(np.clip(1 - _pelz_good(float(np.sqrt(rows) * statistic), rows), 0, 1))


def _one_sided(statistic: float, rows: float) -> float:
    """The probability of a gap at least as large in one direction: exp(-2 z^2) times a series in 1 / n^0.5.

    The terms up to n^-1.5, of the logarithm of the series: there the highest powers of z cancel out, so that the small
    probabilities of large gaps hold as well, to a millionth of themselves down to 1e-10.

    Source: Chang Li-Chien, "On the exact distribution of the statistics of A. N. Kolmogorov and their asymptotic
    expansion" (Acta Mathematica Sinica 6, 1956).
    """
    z = np.sqrt(rows) * statistic
    first, second, third = -2 * z / 3, 4 * (z**2 - z**4) / 9, 4 * z / 45 - 88 * z**3 / 405
    return float(np.exp(-2 * z**2 + first / rows**0.5 + second / rows + third / rows**1.5))


def _summed(statistic: float, rows: float) -> float:
    """The same of fewer rows, term by term."""
    from scipy.special import smirnov  # a quarter of a second

    return float(smirnov(int(rows), statistic))


def _pelz_good(z: float, rows: float) -> float:
    """The probability of a gap of at most z / sqrt(rows): K0(z) + K1(z) / n^0.5 + K2(z) / n + K3(z) / n^1.5.

    Source: Pelz and Good, "Approximating the lower tail-areas of the Kolmogorov-Smirnov one-sample statistic" (Journal
    of the Royal Statistical Society B 38, 1976), in the form of theta functions for a small z.
    """
    pi2 = np.pi**2
    if z <= 0 or -pi2 / 8 / z**2 < _least_log:
        return 0.0
    orders = np.arange(1, int(np.ceil(16 * z / np.pi)) + 1, dtype=np.float64)
    odd = 2 * orders - 1
    of_odd = np.exp(-pi2 / 8 / z**2 * odd**2)
    of_all = np.exp(-pi2 / 2 / z**2 * orders**2)
    k0 = of_odd.sum() / z
    k1 = (of_odd * (pi2 / 4 * odd**2 - z**2)).sum() / (6 * z**4)
    k2 = (
        of_odd
        * (6 * z**6 + 2 * z**4 + (2 * z**4 - 5 * z**2) * pi2 / 4 * odd**2 + pi2**2 * (1 - 2 * z**2) / 16 * odd**4)
    ).sum() / (72 * z**7) - pi2 / (36 * z**3) * (orders**2 * of_all).sum()
    k3 = (
        of_odd
        * (
            -30 * z**6
            - 90 * z**8
            + pi2 * (135 * z**4 - 96 * z**6) / 4 * odd**2
            + pi2**2 * (212 * z**4 - 60 * z**2) / 16 * odd**4
            + pi2**3 * (5 - 30 * z**2) / 64 * odd**6
        )
    ).sum() / (6480 * z**10) + pi2 / (216 * z**6) * ((3 * z**2 - pi2 * orders**2) * orders**2 * of_all).sum()
    return float(np.sqrt(2 * np.pi) * (k0 + k1 / rows**0.5 + k2 / rows + k3 / rows**1.5))
