"""Compressed files, decompressed from front to back: gzip, bzip2, Zstandard, XZ."""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final, Literal, cast

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Compression = Literal["gzip", "bzip2", "Zstandard", "XZ"]

# The second mark of Zstandard is that of a frame to be skipped, with which parallel compressors begin.
marks: Final[tuple[tuple[bytes, Compression], ...]] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"\x50\x2a\x4d\x18", "Zstandard"),
    (b"\xfd7zXZ\x00", "XZ"),
)
# What is raised while a damaged file is read; one that was cut off raises `EOFError`.
damaged: Final = (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError, zstd.ZstdError)
# `xz -9` needs 65 MB to decompress; what needs much more was made to. Zstandard has such a limit of its own (128 MB).
_max_xz_memory: Final = 200_000_000
_read_bytes: Final = 256 * 1024


def compression_of(head: bytes) -> Compression | None:
    """How a file is compressed, by its first bytes."""
    return next((compression for mark, compression in marks if head.startswith(mark)), None)


@contextmanager
def decompressed(path: Path, compression: Compression) -> Iterator[Iterator[bytes]]:
    """What a file decompresses to, part by part.

    Raises:
        OSError: the disk cannot be read.
        damaged: any of these, on reading: the file is damaged, cut off, or needs too much memory.
    """
    if compression == "XZ":
        with path.open("rb") as stream:
            yield _xz(stream)
        return
    with _opened(path, compression) as stream:
        yield _parts(stream)


def _opened(path: Path, compression: Compression) -> IO[bytes]:
    if compression == "gzip":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return cast("IO[bytes]", bz2.open(path, "rb") if compression == "bzip2" else zstd.open(path, "rb"))


def _parts(stream: IO[bytes]) -> Iterator[bytes]:
    try:
        while part := stream.read(_read_bytes):
            yield part
    except OSError as error:
        # What is wrong with the content is said without a number of the system.
        if error.errno is not None or isinstance(error, gzip.BadGzipFile):
            raise
        raise EOFError from error


def _xz(stream: IO[bytes]) -> Iterator[bytes]:
    """The streams of an XZ file, one behind the other; `lzma.LZMAFile` lets a file take any memory."""
    rest = b""
    while rest := rest or stream.read(_read_bytes):
        # Between and behind streams there may be padding.
        if not (begun := rest.lstrip(b"\0")):
            rest = b""
            continue
        rest = begun
        decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_max_xz_memory)
        while not decompressor.eof:
            if decompressor.needs_input and not rest and not (rest := stream.read(_read_bytes)):
                raise EOFError
            part = decompressor.decompress(rest, _read_bytes)
            rest = b""
            if part:
                yield part
        rest = decompressor.unused_data
