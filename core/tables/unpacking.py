"""Files as people send them, made into files that are read row by row: unpacked, and converted where foreign."""

from __future__ import annotations

import zipfile
import zlib
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, Literal

from core import outputs
from core.tables import compression
from core.tables.compression import Compression, compression_of, decompressed
from core.tables.errors import UnusableFile
from core.tables.foreign import conversion
from core.tables.foreign.kinds import foreign_kind, has_to_be_converted, head_bytes
from core.tables.reading import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.tables.foreign.kinds import Converted
    from core.tables.limits import FileLimits

Packing = Compression | Literal["zip"]

_copied_bytes: Final = 1_000_000
_zip_mark: Final = b"PK\x03\x04"
# A zip of a compressed table, say. More layers than that are no table.
_max_layers: Final = 2
# What zlib calls a stream with the header of gzip.
_gzip_window: Final = 31


def prepare(path: Path, limits: FileLimits) -> Converted | None:
    """Puts what `core.tables.reading.open_source` reads in the place of a file that was sent.

    Args:
        path: CSV, Parquet, a workbook, a table of SAS, SPSS or Stata, Arrow or JSON; as it is, compressed by gzip,
            bzip2, Zstandard or XZ, or in a zip of its own. Replaced whole or not at all.
        limits: on what it may hold.

    Returns:
        What it was, where CSV was made of another format; else None.

    Raises:
        UnusableFile: it is of a format that is not read, damaged, larger than allowed, or a zip of several files.
        OSError: the disk cannot be read or written.
    """
    for _ in range(_max_layers):
        if (packing := _packing(path)) is None:
            break
        with outputs.replacing(path) as part:
            _unpack(path, packing, part, limits)
    return conversion.convert(path, limits)


@contextmanager
def prepared(path: Path, limits: FileLimits, scratch: Path | None = None) -> Iterator[Path]:
    """The file itself, or what was made of it for as long as the context lasts. Raises as `prepare` does.

    Args:
        scratch: the folder for what is made; None: that of the system.
    """
    with TemporaryDirectory(dir=scratch) as folder:
        plain = path
        for layer in range(_max_layers):
            if (packing := _packing(plain)) is None:
                break
            inner = Path(folder) / f"{layer}-{path.name.split('.')[0]}"
            _unpack(plain, packing, inner, limits)
            if plain != path:
                plain.unlink()
            plain = inner
        with conversion.readable(plain, limits, Path(folder)) as readable:
            yield readable


def has_to_be_prepared(head: bytes) -> bool:
    """Whether `open_source` does not read what begins so as it is.

    Args:
        head: the first `core.tables.foreign.kinds.head_bytes` of a file.
    """
    if head.startswith(_zip_mark):
        return True
    packing = compression_of(head)
    if packing != "gzip":
        return packing is not None or has_to_be_converted(head)
    # CSV is read as gzip has it, and takes a fraction of the room; so is what is damaged, for the reader to say so.
    inner = b""
    with suppress(zlib.error):
        inner = zlib.decompressobj(_gzip_window).decompress(head, head_bytes)
    return kind_of(inner) != "csv" or has_to_be_prepared(inner)


def _packing(path: Path) -> Packing | None:
    with path.open("rb") as stream:
        head = stream.read(head_bytes)
    if head.startswith(_zip_mark):
        # A workbook is a zip, too, and is no archive of files.
        return None if foreign_kind(path) is not None else "zip"
    return compression_of(head) if has_to_be_prepared(head) else None


def _unpack(path: Path, packing: Packing, out: Path, limits: FileLimits) -> None:
    size = path.stat().st_size
    try:
        with (
            _unzipped(path) if packing == "zip" else decompressed(path, packing) as parts,
            out.open("wb") as target,
        ):
            read = 0
            for part in parts:
                read += len(part)
                limits.check_unpacked(read, size)
                target.write(part)
    except (*compression.damaged, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        # Encrypted, cut off, or packed in a way that is not known.
        raise UnusableFile("file_unreadable", kind=packing) from error


def files_in(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files of an archive, without what systems add to those of their users."""
    return [
        member
        for member in archive.infolist()
        if not (member.is_dir() or member.filename.startswith("__MACOSX/") or _is_left_over(member.filename))
    ]


def _is_left_over(path: str) -> bool:
    name = Path(path).name.lower()
    return name.startswith(".") or name in ("thumbs.db", "desktop.ini")


@contextmanager
def _unzipped(path: Path) -> Iterator[Iterator[bytes]]:
    with zipfile.ZipFile(path) as archive:
        members = files_in(archive)
        if len(members) != 1:
            raise UnusableFile("file_zip_of_several", count=str(len(members)))
        with archive.open(members[0]) as stream:
            yield iter(lambda: stream.read(_copied_bytes), b"")
