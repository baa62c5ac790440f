"""Tables as CSV in a reader's convention, in which no cell is a formula that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.catalogue import Language

Convention = Literal["plain", "fr"]

# So that Excel takes a file for what it is.
byte_order_mark: Final = "\ufeff"
_formula_starts: Final = ("=", "+", "-", "@", "\t", "\r")
# The same as a pattern.
_runs: Final = r"^[=+\-@\t\r]"


@dataclass(frozen=True, slots=True)
class _Marks:
    """How a convention writes: what stands between cells, the decimal mark, and what a file begins with."""

    separator: str
    decimal: str
    head: str


_marks: Final[dict[Convention, _Marks]] = {
    # As programs read it.
    "plain": _Marks(",", ".", ""),
    # As Excel opens it where Windows is French.
    "fr": _Marks(";", ",", byte_order_mark),
}


def convention_of(lang: Language) -> Convention:
    """The convention that the spreadsheets of readers of a language open as a table."""
    return "fr" if lang == "fr" else "plain"


def head_of(convention: Convention) -> str:
    """What a file of a convention begins with, before its first line."""
    return _marks[convention].head


def separator_of(convention: Convention) -> str:
    """What stands between the cells of a convention."""
    return _marks[convention].separator


def no_formula(cell: object) -> object:
    """A cell with a quote before any text that a spreadsheet would run; numbers are none.

    >>> no_formula("=1+1"), no_formula(-1), no_formula("1+1")
    ("'=1+1", -1, '1+1')
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_formula_starts) else cell


def as_csv(rows: Iterable[Iterable[object]], convention: Convention = "plain") -> str:
    r"""Rows as lines of CSV; no cell is a formula.

    >>> as_csv([["a", -1.5]]), as_csv([["a", -1.5]], "fr")
    ('a,-1.5\n', 'a;-1,5\n')
    """
    text, marks = io.StringIO(), _marks[convention]
    writer = csv.writer(text, delimiter=marks.separator, lineterminator="\n")
    writer.writerows([_cell(cell, marks) for cell in row] for row in rows)
    return text.getvalue()


def _cell(cell: object, marks: _Marks) -> object:
    return repr(float(cell)).replace(".", marks.decimal) if isinstance(cell, float) else no_formula(cell)


def frame_as_csv(frame: pl.DataFrame, convention: Convention = "plain") -> str:
    """The rows of a frame as lines of CSV without a heading, as `as_csv` writes them, by Polars."""
    text, marks = pl.selectors.string(), _marks[convention]
    safe = pl.when(text.str.contains(_runs)).then("'" + text).otherwise(text)
    return frame.with_columns(safe.name.keep()).write_csv(
        include_header=False, separator=marks.separator, decimal_comma=marks.decimal == ","
    )


def csv_file(rows: Iterable[Iterable[object]], convention: Convention = "plain") -> bytes:
    """A table with its heading as a whole file in UTF-8, which Excel opens as such."""
    return (byte_order_mark + as_csv(rows, convention)).encode()
