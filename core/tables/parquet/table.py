"""Rows of a Parquet file, some at a time, in little memory whatever it holds, within the limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from core.tables.errors import UnusableFile
from core.tables.parquet.layout import check_pages, read_layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from core.tables.limits import FileLimits
    from core.tables.parquet.layout import Layout

# Of text that is held at once, whatever the length of its values.
_text_bytes: Final = 32_000_000
# What Polars raises where a file is damaged; a panic is no `Exception`, and would end a worker.
_damaged: Final = (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException)


@dataclass(frozen=True, slots=True)
class ParquetRows:
    """Some columns of a file, whose pages were looked at, to be read from any row on.

    Attributes:
        rows: how many there are.
    """

    rows: int
    _frame: pl.LazyFrame
    _step: int
    _limits: FileLimits

    def frames(self, first: int = 0) -> Iterator[tuple[int, pl.DataFrame]]:
        """The rows after so many, some at a time, each time with how many were before.

        Raises:
            UnusableFile: where the file cannot be read on, or a value is longer than allowed.
        """
        while first < self.rows:
            try:
                frame = self._frame.slice(first, min(self._step, self.rows - first)).collect()
            except _damaged as error:
                raise _unreadable() from error
            if frame.is_empty():
                # It says that it has more rows than it has.
                raise _unreadable()
            self._limits.check_cells(frame, first + 1)
            # Equal values of a page are one until somebody changes them: from here on each takes its own room.
            for piece in frame.iter_slices(_rows_at_once(frame)):
                yield first, piece
                first += piece.height


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """A file that is no larger than the limits allow, as far as it says itself.

    Attributes:
        schema: its columns with their types, as Polars reads them.
    """

    path: Path
    schema: pl.Schema
    _layout: Layout
    _limits: FileLimits

    @classmethod
    def open(cls, path: Path, limits: FileLimits) -> ParquetTable:
        """Reads what a file says of itself.

        Raises:
            UnusableFile: it is none, damaged, or larger than the limits.
            OSError: the disk cannot be read.
        """
        layout = read_layout(path, limits)
        try:
            schema = pl.scan_parquet(path, glob=False).collect_schema()
        except _damaged as error:
            raise _unreadable() from error
        return cls(path, schema, layout, limits)

    @property
    def rows(self) -> int:
        """How many there are."""
        return self._layout.rows

    def select(self, used: Mapping[str, str], max_rows: int) -> ParquetRows:
        """Some columns.

        Args:
            used: the file's name of each, and the one that it gets; not nested.
            max_rows: how many are read at a time; fewer where they are long.

        Raises:
            UnusableFile: their pages take too much memory.
            OSError: the disk cannot be read.
        """
        width = check_pages(self.path, self._layout, used, self._limits)
        rows = pl.scan_parquet(self.path, glob=False).select(
            pl.col(heading).alias(name) for heading, name in used.items()
        )
        step = max(1, min(max_rows, int(_text_bytes / max(1.0, width))))
        return ParquetRows(self.rows, rows, step, self._limits)


def _rows_at_once(frame: pl.DataFrame) -> int:
    """How many rows of a frame have no more text than may be held."""
    lengths = (frame[name].str.len_bytes().sum() for name, kind in frame.schema.items() if kind == pl.String)
    texts = sum(int(length) for length in lengths)
    return max(1, frame.height if texts <= _text_bytes else frame.height * _text_bytes // texts)


def _unreadable() -> UnusableFile:
    return UnusableFile("file_unreadable", kind="Parquet")
