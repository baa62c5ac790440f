"""Profiles of rows: counts and quantiles as NumPy and pandas have them, and no row that could be found again."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from core import catalogue
from core.data import demo
from core.features import build, feature_names, history_names
from core.reference.binning import decile_edges, left_closed, readable_edges, right_closed, well_filled
from core.reference.microaggregation import microaggregated
from core.reference.profiles import CategoryProfile, NumberProfile, fewest, max_bins
from core.reference.profiling import profile, profiled_columns
from core.reference.reference_profile import ReferenceProfile, probability_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

threshold = 0.1


def draw(clients: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    frame = demo.draw_applications(clients, seed, "train")
    late = np.where(rng.random(clients) < 0.4, 0.0, rng.exponential(3.0, clients))
    return frame.with_columns(
        pl.Series("INSTALMENT_DAYS_LATE_MEAN", np.where(rng.random(clients) < 0.2, np.nan, late)).fill_nan(None),
        pl.Series("BUREAU_ACTIVE_DEBT", rng.normal(1e5, 1e5, clients)),
    )


def probabilities_of(frame: pl.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.random.default_rng(9).beta(1.2, 12, frame.height)


def profile_of(frame: pl.DataFrame, origin: str = "demo") -> ReferenceProfile:
    return profile(frame, probabilities_of(frame), threshold, origin=origin, cost_fn=10, cost_fp=1)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return draw(3000, 5)


@pytest.fixture(scope="module")
def reference(rows: pl.DataFrame) -> ReferenceProfile:
    return profile_of(rows)


@pytest.fixture(scope="module")
def numbers(rows: pl.DataFrame) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """The values of each profiled column of numbers, NaN where missing or special, by pandas."""
    features = build(rows).to_pandas()
    raw = rows.select(column.name for column in profiled_columns() if column.type in ("integer", "real")).to_pandas()
    employed = raw["DAYS_EMPLOYED"] != 365243
    raw["DAYS_EMPLOYED"] = raw["DAYS_EMPLOYED"].where(employed)
    # What the model is given of those who are not employed is no share of their life.
    features["EMPLOYED_AGE_RATIO"] = features["EMPLOYED_AGE_RATIO"].where(employed)
    found = {name: features[name].to_numpy(dtype=float) for name in features.columns if name not in rows.columns}
    found |= {name: rows[name].cast(pl.Float64).to_pandas().to_numpy() for name in history_names() if name in rows}
    found |= {name: raw[name].to_numpy(dtype=float) for name in raw.columns}
    return found | {probability_name: probabilities_of(rows)}


def test_every_column_and_feature_has_a_profile(reference: ReferenceProfile) -> None:
    raw = {column.name for column in catalogue.columns()} - {"SK_ID_CURR", "TARGET"}
    assert set(reference.columns) == raw | set(feature_names()) | {probability_name}
    assert set(reference.dictionary) == set(reference.columns) - {probability_name}
    assert reference.dictionary["AMT_CREDIT"].label_fr == catalogue.entry("AMT_CREDIT").label_fr


def test_counts_means_and_quantiles_are_those_of_numpy(
    reference: ReferenceProfile, numbers: dict[str, np.ndarray[Any, np.dtype[np.float64]]]
) -> None:
    compared = 0
    for name, values in numbers.items():
        known = values[~np.isnan(values)]
        found = reference.number(name)
        assert found.count == len(known), name
        assert found.missing + sum(special.count for special in found.specials) == len(values) - len(known), name
        if len(known) < 100:
            continue
        compared += 1
        assert found.mean == pytest.approx(np.mean(known)), name
        assert found.std == pytest.approx(np.std(known, ddof=1)), name
        # A quantile may stand up to two groups of neighbours away from where it is exactly.
        slack = (2 * fewest + 2) / len(known)
        for place, quantile in enumerate(found.quantiles):
            rounding = 1e-5 * abs(quantile)
            below, upto = np.mean(known < quantile - rounding), np.mean(known <= quantile + rounding)
            assert below - slack <= place / 100 <= upto + slack, (name, place)
    assert compared > 60


def test_the_sentinel_is_kept_apart(reference: ReferenceProfile, rows: pl.DataFrame) -> None:
    days = rows["DAYS_EMPLOYED"].to_numpy()
    found = reference.number("DAYS_EMPLOYED")
    assert found.special_shares == {365243.0: pytest.approx(np.mean(days == 365243))}
    assert found.missing == 0
    assert found.maximum is not None
    assert found.maximum <= 0
    special = found.specials[0]
    chosen = days == 365243
    assert special.accepted == np.sum(chosen & (probabilities_of(rows) < threshold))
    assert special.defaults == rows["TARGET"].to_numpy()[chosen].sum()


def test_histograms_are_those_of_numpy(
    reference: ReferenceProfile, rows: pl.DataFrame, numbers: dict[str, np.ndarray[Any, np.dtype[np.float64]]]
) -> None:
    defaulted, accepted = rows["TARGET"].to_numpy() == 1, probabilities_of(rows) < threshold
    told = 0
    for name, values in numbers.items():
        histogram = reference.number(name).histogram
        if not histogram.counts:
            continue
        edges = np.r_[-np.inf, histogram.edges[1:-1], np.inf]
        known = ~np.isnan(values)
        expected = np.histogram(values[known], edges)[0]
        np.testing.assert_array_equal(histogram.counts, expected, name)
        np.testing.assert_array_equal(histogram.defaults, np.histogram(values[known & defaulted], edges)[0], name)
        if histogram.accepted is not None:
            told += 1
            np.testing.assert_array_equal(histogram.accepted, np.histogram(values[known & accepted], edges)[0], name)
            refused = np.histogram(values[known & ~accepted], edges)[0]
            np.testing.assert_array_equal(histogram.counts_of("refused"), refused, name)
    assert told > 60


def test_tenths_hold_a_tenth_each_where_no_value_is_shared(reference: ReferenceProfile) -> None:
    for name in ("EXT_SOURCE_2", "CREDIT_INCOME_RATIO", "BUREAU_ACTIVE_DEBT", probability_name):
        found = reference.number(name)
        assert len(found.psi_counts) == 10
        np.testing.assert_allclose(np.array(found.psi_counts) / found.count, 0.1, atol=0.01)
        assert sum(each.share for each in found.bins) == pytest.approx(1)


def test_categories_and_flags_are_those_of_pandas(reference: ReferenceProfile, rows: pl.DataFrame) -> None:
    frame = rows.with_columns(accepted=pl.Series(probabilities_of(rows) < threshold)).to_pandas()
    for column in profiled_columns():
        if column.type not in ("category", "flag"):
            continue
        found = reference.category(column.name)
        codes = frame[column.name].astype("string")
        expected = {code: count for code, count in codes.value_counts().to_dict().items() if count >= fewest}
        assert {each.code: each.count for each in found.codes} == expected, column.name
        assert found.missing == codes.isna().sum()
        assert found.rare == len(frame) - found.missing - sum(expected.values())
        for code, rate in found.default_rates.items():
            assert rate == pytest.approx(frame["TARGET"][codes == code].mean())
        refused = codes[~frame["accepted"]]
        shares = found.shares_of("refused")
        assert shares == pytest.approx({code: float((refused == code).sum() / len(refused)) for code in expected})
        assert sum(each.share for each in found.bins) == pytest.approx(1)


def test_groups_by_decision_are_profiled_by_themselves(
    reference: ReferenceProfile, numbers: dict[str, np.ndarray[Any, np.dtype[np.float64]]]
) -> None:
    refused = numbers[probability_name] >= threshold
    assert reference.refused_count == refused.sum()
    for name in ("AMT_CREDIT", "EXT_SOURCE_2", probability_name):
        found = reference.number(name).refused
        assert found is not None
        assert found.count == np.sum(refused & ~np.isnan(numbers[name]))
        assert found.mean == pytest.approx(np.nanmean(numbers[name][refused]))
    for value in (0.02, 0.12):
        for population, chosen in (("all", np.full(len(refused), True)), ("accepted", ~refused), ("refused", refused)):
            expected = np.mean(numbers[probability_name][chosen] < value)
            found_share = reference.percentile(probability_name, value, population)  # type: ignore[arg-type]
            assert found_share == pytest.approx(expected, abs=0.01)


def test_cutoffs_cost_what_the_decisions_cost(reference: ReferenceProfile, rows: pl.DataFrame) -> None:
    target, probabilities = rows["TARGET"].to_numpy(), probabilities_of(rows)
    assert threshold in {each.threshold for each in reference.cutoffs}
    assert (reference.cutoffs[0].threshold, reference.cutoffs[-1].threshold) == (0, 1)
    for cutoff in reference.cutoffs:
        accepted = probabilities < cutoff.threshold
        assert cutoff.accepted_share == pytest.approx(accepted.mean())
        assert cutoff.cost == pytest.approx(np.mean(10 * (accepted & (target == 1)) + 1 * (~accepted & (target == 0))))
        if accepted.sum() >= fewest:
            assert cutoff.accepted_default_rate == pytest.approx(target[accepted].mean())
        else:
            assert cutoff.accepted_default_rate is None


def test_without_outcomes_nothing_is_said_of_them(rows: pl.DataFrame) -> None:
    for frame in (rows.drop("TARGET"), rows.with_columns(TARGET=pl.lit(None, pl.Int8))):
        found = profile_of(frame)
        assert found.default_rate is None
        assert found.number("AMT_CREDIT").histogram.defaults is None
        assert set(found.number("AMT_CREDIT").histogram.default_rates) == {None}
        assert found.category("NAME_CONTRACT_TYPE").default_rates["Cash loans"] is None
        assert {cutoff.cost for cutoff in found.cutoffs} == {None}


def test_the_order_of_rows_and_columns_does_not_matter(rows: pl.DataFrame) -> None:
    probabilities = probabilities_of(rows)
    order = np.random.default_rng(1).permutation(rows.height)
    shuffled = rows[order].select(sorted(rows.columns, reverse=True)).with_columns(unknown=pl.lit(1))
    first = profile(rows, probabilities, threshold, origin="demo", cost_fn=10, cost_fp=1)
    again = profile(shuffled, probabilities[order], threshold, origin="demo", cost_fn=10, cost_fp=1)
    for name in ("AMT_CREDIT", "EXT_SOURCE_MEAN", "NAME_INCOME_TYPE"):
        one, other = asdict(first.column(name)), asdict(again.column(name))
        assert one.get("spread", {}).pop("mean", 0) == pytest.approx(other.get("spread", {}).pop("mean", 0))
    assert profile(rows, probabilities, threshold, origin="demo", cost_fn=10, cost_fp=1).to_json() == first.to_json()


@pytest.mark.parametrize("height", [1, 4, 5, 14, 40])
def test_a_few_rows_are_hardly_told(rows: pl.DataFrame, height: int) -> None:
    found = profile_of(rows.head(height))
    again = ReferenceProfile.from_json(found.to_json())
    assert again == found
    assert found.n_rows == height
    if height < fewest:
        for column in found.columns.values():
            if isinstance(column, NumberProfile):
                assert column.quantiles == ()
                assert column.mean is None
                assert column.histogram.counts == ()
                assert column.percentile(0) is None
            else:
                assert column.codes == ()


def test_columns_that_are_absent_missing_or_constant() -> None:
    rows = draw(200, 6).with_columns(
        AMT_ANNUITY=pl.lit(None, pl.Float64), AMT_GOODS_PRICE=pl.lit(7.5), NAME_TYPE_SUITE=pl.lit(None, pl.String)
    )
    found = profile_of(rows.drop("AMT_CREDIT", "NAME_CONTRACT_TYPE", "FLAG_OWN_CAR"))
    for name in ("AMT_CREDIT", "AMT_ANNUITY", "CREDIT_INCOME_RATIO", "CARDS"):
        column = found.number(name)
        assert (column.count, column.missing_share, column.mean, column.minimum) == (0, 1, None, None)
        assert [each.kind for each in column.bins] == ["interval", "missing"]
    for name in ("NAME_CONTRACT_TYPE", "FLAG_OWN_CAR", "NAME_TYPE_SUITE"):
        category = found.category(name)
        assert (category.count, category.codes, category.missing_share) == (0, (), 1)
        assert [each.kind for each in category.bins] == ["unseen", "missing"]
    constant = found.number("AMT_GOODS_PRICE")
    assert (constant.minimum, constant.maximum, constant.std) == (7.5, 7.5, 0)
    assert constant.places(np.array([7.4, 7.5, 7.6, np.nan])).tolist() == [0, 1, 2, 3]
    assert [each.share for each in constant.bins] == [0, 1, 0, 0]
    assert constant.percentile(7.5) == 0.5


def test_a_code_outside_the_catalogue_is_rare_and_never_named(rows: pl.DataFrame) -> None:
    spoilt = rows.with_columns(
        NAME_CONTRACT_TYPE=pl.when(pl.int_range(pl.len()) < 3)
        .then(pl.lit("Lombard loans"))
        .otherwise("NAME_CONTRACT_TYPE")
    )
    found = profile_of(spoilt)
    assert found.category("NAME_CONTRACT_TYPE").rare == 3
    assert b"Lombard" not in found.to_json()


def test_a_wild_ratio_is_summed_up_like_any_other(rows: pl.DataFrame) -> None:
    wild = rows.with_columns(
        AMT_INCOME_TOTAL=pl.when(pl.int_range(pl.len()) < 20).then(1e-295).otherwise("AMT_INCOME_TOTAL")
    )
    found = profile_of(wild)
    assert ReferenceProfile.from_json(found.to_json()) == found
    ratio = found.number("CREDIT_INCOME_RATIO")
    assert ratio.maximum is not None
    assert ratio.maximum > 1e299
    assert len(ratio.psi_counts) == 10


def test_no_rows_and_probabilities_of_other_rows_are_refused(rows: pl.DataFrame) -> None:
    for frame, probabilities in ((rows.head(0), np.empty(0)), (rows.head(5), np.full(4, 0.1))):
        with pytest.raises(ValueError, match="same length"):
            profile(frame, probabilities, threshold, origin="demo", cost_fn=10, cost_fp=1)


def test_the_file_is_small_whatever_the_rows(reference: ReferenceProfile) -> None:
    assert len(reference.to_json()) < 2_000_000


# What follows holds the promise that no row can be found in a profile.


def points(found: ReferenceProfile) -> Iterator[tuple[str, float]]:
    """Every number of a profile that could be a row's own."""
    for name, column in found.columns.items():
        if isinstance(column, NumberProfile):
            for spread in (column.spread, column.accepted, column.refused):
                yield from ((name, quantile) for quantile in (spread.quantiles if spread else ()))
            yield from ((name, edge) for edge in column.psi_edges)


def assert_no_row(found: ReferenceProfile, values: dict[str, Any], continuous: set[str]) -> None:
    """No stored number is one that fewer than `fewest` rows have, and no bin holds fewer."""
    own = {}
    for name in continuous:
        known = values[name][~np.isnan(values[name])]
        unique, counts = np.unique(known, return_counts=True)
        own[name] = set(unique[counts < fewest].tolist())
    assert any(own.values())
    for name, point in points(found):
        if name in continuous:
            assert point not in own[name], name
    for name, column in found.columns.items():
        if isinstance(column, NumberProfile):
            held = (*column.histogram.counts, *(column.psi_counts if column.quantiles else ()))
            assert not [each for each in held if 0 < each < fewest], name
        else:
            assert not [code.code for code in column.codes if code.count < fewest], name


def test_no_row_of_the_demo_is_in_its_profile(
    reference: ReferenceProfile, numbers: dict[str, np.ndarray[Any, np.dtype[np.float64]]]
) -> None:
    continuous = {"EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_MEAN", "BUREAU_ACTIVE_DEBT", probability_name}
    assert_no_row(reference, numbers, continuous)


def test_no_real_row_is_in_its_profile(real_sample: Path) -> None:
    from core.portfolio.drawn_clients import read_clients

    frame = read_clients(real_sample)
    found = profile_of(frame, "real")
    assert found.origin == "real"
    # Of these, no mean of several can happen to be another's value.
    names = ["EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_MEAN"]
    features = build(frame).select(names)
    values: dict[str, Any] = {name: features[name].to_numpy() for name in names}
    assert_no_row(found, values | {probability_name: probabilities_of(frame)}, set(names) | {probability_name})
    text = found.to_json().decode()
    assert not [each for each in frame["SK_ID_CURR"].cast(pl.String).to_list() if f'"{each}"' in text]


def test_the_highest_income_does_not_show(rows: pl.DataFrame) -> None:
    def with_top(income: float) -> dict[str, Any]:
        first = pl.int_range(pl.len()) == 0
        changed = rows.with_columns(AMT_INCOME_TOTAL=pl.when(first).then(pl.lit(income)).otherwise("AMT_INCOME_TOTAL"))
        stored: dict[str, Any] = json.loads(profile_of(changed).to_json())["columns"]["AMT_INCOME_TOTAL"]
        # Dependencies are of thousands of rows; what is left is where a single row could show.
        for spread in (stored["spread"], stored["accepted"], stored["refused"]):
            del spread["mean"], spread["std"]
        return stored

    assert with_top(117_000_000.0) == with_top(90_000_000.0)


@pytest.mark.parametrize("few", [1, 4, 5])
@pytest.mark.parametrize("decision", ["accepted", "refused"])
def test_a_few_refused_cannot_be_told_from_all_less_the_accepted(
    rows: pl.DataFrame, few: int, decision: Literal["accepted", "refused"]
) -> None:
    chances = np.full(rows.height, 0.5 if decision == "accepted" else 0.01)
    chances[:few] = 0.01 if decision == "accepted" else 0.5
    found = profile(rows, chances, threshold, origin="demo", cost_fn=10, cost_fp=1)
    credit, gender = found.number("AMT_CREDIT"), found.category("CODE_GENDER")
    if few < fewest:
        assert (credit.accepted, credit.refused, credit.histogram.accepted) == (None, None, None)
        assert (gender.accepted_rows, {code.accepted for code in gender.codes}) == (None, {None})
        assert found.percentile("AMT_CREDIT", 1e5, decision) is None
        assert gender.shares_of(decision) is None
    else:
        assert credit.of(decision) is not None
        shares = gender.shares_of(decision)
        assert shares is not None
        assert sum(shares.values()) == pytest.approx(1)


@given(npst.arrays(np.float64, st.integers(0, 60), elements=st.floats(-1e6, 1e6) | st.integers(0, 4).map(float)))
def test_shielded_numbers_are_shared(values: np.ndarray[Any, np.dtype[np.float64]]) -> None:
    ascending = np.sort(values)
    found = microaggregated(ascending)
    assert len(found) in (0, len(ascending))
    assert (np.diff(found) >= 0).all()
    _, counts = np.unique(found, return_counts=True)
    assert (counts >= fewest).all()
    unique, sizes = np.unique(ascending, return_counts=True)
    assert set(unique[sizes >= fewest].tolist()) <= set(found.tolist())
    if len(found):
        rounding = 1e-5 * np.abs(ascending).max()
        assert ascending[0] - rounding <= found[0]
        assert found[-1] <= ascending[-1] + rounding


@given(npst.arrays(np.float64, st.integers(1, 300), elements=st.floats(-1e9, 1e9) | st.integers(-3, 50).map(float)))
def test_bins_are_few_filled_and_hold_everything(values: np.ndarray[Any, np.dtype[np.float64]]) -> None:
    ascending = np.sort(values)
    aggregated = microaggregated(ascending)
    edges = well_filled(readable_edges(aggregated, ascending), ascending)
    tenths = decile_edges(aggregated, ascending)
    assert (np.diff(edges) > 0).all()
    assert (np.diff(tenths) > 0).all()
    assert len(tenths) <= 9
    if len(aggregated):
        counts = left_closed(ascending, edges)
        assert len(counts) <= max_bins
        for held in (counts, right_closed(ascending, tenths)):
            assert held.sum() == len(ascending)
            assert not ((held > 0) & (held < fewest)).any()


def test_edges_are_readable() -> None:
    incomes = np.sort(np.random.default_rng(3).lognormal(11.9, 0.5, 20_000))
    edges = readable_edges(microaggregated(incomes), incomes)
    assert 20 <= len(edges) <= max_bins + 1
    assert set(np.diff(edges).tolist()) == {20_000.0}
    scores = np.sort(np.random.default_rng(3).beta(2, 2, 20_000))
    assert readable_edges(microaggregated(scores), scores).tolist() == [each / 20 for each in range(21)]
    counts = np.sort(np.random.default_rng(3).poisson(1.0, 20_000)).astype(float)
    assert readable_edges(microaggregated(counts), counts).tolist()[:3] == [0, 1, 2]


def test_profiles_are_of_the_kind_that_their_column_is(reference: ReferenceProfile) -> None:
    kinds = {each.name: each.type for each in profiled_columns()}
    for name, column in reference.columns.items():
        assert isinstance(column, CategoryProfile) == (kinds.get(name) in ("category", "flag")), name
