"""CSV as conversions write it: by Polars or cell by cell, within the limits on one file."""

from __future__ import annotations

import csv
import io
from typing import IO, TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.tables.limits import FileLimits


class CsvWriter:
    """A CSV file that grows frame by frame or row by row, as far as the limits let it.

    Attributes:
        rows: how many were written.
    """

    def __init__(self, stream: IO[bytes], names: Sequence[str], limits: FileLimits) -> None:
        """Writes the names of the columns. Raises `core.tables.errors.UnusableFile` where they are too many."""
        limits.check_columns(len(names))
        self.rows = 0
        self._stream, self._limits, self._bytes = stream, limits, 0
        self._write([names])

    def frame(self, frame: pl.DataFrame) -> None:
        """Adds rows whose columns stand in the order of the names.

        Decimals become floats: what is computed of them must not depend on their scale. Nested values are left out.
        """
        plain = frame.select(_as_text(frame[name]) for name in frame.columns)
        self._limits.check_cells(plain, self.rows + 1)
        self._count(plain.height, plain.write_csv(include_header=False, line_terminator="\n").encode())

    def cells(self, rows: Sequence[Sequence[object]]) -> None:
        """Adds rows of cells: None is an empty one, a truth value is `true` or `false`."""
        self._write(rows, counted=True)

    def _write(self, rows: Sequence[Sequence[object]], *, counted: bool = False) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows([_cell(value) for value in row] for row in rows)
        self._count(len(rows) if counted else 0, text.getvalue().encode())

    def _count(self, rows: int, text: bytes) -> None:
        self.rows += rows
        self._bytes += len(text)
        self._limits.check_rows(self.rows)
        # Of what a converted file takes only the whole is limited: it is written, not unpacked.
        self._limits.check_unpacked(self._bytes, self._bytes)
        self._stream.write(text)


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    # A line feed would move the numbers of all rows after it.
    return " ".join(value.splitlines()) if isinstance(value, str) else value


def _as_text(column: pl.Series) -> pl.Series:
    if column.dtype.is_nested() or column.dtype in (pl.Binary, pl.Object):
        return pl.Series(column.name, [None], dtype=pl.String).new_from_index(0, column.len())
    if column.dtype.is_decimal():
        return column.cast(pl.Float64)
    if column.dtype == pl.String:
        return column.str.replace_all(r"[\r\n]+", " ")
    return column
