"""Applications from CSV text: fast where its lines are as they should be, with care where they are not."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final, cast

import numpy as np
import polars as pl

from core.tables.batches import Batch, Broken, Place, RowCount, rows_per_batch, start
from core.tables.columns import ColumnMatch, match_columns
from core.tables.csv.dialect import Dialect, head_bytes, recognise, unwrapped
from core.tables.csv.plain_text import Coding, PlainText, coding_of
from core.tables.errors import UnusableFile
from core.tables.limits import FileLimits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

# Text read at a time: about `rows_per_batch` rows, within these bounds.
_min_block: Final = 256 * 1024
_largest_block: Final = 12_000_000
# A batch has no more lines than that, however short they are.
_max_lines: Final = 2 * rows_per_batch
# A row may span lines within quotes, within these bounds; a line cannot be longer either.
_longest_row: Final = 1_000_000
_max_lines_of_a_row: Final = 100
# What a file is looked at for at a time where its lines are counted.
_counted_bytes: Final = 1_000_000


@dataclass
class TextSource:
    """A CSV file, gzipped or not."""

    path: Path
    limits: FileLimits
    packed: bool = False
    columns: ColumnMatch = field(init=False)
    dialect: Dialect | None = field(init=False)
    rows: int | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._size = max(1, self.path.stat().st_size)
        self._coding: Coding | None = None
        with self._open() as (stream, _):
            self._coding = coding_of(stream.read(head_bytes))
        with self._open() as (stream, _):
            head = stream.read(head_bytes)
        self._dialect, self._header, self._first = recognise(head, self.limits)
        self.dialect = self._dialect
        self.columns = match_columns(self._header)
        self._block_bytes = _size_for_rows(len(head), head.count(b"\n"))

    def batches(self, place: Place = start) -> Iterator[Batch]:
        """The rows after a place, as text; each of a block of the file that ends where a row ends."""
        if place.offset < self._first:
            place = Place(offset=self._first, line=self._dialect.lines)
        with self._open() as (stream, raw):
            stream.seek(place.offset)
            for block in self._blocks(stream, raw, place):
                share = min(1.0, raw.tell() / self._size)
                batch = self._batch(block, place, share)
                place = batch.end
                # Lines, as empty ones are no rows and take their time all the same.
                self.limits.check_rows(place.line - self._dialect.lines)
                yield batch

    def counting(self) -> Iterator[RowCount]:
        """Counts lines, which are more than rows where values hold line feeds."""
        read, lines, last = 0, 0, b"\n"
        with self._open() as (stream, raw):
            while part := stream.read(_counted_bytes):
                read, lines, last = read + len(part), lines + part.count(b"\n"), part[-1:]
                self.limits.check_unpacked(read, raw.tell())
                self.limits.check_rows(lines - self._dialect.lines)
                yield RowCount(max(1, lines * self._size // raw.tell()), read)
        # Without those of the header, but the line behind the last line feed.
        yield RowCount(max(0, lines + (last != b"\n") - self._dialect.lines), read, whole=True)

    @contextmanager
    def _open(self) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        """The unpacked text, and the file that it comes from."""
        with self.path.open("rb") as raw:
            if not self.packed:
                yield self._plain(raw), raw
                return
            try:
                with gzip.GzipFile(fileobj=raw) as unpacked:
                    yield self._plain(io.BufferedReader(unpacked)), raw
            except (gzip.BadGzipFile, EOFError, zlib.error) as error:
                raise UnusableFile("file_unreadable", kind="CSV.gz") from error

    def _plain(self, stream: IO[bytes]) -> IO[bytes]:
        return stream if self._coding is None else cast("IO[bytes]", PlainText(stream, self._coding))

    def _blocks(self, stream: IO[bytes], raw: IO[bytes], place: Place) -> Iterator[bytes]:
        rest, offset, line = b"", place.offset, place.line
        while read := stream.read(self._block_bytes):
            offset += len(read)
            self.limits.check_unpacked(offset, raw.tell())
            block = rest + read
            cut = _last_row_end(block)
            if len(block) - cut > _longest_row:
                # No row is as long as that: a quote that never ends.
                cut = block.rfind(b"\n") + 1
            if len(block) - cut > _longest_row:
                raise UnusableFile("file_line_too_long", maximum=str(_longest_row), line=str(line))
            rest = block[cut:]
            if cut:
                lines = block.count(b"\n", 0, cut)
                line += lines
                self._block_bytes = _size_for_rows(cut, lines)
                yield from _pieces(block[:cut], lines)
        if rest:
            yield from _pieces(rest, rest.count(b"\n"))

    def _batch(self, block: bytes, place: Place, share: float) -> Batch:
        lines = block.count(b"\n") + (not block.endswith(b"\n"))
        text, first = self._utf8(block), place.line + 1
        frame = self._parse(text)
        numbers: Sequence[int] = range(first, first + lines)
        broken: list[Broken] = []
        if frame is None:
            frame, numbers, broken = self._parse_with_care(text, first)
        self.limits.check_cells(frame, first)
        end = Place(place.rows + frame.height + len(broken), place.offset + len(block), place.line + lines, share)
        return Batch(frame, numbers, tuple(broken), end, self._dialect.formats)

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
                # Many that nobody reads would each take sixteen bytes a row.
                columns=sorted(self.columns.names),
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
            if lines[place] in ("\n", "\r\n"):
                place += 1
                continue
            few = lines[place : place + _max_lines_of_a_row]
            # Strict: else a quote that never ends makes one cell of its line and the next.
            reader = csv.reader(few, delimiter=self._dialect.separator, strict=True)
            try:
                row, why = next(reader), ""
            except csv.Error:
                row, why = [], "CSV"
            if why or (row and len(row) != wanted):
                why = why or f"{len(row)}/{wanted}"
                inner = self._row_in_a_cell(few[: max(1, reader.line_num)], wanted)
                row, why = (row, why) if inner is None else (inner, "")
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

    def _row_in_a_cell(self, lines: list[str], wanted: int) -> list[str] | None:
        """The cells of a row that a spreadsheet has put into one, in quotes; None where it is no such row.

        A spreadsheet that takes commas for text saves each line that holds a quote as one cell.
        """
        if not lines[0].startswith('"'):
            return None
        for outer in dict.fromkeys((self._dialect.separator, ";", ",")):
            with suppress(csv.Error):
                inner = unwrapped(next(csv.reader(lines, delimiter=outer, strict=True)))
                if inner is not None:
                    row = next(csv.reader(inner.splitlines(keepends=True), delimiter=self._dialect.separator), [])
                    if len(row) == wanted:
                        return row
        return None


def _pieces(block: bytes, lines: int) -> Iterator[bytes]:
    """A text that ends where a row ends, in pieces that do so too, and have no more lines than a batch may."""
    first = 0
    if lines > _max_lines:
        for end in _row_ends(block)[rows_per_batch - 1 :: rows_per_batch]:
            yield from _lines(block[first : end + 1])
            first = end + 1
    yield from _lines(block[first:])


def _lines(piece: bytes) -> Iterator[bytes]:
    """A piece as it is; where a quote that never ends has made it too long, line by line without regard to quotes."""
    while piece.count(b"\n") > _max_lines:
        ends = np.flatnonzero(np.frombuffer(piece, dtype=np.uint8) == ord("\n"))
        cut = int(ends[rows_per_batch - 1]) + 1
        yield piece[:cut]
        piece = piece[cut:]
    if piece:
        yield piece


def _size_for_rows(size: int, lines: int) -> int:
    """How many bytes are about as many rows as a batch has, by the length of the last ones."""
    return min(_largest_block, max(_min_block, size // max(1, lines) * rows_per_batch))


def _last_row_end(block: bytes) -> int:
    """Where the last whole row of a text ends: after its last line feed outside of quotes; 0 where there is none."""
    cut = block.rfind(b"\n") + 1
    if block.count(b'"', 0, cut) % 2 == 0:
        return cut
    ends = _row_ends(block)
    return int(ends[-1]) + 1 if len(ends) else 0


def _row_ends(block: bytes) -> NDArray[np.int64]:
    """Where the rows of a text end: at its line feeds outside of quotes."""
    text = np.frombuffer(block, dtype=np.uint8)
    # Of the count of quotes only the last bit matters, which a small number keeps when it runs over.
    inside = np.cumsum(text == ord('"'), dtype=np.uint8) & 1
    return np.flatnonzero((text == ord("\n")) & (inside == 0))
