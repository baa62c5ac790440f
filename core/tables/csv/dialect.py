"""The dialect of a CSV file: its encoding, its separator and its decimal mark."""

from __future__ import annotations

import csv
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, cast, get_args

from core import catalogue
from core.tables.errors import UnusableFile
from core.tables.values import NumberFormat, decimal_mark, point_decimals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from core.tables.limits import FileLimits

    # The catalogue's name of what a column is called in a file; None where it has none.
    KnownName = Callable[[str], str | None]

Encoding = Literal["utf-8", "latin-1"]
Separator = Literal[",", ";", "\t", "|"]
Decimal = Literal[".", ","]

# How much of the start of a file is looked at.
head_bytes: Final = 1_000_000
byte_order_mark: Final = b"\xef\xbb\xbf"

_other_marks: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
# Above the names of the columns a file may have a title, empty lines, and what its separator is.
_max_lines_above: Final = 20
_min_names: Final = 2
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
    decimal: Decimal = "."
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
    line = _unwrapped(first.decode(encoding, "replace"))
    separator = named or _separator(line, known_name)
    header = _cells([line], separator)[0] if line.strip() else []
    limits.check_columns(len(header))
    if not any(header):
        raise UnusableFile("file_empty")
    start = sum(len(line) for line in above) + len(first)
    # The last line of the head may be cut off.
    rows = text[start : text.rfind(b"\n") + 1]
    decimal, formats = _formats(
        _number_columns(header, known_name, table or "application"), rows.decode(encoding), separator
    )
    dialect = Dialect(encoding, separator, decimal, marked, len(above) + 1, formats)
    return dialect, header, start + len(byte_order_mark) * marked


def unwrapped(cells: list[str]) -> str | None:
    """What a row holds that a spreadsheet has put into one cell, empty ones behind it; None for any other row."""
    return cells[0] if cells and cells[0] and not any(cells[1:]) else None


def _unwrapped(line: str) -> str:
    """A line without the quotes around all of it; another line, or a single name in quotes, as it is."""
    if not line.startswith('"'):
        return line
    inner = unwrapped(_cells([line], ";" if line.rstrip().endswith(";") else ",")[0])
    return inner if inner is not None and any(mark in inner for mark in get_args(Separator)) else line


def _names_of(table: str) -> KnownName:
    """The names of the columns of a table, as they stand in the catalogue."""
    names = {column.name for column in catalogue.columns(table)}
    return lambda heading: heading if heading in names else None


def _first_line(text: bytes, encoding: Encoding, known_name: KnownName) -> tuple[list[bytes], bytes, Separator | None]:
    """The lines above the names of the columns, the line with these, and the separator that was named above them."""
    lines = text.split(b"\n", _max_lines_above + 1)[: _max_lines_above + 1]
    lines = [line + b"\n" for line in lines[:-1]] + lines[-1:] if len(lines) > 1 else lines
    first, named = 0, None
    while first < len(lines) - 1:
        line = lines[first].decode(encoding, "replace")
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
    text = _unwrapped(line.decode(encoding, "replace"))
    return max(_worth(text, separator, known_name)[0] for separator in get_args(Separator))


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
    return max(get_args(Separator), key=lambda separator: _worth(first, separator, known_name))


def _worth(line: str, separator: str, known_name: KnownName) -> tuple[int, int]:
    names = _cells([line], separator)[0]
    return sum(known_name(name) is not None for name in names), len(names)


def _number_columns(header: Sequence[str], known_name: KnownName, table: str) -> dict[int, str]:
    """The columns of numbers, by their position in the file."""
    codes = {column.name for column in catalogue.columns(table) if column.type == "category"}
    names = {place: name for place, heading in enumerate(header) if (name := known_name(heading)) is not None}
    return {place: name for place, name in names.items() if name not in codes}


def _formats(columns: Mapping[int, str], text: str, separator: Separator) -> tuple[Decimal, dict[str, NumberFormat]]:
    """The decimal mark of most numbers, and how those of each column are written, as far as the first rows show it."""
    # Before each line is looked at: there are very many of few columns.
    if separator == "," and '"' not in text:
        return ".", {}
    lines = [_unwrapped(line) for line in text.splitlines()]
    # Between commas only quotes hold a decimal comma, and without one all columns are alike.
    if separator == "," and not _shows_comma(columns, [line for line in lines if '"' in line]):
        return ".", {}
    shown: dict[int, set[Decimal]] = {place: set() for place in columns}
    for row in _cells(lines, separator):
        for place, marks in shown.items():
            # A column that has shown its mark is not looked at again.
            if not marks and place < len(row) and ("." in row[place] or "," in row[place]):
                mark = decimal_mark(row[place])
                if mark is not None:
                    marks.add(mark)
    of_file = {mark for marks in shown.values() for mark in marks}
    decimal: Decimal = "," if of_file == {","} and separator != "," else "."
    return decimal, {name: _format(shown[place], of_file, separator) for place, name in columns.items()}


def _shows_comma(columns: Iterable[int], lines: list[str]) -> bool:
    """Whether a number of comma-separated lines has a decimal comma."""
    return any(
        "," in row[place] and decimal_mark(row[place]) == ","
        for row in _cells(lines, ",")
        for place in columns
        if place < len(row)
    )


def _format(shown: set[Decimal], of_file: set[Decimal], separator: Separator) -> NumberFormat:
    if separator == "," and "," not in shown:
        # Its points are those of the language that separates by commas; of quoted commas nothing is known.
        return point_decimals
    if len(shown) == 1:
        return NumberFormat(next(iter(shown)), "column", "column")
    if len(of_file) == 1:
        return NumberFormat(next(iter(of_file)), "file", "file")
    return NumberFormat(".", "none", "none")


def _cells(lines: list[str], separator: str) -> list[list[str]]:
    """The cells of some lines; none of those that are not CSV."""
    reader = csv.reader(lines, delimiter=separator)
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows.extend([cell.strip() for cell in row] for row in reader)
    return rows or [[]]
