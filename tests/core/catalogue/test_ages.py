"""The age bands: every age known is in one, and an age that is not known in none."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue.ages import age_band_of, age_bands, days_per_year


@given(st.lists(st.one_of(st.none(), st.integers(-40_000, 0)), min_size=1))
def test_a_band_holds_the_completed_years_it_names(days: list[int | None]) -> None:
    bands = age_band_of(pl.Series(days, dtype=pl.Int32))
    for day, band in zip(days, bands, strict=True):
        if day is None:
            assert band is None
            continue
        years = int(-day / days_per_year)
        low, _hyphen, high = band.removeprefix("< ").removeprefix(">= ").partition("-")
        expected = {"<": years < int(low), ">": years >= int(low)}.get(band[0])
        assert (int(low) <= years <= int(high)) if expected is None else expected


@pytest.mark.parametrize("unknown", [pl.Series([None], dtype=pl.Int32), pl.Series([float("nan")])])
def test_an_age_that_is_not_known_is_in_no_band(unknown: pl.Series) -> None:
    assert age_band_of(unknown).to_list() == [None]


def test_the_bands_ascend() -> None:
    assert age_bands == ("< 30", "30-39", "40-49", "50-59", ">= 60")
