"""Ages and durations: days before the application as years and months, and the bands that clients are compared in."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl

# The mean of the Julian calendar: the tables count days and say no date, so that no leap year is known.
days_per_year: Final = 365.25
days_per_month: Final = days_per_year / 12

# What a dimension of segments is called that is no column of the tables.
age_band: Final = "age_band"
# Completed years at which a band begins.
age_bounds: Final = (30, 40, 50, 60)
age_bands: Final = (
    f"< {age_bounds[0]}",
    *(f"{low}-{high - 1}" for low, high in pairwise(age_bounds)),
    f">= {age_bounds[-1]}",
)


def age_band_of(days_birth: pl.Series) -> pl.Series:
    """The age band of each client, by the days from the application back to the birth.

    Args:
        days_birth: `DAYS_BIRTH` of any numeric type, negative; null or NaN where not known.

    Returns:
        Strings (n,) named `age_band`, each one of `age_bands`; null where the age is not known.

    >>> age_band_of(pl.Series([-9000, -14610, None])).to_list()
    ['< 30', '40-49', None]
    """
    years = (-days_birth.cast(pl.Float64) / days_per_year).fill_null(np.nan).to_numpy()
    # NaN sorts last, after infinity, and has no label.
    places = np.searchsorted(np.array([*age_bounds, np.inf]), years, side="right")
    return pl.Series(age_band, np.array([*age_bands, None])[places].tolist(), dtype=pl.String)
