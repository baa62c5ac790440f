"""Lists the files of a folder or a zip and opens them one by one, without unpacking the whole."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from core.data.rows import TableError

if TYPE_CHECKING:
    from collections.abc import Iterator

# Ten times the largest public table (previous instalments, 0.7 GB): more is a mistake or an attack.
max_table_bytes: Final = 8_000_000_000

# What reading a damaged file raises, by the part that is damaged; opening one, `ValueError` as well.
damaged: Final = (OSError, EOFError, zlib.error, zipfile.BadZipFile, struct.error, NotImplementedError)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a source.

    Attributes:
        name: its path within the source, with slashes.
        size: bytes that reading it gives, before a `.gz` is decompressed.
        path: where it lies; None for one within a zip.
        archive: the zip that holds it, if any.
    """

    name: str
    size: int
    path: Path | None = None
    archive: Path | None = None

    @contextmanager
    def open(self) -> Iterator[io.BufferedIOBase]:
        """The bytes of the file, decompressed where a zip holds it.

        Raises:
            TableError: where it cannot be read, is encrypted, or claims to be larger than `max_table_bytes`.
        """
        if self.size > max_table_bytes:
            raise _too_large(self.name)
        if self.archive is None:
            with cast("Path", self.path).open("rb") as stream:
                yield stream
            return
        with zipfile.ZipFile(self.archive) as archive:
            if archive.getinfo(self.name).flag_bits & 1:
                raise TableError(f"{self.name}: is encrypted")
            try:
                stream_in_zip = archive.open(self.name)
            except (*damaged, ValueError) as error:
                raise TableError(f"{self.name}: cannot be read from the zip ({error})") from error
            with stream_in_zip:
                yield cast("io.BufferedIOBase", stream_in_zip)


def entries(source: Path) -> list[Entry]:
    """The files of a zip, or of a folder and the folders in it, without hidden ones, in the order of their names.

    Raises:
        TableError: where there is no such folder or zip.
    """
    if source.is_dir():
        paths = [each for pattern in ("*", "*/*") for each in source.glob(pattern) if each.is_file()]
        shown = [each for each in paths if not any(part.startswith(".") for part in each.relative_to(source).parts)]
        return [Entry(each.relative_to(source).as_posix(), each.stat().st_size, path=each) for each in sorted(shown)]
    if not source.is_file():
        raise TableError(f"there is no folder or zip {source}")
    try:
        with zipfile.ZipFile(source) as archive:
            files = [each for each in archive.infolist() if each.filename and not each.filename.endswith("/")]
    except (*damaged, ValueError) as error:
        raise TableError(f"{source.name}: cannot be read as a zip ({error})") from error
    return sorted((Entry(each.filename, each.file_size, archive=source) for each in files), key=lambda each: each.name)


class Limited(io.BufferedIOBase):
    """A stream that ends with a `TableError` past `max_table_bytes`: a small file can decompress to any size."""

    def __init__(self, stream: io.BufferedIOBase, label: str) -> None:
        self._stream = stream
        self._label = label
        self._read = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to `size` bytes; all that are left where it is negative or None."""
        return self._counted(self._stream.read(size))

    def readline(self, size: int | None = -1, /) -> bytes:
        """A line, or its first `size` bytes."""
        return self._counted(self._stream.readline(-1 if size is None else size))

    def _counted(self, data: bytes) -> bytes:
        self._read += len(data)
        if self._read > max_table_bytes:
            raise _too_large(self._label)
        return data


def _too_large(name: str) -> TableError:
    return TableError(f"{name}: is larger than {max_table_bytes / 1e9:.0f} GB, more than any of the tables can be")
