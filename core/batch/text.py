"""Reads applications from CSV text: fast where its lines are as they should be, with care where they are not."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core.batch.columns import ColumnMatch, match_columns
from core.batch.dialect import Dialect, head_bytes, recognise
from core.batch.errors import UnusableFile
from core.batch.reading import Batch, Broken, Place, rows_per_batch, start

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# Text read at a time: about `rows_per_batch` rows, within these bounds. A line cannot be longer than the upper one.
_least_block: Final = 256 * 1024
_largest_block: Final = 12_000_000
# A row may span lines within quotes, within these bounds.
_longest_row: Final = 1_000_000
_most_lines_of_a_row: Final = 100


@dataclass
class TextSource:
    """A CSV file, gzipped or not."""

    path: Path
    packed: bool = False
    most_bytes: int | None = None
    columns: ColumnMatch = field(init=False)
    dialect: Dialect | None = field(init=False)
    rows: int | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._size = max(1, self.path.stat().st_size)
        with self._open() as (stream, _):
            head = stream.read(head_bytes)
        self._dialect, self._header, self._first = recognise(head)
        self.dialect = self._dialect
        self.columns = match_columns(self._header)
        self._block_bytes = _size_for_rows(len(head), head.count(b"\n"))

    def batches(self, place: Place = start) -> Iterator[Batch]:
        """The rows after a place, as text; each of a block of the file that ends where a row ends."""
        if place.offset < self._first:
            place = Place(offset=self._first, line=1)
        with self._open() as (stream, raw):
            stream.seek(place.offset)
            for block in self._blocks(stream, place):
                share = min(1.0, raw.tell() / self._size)
                batch = self._batch(block, place, share)
                place = batch.end
                yield batch

    @contextmanager
    def _open(self) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        """The unpacked text, and the file that it comes from."""
        with self.path.open("rb") as raw:
            if not self.packed:
                yield raw, raw
                return
            try:
                with gzip.GzipFile(fileobj=raw) as unpacked:
                    yield io.BufferedReader(unpacked), raw
            except (gzip.BadGzipFile, EOFError, zlib.error) as error:
                raise UnusableFile("file_unreadable", kind="CSV.gz") from error

    def _blocks(self, stream: IO[bytes], place: Place) -> Iterator[bytes]:
        rest, offset, line = b"", place.offset, place.line
        while read := stream.read(self._block_bytes):
            offset += len(read)
            if self.most_bytes is not None and offset > self.most_bytes:
                raise UnusableFile("file_too_large_unpacked", maximum=str(self.most_bytes))
            block = rest + read
            cut = _last_row_end(block)
            if len(block) - cut > _longest_row:
                # No row is as long as that: a quote that never ends.
                cut = block.rfind(b"\n") + 1
            if cut == 0 and len(block) > _largest_block:
                raise UnusableFile("file_line_too_long", maximum=str(_largest_block), line=str(line))
            rest = block[cut:]
            if cut:
                lines = block.count(b"\n", 0, cut)
                line += lines
                self._block_bytes = _size_for_rows(cut, lines)
                yield block[:cut]
        if rest:
            yield rest

    def _batch(self, block: bytes, place: Place, share: float) -> Batch:
        lines = block.count(b"\n") + (not block.endswith(b"\n"))
        text, first = self._utf8(block), place.line + 1
        frame = self._parse(text)
        numbers: Sequence[int] = range(first, first + lines)
        broken: list[Broken] = []
        if frame is None:
            frame, numbers, broken = self._parse_with_care(text, first)
        end = Place(place.rows + frame.height + len(broken), place.offset + len(block), place.line + lines, share)
        return Batch(frame, numbers, tuple(broken), end)

    def _utf8(self, block: bytes) -> bytes:
        """The text in UTF-8. A block that is not what the head of the file was is taken for Latin-1, which any is."""
        text = block if block.endswith(b"\n") else block + b"\n"
        if self._dialect.encoding == "utf-8":
            try:
                text.decode("utf-8")
            except UnicodeDecodeError:
                pass
            else:
                return text
        return text if text.isascii() else text.decode("latin-1").encode("utf-8")

    def _parse(self, text: bytes) -> pl.DataFrame | None:
        """The columns that are used, or None where a line has not as many cells as the header, or is empty."""
        names = [str(place) for place in range(len(self._header))]
        separator = self._dialect.separator
        try:
            frame = pl.read_csv(
                text,
                has_header=False,
                schema=dict.fromkeys(names, pl.String),
                separator=separator,
                raise_if_empty=False,
            )
        except pl.exceptions.PolarsError:
            return None
        # Polars fills up lines that are too short, and takes an empty one for a row. (Those too long it refuses.)
        unquoted = b"".join(text.split(b'"')[::2]) if b'"' in text else text
        whole = unquoted.count(separator.encode()) == frame.height * (len(names) - 1)
        if not whole or text.count(b"\n") != frame.height:
            return None
        return frame.select(pl.col(str(place)).alias(name) for place, name in self.columns.names.items())

    def _parse_with_care(self, text: bytes, first_line: int) -> tuple[pl.DataFrame, list[int], list[Broken]]:
        """Row by row: one that is broken, a quote that never ends among them, costs no other its place."""
        lines = [f"{line}\n" for line in text.decode("utf-8").removesuffix("\n").split("\n")]
        rows: list[list[str]] = []
        numbers: list[int] = []
        broken: list[Broken] = []
        wanted = len(self._header)
        place = 0
        while place < len(lines):
            few = lines[place : place + _most_lines_of_a_row]
            # Strict: else a quote that never ends makes one cell of its line and the next.
            reader = csv.reader(few, delimiter=self._dialect.separator, strict=True)
            try:
                row, why = next(reader), ""
            except csv.Error:
                row, why = [], "CSV"
            if row and len(row) != wanted:
                why = f"{len(row)}/{wanted}"
            if why:
                broken.append(Broken(first_line + place, why))
            elif row:
                rows.append(row)
                numbers.append(first_line + place)
            place += 1 if why else reader.line_num
        cells = {
            name: pl.Series([row[place] for row in rows], dtype=pl.String) for place, name in self.columns.names.items()
        }
        return pl.DataFrame(cells), numbers, broken


def _size_for_rows(size: int, lines: int) -> int:
    """How many bytes are about as many rows as a batch has, by the length of the last ones."""
    return min(_largest_block, max(_least_block, size // max(1, lines) * rows_per_batch))


def _last_row_end(block: bytes) -> int:
    """Where the last whole row of a text ends: after its last line feed outside of quotes; 0 where there is none."""
    cut = block.rfind(b"\n") + 1
    if block.count(b'"', 0, cut) % 2 == 0:
        return cut
    text = np.frombuffer(block, dtype=np.uint8)
    outside = np.cumsum(text == ord('"')) % 2 == 0
    ends = np.flatnonzero((text == ord("\n")) & outside)
    return int(ends[-1]) + 1 if len(ends) else 0
