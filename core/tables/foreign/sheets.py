"""The sheet of a workbook that has the table, and its cells as text, read by calamine through fastexcel."""

from __future__ import annotations

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


def sheet_and_header(workbook: fastexcel.ExcelReader) -> tuple[str, int]:
    """The sheet of the table, and the number of its first row from 0. Raises `UnusableFile` where no sheet has rows.

    A sheet that is hidden is the table where no other one is: what a reader does not see is not what they sent.
    """
    best: tuple[tuple[int, bool, int], str, int] | None = None
    for name in workbook.sheet_names:
        sheet = _load(workbook, name, 0, looked_at_rows)
        is_visible = sheet.visible == "visible"
        for place, row in enumerate(pl.DataFrame(sheet).iter_rows()):
            known = sum(isinstance(cell, str) and name_key(cell) in _keys() for cell in row)
            rank = min(known, _min_names), is_visible, known
            if best is None or rank > best[0]:
                best = rank, name, place
    if best is None:
        raise UnusableFile("file_empty")
    return best[1], best[2]


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
