"""The layout of a Parquet file, page by page, read without unpacking a value of it.

Polars decompresses a page as large as the page says it is, and tells none of this beforehand; pyarrow, which tells the
half of it, is in no image of a service. The headers are Thrift's compact protocol, of which this reads what it needs.

Source: https://github.com/apache/parquet-format (`parquet.thrift`) and Thrift's `thrift-compact-protocol.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final

from core.tables.errors import UnusableFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from core.tables.limits import FileLimits

_mark: Final = b"PAR1"
_tail_bytes: Final = 8
# What 10 million rows of every column take of it several times over; more only takes time to read.
_largest_footer: Final = 16_000_000
_max_elements: Final = 2_000_000
# 10 million rows of 122 columns are 61,000 pages in the smallest that a usual writer makes.
_max_pages: Final = 100_000
_page_header_bytes: Final = 4096
# Usual pages have 1 MB. One that is unpacked is held whole, one a column at once where they are text.
_largest_page: Final = 256_000_000

byte_array: Final = 6
_dictionary_page: Final = 2
# Each value stands on the one before it: a page of 1 MB can hold as many values of 1 MB.
_delta_byte_array: Final = 7

# Types of the compact protocol.
_stop, _true, _false, _byte, _double, _binary, _list, _set, _map, _struct, _uuid = 0, 1, 2, 3, 7, 8, 9, 10, 11, 12, 13
_widths: Final = {_true: 0, _false: 0, _byte: 1, _double: 8, _uuid: 16}
_deepest: Final = 30


class _Malformed(ValueError):
    """Bytes that are no message of the protocol."""


@dataclass(slots=True)
class Chunk:
    """A column within a row group.

    Attributes:
        path: the names that lead to the column; one where it is not nested.
        physical: its physical type, such as `byte_array`.
        values: how many, missing ones among them.
        unpacked: bytes that its pages unpack to.
        packed: bytes that they take.
        start: where its pages begin in the file.
    """

    path: tuple[str, ...] = ()
    physical: int = 0
    values: int = 0
    unpacked: int = 0
    packed: int = 0
    start: int = 0


@dataclass(slots=True)
class Page:
    """A page of a column: how many values it has, what it unpacks to, and whether values stand on each other."""

    kind: int = 0
    unpacked: int = 0
    packed: int = 0
    values: int = 0
    encoding: int = 0
    header_bytes: int = 0


@dataclass(slots=True)
class Layout:
    """What a file says of itself.

    Attributes:
        rows: of all row groups.
        columns: how many, nested ones counted by their parts.
        groups: row groups: how many rows each has, and its columns.
    """

    rows: int = 0
    columns: int = 0
    groups: list[tuple[int, list[Chunk]]] = field(default_factory=list)

    @property
    def unpacked(self) -> int:
        """Bytes that all pages unpack to."""
        return sum(max(0, chunk.unpacked) for _, chunks in self.groups for chunk in chunks)


def read_layout(path: Path, limits: FileLimits) -> Layout:
    """What a file says of its rows, columns and sizes.

    Raises:
        UnusableFile: where it is no Parquet file, or larger than the limits.
        OSError: the disk cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        stream.seek(max(0, size - _tail_bytes))
        tail = stream.read(_tail_bytes)
        length = int.from_bytes(tail[:4], "little")
        if len(tail) < _tail_bytes or tail[4:] != _mark or length > size - _tail_bytes:
            raise _unreadable()
        if length > _largest_footer:
            raise _laid_out()
        stream.seek(size - _tail_bytes - length)
        footer = stream.read(length)
    try:
        layout = _footer(_Reader(footer), limits)
    except _Malformed as error:
        raise _unreadable() from error
    rows = sum(count for count, _ in layout.groups)
    limits.check_rows(max(layout.rows, rows))
    limits.check_unpacked(max(layout.unpacked, layout.rows * layout.columns), size)
    return layout


def check_pages(path: Path, layout: Layout, used: Mapping[str, str], limits: FileLimits) -> float:
    """Looks at the pages of columns that are to be read.

    Args:
        used: the file's name of each such column, and the one that a reader knows it by.

    Returns:
        How many bytes a row takes at most in the used columns of text, on average over a page.

    Raises:
        UnusableFile: a value is longer than allowed, as the bytes of its page say; or pages are larger, or more, than
            can be read in little memory.
        OSError: the disk cannot be read.
    """
    pages, widest, before = 0, 0.0, 0
    with path.open("rb") as stream:
        for count, chunks in layout.groups:
            at_once, width = 0, 0.0
            for chunk in chunks:
                if len(chunk.path) != 1 or chunk.path[0] not in used:
                    continue
                is_text = chunk.physical == byte_array
                largest, longest = 0, 0.0
                for page in _pages(stream, chunk):
                    pages += 1
                    size = max(page.unpacked, page.packed)
                    # Beside its bytes each value has its length and its levels.
                    if is_text and size > (limits.cell_bytes + 8) * max(1, page.values) + _page_header_bytes:
                        raise limits.cell_too_long(used[chunk.path[0]], before + 1)
                    if pages > _max_pages or size > _largest_page:
                        raise _laid_out()
                    if not is_text:
                        continue
                    longest = max(longest, size / max(1, page.values))
                    largest = max(largest, size * page.values if page.encoding == _delta_byte_array else size)
                at_once += largest
                width += longest
            if at_once > _largest_page:
                raise _laid_out()
            widest = max(widest, width)
            before += count
    return widest


def _pages(stream: IO[bytes], chunk: Chunk) -> Iterator[Page]:
    """The pages of a column in a row group, until all of its bytes are accounted for."""
    at, end = chunk.start, chunk.start + chunk.packed
    while at < end:
        stream.seek(at)
        try:
            page = _page(_Reader(stream.read(_page_header_bytes)))
        except _Malformed as error:
            raise _unreadable() from error
        if page.packed < 0 or page.unpacked < 0 or page.values < 0:
            raise _unreadable()
        yield page
        at += page.header_bytes + page.packed


def _unreadable() -> UnusableFile:
    return UnusableFile("file_unreadable", kind="Parquet")


def _laid_out() -> UnusableFile:
    """For a file that only takes too much to read because of how it was written."""
    return UnusableFile("file_pages", maximum=str(_largest_page), pages=str(_max_pages))


def _footer(reader: _Reader, limits: FileLimits) -> Layout:
    layout, names = Layout(), 0
    for number, kind in reader.fields():
        if number == 2 and kind == _list:
            # The first of them is the table itself.
            elements = reader.list_size()
            limits.check_columns(elements - 1)
            for _ in range(elements):
                leaf, length = _element(reader)
                layout.columns += leaf
                names += length
            limits.check_header(names)
        elif number == 3:
            layout.rows = reader.integer()
            limits.check_rows(layout.rows)
        elif number == 4 and kind == _list:
            layout.groups = [_group(reader) for _ in range(reader.list_size())]
        else:
            reader.skip(kind)
    return layout


def _element(reader: _Reader) -> tuple[bool, int]:
    """Whether a part of the schema is a column of its own, and how long its name is."""
    leaf, length = True, 0
    for number, kind in reader.fields():
        if number == 4:
            length = len(reader.binary())
        elif number == 5:
            leaf = reader.integer() == 0
        else:
            reader.skip(kind)
    return leaf, length


def _group(reader: _Reader) -> tuple[int, list[Chunk]]:
    rows, chunks = 0, list[Chunk]()
    for number, kind in reader.fields():
        if number == 1 and kind == _list:
            chunks = [_chunk(reader) for _ in range(reader.list_size())]
        elif number == 3:
            rows = reader.integer()
        else:
            reader.skip(kind)
    return rows, chunks


def _chunk(reader: _Reader) -> Chunk:
    chunk = Chunk()
    for number, kind in reader.fields():
        if number == 3 and kind == _struct:
            _column(reader, chunk)
        else:
            reader.skip(kind)
    return chunk


def _column(reader: _Reader, chunk: Chunk) -> None:
    data = dictionary = 0
    for number, kind in reader.fields():
        if number == 1:
            chunk.physical = reader.integer()
        elif number == 3 and kind == _list:
            chunk.path = tuple(reader.binary().decode("utf-8", "replace") for _ in range(reader.list_size()))
        elif number == 5:
            chunk.values = reader.integer()
        elif number == 6:
            chunk.unpacked = reader.integer()
        elif number == 7:
            chunk.packed = reader.integer()
        elif number == 9:
            data = reader.integer()
        elif number == 11:
            dictionary = reader.integer()
        else:
            reader.skip(kind)
    chunk.start = min(data, dictionary) if dictionary > 0 else data
    if chunk.start < 0 or chunk.packed < 0:
        raise _Malformed


def _page(reader: _Reader) -> Page:
    page = Page()
    for number, kind in reader.fields():
        if number == 1:
            page.kind = reader.integer()
        elif number == 2:
            page.unpacked = reader.integer()
        elif number == 3:
            page.packed = reader.integer()
        elif number in (5, 7, 8) and kind == _struct:
            for inner, inner_kind in reader.fields():
                if inner == 1:
                    page.values = reader.integer()
                # Of a dictionary and of a data page the second field is its encoding; of version 2 the fourth.
                elif inner == (4 if number == 8 else 2):
                    page.encoding = reader.integer()
                else:
                    reader.skip(inner_kind)
        else:
            reader.skip(kind)
    page.header_bytes = reader.place
    return page


class _Reader:
    """A message of the compact protocol, read from its start; what is cut off or says too much is `_Malformed`."""

    def __init__(self, content: bytes) -> None:
        self.place = 0
        self._content = content
        self._elements = 0

    def fields(self) -> Iterator[tuple[int, int]]:
        """The number and the type of each field of a structure; whoever asks reads or skips it."""
        number = 0
        while True:
            head = self._next()
            kind = head & 15
            if kind == _stop:
                return
            number = number + (head >> 4) if head >> 4 else self.integer()
            yield number, kind

    def integer(self) -> int:
        """A whole number of any width."""
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def binary(self) -> bytes:
        """Bytes, or text."""
        return self._take(self._varint())

    def list_size(self) -> int:
        """How many elements a list has, which stand behind."""
        return self._list()[0]

    def skip(self, kind: int, depth: int = 0) -> None:
        """Passes over a value."""
        if depth > _deepest:
            raise _Malformed
        if kind in _widths:
            self._take(_widths[kind])
        elif kind == _binary:
            self._take(self._varint())
        elif kind in (_list, _set):
            count, inner = self._list()
            # Of true and false, an element is a byte.
            width = 1 if inner in (_true, _false) else _widths.get(inner)
            if width is not None:
                self._take(count * width)
                return
            for _ in range(count):
                self.skip(inner, depth + 1)
        elif kind == _map:
            count = self._varint()
            kinds = self._next() if count else 0
            for _ in range(count):
                self.skip(kinds >> 4, depth + 1)
                self.skip(kinds & 15, depth + 1)
        elif kind == _struct:
            for _, inner in self.fields():
                self.skip(inner, depth + 1)
        else:
            self._varint()

    def _list(self) -> tuple[int, int]:
        head = self._next()
        count = head >> 4
        count = self._varint() if count == 15 else count
        if count > _max_elements:
            raise _Malformed
        return count, head & 15

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._next()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise _Malformed

    def _next(self) -> int:
        self._elements += 1
        if self._elements > 8 * _max_elements:
            raise _Malformed
        try:
            byte = self._content[self.place]
        except IndexError:
            raise _Malformed from None
        self.place += 1
        return byte

    def _take(self, size: int) -> bytes:
        end = self.place + size
        if end > len(self._content):
            raise _Malformed
        content = self._content[self.place : end]
        self.place = end
        return content
