"""The cells of single lines of CSV, as far as they are looked at before a file is read."""

from __future__ import annotations

import csv
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Sequence

Separator = Literal[",", ";", "\t", "|"]

separators: Final[tuple[Separator, ...]] = get_args(Separator)


def cells_of(lines: Sequence[str], separator: str) -> list[list[str]]:
    """The cells of some lines, without blanks around them; none of those that are not CSV."""
    reader = csv.reader(lines, delimiter=separator)
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows.extend([cell.strip() for cell in row] for row in reader)
    return rows or [[]]


def unwrapped(cells: list[str]) -> str | None:
    """What a row holds that a spreadsheet has put into one cell, empty ones behind it; None for any other row."""
    return cells[0] if cells and cells[0] and not any(cells[1:]) else None


def unwrapped_line(line: str) -> str:
    """A line without the quotes around all of it; another line, or a single name in quotes, as it is."""
    if not line.startswith('"'):
        return line
    inner = unwrapped(cells_of([line], ";" if line.rstrip().endswith(";") else ",")[0])
    return inner if inner is not None and any(mark in inner for mark in separators) else line
