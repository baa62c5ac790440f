"""The kind of a file by its content, whatever its name says."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from core.tables.csv.plain_text import coding_of
from core.tables.errors import UnusableFile

if TYPE_CHECKING:
    from pathlib import Path

ForeignKind = Literal[
    "XLSX", "XLSB", "XLS", "ODS", "SAS7BDAT", "XPORT", "SPSS", "STATA", "ARROW", "ARROW stream", "JSON"
]


@dataclass(frozen=True, slots=True)
class Converted:
    """What a file was before it became CSV.

    Attributes:
        kind: its format.
        sheet: the name of the sheet that was read, of a workbook.
        other_sheets: how many others have a table of the kind, which was not read.
    """

    kind: str
    sheet: str | None = None
    other_sheets: int = 0


spreadsheets: Final[tuple[ForeignKind, ...]] = ("XLSX", "XLSB", "XLS", "ODS")
statistics: Final[tuple[ForeignKind, ...]] = ("SAS7BDAT", "XPORT", "SPSS", "STATA")

# What a file is told by.
head_bytes: Final = 512
_zip_mark: Final = b"PK\x03\x04"
_sas_mark: Final = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
# Formats 105 to 115 of Stata begin with their number and the order of bytes.
_stata_numbers: Final = range(105, 116)
_by_mark: Final[tuple[tuple[bytes, ForeignKind], ...]] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLS"),
    (_sas_mark, "SAS7BDAT"),
    (b"HEADER RECORD*******LIB", "XPORT"),
    (b"$FL2", "SPSS"),
    (b"$FL3", "SPSS"),
    (b"<stata_dta>", "STATA"),
    (b"ARROW1", "ARROW"),
    (b"\xff\xff\xff\xff", "ARROW stream"),
)
# What people send and nobody here reads: called by its name.
_unread_marks: Final = (
    (b"%PDF", "PDF"),
    (b"SQLite format 3", "SQLite"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "RAR"),
    (b"Obj\x01", "Avro"),
    (b"ORC", "ORC"),
    (b"FEA1", "Feather 1"),
    (b"RDX", "RData"),
    (b"\x80\x04", "pickle"),
    (b"\x80\x05", "pickle"),
    (b"\x89HDF", "HDF5"),
    (b"\x93NUMPY", "NumPy"),
    (b"MATLAB 5", "MATLAB"),
    (b"\x04\x22\x4d\x18", "LZ4"),
    (b"\x5d\x00\x00", "LZMA"),
    # Gzipped as a rule.
    (b"X\n\x00\x00\x00", "RDS"),
    (b"\x00\x01\x00\x00Standard", "Access"),
)
# Documents that are zips, by a part that each has.
_documents: Final = (
    ("word/document.xml", "Word"),
    ("ppt/presentation.xml", "PowerPoint"),
    ("Index/Document.iwa", "Numbers"),
)


def foreign_kind(path: Path) -> ForeignKind | None:
    """What a file is, where it has to be converted before it is read; None for CSV, packed or not, and Parquet.

    Raises:
        UnusableFile: it is a zip that is damaged, or a document of another kind.
        OSError: the disk cannot be read.
    """
    head = _head(path)
    return _within_zip(path) if head.startswith(_zip_mark) else _kind_of_head(head)


def unread_kind(path: Path) -> str | None:
    """The name of a format that is known and not read; None for any other file. Raises `OSError`."""
    return _unread_kind_of_head(_head(path))


def has_to_be_converted(head: bytes) -> bool:
    """Whether a file that begins so is foreign, or of a format that is not read; a zip is neither.

    Args:
        head: its first `head_bytes`.
    """
    return _kind_of_head(head) is not None or _unread_kind_of_head(head) is not None


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(head_bytes)


def _kind_of_head(head: bytes) -> ForeignKind | None:
    for mark, kind in _by_mark:
        if head.startswith(mark):
            return kind
    if len(head) > 2 and head[0] in _stata_numbers and head[1] in (1, 2) and head[2] == 1:
        return "STATA"
    return "JSON" if _text_of(head)[:1] in (b"{", b"[") else None


def _text_of(head: bytes) -> bytes:
    """The start of a text in ASCII, whatever it is encoded in."""
    if (coding := coding_of(head)) not in (None, "cr"):
        head = head.decode(str(coding), "ignore").encode()
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _unread_kind_of_head(head: bytes) -> str | None:
    text = _text_of(head)[:14].lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return "HTML"
    if text.startswith(b"<?xml"):
        return "XML"
    if head[257:262] == b"ustar":
        return "TAR"
    return next((name for mark, name in _unread_marks if head.startswith(mark)), None)


def _within_zip(path: Path) -> ForeignKind | None:
    """Which workbook a zip is, by the parts that each must have; None for an archive of files."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise UnusableFile("file_unreadable", kind="ZIP") from error
    if "xl/workbook.bin" in names:
        return "XLSB"
    if "xl/workbook.xml" in names:
        return "XLSX"
    if "mimetype" in names and "content.xml" in names:
        return "ODS"
    unread = next((name for part, name in _documents if part in names), None)
    if unread is not None:
        raise UnusableFile("file_format_not_read", kind=unread)
    return None
