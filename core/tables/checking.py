"""Checks rows of a table against the catalogue, column by column, and types what is sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from core import catalogue

if TYPE_CHECKING:
    from core.catalogue import Column

# What files write where a value is missing.
missing_marks: Final = ("", "NaN", "nan", "NA", "N/A", "null", "NULL", "None")

errors_schema: Final = {"row": pl.Int64(), "column": pl.String(), "problem": pl.String()}


@dataclass(frozen=True, slots=True)
class Checked:
    """Rows that were checked.

    Attributes:
        rows: the sound rows, typed by `catalogue.polars_schema`, in their order; only columns of the catalogue.
        positions: position of each sound row in what was checked.
        errors: one line per bad value: `row` (its position), `column`, and `problem`, a key of `core.text.messages`.
    """

    rows: pl.DataFrame
    positions: pl.Series
    errors: pl.DataFrame


def check(frame: pl.DataFrame, table: str = "application") -> Checked:
    """Checks types, bounds and codes of the columns that the catalogue knows; the others are left out.

    Args:
        frame: columns of text (as read from CSV) or of their own types (as read from Parquet).
        table: name of the table in the catalogue.
    """
    known = [each for each in catalogue.columns(table) if each.name in set(frame.columns)]
    schema = catalogue.polars_schema(table)
    typed: list[pl.Series] = []
    errors: list[pl.DataFrame] = []
    for column in known:
        values, problems = _check_column(frame[column.name], column)
        typed.append(values.cast(schema[column.name], strict=False).alias(column.name))
        if problems.null_count() < len(problems):
            found = pl.DataFrame({"column": column.name, "problem": problems}).with_row_index("row")
            errors.append(
                found.drop_nulls("problem").select(pl.col(name).cast(kind) for name, kind in errors_schema.items())
            )
    listed = pl.concat(errors).sort("row", maintain_order=True) if errors else pl.DataFrame(schema=errors_schema)
    positions = pl.Series("row", range(frame.height), dtype=pl.Int64)
    sound = ~positions.is_in(listed["row"].unique().implode())
    return Checked(rows=pl.DataFrame(typed).filter(sound), positions=positions.filter(sound), errors=listed)


def _check_column(values: pl.Series, column: Column) -> tuple[pl.Series, pl.Series]:
    """The values, missing marks as null, and the problem of each one that has any."""
    if values.dtype == pl.String:
        values = values.str.strip_chars()
        values = values.set(values.is_in(missing_marks), None)
    frame = pl.DataFrame({"value": values})
    if column.type == "category":
        codes = [each.code for each in column.codes]
        bad = pl.col("value").cast(pl.String).is_in(codes).not_()
        return values.cast(pl.String), frame.select(_problem(bad, "not_a_choice"))["problem"]
    frame = frame.with_columns(number=pl.col("value").cast(pl.Float64, strict=False))
    number = pl.col("number")
    whole = column.type != "real"
    problem = (
        pl.when(pl.col("value").is_not_null() & number.is_null())
        .then(pl.lit("not_a_number"))
        .when(number.is_finite().not_())
        .then(pl.lit("not_finite"))
        .when(pl.lit(whole) & (number != number.round()))
        .then(pl.lit("not_whole"))
        .when(_outside(number, column))
        .then(pl.lit("out_of_bounds"))
    )
    found = frame.select("number", problem=problem)
    return found["number"], found["problem"]


def _problem(bad: pl.Expr, key: str) -> pl.Expr:
    return pl.when(bad).then(pl.lit(key)).alias("problem")


def _outside(number: pl.Expr, column: Column) -> pl.Expr:
    minimum, maximum = (0, 1) if column.type in ("flag", "target") else (column.minimum, column.maximum)
    outside = pl.lit(value=False)
    if minimum is not None:
        outside = outside | (number < minimum)
    if maximum is not None:
        outside = outside | (number > maximum)
    return outside if column.sentinel is None else outside & (number != column.sentinel)
