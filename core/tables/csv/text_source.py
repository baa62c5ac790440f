"""A CSV file of applications on the disk, gzipped or not, read from its start or from a place in it."""

from __future__ import annotations

import gzip
import io
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import IO, TYPE_CHECKING, Final, cast

from core.tables.batches import Batch, Place, RowCount, start
from core.tables.columns import ColumnMatch, match_columns
from core.tables.csv.dialect import Dialect, head_bytes
from core.tables.csv.lines import LineReader, max_lines_of_a_row
from core.tables.csv.original import original_rows
from core.tables.csv.plain_text import Coding, PlainText, coding_of
from core.tables.errors import UnusableFile
from core.tables.header.one_hot import collapse
from core.tables.header.row_index import asking, index_place, looked_at_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from core.tables.limits import FileLimits

# What a file is looked at for at a time where its lines are counted.
_counted_bytes: Final = 1_000_000


@dataclass
class TextSource:
    """A CSV file, gzipped or not."""

    path: Path
    limits: FileLimits
    max_rows: int
    packed: bool = False
    numbers: Collection[str] = ()
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
        self._lines = LineReader(head, self.limits, rows=self.max_rows)
        self.dialect = self._lines.dialect
        header = self._lines.header
        self.columns = match_columns(header)
        place = index_place(header, self.columns)
        if place is not None:
            self.columns = asking(self.columns, header[place], self._lines.first_cells(head, place, looked_at_rows))

    def batches(self, place: Place = start) -> Iterator[Batch]:
        """The rows after a place, as text; each of a block of the file that ends where a row ends."""
        with self._open() as (stream, raw):
            place = self._lines.place_of_rows(place)
            stream.seek(place.offset)
            rows = self._lines.batches(
                stream,
                self.columns.read(),
                place,
                lambda read: self.limits.check_unpacked(read, raw.tell()),
                self.numbers,
            )
            for batch in rows:
                whole = collapse(batch.frame, self.columns.one_hot)
                end = replace(batch.end, share=min(1.0, raw.tell() / self._size))
                yield replace(batch, frame=whole.frame, end=end, problems=whole.problems, readings=whole.readings)

    def counting(self) -> Iterator[RowCount]:
        """Counts lines, which are more than rows where values hold line feeds."""
        read, lines, last = 0, 0, b"\n"
        above = self._lines.dialect.lines
        with self._open() as (stream, raw):
            while part := stream.read(_counted_bytes):
                read, lines, last = read + len(part), lines + part.count(b"\n"), part[-1:]
                self.limits.check_unpacked(read, raw.tell())
                self.limits.check_rows(lines - above)
                yield RowCount(max(1, lines * self._size // raw.tell()), read)
        # Without those of the header, but the line behind the last line feed.
        yield RowCount(max(0, lines + (last != b"\n") - above), read, whole=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns, as the file has them."""
        return tuple(self._lines.header)

    def original_rows(self, numbers: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
        """All cells of the rows that begin on some lines, sound or not."""
        with self._open() as (stream, _):
            width, separator = len(self._lines.header), self._lines.dialect.separator
            yield from original_rows(stream, separator, width, numbers, max_lines_of_a_row)

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
