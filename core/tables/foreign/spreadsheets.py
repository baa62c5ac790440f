"""Workbooks (XLSX, XLSB, XLS, ODS): the cells of one sheet as text, read by calamine through fastexcel.

A large XLSX workbook is read in parts (`core.tables.foreign.large_workbooks`), any other whole.

An error cell (`#DIV/0!`) is an empty one for whoever asks for text without pyarrow (fastexcel 0.21). Of XLSX it is read
as the text that it shows (`core.tables.foreign.error_cells`), as CSV of the same sheet has it; elsewhere it is missing.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import fastexcel

from core.tables.errors import UnusableFile
from core.tables.foreign import error_cells
from core.tables.foreign.large_workbooks import LargeWorkbook
from core.tables.foreign.sheet_xml import NotCut
from core.tables.foreign.sheets import SheetTable, cells, table_of
from core.tables.foreign.writing import CsvWriter

if TYPE_CHECKING:
    from typing import IO

    import polars as pl

    from core.tables.foreign.kinds import ForeignKind
    from core.tables.limits import FileLimits

# What fastexcel and zipfile raise where a workbook is damaged, encrypted, or of a version that they do not know.
_unreadable: Final = (fastexcel.FastExcelError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)


def convert(path: Path, kind: ForeignKind, out: IO[bytes], limits: FileLimits) -> SheetTable:
    """Writes the sheet that has the table as CSV, each row on the line of its number.

    Args:
        path: the workbook.
        kind: what it is.
        out: a file on the disk; what is made for the reading lies beside it for as long.
        limits: on what it unpacks to, its columns, rows and cells.

    Returns:
        Which sheet that is.

    Raises:
        UnusableFile: it cannot be read, has no sheet with rows, or is larger than allowed.
    """
    if kind != "XLS":
        with zipfile.ZipFile(path) as archive:
            limits.check_unpacked(sum(part.file_size for part in archive.infolist()), path.stat().st_size)
    with TemporaryDirectory(dir=Path(out.name).parent) as folder:
        scratch = Path(folder)
        try:
            if kind == "XLSX" and (table := _in_parts(path, out, limits, scratch)) is not None:
                return table
            readable = error_cells.with_text(path, scratch / "workbook.xlsx") if kind == "XLSX" else path
            table, frame = _whole(readable)
        except _unreadable as error:
            raise UnusableFile("file_unreadable", kind=kind) from error
    writer = CsvWriter(out, frame.row(0) if frame.height else (), limits, table.header)
    if frame.height < 2:
        raise UnusableFile("file_no_rows")
    writer.frame(frame.slice(1))
    return table


def _in_parts(path: Path, out: IO[bytes], limits: FileLimits, scratch: Path) -> SheetTable | None:
    """The table, written part by part; None where the workbook is to be read whole."""
    with zipfile.ZipFile(path) as archive:
        workbook = LargeWorkbook(archive, scratch)
        if not workbook.is_worth_it():
            return None
        try:
            return workbook.convert(out, limits)
        except (NotCut, fastexcel.FastExcelError):
            # Whether it can be read is for the library to say, of the file as it came.
            out.seek(0)
            out.truncate()
            return None


def _whole(path: Path) -> tuple[SheetTable, pl.DataFrame]:
    workbook = fastexcel.read_excel(path)
    table = table_of(workbook)
    return table, cells(workbook, table.sheet, table.header)
