"""Each statistic against scipy, and what must hold of it whatever the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon

from core.drift.measures.distributions import EmpiricalDistribution, Gap
from core.drift.measures.kolmogorov import enough_to_expand, survival
from core.drift.measures.statistics import (
    PValue,
    benjamini_hochberg,
    bins_p_value,
    chi_squared,
    holm,
    jensen_shannon,
    kolmogorov_smirnov_is_exact,
    kolmogorov_smirnov_p_value,
    psi,
    psi_by_bin,
    psi_by_chance,
    share_p_value,
    shares,
    simes,
    total_variation,
    two_proportions,
)

exact = pytest.approx


def close(number: float) -> object:
    return exact(number, rel=1e-9, abs=1e-9)


# Both continuous numbers and ones with many ties.
numbers = st.lists(
    st.one_of(st.integers(-5, 5).map(float), st.floats(-1e6, 1e6, allow_subnormal=False)), min_size=2, max_size=60
)
counts = st.lists(st.integers(0, 5000), min_size=2, max_size=12).filter(any)


@st.composite
def two_counts(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    first = draw(counts)
    second = draw(st.lists(st.integers(0, 5000), min_size=len(first), max_size=len(first)).filter(any))
    return first, second


def gap(reference: list[float], current: list[float]) -> Gap:
    return Gap.between(EmpiricalDistribution.of(np.array(reference)), EmpiricalDistribution.of(np.array(current)))


@given(numbers, numbers)
def test_distances_of_numbers_are_those_of_scipy(reference: list[float], current: list[float]) -> None:
    found = gap(reference, current)
    assert found.kolmogorov_smirnov == close(stats.ks_2samp(reference, current, method="asymp").statistic)
    assert found.wasserstein == close(stats.wasserstein_distance(reference, current))


@given(numbers, numbers, st.randoms())
def test_the_order_of_rows_does_not_matter(reference: list[float], current: list[float], chance: object) -> None:
    shuffled = sorted(reference, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert gap(shuffled, current).wasserstein == gap(reference, current).wasserstein
    assert gap(shuffled, current).kolmogorov_smirnov == gap(reference, current).kolmogorov_smirnov
    assert gap(current, reference).wasserstein == close(gap(reference, current).wasserstein)
    assert gap(reference, reference).wasserstein == 0


@given(numbers)
def test_a_distribution_sums_up_as_numpy_does(values: list[float]) -> None:
    found = EmpiricalDistribution.of(np.array(values))
    assert found.rows == len(values)
    assert found.mean == exact(np.mean(values), rel=1e-9, abs=1e-6)
    assert found.deviation == exact(np.std(values), rel=1e-7, abs=1e-6)
    wanted = np.quantile(values, [0, 0.05, 0.5, 0.731, 1])
    assert found.quantiles([0, 0.05, 0.5, 0.731, 1]) == tuple(exact(each, rel=1e-9, abs=1e-9) for each in wanted)
    assert found.expanded().tolist() == sorted(values)


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.float64])
def test_every_type_of_number_counts_alike(dtype: type) -> None:
    found = EmpiricalDistribution.of(np.array([3, -1, 3, 0], dtype=dtype))
    assert found.values.tolist() == [-1, 0, 3]
    assert found.upto.tolist() == [1, 2, 4]
    assert found.counts_between([-1.0, 2.5]).tolist() == [1, 1, 2]


def test_nothing_is_a_distribution_too() -> None:
    found = EmpiricalDistribution.of(np.array([]))
    assert (found.rows, found.mean, found.deviation, found.quantiles([0.5])) == (0, None, None, ())
    assert found.counts_between([1.0]).tolist() == [0, 0]


def test_numbers_as_large_as_floats_go_do_not_overflow() -> None:
    largest = np.finfo(float).max
    found = EmpiricalDistribution.of(np.array([0.0, largest]))
    assert found.mean == exact(largest / 2)
    assert found.deviation == exact(largest / 2)
    assert gap([0.0], [largest]).wasserstein == exact(largest)


# The p-value has several ways to be computed: few rows and many, same, near and far.
@pytest.mark.parametrize(
    ("n", "m"), [(60, 6000), (600, 501), (900, 5000), (40_000, 9_000), (307_511, 48_744), (307_511, 307_511)]
)
@pytest.mark.parametrize("size", [0.0, 0.1, 0.2, 0.23, 0.3, 0.6, 1.0, 1.5, 1.9, 2.6, 3.4, 3.6, 5.0])
def test_the_p_value_of_a_gap_between_many_rows_is_that_of_scipy(n: int, m: int, size: float) -> None:
    rows = np.round(n * m / (n + m))
    statistic = min(size / np.sqrt(n * m / (n + m)), 1.0)
    assert kolmogorov_smirnov_p_value(statistic, n, m) == exact(stats.kstwo.sf(statistic, rows), abs=1e-9)


@given(st.integers(enough_to_expand, 60_000), st.floats(2.201, 12.0))
def test_the_expansion_of_the_tail_is_as_near_to_scipy_for_small_probabilities(rows: int, size: float) -> None:
    statistic = np.sqrt(size / rows)
    found, expected = survival(statistic, rows), stats.kstwo.sf(statistic, rows)
    assert found == exact(expected, rel=2e-6, abs=0)
    assert found == exact(expected, rel=0, abs=1e-10)


def test_three_rows_against_three_prove_nothing() -> None:
    # Of the 20 orders of the six rows, two part the sides wholly; the asymptotic formula says that there are none.
    assert kolmogorov_smirnov_p_value(1.0, 3, 3) == close(0.1)
    assert stats.ks_2samp([1, 2, 3], [4, 5, 6], method="asymp").pvalue < 1e-3
    assert kolmogorov_smirnov_p_value(1.0, 1, 1) == 1


@pytest.mark.parametrize(
    ("n", "m"), [(1, 1), (2, 2), (1, 9), (7, 12), (30, 30), (60, 400), (30, 10_000), (500, 500), (599, 500)]
)
@pytest.mark.parametrize("shift", [0.0, 0.1, 0.4, 1.0])
def test_the_p_value_of_a_gap_between_few_rows_is_exact(n: int, m: int, shift: float) -> None:
    rng = np.random.default_rng(n + m)
    oracle = stats.ks_2samp(rng.normal(size=n), rng.normal(shift, 1, m), method="exact")
    assert kolmogorov_smirnov_is_exact(n, m)
    # Below a billionth the asymptotic value takes over, which is as good as nothing, too.
    assert kolmogorov_smirnov_p_value(oracle.statistic, n, m) == exact(oracle.pvalue, rel=1e-6, abs=1e-9)


def test_the_p_value_of_a_gap_does_not_jump_where_it_is_no_longer_exact() -> None:
    assert not kolmogorov_smirnov_is_exact(548, 548)
    few, many = (kolmogorov_smirnov_p_value(0.07, rows, rows) for rows in (547, 548))
    assert few == exact(many, rel=0.05)


def test_the_psi_that_chance_gives_is_found_on_average() -> None:
    rng = np.random.default_rng(5)
    shares_of_bins = np.full(10, 0.1)
    drawn = [psi(rng.multinomial(400, shares_of_bins), rng.multinomial(900, shares_of_bins)) for _ in range(2000)]
    assert np.mean(drawn) == exact(psi_by_chance(10, 400, 900), rel=0.05)


def test_simes_is_uniform_for_independent_tests_and_never_above_bonferroni() -> None:
    rng = np.random.default_rng(6)
    found = np.array([simes(rng.random(20).tolist()) for _ in range(4000)])
    for level in (0.01, 0.05, 0.3):
        assert (found <= level).mean() == exact(level, abs=4 * np.sqrt(level / 4000))
    assert simes([0.001, 0.9]) == close(0.002)
    assert simes([0.04, 0.05]) == close(0.05)
    assert simes([]) == 1


@pytest.mark.parametrize("shift", [0.0, 0.02, 0.3])
@pytest.mark.parametrize("decimals", [0, 1, 9])
def test_a_whole_column_agrees_with_scipy(shift: float, decimals: int) -> None:
    rng = np.random.default_rng(3)
    before, after = rng.normal(size=20_000).round(decimals), rng.normal(shift, 1.1, 7_000).round(decimals)
    found = Gap.between(EmpiricalDistribution.of(before), EmpiricalDistribution.of(after))
    oracle = stats.ks_2samp(before, after, method="asymp")
    assert found.kolmogorov_smirnov == close(oracle.statistic)
    assert kolmogorov_smirnov_p_value(found.kolmogorov_smirnov, 20_000, 7_000) == exact(oracle.pvalue, abs=1e-9)
    assert found.wasserstein == close(stats.wasserstein_distance(before, after))


@given(two_counts())
def test_distances_of_counts_are_those_of_scipy(both: tuple[list[int], list[int]]) -> None:
    before, after = both
    assert jensen_shannon(before, after) ** 2 == close(jensenshannon(before, after, base=2) ** 2)
    kept = np.array(both)[:, np.sum(both, axis=0) > 0]
    oracle = stats.chi2_contingency(kept, correction=False)
    assert chi_squared(before, after).statistic == close(oracle.statistic)
    assert chi_squared(before, after).p_value == close(oracle.pvalue)
    p, q = np.array(before) / sum(before), np.array(after) / sum(after)
    assert total_variation(before, after) == close(np.maximum(p - q, 0).sum())


def test_the_jensen_shannon_distance_is_that_of_scipy() -> None:
    assert jensen_shannon([10, 20, 0, 3], [4, 30, 7, 0]) == close(jensenshannon([10, 20, 0, 3], [4, 30, 7, 0], base=2))


@given(two_counts())
def test_counts_are_compared_as_they_should_be(both: tuple[list[int], list[int]]) -> None:
    before, after = both
    for distance in (psi, jensen_shannon, total_variation):
        assert distance(before, before) == 0
        assert 0 <= distance(before, after) < np.inf
        assert distance(after, before) == close(distance(before, after))
        # A column is no other for being counted in another order of its bins.
        assert distance(before[::-1], after[::-1]) == close(distance(before, after))
    assert jensen_shannon(before, after) <= 1
    assert total_variation(before, after) <= 1
    assert (psi_by_bin(before, after) >= 0).all()


def test_the_psi_is_that_of_the_textbook() -> None:
    # By hand: 0.1 ln 1.5 + (-0.1) ln 0.875.
    assert psi([20, 80], [30, 70]) == close(0.1 * np.log(1.5) - 0.1 * np.log(0.875))
    # Symmetric Kullback-Leibler, where no bin is empty.
    p, q = [0.2, 0.5, 0.3], [0.1, 0.3, 0.6]
    assert psi(p, q) == close(stats.entropy(p, q) + stats.entropy(q, p))


def test_an_empty_bin_counts_with_the_floor() -> None:
    assert psi([50, 50, 0], [40, 40, 20]) == close(2 * -0.1 * np.log(0.8) + (0.2 - 1e-4) * np.log(0.2 / 1e-4))
    assert psi([1, 0], [0, 1], floor=0.01) == close(2 * 0.99 * np.log(100))
    assert psi([5, 0], [9, 0]) == 0


@pytest.mark.parametrize("bad", [[], [0, 0], [-1, 3], [[1, 2]]])
def test_no_rows_are_no_shares(bad: list[int]) -> None:
    with pytest.raises(ValueError, match="counts"):
        shares(bad)


@given(st.integers(1, 4000), st.integers(1, 4000), st.data())
def test_two_shares_are_compared_as_a_two_by_two_table(n: int, m: int, data: st.DataObject) -> None:
    a, b = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    found = two_proportions(a, n, b, m)
    if a + b in (0, n + m):
        assert (found.statistic, found.p_value) == (0, 1)
        return
    oracle = stats.chi2_contingency([[a, n - a], [b, m - b]], correction=False)
    assert found.statistic**2 == exact(oracle.statistic, rel=1e-7, abs=1e-9)
    assert found.p_value == close(oracle.pvalue)
    assert np.sign(found.statistic) == np.sign(b / m - a / n)


@given(two_counts())
def test_many_rows_are_tested_by_chi_squared_and_few_exactly(both: tuple[list[int], list[int]]) -> None:
    before, after = both
    kept = np.array(both)[:, np.sum(both, axis=0) > 0]
    found = bins_p_value(before, after)
    expected = stats.contingency.expected_freq(kept)
    if kept.shape[1] == 1 or expected.min() >= 5:
        assert found == PValue(chi_squared(before, after).p_value, exact=False)
        return
    rows = kept.sum(axis=1)
    own: list[float] = []
    for place in range(kept.shape[1]):
        table = np.array([kept[:, place], rows - kept[:, place]]).T
        if stats.contingency.expected_freq(table).min() >= 5:
            own.append(float(stats.chi2_contingency(table, correction=False).pvalue))
        else:
            own.append(float(stats.fisher_exact(table).pvalue))
    assert found.exact
    assert found.p_value == close(min(1.0, min(own) * kept.shape[1]))


def test_few_rows_tell_little_and_clear_ones_enough() -> None:
    # One row of six in a bin that held one of a thousand: by chi-squared, beyond all doubt.
    assert chi_squared([999, 1], [5, 1]).p_value < 1e-16
    assert bins_p_value([999, 1], [5, 1]).p_value == close(2 * stats.fisher_exact(np.array([[999, 1], [5, 1]])).pvalue)
    assert share_p_value(0, 8000, 10, 100).p_value < 1e-10
    few = share_p_value(0, 8000, 1, 10)
    assert few.exact
    assert few.p_value == close(float(stats.fisher_exact(np.array([[0, 8000], [1, 9]])).pvalue))
    assert share_p_value(800, 8000, 20, 100) == PValue(two_proportions(800, 8000, 20, 100).p_value, exact=False)


@pytest.mark.parametrize("bad", [(3, 2, 0, 1), (0, 0, 1, 1), (1, 1, 0, 0), (-1, 2, 0, 1)])
def test_shares_of_nothing_are_refused(bad: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="expected"):
        two_proportions(*bad)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_corrected_p_values_are_those_of_scipy(p_values: list[float]) -> None:
    found = benjamini_hochberg(p_values)
    assert found == tuple(close(each) for each in stats.false_discovery_control(p_values))
    assert all(corrected >= given * (1 - 1e-12) for corrected, given in zip(found, p_values, strict=True))


def test_no_p_values_are_none_corrected() -> None:
    assert benjamini_hochberg([]) == ()


def test_p_values_are_corrected_step_by_step() -> None:
    # The example of Holm's own procedure: 3, 2 and 1 tests are left, and none counts before the one ahead of it.
    assert holm([0.02, 0.01, 0.04]) == pytest.approx((0.04, 0.03, 0.04))
    assert holm([0.04, 0.01, 0.02, 0.9]) == pytest.approx((0.08, 0.04, 0.06, 0.9))
    assert holm([]) == ()
