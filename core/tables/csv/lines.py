"""The rows of CSV text: fast where its lines are as they should be, with care where they are not."""

from __future__ import annotations

import csv
import re
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core.tables.batches import Batch, Broken, Place, start
from core.tables.cells.number_text import point_decimals
from core.tables.csv.cells import unwrapped
from core.tables.csv.dialect import recognise
from core.tables.csv.plain_text import decoded
from core.tables.errors import UnusableFile

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from core.tables.limits import FileLimits

# Text read at a time: about as many rows as are asked for, within these bounds.
_min_block: Final = 256 * 1024
_largest_block: Final = 12_000_000
# A batch has no more lines than so many times the rows that are asked for, however short they are.
_max_lines: Final = 2
# A row may span lines within quotes, within these bounds; a line cannot be longer either.
_longest_row: Final = 1_000_000
max_lines_of_a_row: Final = 100


class LineReader:
    """The rows of CSV text, whose head is known and whose bytes come from a file, a zip or an unpacked stream.

    Attributes:
        dialect: how the text is written.
        header: the names of its columns, in its order.
    """

    def __init__(self, head: bytes, limits: FileLimits, table: str | None = None, *, rows: int) -> None:
        """Looks at the start of a text.

        Args:
            head: its first bytes, `core.tables.csv.dialect.head_bytes` of them where there are as many.
            limits: on its lines, its columns and the values of those that are used.
            table: whose columns are looked for, by the catalogue's name; None: those of an application.
            rows: about how many a batch is to have.

        Raises:
            UnusableFile: as `core.tables.csv.dialect.recognise` does.
        """
        self.dialect, self.header, self._first = recognise(head, limits, table)
        self._limits = limits
        self._rows = rows
        self._empty_row = self.dialect.separator * (len(self.header) - 1)
        self._block_bytes = _size_for_rows(len(head), head.count(b"\n"), rows)
        # Columns of numbers in which something else was met: they are read as text from there on.
        self._texts: set[str] = set()

    def place_of_rows(self, place: Place = start) -> Place:
        """The place itself, or that of the first row where it lies before that."""
        return Place(offset=self._first, line=self.dialect.lines) if place.offset < self._first else place

    def first_cells(self, head: bytes, column: int, rows: int) -> list[str]:
        """The cells of a column in the first rows of the text, as far as they can be read.

        Args:
            head: as it was looked at first.
            column: its position in the header.
            rows: about how many are wanted.
        """
        lines = self._utf8(head[self._first :]).decode("utf-8").split("\n")[: rows + 1]
        # The last one may be cut off.
        reader = csv.reader(lines[:-1], delimiter=self.dialect.separator)
        with suppress(csv.Error):
            return [row[column] for row in reader if len(row) == len(self.header)]
        return []

    def batches(
        self,
        stream: IO[bytes],
        columns: Mapping[int, str],
        place: Place = start,
        check_read: Callable[[int], object] | None = None,
        numbers: Collection[str] = (),
    ) -> Iterator[Batch]:
        """The rows after a place, as text; each of a block of the text that ends where a row ends.

        Args:
            stream: stands at the place; from the start of the text, at that of the first row (`place_of_rows`).
            columns: the name of each column that is used, by its position in the header.
            place: where to begin.
            check_read: is called with how many bytes of the text have been read, and raises where these are too many.
            numbers: names of columns that are read as Float64 rather than as text, in blocks where each of their values
                is a number or empty, and is written with a decimal point.

        Raises:
            UnusableFile: where a line or a value is longer, or there are more lines, than is allowed.
        """
        place = self.place_of_rows(place)
        for block in self._blocks(stream, place, check_read):
            batch = self._batch(block, columns, place, numbers)
            place = batch.end
            # Lines, as empty ones are no rows and take their time all the same.
            self._limits.check_rows(place.line - self.dialect.lines)
            yield batch

    def _blocks(self, stream: IO[bytes], place: Place, check_read: Callable[[int], object] | None) -> Iterator[bytes]:
        """The text after a place in blocks that end where a row ends.

        Where a block ends depends on nothing but where it begins: who goes on from a place meets the same ones.
        """
        held, offset, line = b"", place.offset, place.line
        while True:
            size = step = self._bytes_at(offset, line)
            while True:
                held, is_last = _filled(held, stream, size)
                if check_read is not None:
                    check_read(offset + len(held))
                block = held if is_last else held[:size]
                cut = _last_row_end(block)
                if len(block) - cut > _longest_row:
                    # No row is as long as that: a quote that never ends.
                    cut = block.rfind(b"\n") + 1
                if len(block) - cut > _longest_row:
                    raise UnusableFile("file_line_too_long", maximum=str(_longest_row), line=str(line))
                if cut or is_last:
                    break
                size += step
            if not held:
                return
            piece = _piece(block[: cut or None], self._rows)
            yield piece
            held, offset, line = held[len(piece) :], offset + len(piece), line + _count(piece, "\n")

    def _bytes_at(self, offset: int, line: int) -> int:
        """About how many bytes a batch has from a place on, by the length of the lines before it."""
        before = line - self.dialect.lines
        return _size_for_rows(offset - self._first, before, self._rows) if before > 0 else self._block_bytes

    def _batch(self, block: bytes, columns: Mapping[int, str], place: Place, floats: Collection[str]) -> Batch:
        lines = _count(block, "\n") + (not block.endswith(b"\n"))
        text, first = self._utf8(block), place.line + 1
        frame = self._parse(text, lines, columns, floats)
        numbers: Sequence[int] = range(first, first + lines)
        broken: list[Broken] = []
        if frame is None:
            frame, numbers, broken = self._parse_with_care(text, columns, first)
        self._limits.check_cells(frame, first)
        end = Place(place.rows + frame.height + len(broken), place.offset + len(block), place.line + lines)
        return Batch(frame, numbers, tuple(broken), end, self.dialect.formats)

    def _utf8(self, block: bytes) -> bytes:
        """The text in UTF-8. A block that is not what the head of the file was is taken for Windows-1252."""
        text = block if block.endswith(b"\n") else block + b"\n"
        if text.isascii():
            return text
        if self.dialect.encoding == "utf-8":
            try:
                text.decode("utf-8")
            except UnicodeDecodeError:
                pass
            else:
                return text
        return decoded(text).encode("utf-8")

    def _parse(
        self, text: bytes, lines: int, columns: Mapping[int, str], floats: Collection[str]
    ) -> pl.DataFrame | None:
        """The columns that are used, or None where a line has not as many cells as the header, or is empty."""
        if self._has_empty_rows(text):
            return None
        names = [str(place) for place in range(len(self.header))]
        separator = self.dialect.separator
        formats = self.dialect.formats
        # Of a comma or a mark that sets thousands apart, whoever reads the text knows.
        typed = {
            str(place)
            for place, name in columns.items()
            if name in floats and name not in self._texts and formats.get(name, point_decimals) == point_decimals
        }
        if typed and _may_hold_longer(text, separator, self._limits.cell_bytes):
            # Of a number nobody sees how long it was.
            typed.clear()
        frame = self._cells(text, dict.fromkeys(names, pl.String()) | dict.fromkeys(typed, pl.Float64()), columns)
        if frame is None and typed:
            frame = self._cells(text, dict.fromkeys(names, pl.String()), columns)
            if frame is not None:
                self._texts |= {columns[int(place)] for place in _other_than_numbers(frame, typed)}
        if frame is None:
            return None
        # Polars fills up lines that are too short, and takes an empty one for a row. (Those too long it refuses.)
        unquoted = b"".join(text.split(b'"')[::2]) if b'"' in text else text
        whole = _count(unquoted, separator) == frame.height * (len(names) - 1)
        if not whole or lines != frame.height:
            return None
        return frame.select(pl.col(str(place)).alias(name) for place, name in columns.items())

    def _has_empty_rows(self, text: bytes) -> bool:
        """Whether a line has nothing but separators, as spreadsheets write a row without a value."""
        empty = self._empty_row.encode()
        if not empty or not (text.startswith(empty) or b"\n" + empty in text):
            return False
        return re.search(rb"(?:^|\n)%s\r?\n" % re.escape(empty), text) is not None

    def _cells(self, text: bytes, kinds: Mapping[str, pl.DataType], columns: Collection[int]) -> pl.DataFrame | None:
        """Columns with their types; None where a value is of another, or the text no such table."""
        try:
            return pl.read_csv(
                text,
                has_header=False,
                schema=kinds,
                # Many that nobody reads would each take sixteen bytes a row.
                columns=sorted(columns),
                separator=self.dialect.separator,
                raise_if_empty=False,
            )
        except pl.exceptions.PolarsError:
            return None

    def _parse_with_care(
        self, text: bytes, columns: Mapping[int, str], first_line: int
    ) -> tuple[pl.DataFrame, list[int], list[Broken]]:
        """Row by row: one that is broken, a quote that never ends among them, costs no other its place."""
        lines = [f"{line}\n" for line in text.decode("utf-8").removesuffix("\n").split("\n")]
        rows: list[list[str]] = []
        numbers: list[int] = []
        broken: list[Broken] = []
        width = len(self.header)
        place = 0
        while place < len(lines):
            if lines[place].rstrip("\r\n") in ("", self._empty_row):
                place += 1
                continue
            few = lines[place : place + max_lines_of_a_row]
            # Strict: else a quote that never ends makes one cell of its line and the next.
            reader = csv.reader(few, delimiter=self.dialect.separator, strict=True)
            try:
                row, why = next(reader), ""
            except csv.Error:
                row, why = [], "CSV"
            if why or (row and len(row) != width):
                why = why or f"{len(row)}/{width}"
                inner = self._row_in_a_cell(few[: max(1, reader.line_num)], width)
                row, why = (row, why) if inner is None else (inner, "")
            if why:
                broken.append(Broken(first_line + place, why))
            elif row:
                rows.append(row)
                numbers.append(first_line + place)
            place += 1 if why else reader.line_num
        cells = {name: pl.Series([row[place] for row in rows], dtype=pl.String) for place, name in columns.items()}
        return pl.DataFrame(cells), numbers, broken

    def _row_in_a_cell(self, lines: list[str], width: int) -> list[str] | None:
        """The cells of a row that a spreadsheet has put into one, in quotes; None where it is no such row.

        A spreadsheet that takes commas for text saves each line that holds a quote as one cell.
        """
        if not lines[0].startswith('"'):
            return None
        for outer in dict.fromkeys((self.dialect.separator, ";", ",")):
            with suppress(csv.Error):
                inner = unwrapped(next(csv.reader(lines, delimiter=outer, strict=True)))
                if inner is not None:
                    row = next(csv.reader(inner.splitlines(keepends=True), delimiter=self.dialect.separator), [])
                    if len(row) == width:
                        return row
        return None


def _filled(held: bytes, stream: IO[bytes], size: int) -> tuple[bytes, bool]:
    """What is held with so much of a stream that it has a size, and whether the stream ended before."""
    while len(held) < size:
        read = stream.read(size - len(held))
        if not read:
            return held, True
        held = held + read if held else read
    return held, False


def _piece(block: bytes, rows: int) -> bytes:
    """The start of a text, up to where a row ends: all of it, or as many rows where it has more lines than may be."""
    # Where most of it is for later, to look for the ends of all rows would take long.
    while _count(block, "\n") > 2 * _max_lines * rows and (cut := _last_row_end(block[: len(block) // 2])):
        block = block[:cut]
    if _count(block, "\n") <= _max_lines * rows:
        return block
    ends = _row_ends(block)
    if len(ends) >= rows:
        block = block[: int(ends[rows - 1]) + 1]
    if _count(block, "\n") <= _max_lines * rows:
        return block
    # A quote that never ends has made it too long: without regard to quotes.
    ends = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == ord("\n"))
    return block[: int(ends[rows - 1]) + 1]


def _size_for_rows(size: int, lines: int, rows: int) -> int:
    """How many bytes are about as many rows as a batch has, by the length of those lines."""
    return min(_largest_block, max(_min_block, size // max(1, lines) * rows))


def _may_hold_longer(text: bytes, separator: str, length: int) -> bool:
    """Whether a text may hold a cell of more bytes than a length; not where all windows that one would fill are ended.

    Such a cell fills one of the windows, as a window and the step between two are together as long.
    """
    window = max(1, length // 4)
    mark = separator.encode()
    return any(
        text.find(mark, start, start + window) < 0 and text.find(b"\n", start, start + window) < 0
        for start in range(0, len(text) - window + 1, max(1, length - window))
    )


def _count(text: bytes, mark: str, end: int = -1) -> int:
    """How often a mark of one byte is in a text, up to a place or in the whole.

    As `bytes.count`, which goes from one find to the next: of commas, one in five bytes, that takes five times as long.
    """
    return int(np.count_nonzero(np.frombuffer(text, dtype=np.uint8, count=end) == ord(mark)))


def _other_than_numbers(frame: pl.DataFrame, names: Collection[str]) -> Iterator[str]:
    """Those columns of text in which something stands that is no number."""
    texts = frame.select(names)
    numbers = texts.cast(pl.Float64(), strict=False)
    for text, number in zip(texts, numbers, strict=True):
        if text.null_count() < number.null_count():
            yield text.name


def _last_row_end(block: bytes) -> int:
    """Where the last whole row of a text ends: after its last line feed outside of quotes; 0 where there is none."""
    cut = block.rfind(b"\n") + 1
    if _count(block, '"', cut) % 2 == 0:
        return cut
    ends = _row_ends(block)
    return int(ends[-1]) + 1 if len(ends) else 0


def _row_ends(block: bytes) -> NDArray[np.int64]:
    """Where the rows of a text end: at its line feeds outside of quotes."""
    text = np.frombuffer(block, dtype=np.uint8)
    # Of the count of quotes only the last bit matters, which a small number keeps when it runs over.
    inside = np.cumsum(text == ord('"'), dtype=np.uint8) & 1
    return np.flatnonzero((text == ord("\n")) & (inside == 0))
