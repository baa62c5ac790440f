"""The cells of an XLSX workbook that calamine takes for empty, written so that it reads them.

Error cells (`#DIV/0!`, `#REF!`) are made cells of text, and so are formulas whose result nobody has computed, as
openpyxl writes them: rows are set aside rather than scored without the value. What stands in a CDATA section is written
with references in its place: of a cell that is written so, calamine reads nothing, without a word
(findings/calamine_cdata.sh).
"""

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
# A formula without a result; that of text may well be empty.
_open_formula: Final = re.compile(
    rb"""(<(?:\w+:)?c\s(?:(?!\bt=(?!["']n["']))[^<>])*)(>\s*<(?:(\w+):)?f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f>))"""
    # No two runs of blanks side by side, which could be parted anywhere.
    rb"""(?:\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>))?\s*(?=</(?:\w+:)?c>)"""
)
# Of a number, which a cell is as well where it does not say so.
_number_type: Final = re.compile(rb"""\bt=(["'])n\1""")
_no_result: Final = b"#FORMULA?"
_section: Final = re.compile(rb"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_section_start: Final = b"<![CDATA["
_section_end: Final = b"]]>"
# What such a cell may end in, and few others do.
_formula_ends: Final = (
    *(b"f></c>", b"f><v></v>", b"f><v/>", b"f><v />"),
    *(b'"/></c>', b'"/><v></v>', b'"/><v/>', b'"/><v />'),
    b":f><",
)
_marks: Final = (b't="e"', b"t='e'", _section_start, *_formula_ends)
_cell_end: Final = b"c>"
_read_bytes: Final = 1_000_000
# Far beyond the 32,767 characters that a cell can have: what is longer is read as it stands.
_max_section_bytes: Final = 4_000_000


def with_text(path: Path, scratch: Path) -> Path:
    """The workbook, or one that is written as `scratch` where it has such cells, in which they are read.

    Args:
        path: XLSX, of which it was seen that it does not unpack to too much.
        scratch: where to write; the other parts are copied.

    Raises:
        OSError: the disk cannot be read or written.
        zipfile.BadZipFile, zlib.error: the workbook is damaged.
    """
    with zipfile.ZipFile(path) as archive:
        if not any(_has_such_cells(archive, part) for part in archive.infolist() if _is_sheet(part)):
            return path
        with zipfile.ZipFile(scratch, "w", zipfile.ZIP_STORED, allowZip64=True) as copy:
            for part in archive.infolist():
                with archive.open(part) as stream, copy.open(part.filename, "w", force_zip64=True) as target:
                    for text in _tags(stream):
                        target.write(as_text(text) if _is_sheet(part) else text)
    return scratch


def as_text(xml: bytes) -> bytes:
    """A part of a sheet, in which no tag or section is cut, with text in place of its error cells and sections."""
    if not _marked(xml):
        return xml
    return _open_formula.sub(_with_no_result, _error_cell.sub(_text_cell, _section.sub(_escaped, xml)))


def _with_no_result(cell: re.Match[bytes]) -> bytes:
    prefix = cell[3] + b":" if cell[3] else b""
    start = _number_type.sub(b"", cell[1])
    return b'%s t="str"%s<%sv>%s</%sv>' % (start, cell[2], prefix, _no_result, prefix)


def _escaped(section: re.Match[bytes]) -> bytes:
    return section[1].replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def _marked(xml: bytes) -> bool:
    return any(mark in xml for mark in _marks)


def _is_sheet(part: zipfile.ZipInfo) -> bool:
    return part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml")


def _has_such_cells(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with archive.open(part) as stream:
        return any(map(_marked, _tags(stream)))


def _tags(stream: IO[bytes]) -> Iterator[bytes]:
    """The text, in parts that end where a cell, or else a tag, or a section does, so that none is cut."""
    rest = b""
    while part := stream.read(_read_bytes):
        text = rest + part
        end = (text.rfind(_cell_end) + len(_cell_end)) if _cell_end in text else text.rfind(b">") + 1
        start = text.rfind(_section_start)
        if start >= 0 and text.find(_section_end, start) < 0 and len(text) - start < _max_section_bytes:
            end = start
        yield text[:end]
        rest = text[end:]
    yield rest
