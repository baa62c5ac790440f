"""Some rows of a CSV file as they stand there, with all their cells, whatever is wrong with them."""

from __future__ import annotations

import csv
from typing import IO, TYPE_CHECKING, Final

from core.tables.csv.cells import unwrapped
from core.tables.csv.plain_text import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.tables.csv.cells import Separator

_read_bytes: Final = 256 * 1024


def original_rows(
    text: IO[bytes], separator: Separator, width: int, numbers: Sequence[int], max_lines: int
) -> Iterator[tuple[int, list[str]]]:
    """The cells of rows, each with its number.

    Args:
        text: the file from its start, unpacked, with line feeds.
        width: how many columns it has.
        numbers: of the lines on which the rows begin, from 1, in order.
        max_lines: how many lines a row has at most. A quote that does not end within them belongs to its line alone.
    """
    numbers_left = iter(numbers)
    number = next(numbers_left, None)
    begun: list[bytes] = []
    begun_at = 0
    for place, line in enumerate(_lines(text), 1):
        if place == number:
            if begun:
                yield begun_at, _cells(begun[:1], separator, width)
            begun, begun_at, number = [], place, next(numbers_left, None)
        elif not begun:
            if number is None:
                return
            continue
        begun.append(line)
        if sum(part.count(b'"') for part in begun) % 2 == 0:
            yield begun_at, _cells(begun, separator, width)
            begun = []
        elif len(begun) == max_lines:
            yield begun_at, _cells(begun[:1], separator, width)
            begun = []
    if begun:
        yield begun_at, _cells(begun[:1], separator, width)


def _lines(text: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while part := text.read(_read_bytes):
        *lines, rest = (rest + part).split(b"\n")
        yield from lines
    if rest:
        yield rest


def _cells(lines: list[bytes], separator: Separator, width: int) -> list[str]:
    """The cells of a row; a single one of all of it where it cannot be told apart."""
    written = b"\n".join(lines).removesuffix(b"\r")
    try:
        text = written.decode("utf-8")
    except UnicodeDecodeError:
        text = decoded(written)
    try:
        cells = _split(text, separator)
        inner = unwrapped(cells) if len(cells) != width else None
        return cells if inner is None else _split(inner, separator)
    except csv.Error:
        return [text]


def _split(text: str, separator: Separator) -> list[str]:
    return next(csv.reader(text.splitlines(keepends=True), delimiter=separator), [])
