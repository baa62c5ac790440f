"""The check of rows against the catalogue, column by column, which types what is sound."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import polars as pl

from core import catalogue
from core.tables.cells.number_text import NumberFormat, point_decimals
from core.tables.values import ReadNumbers, plain_number, read_codes, read_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.catalogue import Column
    from core.tables.cells.number_text import Mark

errors_schema: Final = {"row": pl.Int64(), "column": pl.String(), "problem": pl.String()}


@dataclass(frozen=True, slots=True)
class Checked:
    """Rows that were checked.

    Attributes:
        rows: the sound rows, typed by `catalogue.polars_schema`, in their order; only columns of the catalogue.
        positions: position of each sound row in what was checked.
        errors: one line per bad value: `row` (its position), `column`, and `problem`, a key of `core.text.messages`.
        readings: the same for values that could mean something else than what they were read as; `problem` is a
            `core.contract.field_warnings.ReadingKind`.
    """

    rows: pl.DataFrame
    positions: pl.Series
    errors: pl.DataFrame
    readings: pl.DataFrame


def check(
    frame: pl.DataFrame, table: str = "application", formats: Mapping[str, NumberFormat] | None = None
) -> Checked:
    """Checks types, bounds and codes of the columns that the catalogue knows; the others are left out.

    A number of days that lacks its sign gets it, where nothing else is possible, and is one of the `readings`.

    Args:
        frame: columns of text (as read from CSV) or of their own types (as read from Parquet).
        table: name of the table in the catalogue.
        formats: how the numbers of a column are written, where they are text and have no decimal point.
    """
    formats = formats or {}
    present = set(frame.columns)
    known = [column for column in catalogue.columns(table) if column.name in present]
    schema = catalogue.polars_schema(table)
    sound_columns = _sound_columns(frame, table, known, formats)
    typed: list[pl.Series] = []
    errors: list[pl.DataFrame] = []
    readings: list[pl.DataFrame] = []
    for column in known:
        if column.name in sound_columns:
            typed.append(sound_columns[column.name])
            continue
        read = _check_column(frame[column.name], column, formats.get(column.name, point_decimals))
        typed.append(read.numbers.cast(schema[column.name], strict=False).alias(column.name))
        errors += listed_problems(column.name, read.problems)
        readings += listed_problems(column.name, read.readings)
    listed = in_order(errors)
    positions = pl.Series("row", range(frame.height), dtype=pl.Int64)
    sound = ~positions.is_in(listed["row"].unique().implode())
    return Checked(pl.DataFrame(typed).filter(sound), positions.filter(sound), listed, in_order(readings))


def listed_problems(name: str, problems: pl.Series | None) -> list[pl.DataFrame]:
    """The lines of `errors_schema` for what is said of the values of a column: one frame, or none."""
    if problems is None or problems.null_count() == len(problems):
        return []
    lines = pl.DataFrame({"column": name, "problem": problems}).with_row_index("row").drop_nulls("problem")
    return [lines.select(pl.col(field).cast(kind) for field, kind in errors_schema.items())]


def in_order(listed: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Lines of `errors_schema` together, by row."""
    return pl.concat([pl.DataFrame(schema=errors_schema), *listed]).sort("row", maintain_order=True)


def _sound_columns(
    frame: pl.DataFrame, table: str, known: Iterable[Column], formats: Mapping[str, NumberFormat]
) -> dict[str, pl.Series]:
    """The typed columns of which nothing is to be said: most of them, read in two queries rather than one by one.

    A column that is not among them may be sound all the same, in a spelling that `_check_column` reads.
    """
    kinds: list[tuple[str, Mark | None]] = []
    of_text = set()
    schema = frame.schema
    for column in known:
        kind, written = schema[column.name], formats.get(column.name, point_decimals)
        if kind == pl.String and (column.type == "category" or written.proof_of(written.decimal) == "column"):
            kinds.append((column.name, written.decimal))
            of_text.add(column.name)
        elif kind.is_numeric() and column.type != "category":
            kinds.append((column.name, None))
    if not kinds:
        return {}
    queries = _queries(table, tuple(kinds))
    read = frame.select(queries.values)
    typed = {values.name: values for values in read.select(queries.typed).get_columns()}
    sound = read.select(queries.sound).row(0, named=True)
    before, after = (some.null_count().row(0, named=True) for some in (frame, read))
    # What text holds and was no number is null by now.
    return {
        name: values
        for name, values in typed.items()
        if sound[name] and (name not in of_text or before[name] == after[name])
    }


@dataclass(frozen=True, slots=True)
class _Queries:
    """What is asked of columns together, by their names.

    Attributes:
        values: the codes without the blanks around them, and the numbers.
        sound: of the values, whether all are within the bounds and codes of the catalogue.
        typed: the values, in the types of the catalogue.
    """

    values: tuple[pl.Expr, ...]
    sound: tuple[pl.Expr, ...]
    typed: tuple[pl.Expr, ...]


# Files of a few shapes come again and again, batch by batch; to put a query together takes longer than its answer.
@lru_cache(maxsize=32)
def _queries(table: str, kinds: tuple[tuple[str, Mark | None], ...]) -> _Queries:
    """Those of columns of text, with its decimal mark, and of numbers, which have none."""
    schema = catalogue.polars_schema(table)
    values, sound, typed = [], [], []
    for name, mark in kinds:
        column, value = catalogue.column(name, table), pl.col(name)
        if column.type == "category":
            values.append(value.str.strip_chars())
            wrong = ~value.is_in([code.code for code in column.codes])
        else:
            values.append(value.cast(pl.Float64) if mark is None else plain_number(value.str.strip_chars(), mark))
            wrong = ~value.is_finite() | _outside(value, column)
            if column.type != "real":
                wrong |= value != value.round()
        sound.append(~wrong.any())
        typed.append(value.cast(schema[name], strict=False))
    return _Queries(tuple(values), tuple(sound), tuple(typed))


def _check_column(values: pl.Series, column: Column, written: NumberFormat) -> ReadNumbers:
    """The values, missing marks as null, and what is said of them; of a category, its codes in place of numbers."""
    if column.type == "category":
        return ReadNumbers(*read_codes(values, column))
    read = read_numbers(values, column.unit, flag=column.type in ("flag", "target"), written=written)
    number = pl.col("number")
    frame = pl.DataFrame({"number": read.numbers})
    outside = _outside(number, column)
    readings = read.readings
    signed, turned = with_signs(read.numbers, column)
    if turned is not None:
        frame = pl.DataFrame({"number": signed})
        kind = pl.when(turned).then(pl.lit("sign_turned")).alias("reading")
        earlier = pl.lit(None, pl.String) if readings is None else pl.Series(readings)
        readings = frame.select(pl.coalesce(kind, earlier).alias("reading"))["reading"]
    whole = column.type != "real"
    problem = (
        pl.when(number.is_finite().not_())
        .then(pl.lit("not_finite"))
        .when(pl.lit(whole) & (number != number.round()))
        .then(pl.lit("not_whole"))
        .when(outside)
        .then(pl.lit("out_of_bounds"))
    )
    problems = frame.select(problem=problem)["problem"]
    if read.problems is not None:
        problems = pl.select(pl.coalesce(read.problems, problems)).to_series()
    return ReadNumbers(frame["number"], problems, readings)


def with_signs(numbers: pl.Series, column: Column) -> tuple[pl.Series, pl.Series | None]:
    """Numbers of days with the sign that some lack, and of each whether it did (None: none of them).

    Columns of days that end with the application are negative, but for a sentinel; what is not possible as it stands,
    and is with a minus before it, has lost its sign.
    """
    if column.unit != "days" or column.maximum is None or column.maximum > 0:
        return numbers, None
    number = pl.col("number")
    frame = pl.DataFrame({"number": numbers})
    lacks_sign = _outside(number, column) & (number > 0) & ~_outside(-number, column)
    turned = frame.select(lacks_sign.fill_null(value=False).alias("turned"))["turned"]
    if not turned.any():
        return numbers, None
    return frame.select(pl.when(turned).then(-number).otherwise(number).alias(numbers.name))[numbers.name], turned


def _outside(number: pl.Expr, column: Column) -> pl.Expr:
    minimum, maximum = (0, 1) if column.type in ("flag", "target") else (column.minimum, column.maximum)
    outside = pl.lit(value=False)
    if minimum is not None:
        outside = outside | (number < minimum)
    if maximum is not None:
        outside = outside | (number > maximum)
    return outside if column.sentinel is None else outside & (number != column.sentinel)
