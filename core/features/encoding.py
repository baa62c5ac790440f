"""The encoding of what is known but is no amount, so that the model tells it from what is not known.

A tree sends every missing value of a feature the same way. Somebody without employment has no time in a job, and that
is known: as a missing value, it would be one with an employment that nobody stated. A category that is not known is a
category of its own for the same reason: LightGBM learns no direction for a missing category.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from core.catalogue import Column

# The value of DAYS_EMPLOYED that stands for "not employed" in the tables.
not_employed: Final = 365243

# What the model is given of somebody who is not employed: beyond the longest employment, where nobody else is.
not_employed_values: Final[dict[str, float]] = {"DAYS_EMPLOYED": -float(not_employed), "EMPLOYED_AGE_RATIO": 2.0}

# The numbers of a category that is not known, and of one that nobody has who is not employed; the codes of the
# catalogue follow.
unknown_category: Final = 0
not_employed_category: Final = 1
_first_code: Final = 2
# Left empty in the tables for those who are not employed.
_of_the_employed: Final = frozenset({"OCCUPATION_TYPE"})


def category_number(column: Column) -> pl.Expr:
    """The number of the code in a categorical column: 2 for the first of the catalogue, 0 where it is not known."""
    codes = pl.Enum([code.code for code in column.codes])
    number = pl.col(column.name).cast(codes, strict=False).to_physical().cast(pl.Int16) + _first_code
    if column.name not in _of_the_employed:
        return number.fill_null(unknown_category)
    other = pl.when(pl.col("DAYS_EMPLOYED") == not_employed).then(not_employed_category).otherwise(unknown_category)
    return number.fill_null(other.cast(pl.Int16))


def category_numbers(column: Column) -> dict[object, int]:
    """The numbers of the codes of a categorical column, as `category_number` gives them."""
    return {code.code: number for number, code in enumerate(column.codes, _first_code)}


def unstated_category(column: Column, employment: object) -> int:
    """The number of a category of which no code is known, as `category_number` gives it.

    Args:
        employment: `DAYS_EMPLOYED` of the same applicant.
    """
    nobody = column.name in _of_the_employed and employment == not_employed
    return not_employed_category if nobody else unknown_category


def with_not_employed(name: str, feature: pl.Expr) -> pl.Expr:
    """A feature of the employment with a value of its own where the applicant is not employed; others as they are."""
    value = not_employed_values.get(name)
    if value is None:
        return feature
    return pl.when(pl.col("DAYS_EMPLOYED") == not_employed).then(pl.lit(value)).otherwise(feature.cast(pl.Float64))


def is_amount(name: str, value: float) -> bool:
    """Whether the number of a numeric feature is one: neither missing nor the value of somebody not employed."""
    return value == value and value != not_employed_values.get(name)  # noqa: PLR0124 (NaN differs from itself)
