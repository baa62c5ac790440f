"""One column compared: missing values, special values, codes never seen, columns that hold nothing."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon

from core.drift.measures.bins import CategoryBins, NumberBins, category_bins, number_bins
from core.drift.measures.column import CategoryRows, NumberRows, compare_codes, compare_numbers
from core.drift.results.columns import ColumnDrift


def numbers(
    before: pl.Series, after: pl.Series, bins: NumberBins | None = None, specials: tuple[float, ...] = ()
) -> ColumnDrift:
    reference = NumberRows.of(before, specials)
    bins = bins or number_bins(reference.ascending, reference.aggregated, specials)
    return compare_numbers("X", reference, NumberRows.of(after, specials), bins)


def codes(before: list[str | None], after: list[str | None]) -> ColumnDrift:
    was, now = (CategoryRows.of(pl.Series(each, dtype=pl.String)) for each in (before, after))
    return compare_codes("X", was, now)


def by_bin(found: ColumnDrift) -> dict[object, tuple[float, float]]:
    return {each.code or each.kind: (each.reference, each.current) for each in found.bins}


def test_numbers_with_gaps_are_compared_as_scipy_compares_those_that_are_known() -> None:
    rng = np.random.default_rng(1)
    before, after = rng.gamma(2, 3, 5000).round(1), rng.gamma(2, 3.4, 3000).round(1)
    was, now = (
        pl.Series(each).set(pl.Series(rng.random(len(each)) < share), None)
        for each, share in ((before, 0.1), (after, 0.2))
    )
    found = numbers(was, now)
    first, second = was.drop_nulls().to_numpy(), now.drop_nulls().to_numpy()
    assert found.numbers is not None
    oracle = stats.ks_2samp(first, second, method="asymp")
    assert found.numbers.kolmogorov_smirnov.statistic == pytest.approx(oracle.statistic, abs=1e-9)
    assert found.numbers.kolmogorov_smirnov.p_value == pytest.approx(oracle.pvalue, abs=1e-9)
    distance = stats.wasserstein_distance(first, second)
    assert found.numbers.wasserstein == pytest.approx(distance, abs=1e-9)
    assert found.numbers.wasserstein_scaled == pytest.approx(distance / first.std(), abs=1e-9)
    assert found.missing.reference == was.null_count() / 5000
    assert [quantile.reference for quantile in found.numbers.quantiles] == pytest.approx(
        np.quantile(first, [0.05, 0.25, 0.5, 0.75, 0.95])
    )
    # The bins, counted by hand.
    edges = np.array([each.high for each in found.bins if each.kind == "interval"][:-1], dtype=float)
    counts = [
        np.append(np.bincount(np.searchsorted(edges, each, side="left"), minlength=len(edges) + 1), gap.null_count())
        for each, gap in ((first, was), (second, now))
    ]
    assert found.jensen_shannon == pytest.approx(jensenshannon(counts[0], counts[1], base=2), abs=1e-9)
    assert found.chi_squared.p_value == pytest.approx(stats.chi2_contingency(counts, correction=False).pvalue, abs=1e-9)
    p, q = (count / count.sum() for count in counts)
    assert found.psi == pytest.approx(((q - p) * np.log(q / p)).sum(), abs=1e-9)


def test_bins_are_tenths_of_the_reference_whatever_the_current_rows_are() -> None:
    before = pl.Series(np.arange(1000.0))
    first, second = (numbers(before, pl.Series(each)) for each in ([0.0] * 50, [1e9] * 50))
    assert [(each.low, each.high, each.reference) for each in first.bins] == [
        (each.low, each.high, each.reference) for each in second.bins
    ]
    assert [each.reference for each in first.bins[:-1]] == pytest.approx([0.1] * 10, abs=0.006)
    assert (first.bins[0].current, second.bins[9].current) == (1, 1)


@given(
    st.lists(st.one_of(st.none(), st.integers(-3, 3).map(float), st.floats(-1e9, 1e9)), min_size=1, max_size=50),
    st.lists(st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True)), min_size=1, max_size=50),
)
def test_every_row_is_in_one_bin(before: list[float | None], after: list[float | None]) -> None:
    found = numbers(pl.Series(before, dtype=pl.Float64), pl.Series(after, dtype=pl.Float64))
    assert sum(each.reference for each in found.bins) == pytest.approx(1)
    assert sum(each.current for each in found.bins) == pytest.approx(1)
    assert 0 <= found.psi == pytest.approx(sum(each.psi for each in found.bins))


@given(st.lists(st.one_of(st.none(), st.integers(-3, 3).map(float), st.floats(-1e9, 1e9)), min_size=1, max_size=50))
def test_a_column_does_not_drift_from_itself(values: list[float | None]) -> None:
    before = pl.Series(values, dtype=pl.Float64)
    found = numbers(before, before.reverse())
    assert found.psi == found.jensen_shannon == found.total_variation == found.chi_squared.statistic == 0
    assert found.missing.difference == found.missing.test.statistic == 0
    if found.numbers is not None:
        assert found.numbers.kolmogorov_smirnov.statistic == found.numbers.wasserstein == 0


def test_a_special_value_is_a_bin_and_not_a_number() -> None:
    before = pl.Series([-100, -200, -300, -400, -500] * 20 + [365243] * 25)
    after = pl.Series([-100, -200, -300, -400, -500] * 20 + [365243] * 300)
    found = numbers(before, after, specials=(365243.0,))
    assert found.numbers is not None
    assert found.numbers.wasserstein == 0
    assert found.numbers.reference_mean == -300
    assert by_bin(found)["special"] == (0.2, 0.75)
    assert found.moved(1)[0].kind == "special"


@pytest.mark.parametrize("dtype", [pl.Int8, pl.Int32, pl.Float64])
def test_a_column_without_a_value_is_all_missing(dtype: pl.DataType) -> None:
    nothing = pl.Series([None] * 20, dtype=dtype)
    found = numbers(nothing, nothing)
    assert (found.psi, found.numbers, len(found.bins)) == (0, None, 2)
    filled = numbers(nothing, pl.Series([1] * 20, dtype=dtype))
    assert filled.missing.difference == -1
    assert filled.psi > 5
    assert filled.numbers is None
    assert numbers(pl.Series(range(20), dtype=dtype), nothing).missing.difference == 1


def test_a_constant_column_drifts_as_soon_as_it_is_another_one() -> None:
    same = pl.Series([7.0] * 30)
    assert numbers(same, same).psi == 0
    for other in (6.9, 7.1):
        found = numbers(same, pl.Series([other] * 30))
        assert found.psi > 5
        assert found.numbers is not None
        assert found.numbers.kolmogorov_smirnov.statistic == 1
        # It has no spread to be measured in.
        assert found.numbers.wasserstein_scaled is None
        assert found.numbers.wasserstein == pytest.approx(0.1)


def test_codes_never_seen_and_missing_ones_are_bins_of_their_own() -> None:
    found = codes(["a"] * 50 + ["b"] * 40 + [None] * 10, ["a"] * 20 + ["c"] * 20 + [None] * 10)
    assert by_bin(found) == {"a": (0.5, 0.4), "b": (0.4, 0), "unseen": (0, 0.4), "missing": (0.1, 0.2)}
    assert found.total_variation == pytest.approx(0.5)
    counts = [[50, 40, 0, 10], [20, 0, 20, 10]]
    assert found.chi_squared.statistic == pytest.approx(stats.chi2_contingency(counts, correction=False).statistic)
    assert found.jensen_shannon == pytest.approx(jensenshannon(counts[0], counts[1], base=2), abs=1e-9)
    assert np.isfinite(found.psi)
    assert not found.chi_squared.exact


def test_codes_of_a_few_rows_share_a_bin() -> None:
    assert category_bins({"a": 3, "b": 5, "c": 90}).codes == ("c", "b")


def test_flags_have_two_codes() -> None:
    flags = CategoryRows.of(pl.Series([1, 0, 0, None], dtype=pl.Int8))
    assert (flags.codes, flags.missing) == ({"0": 2, "1": 1}, 1)
    assert CategoryRows.of(pl.Series([True, False])).codes == {"0": 1, "1": 1}


@pytest.mark.parametrize("edges", [(1.0, 1.0), (2.0, 1.0), (float("nan"),), (float("inf"),)])
def test_edges_that_are_none_are_refused(edges: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="edges"):
        NumberBins(edges)


def test_codes_named_twice_are_refused() -> None:
    with pytest.raises(ValueError, match="codes"):
        CategoryBins(("a", "a"))
