"""The sheet of a workbook that has the table, and its cells as text, read by calamine through fastexcel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import polars as pl

from core import catalogue
from core.catalogue.spelling import legacy_gender, name_key
from core.tables.errors import UnusableFile

if TYPE_CHECKING:
    import fastexcel

# Above a table there may be a title, who made it, when, and an empty line.
looked_at_rows: Final = 20
# So many names of columns in a row are those of a table; one may stand in a note.
_min_names: Final = 2


@dataclass(frozen=True, slots=True)
class SheetTable:
    """The table of a workbook.

    Attributes:
        sheet: the name of the sheet that has it.
        header: the number of the row with the names of its columns, from 0.
        others: how many visible sheets have a table with half as many known columns or more, which is not read.
    """

    sheet: str
    header: int
    others: int


def table_of(workbook: fastexcel.ExcelReader) -> SheetTable:
    """Finds the table: the first of the sheets with the most known columns. Raises `UnusableFile` where none has rows.

    A sheet that is hidden is the table where no other one is: what a reader does not see is not what they sent.
    """
    found: list[tuple[tuple[int, bool, int], str, int]] = []
    for name in workbook.sheet_names:
        sheet = _load(workbook, name, 0, looked_at_rows)
        is_visible = sheet.visible == "visible"
        counts = [
            sum(isinstance(cell, str) and name_key(cell) in _keys() for cell in row)
            for row in pl.DataFrame(sheet).iter_rows()
        ]
        if counts:
            known = max(counts)
            found.append(((min(known, _min_names), is_visible, known), name, counts.index(known)))
    if not found:
        raise UnusableFile("file_empty")
    best = max(found, key=lambda sheet: sheet[0])
    (_, _, known), name, header = best
    tables = [rank for rank, _, _ in found if rank[:2] == (_min_names, True) and 2 * rank[2] >= known]
    return SheetTable(name, header, max(0, len(tables) - 1))


@cache
def _keys() -> frozenset[str]:
    """Those of the columns of all tables, and of the history features."""
    tables = (column.name for table in catalogue.tables() for column in catalogue.columns(table))
    return frozenset(map(name_key, (*tables, *(feature.name for feature in catalogue.features()), legacy_gender)))


def cells(workbook: fastexcel.ExcelReader, name: str, first: int | None, rows: int | None = None) -> pl.DataFrame:
    """The cells of a sheet, from the first column that has any.

    Args:
        workbook: it.
        name: of the sheet.
        first: the first row, from 0; None: the first that has a cell.
        rows: how many; None: to the last that has a cell.
    """
    return pl.DataFrame(_load(workbook, name, first, rows))


def _load(workbook: fastexcel.ExcelReader, name: str, first: int | None, rows: int | None) -> fastexcel.ExcelSheet:
    return workbook.load_sheet(name, header_row=None, skip_rows=first, n_rows=rows, dtypes="string")
