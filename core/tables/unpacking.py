"""Files as people send them, made into files that are read row by row: unpacked, and converted where foreign."""

from __future__ import annotations

import bz2
import zipfile
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Final, Literal, cast

from core import outputs
from core.tables.errors import UnusableFile
from core.tables.foreign import conversion
from core.tables.foreign.kinds import foreign_kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.tables.foreign.kinds import Converted
    from core.tables.limits import FileLimits

Packing = Literal["bz2", "zip"]

_copied_bytes: Final = 1_000_000
_marks: Final[tuple[tuple[bytes, Packing], ...]] = ((b"BZh", "bz2"), (b"PK\x03\x04", "zip"))


def prepare(path: Path, limits: FileLimits) -> Converted | None:
    """Puts what `core.tables.reading.open_source` reads in the place of a file that was sent.

    Args:
        path: CSV, Parquet, a workbook, a table of SAS, SPSS or Stata, Arrow or JSON; as it is, or packed by bzip2 or
            in a zip of its own. Replaced whole or not at all.
        limits: on what it may hold.

    Returns:
        What it was, where CSV was made of another format; else None.

    Raises:
        UnusableFile: it is of a format that is not read, damaged, larger than allowed, or a zip of several files.
        OSError: the disk cannot be read or written.
    """
    if _packing(path) is not None:
        with outputs.replacing(path) as part:
            _unpack(path, part, limits)
    return conversion.convert(path, limits)


@contextmanager
def prepared(path: Path, limits: FileLimits) -> Iterator[Path]:
    """The file itself, or what was made of it for as long as the context lasts. Raises as `prepare` does."""
    if _packing(path) is None:
        with conversion.readable(path, limits) as plain:
            yield plain
        return
    with TemporaryDirectory() as folder:
        unpacked = Path(folder) / path.stem
        _unpack(path, unpacked, limits)
        with conversion.readable(unpacked, limits) as plain:
            yield plain


def _packing(path: Path) -> Packing | None:
    with path.open("rb") as stream:
        head = stream.read(4)
    packing = next((packing for mark, packing in _marks if head.startswith(mark)), None)
    # A workbook is a zip, too, and is no archive of files.
    return None if packing == "zip" and foreign_kind(path) is not None else packing


def _unpack(path: Path, out: Path, limits: FileLimits) -> None:
    packing, size = _packing(path), path.stat().st_size
    try:
        with _opened(path) as stream, out.open("wb") as target:
            read = 0
            while part := stream.read(_copied_bytes):
                read += len(part)
                limits.check_unpacked(read, size)
                target.write(part)
    except (EOFError, OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        # Encrypted, cut off, or packed in a way that is not known.
        raise UnusableFile("file_unreadable", kind=str(packing)) from error


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    if _packing(path) == "bz2":
        with bz2.open(path, "rb") as stream:
            yield cast("IO[bytes]", stream)
        return
    with zipfile.ZipFile(path) as archive:
        members = [
            each
            for each in archive.infolist()
            # What one system adds to the files of its archives is no table.
            if not each.is_dir() and not each.filename.startswith("__MACOSX/") and Path(each.filename).name[:1] != "."
        ]
        if len(members) != 1:
            raise UnusableFile("file_zip_of_several", count=str(len(members)))
        with archive.open(members[0]) as stream:
            yield stream
