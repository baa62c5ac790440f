"""The number formats of a CSV file: how each of its columns writes numbers, as far as its first rows show it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from core.tables.cells.number_text import Mark, NumberFormat, decimal_mark, point_decimals
from core.tables.csv.cells import cells_of, unwrapped_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_other_mark: Final[Mapping[Mark, Mark]] = {".": ",", ",": "."}


def formats_of(columns: Mapping[int, str], text: str, separator: str) -> tuple[Mark, dict[str, NumberFormat]]:
    """How numbers are written.

    Args:
        columns: those of numbers, by their position in the file.
        text: the first rows.
        separator: between cells.

    Returns:
        The decimal mark of most numbers, and the format of each column; of a column that is not there it is
        `core.tables.cells.number_text.point_decimals`.
    """
    # Before each line is looked at: there are very many of few columns.
    if separator == "," and '"' not in text:
        return ".", {}
    lines = [unwrapped_line(line) for line in text.splitlines()]
    if separator == ",":
        return _between_commas(columns, lines)
    shown: dict[int, set[Mark]] = defaultdict(set)
    for place, cell in _number_cells(columns, cells_of(lines, separator)):
        marks = shown[place]
        # A column that has shown its mark is not looked at again, but for the other one.
        if len(marks) == 2 or (marks and _other_mark[next(iter(marks))] not in cell):
            continue
        if (mark := decimal_mark(cell)) is not None:
            marks.add(mark)
    of_file = {mark for marks in shown.values() for mark in marks}
    formats = {name: _format(shown[place], of_file) for place, name in columns.items()}
    return "," if of_file == {","} else ".", formats


def _between_commas(columns: Mapping[int, str], lines: Sequence[str]) -> tuple[Mark, dict[str, NumberFormat]]:
    """The same of a comma-separated file: only quotes hold a comma, and its points are those of its separator.

    A comma in quotes that sets thousands apart says what commas are in its column, and probably in others; cells of
    numbers may have a decimal comma in one column alone, as texts of a workbook do.
    """
    quoted: dict[int, set[Mark]] = defaultdict(set)
    for place, cell in _number_cells(columns, cells_of([line for line in lines if '"' in line], ",")):
        if "," in cell and len(quoted[place]) < 2 and (mark := decimal_mark(cell)) is not None:
            quoted[place].add(mark)
    of_file = {mark for marks in quoted.values() for mark in marks}
    if not of_file:
        return ".", {}
    shown = {place: set(marks) for place, marks in quoted.items()}
    for place, cell in _number_cells(columns, cells_of(lines, ",")):
        if "," in shown.get(place, ()) and "." in cell and "." not in shown[place] and decimal_mark(cell) == ".":
            shown[place].add(".")
    return ".", {name: _format_between_commas(shown.get(place, set()), of_file) for place, name in columns.items()}


def _format_between_commas(shown: set[Mark], of_file: set[Mark]) -> NumberFormat:
    if shown == {"."}:
        return NumberFormat(".", "column", "column")
    if shown:
        return _format(shown, of_file)
    return NumberFormat(".", "column", "file") if of_file == {"."} else point_decimals


def _format(shown: set[Mark], of_file: set[Mark]) -> NumberFormat:
    if len(shown) == 1:
        return NumberFormat(next(iter(shown)), "column", "column")
    if not shown and len(of_file) == 1:
        return NumberFormat(next(iter(of_file)), "file", "file")
    return NumberFormat(".", "none", "none")


def _number_cells(columns: Mapping[int, str], rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, str]]:
    """The cells of columns of numbers that hold a mark, with the position of each."""
    for row in rows:
        for place in columns:
            if place < len(row) and ("." in row[place] or "," in row[place]):
                yield place, row[place]
