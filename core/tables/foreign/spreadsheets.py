"""Workbooks (XLSX, XLSB, XLS, ODS): the cells of one sheet as text, read by calamine through fastexcel.

An error cell (`#DIV/0!`) is an empty one for whoever asks for text without pyarrow (fastexcel 0.21). Of XLSX it is read
as the text that it shows (`core.tables.foreign.error_cells`), as CSV of the same sheet has it; elsewhere it is missing.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import polars as pl

from core.catalogue import known_name
from core.tables.errors import UnusableFile
from core.tables.foreign import error_cells

if TYPE_CHECKING:
    from typing import IO

    import fastexcel

    from core.tables.foreign.kinds import ForeignKind
    from core.tables.limits import FileLimits

from core.tables.foreign.writing import CsvWriter

# Above a table there may be a title, who made it, when, and an empty line.
_looked_at_rows: Final = 20


def convert(path: Path, kind: ForeignKind, out: IO[bytes], limits: FileLimits) -> str:
    """Writes one sheet as CSV: the first that has a column of an application, else the first.

    Args:
        path: the workbook.
        kind: what it is.
        out: a file on the disk; what is made for the reading lies beside it for as long.
        limits: on what it unpacks to, its columns, rows and cells.

    Returns:
        The name of the sheet.

    Raises:
        UnusableFile: it cannot be read, has no sheet with rows, or is larger than allowed.
    """
    import fastexcel

    if kind != "XLS":
        with zipfile.ZipFile(path) as archive:
            limits.check_unpacked(sum(part.file_size for part in archive.infolist()), path.stat().st_size)
    with TemporaryDirectory(dir=Path(out.name).parent) as scratch:
        try:
            readable = error_cells.with_text(path, Path(scratch) / "workbook.xlsx") if kind == "XLSX" else path
            workbook = fastexcel.read_excel(readable)
            name, header = _sheet_and_header(workbook)
            frame = _frame(workbook, name, header)
        except (fastexcel.FastExcelError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
            raise UnusableFile("file_unreadable", kind=kind) from error
    writer = CsvWriter(out, frame.row(0) if frame.height else (), limits)
    if frame.height < 2:
        raise UnusableFile("file_no_rows")
    writer.frame(frame.slice(1))
    return name


def _sheet_and_header(workbook: fastexcel.ExcelReader) -> tuple[str, int]:
    """The sheet of the table, and the number of its first row from 0."""
    best: tuple[int, str, int] | None = None
    for name in workbook.sheet_names:
        top = _frame(workbook, name, 0, _looked_at_rows)
        for place, row in enumerate(top.iter_rows()):
            known = sum(isinstance(cell, str) and known_name(cell) is not None for cell in row)
            if best is None or known > best[0]:
                best = known, name, place
    if best is None:
        raise UnusableFile("file_empty")
    return best[1], best[2]


def _frame(workbook: fastexcel.ExcelReader, name: str, first: int, rows: int | None = None) -> pl.DataFrame:
    sheet = workbook.load_sheet(name, header_row=None, skip_rows=first, n_rows=rows, dtypes="string")
    return pl.DataFrame(sheet)
