"""The XML of one sheet of an XLSX workbook, cut at ends of rows into parts that are sheets of their own.

Markup is found by its bytes, which is exact where nothing but an element begins with `<`: an attribute cannot hold
that sign. Comments, CDATA sections, processing instructions and any encoding but UTF-8 are left to a parser of XML.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

# The value of the cell that says where a part stands; no cell of a table may be taken for it.
anchor_text: Final = "\ue000anchor\ue000"
_opening: Final = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?)sheetData(?:\s[^<>]*?)?(/?)>")
_root: Final = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?worksheet[\s>]")
_declaration: Final = re.compile(rb"^(?:\xef\xbb\xbf)?<\?xml[^<>]*\?>")
_encoding: Final = re.compile(rb"""\sencoding\s*=\s*["'](?!(?:utf-8|us-ascii)["'])""", re.IGNORECASE)
_row_number: Final = rb"""[^<>]*?\sr\s*=\s*["'](\d+)["']"""
_max_opening_bytes: Final = 1_000_000
# A row of all 16,384 columns that a sheet can have, and more than a kilobyte for each.
_max_row_bytes: Final = 20_000_000


class NotCut(Exception):
    """The XML of a sheet is not as programs write it: it has to be read whole, by a parser."""


class SheetXml:
    """A sheet that is read once from front to back, part by part.

    Attributes:
        last_row: the number, from 1, of the last row of the part given last.
        ended: whether that part was the last one.
    """

    def __init__(self, stream: IO[bytes], part_bytes: int) -> None:
        """Reads as far as the rows begin. Raises `NotCut`.

        Args:
            stream: the sheet.
            part_bytes: about how much of it a part is to hold.
        """
        self.last_row, self.ended = 0, False
        self._stream, self._part_bytes = stream, part_bytes
        text = stream.read(part_bytes)
        while (opening := _opening.search(text)) is None:
            if len(text) > _max_opening_bytes or not (more := stream.read(part_bytes)):
                raise NotCut
            text += more
        prefix, closed = opening.groups()
        self._head = text[: opening.start()]
        declaration = _declaration.match(self._head)
        elements = declaration.end() if declaration else 0
        if _encoding.search(self._head, 0, elements) or not _root.search(self._head, elements):
            raise NotCut
        _check_elements_only(self._head[elements:])
        self._prefix = prefix
        self._row_end = b"</%srow>" % prefix
        self._rows_end = b"</%ssheetData" % prefix
        self._row = re.compile(rb"<%srow(?=[\s/>])(?:%s)?" % (re.escape(prefix), _row_number))
        self._rest = self._rows_end if closed else text[opening.end() :]

    def parts(self) -> Iterator[bytes]:
        """The rows as they stand there, some at a time; the last part may have none.

        Raises:
            NotCut: they are not as expected.
            OSError, zipfile.BadZipFile, zlib.error: the sheet cannot be read to its end.
        """
        text = self._rest
        while True:
            _check_elements_only(text)
            end = text.find(self._rows_end)
            if end >= 0:
                while self._stream.read(self._part_bytes):
                    # Read to the end, where it is seen whether the sheet is damaged.
                    pass
                self.ended = True
                yield self._counted(text[:end])
                return
            cut = text.rfind(self._row_end) + len(self._row_end)
            if cut >= len(self._row_end):
                yield self._counted(text[:cut])
                text = text[cut:]
            more = self._stream.read(self._part_bytes)
            if not more or len(text) > _max_row_bytes:
                raise NotCut
            text += more

    def sheet(self, rows: bytes) -> bytes:
        """A sheet of these rows alone."""
        return b"%s<%ssheetData>%s</%ssheetData></%sworksheet>" % (
            self._head,
            self._prefix,
            rows,
            self._prefix,
            self._prefix,
        )

    def anchor(self, row: int) -> bytes:
        """A row with nothing but `anchor_text` in its first cell, so that rows and columns are counted from there."""
        cell = b'<%sc r="A%d" t="str"><%sv>%s</%sv></%sc>' % (
            self._prefix,
            row,
            self._prefix,
            anchor_text.encode(),
            self._prefix,
            self._prefix,
        )
        return b'<%srow r="%d">%s</%srow>' % (self._prefix, row, cell, self._prefix)

    def row_before(self, row: int) -> bytes:
        """An empty row, so that rows that do not say their number are counted from there."""
        return b'<%srow r="%d"></%srow>' % (self._prefix, row, self._prefix)

    def _counted(self, rows: bytes) -> bytes:
        # The last row alone says it, but where rows do not say their numbers.
        last = self._row.match(rows, max(0, rows.rfind(b"<%srow" % self._prefix)))
        if last is not None and last[1]:
            self.last_row = int(last[1])
        else:
            for row in self._row.finditer(rows):
                self.last_row = int(row[1]) if row[1] else self.last_row + 1
        return rows


def _check_elements_only(text: bytes) -> None:
    # One byte is found many times faster than two.
    if (b"!" in text and b"<!" in text) or (b"?" in text and b"<?" in text):
        raise NotCut
