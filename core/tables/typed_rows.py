"""Typed rows of one table, by the catalogue; a value that does not fit is named by file, line and column."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from core import catalogue
from core.application import expected
from core.catalogue.spelling import name_key
from core.tables.checking import check
from core.tables.values import is_missing
from core.text.messages import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from core.tables.batches import Batch, Broken
    from core.tables.cells.number_text import NumberFormat

# What tells the rows of a table apart, where anything does.
_keys: Final = {"application": "SK_ID_CURR", "bureau": "SK_ID_BUREAU", "previous_application": "SK_ID_PREV"}


class TableError(ValueError):
    """A table that cannot be used, with a sentence that names file, column and what was expected."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """What a file is to hold.

    Attributes:
        label: how the file is called in errors.
        table: the catalogue's name of the table.
        columns: the columns that the file needs, in the order of the catalogue.
    """

    label: str
    table: str
    columns: tuple[str, ...]

    def places(self, header: Iterable[str]) -> dict[int, str]:
        """The needed columns, by their position in a file, under whatever name of the same key it has them.

        Raises:
            TableError: one is absent, or there twice.
        """
        needed = {name_key(name): name for name in self.columns}
        found = {place: needed[key] for place, name in enumerate(header) if (key := name_key(name)) in needed}
        names = Counter(found.values())
        absent = [column for column in self.columns if column not in names]
        if absent:
            raise TableError(f"{self.label}: missing column {', '.join(absent)}")
        twice = [column for column in self.columns if names[column] > 1]
        if twice:
            raise TableError(f"{self.label}: the column {twice[0]} appears twice")
        return found

    def ignored(self, header: Iterable[str]) -> tuple[str, ...]:
        """The columns of a file that the table does not have."""
        needed = set(map(name_key, self.columns))
        return tuple(name for name in header if name_key(name) not in needed)

    def schema(self) -> dict[str, pl.DataType]:
        """The Polars types of the columns."""
        types = catalogue.polars_schema(self.table)
        return {column: types[column] for column in self.columns}


def typed_rows(frames: Iterable[pl.DataFrame], file: TableFile) -> Iterator[pl.DataFrame]:
    """Rows that come with types of their own, as from Parquet, in the types of the catalogue.

    Raises:
        TableError: at the first batch with a value that does not fit its column.
    """
    before = 0
    for frame in frames:
        needed = frame.select(file.columns)
        _refuse_kinds(needed, file)
        # What CSV writes as NaN is missing; so it is here.
        plain = needed.with_columns(
            pl.selectors.float().fill_nan(None),
            pl.selectors.categorical().cast(pl.String),
            pl.selectors.enum().cast(pl.String),
        )
        rows, errors = typed(plain, file)
        if not errors.is_empty():
            refuse(errors, file, "row", range(before + 1, before + 1 + frame.height))
        yield rows
        before += frame.height


def _refuse_kinds(frame: pl.DataFrame, file: TableFile) -> None:
    """Raises `TableError` for a column of dates, lists or bytes: neither text nor numbers."""
    for name, kind in frame.schema.items():
        if not (kind.is_numeric() or isinstance(kind, pl.String | pl.Categorical | pl.Enum | pl.Boolean | pl.Null)):
            expectation = expected(catalogue.column(name, file.table), "en")
            raise TableError(f"{file.label}: column {name}: holds {kind}; expected {expectation}")


def typed_lines(batches: Iterable[Batch], file: TableFile) -> Iterator[pl.DataFrame]:
    """Rows of text, as the reader of CSV gives them, in the types of the catalogue.

    Raises:
        TableError: at the first batch with a line that is no row, or a value that does not fit its column.
    """
    for batch in batches:
        if batch.broken:
            raise TableError(f"{file.label}: line {batch.broken[0].number:,}{_why_broken(batch.broken[0])}")
        rows, errors = typed(batch.frame, file, batch.formats)
        if not errors.is_empty():
            refuse(errors, file, "line", batch.numbers)
        yield rows


def _why_broken(line: Broken) -> str:
    found_cells, _, expected_cells = line.why.partition("/")
    return f": expected {expected_cells} values, found {found_cells}" if expected_cells else " is not CSV"


def typed(
    frame: pl.DataFrame, file: TableFile, formats: Mapping[str, NumberFormat] | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows in the types of the catalogue, and what is wrong with them.

    Args:
        frame: the needed columns, as text or in types of their own.
        file: what is expected.
        formats: how the numbers of a column are written, where they are text and have no decimal point.

    Returns:
        The sound rows, and the errors as `core.tables.checking.check` lists them: beside those, a client or loan
        without its number, and an outcome that is not known.
    """
    checked = check(frame, file.table, formats)
    # What training stands on is not read in one of two ways: it is written in one.
    errors = [checked.errors, checked.readings]
    for column in catalogue.columns(file.table):
        if column.type in ("id", "target") and column.name in file.columns:
            missing = is_missing(frame[column.name])
            missing_rows = pl.DataFrame({"row": missing.arg_true().cast(pl.Int64)})
            errors.append(missing_rows.with_columns(column=pl.lit(column.name), problem=pl.lit("missing")))
    return checked.rows, pl.concat(errors).sort("row", maintain_order=True)


def refuse(errors: pl.DataFrame, file: TableFile, unit: str, numbers: Sequence[int]) -> None:
    """Raises `TableError` for the first of the errors.

    Args:
        errors: at least one, as `typed` lists them.
        file: where they are.
        unit: what the reader counts, `line` of text or `row` of a table.
        numbers: the number of each row that was checked, counted in that unit.
    """
    row, name, problem = errors.row(0)
    column = catalogue.column(name, file.table)
    others = f" ({errors.height - 1:,} more nearby)" if errors.height > 1 else ""
    raise TableError(
        f"{file.label}: {unit} {numbers[row]:,}, column {name}: {message(problem, 'en')};"
        f" expected {expected(column, 'en')}{others}"
    )


def key(table: str) -> str | None:
    """The column that tells the rows of a table apart; None where none does alone."""
    return _keys.get(table)


def refuse_repeats(keys: pl.Series, file: TableFile) -> None:
    """Raises `TableError` where two rows share their key: joined with others, they would count twice."""
    if keys.n_unique() == len(keys):
        return
    second = int(keys.is_first_distinct().not_().arg_max() or 0)
    first = int((keys == keys[second]).arg_max() or 0)
    raise TableError(f"{file.label}: column {keys.name}: rows {first + 1:,} and {second + 1:,} have the same number")
