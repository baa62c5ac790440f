"""The dialect of a CSV file: its encoding, its separator and its decimal mark."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, cast

from core import catalogue
from core.catalogue.spelling import name_key
from core.tables.csv.cells import Separator, cells_of, separators, unwrapped_line
from core.tables.csv.number_formats import formats_of
from core.tables.csv.plain_text import decoded
from core.tables.errors import UnusableFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.tables.cells.number_text import Mark, NumberFormat
    from core.tables.limits import FileLimits

    # The catalogue's name of what a column is called in a file; None where it has none.
    KnownName = Callable[[str], str | None]

Encoding = Literal["utf-8", "latin-1"]

# How much of the start of a file is looked at.
head_bytes: Final = 1_000_000
byte_order_mark: Final = b"\xef\xbb\xbf"

_other_marks: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
# Above the names of the columns a file may have a title, empty lines, and what its separator is.
_max_lines_above: Final = 20
_min_names: Final = 2
_max_looked_at_rows: Final = 50
_separator_line: Final = re.compile(r'"?sep=(?P<separator>[,;|\t])"?[,;]*\s*', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV file is written.

    Attributes:
        decimal: the decimal mark of most of its numbers.
        marked: whether it begins with a byte order mark.
        lines: up to its first row: the names of the columns, and what may stand above them.
        formats: how the numbers of each column are written, by its name in the catalogue.
    """

    encoding: Encoding = "utf-8"
    separator: Separator = ","
    decimal: Mark = "."
    marked: bool = False
    lines: int = 1
    formats: Mapping[str, NumberFormat] = field(default_factory=dict, compare=False)


def recognise(head: bytes, limits: FileLimits, table: str | None = None) -> tuple[Dialect, list[str], int]:
    """Looks at the start of a file.

    Args:
        head: its first bytes, `head_bytes` of them where there are as many.
        limits: on the names of its columns.
        table: whose columns it has, by the catalogue's name; None: those of an application, by any name they go by,
            and history features.

    Returns:
        How it is written, the names of its columns, and how many bytes there are up to its first row.

    Raises:
        UnusableFile: where it is empty, not text, or its first line is longer or names more columns than is allowed.
    """
    if head.startswith(_other_marks) or b"\x00" in head:
        raise UnusableFile("file_not_text")
    marked = head.startswith(byte_order_mark)
    text = head[len(byte_order_mark) :] if marked else head
    end = text.find(b"\n") + 1
    limits.check_header(end or len(text))
    encoding = _encoding(text)
    known_name = catalogue.known_name if table is None else _names_of(table)
    above, first, named = _first_line(text, encoding, known_name)
    limits.check_header(len(first))
    line = unwrapped_line(_text(first, encoding))
    separator = named or _separator(line, known_name)
    header = cells_of([line], separator)[0] if line.strip() else []
    limits.check_columns(len(header))
    if not any(header):
        raise UnusableFile("file_empty")
    start = sum(len(line) for line in above) + len(first)
    # The last line of the head may be cut off.
    rows = _text(text[start : text.rfind(b"\n") + 1], encoding)
    header = _with_unnamed(header, rows, separator)
    decimal, formats = formats_of(_number_columns(header, known_name, table or "application"), rows, separator)
    dialect = Dialect(encoding, separator, decimal, marked, len(above) + 1, formats)
    return dialect, header, start + len(byte_order_mark) * marked


def _names_of(table: str) -> KnownName:
    """The names of the columns of a table, by any name of the same key."""
    names = {name_key(column.name): column.name for column in catalogue.columns(table)}
    return lambda heading: names.get(name_key(heading))


def _first_line(text: bytes, encoding: Encoding, known_name: KnownName) -> tuple[list[bytes], bytes, Separator | None]:
    """The lines above the names of the columns, the line with these, and the separator that was named above them."""
    lines = text.split(b"\n", _max_lines_above + 1)[: _max_lines_above + 1]
    lines = [line + b"\n" for line in lines[:-1]] + lines[-1:] if len(lines) > 1 else lines
    first, named = 0, None
    while first < len(lines) - 1:
        line = _text(lines[first], encoding)
        if (separator_match := _separator_line.fullmatch(line)) is not None:
            named = cast("Separator", separator_match["separator"])
        elif line.strip(' \t\r\n,;|"'):
            break
        first += 1
    if _names_in(lines[first], encoding, known_name) == 0:
        # A title, where the names of columns are not far below it.
        below = range(first + 1, len(lines))
        first = next((place for place in below if _names_in(lines[place], encoding, known_name) >= _min_names), first)
    return lines[:first], lines[first], named


def _names_in(line: bytes, encoding: Encoding, known_name: KnownName) -> int:
    """How many names of the catalogue a line has."""
    # The last one may be cut off within a character.
    text = unwrapped_line(_text(line, encoding))
    return max(_worth(text, separator, known_name)[0] for separator in separators)


def _text(text: bytes, encoding: Encoding) -> str:
    """Text that was in a file so encoded; what was cut off within a character is replaced."""
    return text.decode("utf-8", "replace") if encoding == "utf-8" else decoded(text)


def _encoding(text: bytes) -> Encoding:
    """UTF-8 where it can be that; what is cut off at the end does not count."""
    try:
        text[: text.rfind(b"\n") + 1 or len(text)].decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _separator(first: str, known_name: KnownName) -> Separator:
    """The separator that makes the most names of the catalogue out of the first line, else the most names."""
    # The first of equals: a single column is taken for comma separated.
    return max(separators, key=lambda separator: _worth(first, separator, known_name))


def _worth(line: str, separator: str, known_name: KnownName) -> tuple[int, int]:
    names = cells_of([line], separator)[0]
    return sum(known_name(name) is not None for name in names), len(names)


def _number_columns(header: Sequence[str], known_name: KnownName, table: str) -> dict[int, str]:
    """The columns of numbers, by their position in the file."""
    codes = {column.name for column in catalogue.columns(table) if column.type == "category"}
    names = {place: name for place, heading in enumerate(header) if (name := known_name(heading)) is not None}
    return {place: name for place, name in names.items() if name not in codes}


def _with_unnamed(header: list[str], text: str, separator: str) -> list[str]:
    """The names of the columns, and that of one more where each row has one: it has none, behind or before the others.

    Some programs end each row with a separator; R's `write.table` puts the number of the row before it. What else
    stands there is no column of which anybody could tell the place: such rows are broken ones.
    """
    lines = text.split("\n", _max_looked_at_rows)[:_max_looked_at_rows]
    rows = [row for row in cells_of([unwrapped_line(line) for line in lines], separator) if row]
    if not rows or any(len(row) != len(header) + 1 for row in rows):
        return header
    if not any(row[-1] for row in rows):
        return [*header, ""]
    numbers = [row[0] for row in rows]
    counted = len(rows) > 1 and any(numbers == list(map(str, range(first, first + len(rows)))) for first in (0, 1))
    return ["", *header] if counted else header
