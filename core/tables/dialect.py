"""Recognises how a CSV file is written: its encoding, its separator and its decimal mark."""

from __future__ import annotations

import csv
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

from core import catalogue
from core.tables.errors import UnusableFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.tables.limits import FileLimits

Encoding = Literal["utf-8", "latin-1"]
Separator = Literal[",", ";", "\t", "|"]
Decimal = Literal[".", ","]

# How much of the start of a file is looked at.
head_bytes: Final = 1_000_000
byte_order_mark: Final = b"\xef\xbb\xbf"

_other_marks: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_with_comma: Final = re.compile(r"\s*[+-]?\d+,\d+\s*")
_with_point: Final = re.compile(r"\s*[+-]?\d*\.\d+([eE][+-]?\d+)?\s*")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV file is written; `marked` where it begins with a byte order mark."""

    encoding: Encoding = "utf-8"
    separator: Separator = ","
    decimal: Decimal = "."
    marked: bool = False


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
    decimal: Decimal = "." if separator == "," else _decimal(header, _cells(whole, separator))
    return Dialect(encoding, separator, decimal, marked), header, len(first) + len(byte_order_mark) * marked


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


def _decimal(header: Sequence[str], rows: list[list[str]]) -> Decimal:
    """A comma where numbers are written with it, and none with a point."""
    places = [place for place, name in enumerate(header) if _is_number(catalogue.known_name(name))]
    cells = [row[place] for row in rows for place in places if place < len(row)]
    if any(_with_point.fullmatch(each) for each in cells):
        return "."
    return "," if any(_with_comma.fullmatch(each) for each in cells) else "."


def _is_number(name: str | None) -> bool:
    return name is not None and name not in {each.name for each in catalogue.columns() if each.type == "category"}


def _cells(lines: list[str], separator: str) -> list[list[str]]:
    """The cells of some lines; none of those that are not CSV."""
    reader = csv.reader(lines, delimiter=separator)
    found: list[list[str]] = []
    with suppress(csv.Error):
        found.extend([each.strip() for each in row] for row in reader)
    return found or [[]]
