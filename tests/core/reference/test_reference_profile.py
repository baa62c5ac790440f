"""The reference as a reader meets it: percentiles, bins, and a text that is whole or refused."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import demo
from core.reference.profiles import CategoryProfile, CodeCount, Histogram, NumberProfile, NumberSpread, Special
from core.reference.profiling import profile
from core.reference.reference_profile import InvalidReference, ReferenceProfile, UnknownColumn

if TYPE_CHECKING:
    from collections.abc import Callable

numbers = st.floats(-1e9, 1e9)
quantiles_of_any = st.lists(numbers | st.integers(-2, 2).map(float), min_size=101, max_size=101).map(
    lambda each: tuple(sorted(each))
)


@pytest.fixture(scope="module")
def reference() -> ReferenceProfile:
    rows = demo.draw_applications(1500, 3, "train")
    probabilities = np.random.default_rng(1).beta(1.2, 12, rows.height)
    return profile(rows, probabilities, 0.1, origin="demo", cost_fn=10, cost_fp=1)


def spread(quantiles: tuple[float, ...]) -> NumberSpread:
    return NumberSpread(1000, 0.0, 1.0, quantiles)


@given(quantiles_of_any, numbers, numbers)
def test_a_higher_value_never_has_a_lower_share(quantiles: tuple[float, ...], one: float, other: float) -> None:
    low, high = sorted((one, other))
    below, above = spread(quantiles).percentile(low), spread(quantiles).percentile(high)
    assert below is not None
    assert above is not None
    assert 0 <= below <= above <= 1


@given(quantiles_of_any, st.integers(0, 100))
def test_shares_rise_through_the_quantiles_themselves(quantiles: tuple[float, ...], place: int) -> None:
    value = quantiles[place]
    found = spread(quantiles).percentile(value)
    assert found is not None
    assert (
        sum(quantile < value for quantile in quantiles) - 1
        <= 100 * found
        <= sum(quantile <= value for quantile in quantiles)
    )
    just_above = spread(quantiles).percentile(np.nextafter(value, np.inf))
    assert just_above is not None
    assert just_above >= found


def test_shares_between_and_beyond_the_quantiles() -> None:
    even = spread(tuple(float(each) for each in range(101)))
    assert [even.percentile(each) for each in (-1, 0, 25, 25.5, 100, 101)] == [0, 0, 0.25, 0.255, 1, 1]
    assert even.percentile(float("nan")) is None
    tied = spread((0.0,) * 61 + tuple(float(each) for each in range(1, 41)))
    assert [tied.percentile(each) for each in (-0.1, 0, 1)] == [0, 0.3, 0.61]
    assert NumberSpread(3, None, None, ()).percentile(1) is None


def test_a_special_value_has_no_place_among_the_others(reference: ReferenceProfile) -> None:
    assert reference.percentile("DAYS_EMPLOYED", 365243) is None
    assert reference.percentile("DAYS_EMPLOYED", 365242) == 1
    assert reference.percentile("EXT_SOURCE_2", reference.number("EXT_SOURCE_2").quantiles[50]) == 0.5


def test_every_number_falls_into_one_bin(reference: ReferenceProfile) -> None:
    days = reference.number("DAYS_EMPLOYED")
    rows = demo.draw_applications(1500, 3, "train")["DAYS_EMPLOYED"].to_numpy().astype(float)
    places = days.places(np.r_[rows, np.nan, np.inf])
    shares = np.bincount(places[: len(rows)], minlength=len(days.bins)) / len(rows)
    np.testing.assert_allclose(shares, [each.share for each in days.bins])
    assert [each.kind for each in days.bins[-2:]] == ["special", "missing"]
    assert places[len(rows) :].tolist() == [len(days.bins) - 1] * 2
    for value, place in zip(rows[:200], places, strict=False):
        found = days.bins[place]
        if found.kind == "interval":
            assert found.low is None or found.low < value
            assert found.high is None or value <= found.high
        else:
            assert (found.kind, found.high) == ("special", value)


def test_a_value_is_shown_in_the_bin_that_counts_it() -> None:
    histogram = Histogram((0.0, 10.0, 20.0, 30.0), (5, 0, 7), (5, 0, 6), (1, 0, 2))
    assert [histogram.place(each) for each in (-5, 0, 9.9, 10, 29, 30, 99)] == [0, 0, 0, 1, 2, 2, 2]
    assert histogram.default_rates == (1 / 5, None, 2 / 7)
    assert (histogram.counts_of("all"), histogram.counts_of("refused")) == ((5, 0, 7), (0, 0, 1))
    assert Histogram((), (), None, None).place(3) is None


def test_a_code_without_a_bin_of_its_own_is_unseen() -> None:
    codes = (CodeCount("A", 60, 50, 6), CodeCount("B", 30, 10, None))
    category = CategoryProfile("NAME", 7, codes, 3, 62)
    assert [(each.kind, each.code, each.share) for each in category.bins] == [
        ("code", "A", 0.6),
        ("code", "B", 0.3),
        ("unseen", None, 0.03),
        ("missing", None, 0.07),
    ]
    assert category.default_rates == {"A": 0.1, "B": None}
    assert category.shares_of("accepted") == {"A": 50 / 62, "B": 10 / 62}
    assert category.shares_of("refused") == {"A": 10 / 38, "B": 20 / 38}
    assert replace(category, accepted_rows=None).shares_of("refused") is None


def test_asking_for_what_is_not_there(reference: ReferenceProfile) -> None:
    for ask in (reference.column, reference.number, reference.category, reference.bins):
        with pytest.raises(UnknownColumn, match="TARGET"):
            ask("TARGET")
    with pytest.raises(UnknownColumn):
        reference.number("NAME_CONTRACT_TYPE")
    with pytest.raises(UnknownColumn):
        reference.category("AMT_CREDIT")
    with pytest.raises(UnknownColumn):
        reference.percentile("FLAG_OWN_CAR", 1)


def test_a_profile_is_frozen(reference: ReferenceProfile) -> None:
    with pytest.raises(FrozenInstanceError):
        reference.threshold = 0.5  # type: ignore[misc]


def test_what_is_written_is_what_is_read(reference: ReferenceProfile) -> None:
    text = reference.to_json()
    again = ReferenceProfile.from_json(text)
    assert again == reference
    assert again.to_json() == text
    assert len(text) < 2_000_000


@given(quantiles_of_any, st.lists(numbers, max_size=9, unique=True).map(sorted), st.integers(0, 10**9))
def test_any_profile_survives_its_text(
    reference: ReferenceProfile, quantiles: tuple[float, ...], edges: list[float], rows: int
) -> None:
    counts = (rows, *(0 for _ in edges))
    column = NumberProfile(
        name="probability",
        missing=1,
        specials=(Special(365243.0, 0, None, None),),
        spread=NumberSpread(rows, 0.1, 1e-300, quantiles),
        accepted=None,
        refused=NumberSpread(0, None, None, ()),
        histogram=Histogram((), (), None, None),
        psi_edges=tuple(edges),
        psi_counts=counts,
    )
    whole = replace(reference, n_rows=rows + 1, accepted_count=0, columns={"probability": column}, dictionary={})
    assert ReferenceProfile.from_json(whole.to_json()) == whole


def drop(content: dict[str, Any]) -> None:
    del content["columns"]["AMT_CREDIT"]["missing"]


def add(content: dict[str, Any]) -> None:
    content["columns"]["AMT_CREDIT"]["rows"] = []


def shuffle(content: dict[str, Any]) -> None:
    content["columns"]["AMT_CREDIT"]["spread"]["quantiles"].reverse()


def shorten(content: dict[str, Any]) -> None:
    content["columns"]["AMT_CREDIT"]["spread"]["quantiles"].pop()


def lose(content: dict[str, Any]) -> None:
    content["columns"]["AMT_CREDIT"]["psi_counts"][0] -= 1


def swap(content: dict[str, Any]) -> None:
    columns = content["columns"]
    columns["AMT_CREDIT"], columns["AMT_ANNUITY"] = columns["AMT_ANNUITY"], columns["AMT_CREDIT"]


def retype(content: dict[str, Any]) -> None:
    content["columns"]["AMT_CREDIT"]["missing"] = "0"


def negate(content: dict[str, Any]) -> None:
    content["columns"]["AMT_CREDIT"]["missing"] = -1


def overstate(content: dict[str, Any]) -> None:
    content["columns"]["NAME_CONTRACT_TYPE"]["codes"][0]["defaults"] = 10**6


def widen(content: dict[str, Any]) -> None:
    content["n_rows"] += 1


def unknow(content: dict[str, Any]) -> None:
    content["origin"] = "imagined"


def raise_threshold(content: dict[str, Any]) -> None:
    content["threshold"] = 1.5


def forget_probability(content: dict[str, Any]) -> None:
    del content["columns"]["probability"]


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (drop, "AMT_CREDIT.*missing"),
        (add, "AMT_CREDIT.*rows"),
        (shuffle, "AMT_CREDIT.*ascending"),
        (shorten, "AMT_CREDIT.*101"),
        (lose, "AMT_CREDIT.*add up"),
        (swap, "another column"),
        (retype, "AMT_CREDIT.*missing"),
        (negate, "AMT_CREDIT.*missing"),
        (overstate, "NAME_CONTRACT_TYPE.*defaults"),
        (widen, "n_rows"),
        (unknow, "origin"),
        (raise_threshold, "threshold"),
        (forget_probability, "probability"),
    ],
)
def test_an_unsound_text_is_refused_by_the_name_of_what_is_wrong(
    reference: ReferenceProfile, spoil: Callable[[dict[str, Any]], None], named: str
) -> None:
    content = json.loads(reference.to_json())
    spoil(content)
    with pytest.raises(InvalidReference, match=named):
        ReferenceProfile.from_json(json.dumps(content))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"n_rows": NaN}', b"\xff\xfe"])
def test_a_text_that_is_no_profile_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidReference):
        ReferenceProfile.from_json(text)


def test_infinity_is_no_number(reference: ReferenceProfile) -> None:
    text = reference.to_json().decode()
    mean = json.loads(text)["columns"]["AMT_CREDIT"]["spread"]["mean"]
    with pytest.raises(InvalidReference, match=r"AMT_CREDIT.*mean"):
        ReferenceProfile.from_json(text.replace(f'"mean":{mean!r}', '"mean":1e999', 1))


def test_reading_needs_no_data_frames() -> None:
    heavy = {"polars", "pandas", "lightgbm", "scipy"}
    code = f"import sys, core.reference.reference_profile; sys.exit(bool({heavy!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
