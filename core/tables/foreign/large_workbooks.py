"""Large XLSX workbooks: a sheet read some thousand rows at a time, each time as a small workbook of its own.

calamine holds all cells of a sheet at once, 32 bytes for each before any are ours (fastexcel 0.21). A part of the
sheet's XML beside the styles and the shared texts of the workbook is read as the whole is, for a part of the memory.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

import fastexcel
import polars as pl

from core.tables.errors import UnusableFile
from core.tables.foreign import error_cells
from core.tables.foreign.sheet_xml import NotCut, SheetXml, anchor_text
from core.tables.foreign.sheets import SheetTable, cells, looked_at_rows, table_of
from core.tables.foreign.writing import CsvWriter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

    from core.tables.limits import FileLimits

# About 1,300 rows of all columns of an application.
part_bytes: Final = 4_000_000
# The shared texts are read once for each part: that is to cost half of what the part itself does at most.
_part_per_shared: Final = 2
_shared: Final = "xl/sharedStrings.xml"
# What calamine reads of a workbook besides its sheets; and those sheets that are no tables, which it looks for too.
_common: Final = re.compile(
    r"(?:\[Content_Types\]\.xml|(?:xl/)?_rels/[^/]+|xl/(?:(?:chart|dialog|macro)sheets/)?[^/]+\.xml)"
)
_sheets: Final = re.compile(r"xl/worksheets/[^/]+\.xml")


class LargeWorkbook:
    """An XLSX workbook of which a sheet is read in parts.

    Attributes:
        part_bytes: about how much XML a part holds.
    """

    def __init__(self, archive: zipfile.ZipFile, scratch: Path, least_part_bytes: int = part_bytes) -> None:
        """Reads nothing yet.

        Args:
            archive: it was seen that it does not unpack to too much.
            scratch: a folder for the small workbooks.
            least_part_bytes: how much XML a part holds at least.
        """
        self._archive, self._scratch = archive, scratch
        shared = sum(part.file_size for part in archive.infolist() if part.filename == _shared)
        self.part_bytes = max(least_part_bytes, shared * _part_per_shared)
        self._sheets = [part.filename for part in archive.infolist() if _sheets.fullmatch(part.filename)]

    def is_worth_it(self) -> bool:
        """Whether any sheet is larger than a part; else it is read whole as cheaply."""
        return any(self._archive.getinfo(name).file_size > self.part_bytes for name in self._sheets)

    def convert(self, out: IO[bytes], limits: FileLimits) -> SheetTable:
        """Writes the sheet of the table as CSV, each row on the line of its number.

        Args:
            out: an empty file on the disk.
            limits: on its columns, rows and cells.

        Returns:
            Which sheet that is.

        Raises:
            UnusableFile: it has no rows beneath the names of its columns, or is larger than allowed.
            NotCut: it has to be read whole; what was written so far is to be forgotten.
            fastexcel.FastExcelError, zipfile.BadZipFile, zlib.error: it has to be read whole, or cannot be read.
        """
        try:
            table = table_of(self._heads())
        except UnusableFile as error:
            # There may be cells further down than was looked.
            raise NotCut from error
        file = self._file_of(table.sheet)
        columns: range | None = None
        while (columns := self._write(table.sheet, file, table.header, columns, out, limits)) is not None:
            # A row further down has cells outside of the columns that were seen before it: once more, with these too.
            out.seek(0)
            out.truncate()
        return table

    def _heads(self) -> fastexcel.ExcelReader:
        """The workbook with the first part of each sheet."""
        heads = {}
        for file in self._sheets:
            with self._archive.open(file) as stream:
                sheet = SheetXml(stream, self.part_bytes)
                heads[file] = sheet.sheet(_head(sheet, sheet.parts()))
        return self._workbook(heads)

    def _file_of(self, name: str) -> str:
        """The part of the archive that a sheet is: calamine is given sheets that say where they lie."""
        pages = {file: _page_of_one_cell(file) for file in self._sheets}
        place = cells(self._workbook(pages), name, 0)
        file = place.item() if place.shape == (1, 1) else None
        if file not in pages:
            raise NotCut
        return str(file)

    def _write(
        self, name: str, file: str, header: int, columns: range | None, out: IO[bytes], limits: FileLimits
    ) -> range | None:
        """Writes these columns of the rows, or those that have cells in the first part.

        Returns:
            None where no other column has cells, else all that do: what was written has too few.
        """
        with self._archive.open(file) as stream:
            frames = self._frames(name, file, SheetXml(stream, self.part_bytes))
            head = next(frames)
            columns = columns or _used(head)
            writer = CsvWriter(out, _columns(head, columns).row(header), limits, header)
            writer.frame(_columns(head, columns).slice(header + 1))
            used = columns
            for frame in frames:
                used = _span(used, _used(frame))
                if used == columns:
                    writer.frame(_columns(frame, columns))
        if used != columns:
            return used
        if not writer.rows:
            raise UnusableFile("file_no_rows")
        return None

    def _frames(self, name: str, file: str, sheet: SheetXml) -> Iterator[pl.DataFrame]:
        """The cells as text, from column A and row 1 on: empty rows in between as well, none at the end."""
        parts = sheet.parts()
        head = self._cells(name, file, sheet, _head(sheet, parts) + sheet.anchor(sheet.last_row + 1), 0)
        if head.height != sheet.last_row + 1 or not _is_anchor(head.row(-1)):
            raise NotCut
        filled = head.select(pl.any_horizontal(pl.all().is_not_null())).to_series()[:-1].arg_true()
        if not filled.len():
            raise NotCut
        # How many rows were given, which is the number of the last of them.
        done = filled[-1] + 1
        yield head.head(done)
        before = sheet.last_row
        for rows in parts:
            if not rows.strip():
                continue
            start = sheet.anchor(done) + sheet.row_before(before)
            frame = self._cells(name, file, sheet, start + rows, None)
            if not _is_anchor(frame.row(0)):
                raise NotCut
            done += frame.height - 1
            before = sheet.last_row
            yield frame.slice(1)

    def _cells(self, name: str, file: str, sheet: SheetXml, rows: bytes, first: int | None) -> pl.DataFrame:
        return cells(self._workbook({file: sheet.sheet(rows)}), name, first)

    def _workbook(self, sheets: dict[str, bytes]) -> fastexcel.ExcelReader:
        """The workbook with these sheets alone, on the disk, where it takes no memory."""
        common, path = self._scratch / "common.xlsx", self._scratch / "part.xlsx"
        if not common.exists():
            with zipfile.ZipFile(common, "w", zipfile.ZIP_STORED, allowZip64=True) as copy:
                for part in self._archive.infolist():
                    if _common.fullmatch(part.filename):
                        with self._archive.open(part) as stream, copy.open(part.filename, "w", force_zip64=True) as to:
                            shutil.copyfileobj(stream, to)
        shutil.copyfile(common, path)
        with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED, allowZip64=True) as book:
            for file, text in sheets.items():
                book.writestr(file, error_cells.as_text(text))
        return fastexcel.read_excel(path)


def _head(sheet: SheetXml, parts: Iterator[bytes]) -> bytes:
    """The first part, and as many more as it takes to see where the table begins."""
    rows = next(parts)
    while not sheet.ended and sheet.last_row < looked_at_rows:
        rows += next(parts)
    return rows


def _page_of_one_cell(text: str) -> bytes:
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        f'<c r="A1" t="str"><v>{escape(text)}</v></c></row></sheetData></worksheet>'
    ).encode()


def _is_anchor(row: tuple[str | None, ...]) -> bool:
    return row[0] == anchor_text and not any(cell is not None for cell in row[1:])


def _used(frame: pl.DataFrame) -> range:
    """The columns from the first to the last that has a cell; text of no letters is one."""
    filled = [place for place, column in enumerate(frame.iter_columns()) if column.null_count() < column.len()]
    return range(filled[0], filled[-1] + 1) if filled else range(0)


def _span(one: range, other: range) -> range:
    """The smallest range that holds both."""
    if not one or not other:
        return one or other
    return range(min(one.start, other.start), max(one.stop, other.stop))


def _columns(frame: pl.DataFrame, columns: range) -> pl.DataFrame:
    """Some columns, those without any cell too."""
    missing = range(max(columns.start, frame.width), columns.stop)
    empty = [pl.repeat(None, frame.height, dtype=pl.String, eager=True).alias(f"without {place}") for place in missing]
    return frame[:, columns.start : columns.stop].with_columns(empty)
