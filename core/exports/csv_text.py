"""Tables as CSV in which no cell is a formula that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable

# So that Excel takes a file for what it is.
byte_order_mark: Final = "\ufeff"
_formula_starts: Final = ("=", "+", "-", "@", "\t", "\r")
# The same as a pattern.
_runs: Final = r"^[=+\-@\t\r]"


def no_formula(cell: object) -> object:
    """A cell with a quote before any text that a spreadsheet would run; numbers are none.

    >>> no_formula("=1+1"), no_formula(-1), no_formula("1+1")
    ("'=1+1", -1, '1+1')
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_formula_starts) else cell


def as_csv(rows: Iterable[Iterable[object]]) -> str:
    """Rows as lines of CSV, commas between cells and points in numbers; no cell is a formula."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([no_formula(cell) for cell in row] for row in rows)
    return text.getvalue()


def frame_as_csv(frame: pl.DataFrame) -> str:
    """The rows of a frame as lines of CSV without a heading, as `as_csv` writes them, by Polars."""
    text = pl.selectors.string()
    safe = pl.when(text.str.contains(_runs)).then("'" + text).otherwise(text)
    return frame.with_columns(safe.name.keep()).write_csv(include_header=False)


def csv_file(rows: Iterable[Iterable[object]]) -> bytes:
    """A table with its heading as a whole file in UTF-8, which Excel opens as such."""
    return (byte_order_mark + as_csv(rows)).encode()
