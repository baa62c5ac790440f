"""Recognises how a CSV file is written: its encoding, its separator and its decimal mark."""

from __future__ import annotations

import csv
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, get_args

from core import catalogue
from core.tables.errors import UnusableFile
from core.tables.values import NumberFormat, decimal_mark, point_decimals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.tables.limits import FileLimits

Encoding = Literal["utf-8", "latin-1"]
Separator = Literal[",", ";", "\t", "|"]
Decimal = Literal[".", ","]

# How much of the start of a file is looked at.
head_bytes: Final = 1_000_000
byte_order_mark: Final = b"\xef\xbb\xbf"

_other_marks: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV file is written.

    Attributes:
        decimal: the decimal mark of most of its numbers.
        marked: whether it begins with a byte order mark.
        formats: how the numbers of each column are written, by its name in the catalogue.
    """

    encoding: Encoding = "utf-8"
    separator: Separator = ","
    decimal: Decimal = "."
    marked: bool = False
    formats: Mapping[str, NumberFormat] = field(default_factory=dict, compare=False)


def recognise(head: bytes, limits: FileLimits) -> tuple[Dialect, list[str], int]:
    """Looks at the start of a file.

    Args:
        head: its first bytes, `head_bytes` of them where there are as many.
        limits: on the names of its columns.

    Returns:
        How it is written, the names in its first line, and how many bytes that line takes.

    Raises:
        UnusableFile: where it is empty, not text, or its first line is longer or names more columns than is allowed.
    """
    if head.startswith(_other_marks) or b"\x00" in head:
        raise UnusableFile("file_not_text")
    marked = head.startswith(byte_order_mark)
    text = head[len(byte_order_mark) :] if marked else head
    end = text.find(b"\n") + 1
    first = text[: end or len(text)]
    limits.check_header(len(first))
    encoding = _encoding(text)
    separator = _separator(first.decode(encoding))
    header = _cells([first.decode(encoding)], separator)[0] if first.strip() else []
    limits.check_columns(len(header))
    if not any(header):
        raise UnusableFile("file_empty")
    # The last line of the head may be cut off.
    whole = text[len(first) : text.rfind(b"\n") + 1].decode(encoding).splitlines()
    decimal, formats = _formats(header, whole, separator)
    return Dialect(encoding, separator, decimal, marked, formats), header, len(first) + len(byte_order_mark) * marked


def _encoding(text: bytes) -> Encoding:
    """UTF-8 where it can be that; what is cut off at the end does not count."""
    try:
        text[: text.rfind(b"\n") + 1 or len(text)].decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _separator(first: str) -> Separator:
    """The separator that makes the most names of the catalogue out of the first line, else the most names."""

    def worth(separator: Separator) -> tuple[int, int]:
        names = _cells([first], separator)[0]
        return sum(catalogue.known_name(each) is not None for each in names), len(names)

    # The first of equals: a single column is taken for comma separated.
    return max(get_args(Separator), key=worth)


def _formats(header: Sequence[str], lines: list[str], separator: Separator) -> tuple[Decimal, dict[str, NumberFormat]]:
    """The decimal mark of most numbers, and how those of each column are written, as far as the first rows show it."""
    if separator == "," and not any('"' in line for line in lines):
        return ".", {}
    columns = {place: name for place, given in enumerate(header) if _is_number(name := catalogue.known_name(given))}
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
    return decimal, {
        name: _format(shown[place], of_file, separator) for place, name in columns.items() if name is not None
    }


def _format(shown: set[Decimal], of_file: set[Decimal], separator: Separator) -> NumberFormat:
    if separator == "," and "," not in shown:
        # Its points are those of the language that separates by commas; of quoted commas nothing is known.
        return point_decimals
    if len(shown) == 1:
        return NumberFormat(next(iter(shown)), "column", "column")
    if len(of_file) == 1:
        return NumberFormat(next(iter(of_file)), "file", "file")
    return NumberFormat(".", "none", "none")


def _is_number(name: str | None) -> bool:
    return name is not None and name not in {each.name for each in catalogue.columns() if each.type == "category"}


def _cells(lines: list[str], separator: str) -> list[list[str]]:
    """The cells of some lines; none of those that are not CSV."""
    reader = csv.reader(lines, delimiter=separator)
    found: list[list[str]] = []
    with suppress(csv.Error):
        found.extend([each.strip() for each in row] for row in reader)
    return found or [[]]
