"""Text as the reader of CSV takes it: UTF-16 in UTF-8, and line feeds where lines end in carriage returns alone.

What is neither UTF-8 nor UTF-16 is taken for Windows-1252, which is Latin-1 with the signs that spreadsheets write
between 0x80 and 0x9F: €, ’, –.
"""

from __future__ import annotations

import codecs
import io
from typing import IO, Final, Literal

Coding = Literal["utf-16", "utf-16-le", "utf-16-be", "cr"]

_read_bytes: Final = 256 * 1024
_utf_16_marks: Final = (b"\xff\xfe", b"\xfe\xff")
_utf_32_marks: Final = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
# Names of columns are ASCII: every other byte of theirs is zero.
_looked_at_bytes: Final = 256
_min_zeros: Final = 0.9


def decoded(text: bytes) -> str:
    """Text that is no UTF-8."""
    try:
        return text.decode("cp1252")
    except UnicodeDecodeError:
        # Five bytes mean nothing there.
        return text.decode("latin-1")


def coding_of(head: bytes) -> Coding | None:
    """What is to be done to a text that begins so; None: nothing."""
    if head.startswith(_utf_16_marks) and not head.startswith(_utf_32_marks):
        return "utf-16"
    if b"\x00" in head[:_looked_at_bytes]:
        return _coding_of_zeros(head[:_looked_at_bytes])
    return "cr" if b"\r" in head and b"\n" not in head else None


def _coding_of_zeros(head: bytes) -> Coding | None:
    """UTF-16 without a mark of its byte order; None where it is not that."""
    even, odd = head[::2], head[1::2]
    if 0 not in even and odd.count(0) >= _min_zeros * len(odd):
        return "utf-16-le"
    return "utf-16-be" if 0 not in odd and even.count(0) >= _min_zeros * len(even) else None


def plain_text(stream: IO[bytes], head_bytes: int) -> PlainText:
    """A stream that can be read but once, as from a zip, whatever it is written in; its head can be looked at.

    Args:
        stream: stands at its start.
        head_bytes: how many of its first bytes say what it is written in.
    """
    parts: list[bytes] = []
    length = 0
    while length < head_bytes and (part := stream.read(head_bytes - length)):
        parts.append(part)
        length += len(part)
    head = b"".join(parts)
    return PlainText(stream, coding_of(head), head)


class PlainText(io.BufferedIOBase):
    """A stream of text in UTF-8 (or another code that has ASCII) with line feeds; read from front to back."""

    def __init__(self, stream: IO[bytes], coding: Coding | None, head: bytes = b"") -> None:
        """Reads nothing yet.

        Args:
            stream: stands at its start, or behind its head.
            coding: what is to be done to it; None: nothing.
            head: what was read of it before.
        """
        self._stream = stream
        self._coding = coding
        self._decoder: codecs.IncrementalDecoder | None = None
        if coding is not None and coding != "cr":
            self._decoder = codecs.getincrementaldecoder(coding)(errors="replace")
        self._rest = self._plain(head) if head else b""
        self._place = 0

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, or as many as there are, which stay to be read."""
        text = self.read(size)
        self._rest = text + self._rest
        self._place -= len(text)
        return text

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to `size` bytes; all that are left where it is negative or None."""
        limit = -1 if size is None else size
        parts, length = [self._rest], len(self._rest)
        while limit < 0 or length < limit:
            part = self._stream.read(_read_bytes if self._coding else max(_read_bytes, limit - length))
            plain = self._plain(part)
            parts.append(plain)
            length += len(plain)
            if not part:
                break
        text = b"".join(parts)
        cut = len(text) if limit < 0 else min(limit, len(text))
        self._rest = text[cut:]
        self._place += cut
        return text[:cut]

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Passes over the text before a place, which lies ahead."""
        if whence != io.SEEK_SET or offset < self._place:
            raise io.UnsupportedOperation("goes forward only")
        while self._place < offset and self.read(min(_read_bytes, offset - self._place)):
            pass
        return self._place

    def _plain(self, part: bytes) -> bytes:
        if self._decoder is not None:
            return self._decoder.decode(part, final=not part).encode()
        return part.replace(b"\r", b"\n") if self._coding == "cr" else part
