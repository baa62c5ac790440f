"""Tables as Excel workbooks in which text stays text: neither formulas nor links are made of what a cell says."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from core.exports.csv_text import no_formula

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Cell = str | float | int | None

_narrowest: Final = 12
# An Excel sheet's name has 31 characters at most.
_longest_name: Final = 31
_longest_cell: Final = 32_767
_text_stays: Final = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a workbook: its name, a heading and the rows below it.

    Attributes:
        widest: how many characters a column is wide at most.
    """

    name: str
    rows: Sequence[Sequence[Cell]]
    widest: int = 60


def book(target: Path | io.BytesIO, options: Mapping[str, Any]) -> Any:
    """An `xlsxwriter.Workbook`, to be used as a context, with further options of its own."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped]  # 0.1 s, only where somebody exports

    return Workbook(target, {**_text_stays, **options})


def write_row(sheet: Any, place: int, row: Sequence[object], style: Any = None, first: int = 0) -> None:
    """Writes a row of a sheet: text as text, numbers as numbers, times as times, nothing where there is none.

    Args:
        style: a format of the workbook; None: that of the column.
        first: the column that the row begins in.
    """
    for column, value in enumerate(row, first):
        if value is None or value == "":
            continue
        if isinstance(value, str):
            # A cell of Excel ends there; the library would leave out the whole.
            sheet.write_string(place, column, str(no_formula(value))[:_longest_cell], style)
        elif isinstance(value, datetime):
            # Excel knows no zone.
            plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
            sheet.write_datetime(place, column, plain, style)
        else:
            sheet.write_number(place, column, value, style)


def xlsx_file(table: Sheet, about: tuple[str, Sequence[str]]) -> bytes:
    """A workbook of one table, and a second sheet that says what it is of.

    Args:
        about: name and lines of the second sheet.
    """
    out = io.BytesIO()
    with book(out, {"in_memory": True}) as workbook:
        bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        sheet = workbook.add_worksheet(table.name[:_longest_name])
        heading, *rows = table.rows
        sheet.write_row(0, 0, [no_formula(cell) for cell in heading], bold)
        for place, row in enumerate(rows, 1):
            write_row(sheet, place, row)
        for column, cells in enumerate(zip(*rows, strict=True)):
            width = max(len(str(cell)) for cell in cells)
            sheet.set_column(column, column, min(max(width, _narrowest) + 2, table.widest))
        sheet.freeze_panes(1, 1)
        name, lines = about
        second = workbook.add_worksheet(name[:_longest_name])
        for place, line in enumerate(lines):
            write_row(second, place, [line])
        second.set_column(0, 0, 100)
    return out.getvalue()
