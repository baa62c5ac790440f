"""Error cells of an XLSX workbook (`#DIV/0!`, `#REF!`), made cells of text, so that no reader takes them for empty."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

# The start of a cell (`<c r="B7" s="1" t="e">`); no attribute that a cell has holds a `<` or a `>`.
_error_cell: Final = re.compile(rb"""(<(?:\w+:)?c\s[^<>]*?\bt=)(["'])e\2""")
_text_cell: Final = rb"\1\2str\2"
_error_type: Final = (b't="e"', b"t='e'")
_read_bytes: Final = 1_000_000


def with_text(path: Path, scratch: Path) -> Path:
    """The workbook, or one that is written as `scratch` where it has error cells, in which these are text.

    Args:
        path: XLSX, of which it was seen that it does not unpack to too much.
        scratch: where to write; the other parts are copied.

    Raises:
        OSError: the disk cannot be read or written.
        zipfile.BadZipFile, zlib.error: the workbook is damaged.
    """
    with zipfile.ZipFile(path) as archive:
        if not any(_has_errors(archive, part) for part in archive.infolist() if _is_sheet(part)):
            return path
        with zipfile.ZipFile(scratch, "w", zipfile.ZIP_STORED, allowZip64=True) as copy:
            for part in archive.infolist():
                with archive.open(part) as stream, copy.open(part.filename, "w", force_zip64=True) as target:
                    for text in _tags(stream):
                        target.write(as_text(text) if _is_sheet(part) else text)
    return scratch


def as_text(xml: bytes) -> bytes:
    """A part of a sheet, in which no tag is cut, with text in place of its error cells."""
    return _error_cell.sub(_text_cell, xml) if _marked(xml) else xml


def _marked(xml: bytes) -> bool:
    return any(mark in xml for mark in _error_type)


def _is_sheet(part: zipfile.ZipInfo) -> bool:
    return part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml")


def _has_errors(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with archive.open(part) as stream:
        return any(map(_marked, _tags(stream)))


def _tags(stream: IO[bytes]) -> Iterator[bytes]:
    """The text, in parts that end where a tag does, so that none is cut."""
    rest = b""
    while part := stream.read(_read_bytes):
        whole, mark, rest = (rest + part).rpartition(b">")
        yield whole + mark
    yield rest
