"""Limits on a file, and its refusal where it is larger: the same for every way in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from core.tables.errors import UnusableFile

if TYPE_CHECKING:
    from core.settings import Settings

# Below so many unpacked bytes nothing is harmed, however little they were packed into.
_harmless_bytes: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class FileLimits:
    """The limits on one file; each method raises `UnusableFile`, which names the limit and its setting, never a value.

    Attributes:
        rows: of data (`MAX_FILE_ROWS`).
        columns: used or not (`MAX_FILE_COLUMNS`).
        header_bytes: of the names of all columns, as they stand in the file (`MAX_HEADER_BYTES`).
        cell_bytes: of a value in a column that is used (`MAX_CELL_BYTES`).
        unpacked_bytes: of the whole file, decompressed (`MAX_UNPACKED_BYTES`). In Parquet a cell counts as one byte at
            least, as it would in CSV: a run of equal values takes next to nothing there.
        unpacked_ratio: how many times its own size a file may unpack to (`MAX_UNPACKED_RATIO`).
    """

    rows: int
    columns: int
    header_bytes: int
    cell_bytes: int
    unpacked_bytes: int
    unpacked_ratio: int

    @classmethod
    def of(cls, settings: Settings) -> FileLimits:
        """Those of the settings."""
        return cls(
            settings.max_file_rows,
            settings.max_file_columns,
            settings.max_header_bytes,
            settings.max_cell_bytes,
            settings.max_unpacked_bytes,
            settings.max_unpacked_ratio,
        )

    def check_rows(self, rows: int) -> None:
        """Refuses more rows than are allowed."""
        if rows > self.rows:
            raise UnusableFile("file_too_many_rows", maximum=str(self.rows), setting="MAX_FILE_ROWS")

    def check_columns(self, columns: int) -> None:
        """Refuses more columns than are allowed."""
        if columns > self.columns:
            raise UnusableFile("file_too_many_columns", maximum=str(self.columns), setting="MAX_FILE_COLUMNS")

    def check_header(self, size: int) -> None:
        """Refuses names that take more bytes than are allowed."""
        if size > self.header_bytes:
            raise UnusableFile("file_header_too_long", maximum=str(self.header_bytes), setting="MAX_HEADER_BYTES")

    def check_unpacked(self, unpacked: int, packed: int) -> None:
        """Refuses what unpacks to too much.

        Args:
            unpacked: bytes that came out so far, or that will.
            packed: bytes of the file that they came out of.
        """
        if unpacked > self.unpacked_bytes:
            raise UnusableFile(
                "file_too_large_unpacked", maximum=str(self.unpacked_bytes), setting="MAX_UNPACKED_BYTES"
            )
        if unpacked > max(_harmless_bytes, packed * self.unpacked_ratio):
            raise UnusableFile("file_unpacks_too_far", maximum=str(self.unpacked_ratio), setting="MAX_UNPACKED_RATIO")

    def check_cells(self, frame: pl.DataFrame, first_row: int = 1) -> None:
        """Refuses a value that is too long, before anything makes another copy of it.

        Args:
            frame: text is looked at; the length of a value stands beside it, so that this reads no value.
            first_row: the number of the first row, for the message.
        """
        lengths = {
            name: (pl.col(name).str if kind == pl.String else pl.col(name).cat).len_bytes()
            for name, kind in frame.schema.items()
            if kind == pl.String or isinstance(kind, pl.Categorical | pl.Enum)
        }
        longest_cells = frame.select(length.max() for length in lengths.values()).rows(named=True)
        for name, longest in (item for cells in longest_cells for item in cells.items()):
            if longest is not None and longest > self.cell_bytes:
                too_long = frame.select(lengths[name] > self.cell_bytes).to_series()
                raise self.cell_too_long(name, first_row + int(too_long.arg_max() or 0))

    def cell_too_long(self, column: str, row: int) -> UnusableFile:
        """What is raised for a value that is too long: in which column, at or soon after which row."""
        return UnusableFile(
            "file_cell_too_long",
            column=column,
            row=str(row),
            maximum=str(self.cell_bytes),
            setting="MAX_CELL_BYTES",
        )
