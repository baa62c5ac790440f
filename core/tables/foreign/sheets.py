"""The sheet of a workbook that has the table, and its cells as text, read by calamine through fastexcel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from core.catalogue import known_name
from core.tables.errors import UnusableFile

if TYPE_CHECKING:
    import fastexcel

# Above a table there may be a title, who made it, when, and an empty line.
looked_at_rows: Final = 20


def sheet_and_header(workbook: fastexcel.ExcelReader) -> tuple[str, int]:
    """The sheet of the table, and the number of its first row from 0. Raises `UnusableFile` where no sheet has rows."""
    best: tuple[int, str, int] | None = None
    for name in workbook.sheet_names:
        top = cells(workbook, name, 0, looked_at_rows)
        for place, row in enumerate(top.iter_rows()):
            known = sum(isinstance(cell, str) and known_name(cell) is not None for cell in row)
            if best is None or known > best[0]:
                best = known, name, place
    if best is None:
        raise UnusableFile("file_empty")
    return best[1], best[2]


def cells(workbook: fastexcel.ExcelReader, name: str, first: int | None, rows: int | None = None) -> pl.DataFrame:
    """The cells of a sheet, from the first column that has any.

    Args:
        workbook: it.
        name: of the sheet.
        first: the first row, from 0; None: the first that has a cell.
        rows: how many; None: to the last that has a cell.
    """
    sheet = workbook.load_sheet(name, header_row=None, skip_rows=first, n_rows=rows, dtypes="string")
    return pl.DataFrame(sheet)
