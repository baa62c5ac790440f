"""Archives: the files of a folder or a zip, listed and opened one by one, without unpacking the whole."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from core.data import limits
from core.tables.typed_rows import TableError
from core.tables.unpacking import files_in

if TYPE_CHECKING:
    from collections.abc import Iterator

# What reading a damaged file raises, by the part that is damaged; opening one, `ValueError` as well.
damaged: Final = (OSError, EOFError, zlib.error, zipfile.BadZipFile, struct.error, NotImplementedError)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a source.

    Attributes:
        name: its path within the source, with slashes.
        size: bytes that reading it gives, before a `.gz` is decompressed.
        packed: bytes that it takes on the disk.
        path: where it lies; None for one within a zip.
        archive: the zip that holds it, if any.
    """

    name: str
    size: int
    packed: int
    path: Path | None = None
    archive: Path | None = None

    @contextmanager
    def open(self) -> Iterator[io.BufferedIOBase]:
        """The bytes of the file, decompressed where a zip holds it.

        Raises:
            TableError: where it cannot be read, is encrypted, or claims to be larger than `limits.max_table_bytes`.
        """
        if self.size > limits.max_table_bytes:
            raise _too_large(self.name)
        if self.archive is None:
            try:
                stream = cast("Path", self.path).open("rb")
            except OSError as error:
                raise TableError(f"{self.name}: cannot be read ({type(error).__name__})") from error
            with stream:
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


def entries(source: Path) -> list[SourceFile]:
    """The files of a zip, or of a folder and the folders in it, without hidden ones, in the order of their names.

    Raises:
        TableError: where there is no such folder or zip.
    """
    if source.is_dir():
        paths = [path for pattern in ("*", "*/*") for path in source.glob(pattern) if path.is_file()]
        shown = [path for path in paths if not any(part.startswith(".") for part in path.relative_to(source).parts)]
        sizes = [(path, path.stat().st_size) for path in sorted(shown)]
        packed_files = [_packed_alone(path) for path, _ in sizes]
        return [
            packed or SourceFile(path.relative_to(source).as_posix(), size, size, path=path)
            for packed, (path, size) in zip(packed_files, sizes, strict=True)
        ]
    if not source.is_file():
        raise TableError(f"there is no folder or zip {source}")
    try:
        with zipfile.ZipFile(source) as archive:
            files = [member for member in files_in(archive) if member.filename]
    except (*damaged, ValueError) as error:
        raise TableError(f"{source.name}: cannot be read as a zip ({error})") from error
    packed = (SourceFile(file.filename, file.file_size, file.compress_size, archive=source) for file in files)
    return sorted(packed, key=lambda file: file.name)


def _packed_alone(path: Path) -> SourceFile | None:
    """The file in a zip of its own, as Kaggle's command line leaves each table; None for any other file."""
    if path.suffix.lower() != ".zip":
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            files = files_in(archive)
    except (*damaged, ValueError) as error:
        raise TableError(f"{path.name}: cannot be read as a zip ({error})") from error
    if len(files) != 1:
        return None
    return SourceFile(files[0].filename, files[0].file_size, files[0].compress_size, archive=path)


class Limited(io.BufferedIOBase):
    """A stream that ends with a `TableError` past the limits: a small file can decompress to any size."""

    def __init__(self, stream: io.BufferedIOBase, label: str, packed: int) -> None:
        """Reads nothing yet; `packed` is how many bytes the file takes on the disk."""
        self._stream = stream
        self._label = label
        self._packed = packed
        self._read = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to `size` bytes; all that are left where it is negative or None."""
        return self._counted(self._stream.read(size))

    def readline(self, size: int | None = -1, /) -> bytes:
        """A line, or its first `size` bytes."""
        return self._counted(self._stream.readline(-1 if size is None else size))

    def _counted(self, data: bytes) -> bytes:
        self._read += len(data)
        if self._read > limits.max_table_bytes:
            raise _too_large(self._label)
        with limits.refused(self._label):
            limits.table_limits().check_unpacked(self._read, self._packed)
        return data


def _too_large(name: str) -> TableError:
    largest = limits.max_table_bytes / 1e9
    return TableError(f"{name}: is larger than {largest:.0f} GB, more than any of the tables can be")
