"""Files of programs for which there is no writer here, written byte by byte after their specifications.

ODS: OASIS OpenDocument 1.3, part 3. XLSB: [MS-XLSB]. SAS7BDAT: Shotwell, "SAS7BDAT Database Binary Format" (2011).
"""

from __future__ import annotations

import struct
import zipfile
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    Cell = float | str | bool | None

_sas_magic = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
_sas_header = 1024
_sas_page = 8192
_sas_page_header = 24
_sas_pointer = 12


def write_ods(path: Path, sheets: dict[str, Sequence[Sequence[Cell]]]) -> None:
    """A workbook of OpenDocument."""
    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>"
        + "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.3">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", content)
        book.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )


def _ods_cell(value: Cell) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, bool):
        word = str(value).lower()
        return f'<table:table-cell office:value-type="boolean" office:boolean-value="{word}"/>'
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{value!r}"/>'


def write_xlsb(path: Path, sheets: dict[str, Sequence[Sequence[Cell]]]) -> None:
    """A binary workbook of Excel."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    relations = "".join(
        f'<Relationship Id="rId{place}" Type="{kind}" Target="worksheets/sheet{place}.bin"/>'
        for place in range(1, len(sheets) + 1)
    )
    listed = b"".join(
        _record(156, struct.pack("<II", 0, place) + _wide(f"rId{place}") + _wide(name))
        for place, name in enumerate(sheets, start=1)
    )
    workbook = [_record(131), _record(153, bytes(12)), _record(143), listed, _record(144), _record(132)]
    with zipfile.ZipFile(path, "w") as book:
        book.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}'
            "</Relationships>",
        )
        book.writestr("xl/workbook.bin", b"".join(workbook))
        for place, rows in enumerate(sheets.values(), start=1):
            book.writestr(f"xl/worksheets/sheet{place}.bin", _xlsb_sheet(rows))


def _xlsb_sheet(rows: Sequence[Sequence[Cell]]) -> bytes:
    width = max(map(len, rows))
    parts = [_record(129), _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1)), _record(145)]
    for number, row in enumerate(rows):
        parts.append(_record(0, struct.pack("<I", number) + bytes(13)))
        for column, value in enumerate(row):
            head = struct.pack("<II", column, 0)
            if isinstance(value, bool):
                parts.append(_record(4, head + bytes([value])))
            elif isinstance(value, str):
                parts.append(_record(6, head + _wide(value)))
            elif value is not None:
                parts.append(_record(5, head + struct.pack("<d", value)))
    return b"".join([*parts, _record(146), _record(130)])


def _record(kind: int, content: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = len(content), bytearray()
    while size >= 128:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return head + bytes([*length, size]) + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def sas_missing(letter: str = ".") -> float:
    """A missing value of SAS: `.`, or `.A` to `.Z`."""
    tag = 1 if letter == "." else ord(letter) - ord("A") + 2
    number: float = struct.unpack("<d", bytes([0, 0, 0, 0, 0, 0xFF - tag, 0xFF, 0xFF]))[0]
    return number


def write_sas7bdat(path: Path, names: Sequence[str], rows: Sequence[Sequence[float | bytes]]) -> None:
    """A table of SAS 9 (32 bits, little-endian, UTF-8, not compressed): numbers, and texts of bytes."""
    widths = [
        max(len(value) if isinstance(value, bytes) else 8 for value in column) for column in zip(*rows, strict=True)
    ]
    texts = [isinstance(value, bytes) for value in rows[0]]
    text, places = b"", []
    for name in names:
        places.append(28 + len(text))
        padded = name.encode()
        text += padded.ljust(-(-len(padded) // 4) * 4, b"\0")
    size = bytearray(480)
    struct.pack_into("<II", size, 20, sum(widths), len(rows))
    struct.pack_into("<I", size, 36, len(names))
    struct.pack_into("<I", size, 52, _sas_page)
    attributes = b"".join(
        struct.pack(
            "<IIHBB", sum(widths[:place]), widths[place], 4 if len(name) <= 8 else 2048, 2 if texts[place] else 1, 0
        )
        for place, name in enumerate(names)
    )
    references = b"".join(
        struct.pack("<HHHH", 0, place, len(name), 0) for place, name in zip(places, names, strict=True)
    )
    subheaders = [
        (0xF7F7F7F7, bytes(size[4:])),
        (0xF6F6F6F6, struct.pack("<II", len(names), 0)),
        (0xFFFFFFFD, struct.pack("<H", 28 + len(text) - 4 - 4) + bytes(26) + text),
        (0xFFFFFFFF, struct.pack("<H", 20 + 8 * len(names) - 12) + bytes(6) + references + bytes(8)),
        (0xFFFFFFFC, struct.pack("<H", 20 + 12 * len(names) - 12) + bytes(6) + attributes + bytes(8)),
    ]
    subheaders += [(0xFFFFFBFE, bytes(48)) for _ in names]
    meta, end = bytearray(_sas_page), _sas_page
    struct.pack_into("<HHH", meta, 16, 0, len(subheaders), len(subheaders))
    for place, (signature, content) in enumerate(subheaders):
        whole = struct.pack("<I", signature) + content
        end -= len(whole)
        meta[end : end + len(whole)] = whole
        struct.pack_into(
            "<IIBB", meta, _sas_page_header + _sas_pointer * place, end, len(whole), 0, signature >= 0xFFFFFFFC
        )
    data = bytearray(_sas_page)
    struct.pack_into("<HHH", data, 16, 0x0100, len(rows), 0)
    cells = b"".join(
        value.ljust(width) if isinstance(value, bytes) else struct.pack("<d", value)
        for row in rows
        for value, width in zip(row, widths, strict=True)
    )
    data[_sas_page_header : _sas_page_header + len(cells)] = cells
    header = bytearray(_sas_header)
    header[:32] = _sas_magic
    header[32], header[35], header[37], header[39], header[70] = 0x22, 0x22, 1, ord("1"), 20
    header[84:92], header[92:124], header[156:164] = b"SAS FILE", b"CLIENTS".ljust(32), b"DATA    "
    struct.pack_into("<III", header, 196, _sas_header, _sas_page, 2)
    header[216:224] = b"9.0401M6"
    path.write_bytes(bytes(header + meta + data))
