"""The rows of a file, batch by batch: what a batch holds, and a place between two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from core.tables.cells.number_text import NumberFormat
from core.tables.checking import in_order

rows_per_batch: Final = 6_000


@dataclass(frozen=True, slots=True)
class Place:
    """A place between two batches of a file.

    Attributes:
        rows: rows before it, sound or not.
        offset: bytes of text before it, unpacked; of no meaning in Parquet.
        line: line feeds of text before it.
        share: of the file that lies before it, 0 to 1.
    """

    rows: int = 0
    offset: int = 0
    line: int = 0
    share: float = 0.0


start: Final = Place()


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that is not as long as the header, or no row at all; `why` repeats nothing of it."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows as read.

    Attributes:
        frame: the columns that are used, under the catalogue's names: text from CSV, their own types from Parquet.
        numbers: of each row: the line on which it begins, as an editor counts them; in Parquet the row from 1.
        broken: the lines between them that are no row.
        end: the place after the batch.
        formats: how the numbers of its columns are written, where they are text.
        problems, readings: what is said of values that were made of several columns, by
            `core.tables.checking.errors_schema`: `row` is the position in `frame`.
    """

    frame: pl.DataFrame
    numbers: Sequence[int]
    broken: tuple[Broken, ...]
    end: Place
    formats: Mapping[str, NumberFormat] = field(default_factory=dict)
    problems: pl.DataFrame = field(default_factory=lambda: in_order([]))
    readings: pl.DataFrame = field(default_factory=lambda: in_order([]))


@dataclass(frozen=True, slots=True)
class RowCount:
    """How many rows a file has.

    Attributes:
        rows: as many as the part that was looked at lets expect.
        unpacked: bytes of text that were looked at.
        whole: whether that was all of it.
    """

    rows: int
    unpacked: int
    whole: bool = False
