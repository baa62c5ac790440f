"""CSV as conversions write it: by Polars or cell by cell, within the limits on one file."""

from __future__ import annotations

import csv
import io
from typing import IO, TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.tables.limits import FileLimits

_line_ends: Final = r"[\r\n]+"


class CsvWriter:
    """A CSV file that grows frame by frame or row by row, as far as the limits let it.

    Attributes:
        rows: how many were written.
    """

    def __init__(self, stream: IO[bytes], names: Sequence[str], limits: FileLimits, lines_above: int = 0) -> None:
        """Writes the names of the columns. Raises `core.tables.errors.UnusableFile` where they are too many.

        Args:
            stream: where to.
            names: of the columns.
            limits: on what is written.
            lines_above: so many empty lines stand above the names, for a line to have the number of its row in a sheet.
        """
        limits.check_columns(len(names))
        stream.write(b"\n" * lines_above)
        self.rows = 0
        self._stream, self._limits, self._bytes = stream, limits, 0
        self._write([names])

    def frame(self, frame: pl.DataFrame) -> None:
        """Adds rows whose columns stand in the order of the names.

        Decimals become floats: what is computed of them must not depend on their scale. Nested values are left out.
        """
        plain = _plain(frame)
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


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    changed: list[pl.Expr | pl.Series] = []
    for name, kind in frame.schema.items():
        if kind.is_nested() or kind in (pl.Binary, pl.Object):
            changed.append(pl.repeat(None, frame.height, dtype=pl.String, eager=True).alias(name))
        elif kind.is_decimal():
            changed.append(pl.col(name).cast(pl.Float64))
    # To look costs a third of what it does to replace.
    has_lines = frame.select(pl.col(pl.String).str.contains(_line_ends).any())
    several_lines = [name for name in has_lines.columns if has_lines[name].item()]
    changed += [pl.col(name).str.replace_all(_line_ends, " ") for name in several_lines]
    return frame.with_columns(changed)
