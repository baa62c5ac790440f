"""The contents of one file of a source: the names of its columns, and its rows, typed, batch by batch."""

from __future__ import annotations

import gzip
import io
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from core import catalogue
from core.data.limits import refused, table_limits
from core.tables.archive import Limited, SourceFile, damaged
from core.tables.csv.dialect import head_bytes
from core.tables.csv.lines import LineReader
from core.tables.csv.plain_text import plain_text
from core.tables.foreign.kinds import head_bytes as foreign_head_bytes
from core.tables.parquet.table import ParquetTable
from core.tables.reading import check_ending, kind_of
from core.tables.typed_rows import TableError, TableFile, typed_lines, typed_rows
from core.tables.unpacking import has_to_be_prepared, prepared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

    import polars as pl

# A batch of text or Parquet: what comes of it is written as one row group.
_rows_per_batch: Final = 100_000


@dataclass(frozen=True, slots=True)
class Content:
    """The names of a file's columns, and its rows in the types of the catalogue, read as they are asked for."""

    columns: list[str]
    batches: Iterator[pl.DataFrame]


# Shows, while the stream of a file is read, how far that is.
Watch = Callable[[io.BufferedIOBase, SourceFile], AbstractContextManager[io.BufferedIOBase]]


@contextmanager
def open_table(entry: SourceFile, file: TableFile, scratch: Path, watch: Watch | None = None) -> Iterator[Content]:
    """Opens a file of any format that applications are read from, by what it is, whatever its name says.

    Args:
        entry: the file.
        file: what it is to hold.
        scratch: folder for what is not read from front to back where it lies: a Parquet file out of a zip, CSV made of
            another format; gone again at the end.
        watch: shows how far the file has been read.

    Raises:
        TableError: on opening, and later as batches are asked for: where a column is missing, a value does not fit, the
            file is damaged, or it is larger than `core.data.limits.table_limits` allow.
    """
    with entry.open() as stored, _readable(file):
        head = stored.read(foreign_head_bytes)
    with entry.open() as stored, watch(stored, entry) if watch else nullcontext(stored) as stream:
        if has_to_be_prepared(head):
            with (
                _lying(entry, stream, file, scratch) as path,
                refused(file.label),
                prepared(path, table_limits(), scratch) as plain,
                _prepared(plain, file) as content,
            ):
                yield content
            return
        kind = kind_of(head)
        with refused(file.label):
            check_ending(entry.name, kind)
        if kind == "parquet":
            with _lying(entry, stream, file, scratch) as path:
                yield _parquet(path, file)
        elif kind == "csv.gz":
            with gzip.GzipFile(fileobj=stream) as decompressed:
                yield text_content(Limited(cast("io.BufferedIOBase", decompressed), file.label, entry.packed), file)
        else:
            yield text_content(Limited(stream, file.label, entry.packed), file)


@contextmanager
def _prepared(path: Path, file: TableFile) -> Iterator[Content]:
    """What was made of a file."""
    size = path.stat().st_size
    with open_table(SourceFile(path.name, size, size, path=path), file, path.parent) as content:
        yield content


def text_content(stream: io.BufferedIOBase, file: TableFile) -> Content:
    """The content of CSV text in any dialect that `core.tables.csv.dialect` recognises, read from front to back.

    Args:
        stream: stands at its start, and has to be open as long as batches are asked for.
        file: what it is to hold.

    Raises:
        TableError: as `open_table` does.
    """
    with _readable(file):
        text = plain_text(cast("IO[bytes]", stream), head_bytes)
        lines = LineReader(text.peek(head_bytes), table_limits(), file.table, rows=_rows_per_batch)
        columns = file.places(lines.header)
        text.seek(lines.place_of_rows().offset)
    numbers = {column.name for column in catalogue.columns(file.table) if column.type != "category"}
    batches = lines.batches(cast("IO[bytes]", text), columns, numbers=numbers)
    return Content(lines.header, _guarded(typed_lines(batches, file), file))


def _parquet(path: Path, file: TableFile) -> Content:
    with _readable(file):
        table = ParquetTable.open(path, table_limits())
        columns = table.schema.names()
        used = {columns[place]: name for place, name in file.places(columns).items()}
        rows = table.select(used, _rows_per_batch)
    return Content(columns, _guarded(typed_rows((frame for _, frame in rows.frames()), file), file))


@contextmanager
def _lying(entry: SourceFile, stream: io.BufferedIOBase, file: TableFile, scratch: Path) -> Iterator[Path]:
    """Where the content of an entry lies: where it came from, or for the time being in `scratch`."""
    if entry.path:
        yield entry.path
        return
    path = scratch / "unpacked"
    try:
        with path.open("wb") as target, _readable(file):
            shutil.copyfileobj(Limited(stream, file.label, entry.packed), target, 1_000_000)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _guarded(batches: Iterator[pl.DataFrame], file: TableFile) -> Iterator[pl.DataFrame]:
    with _readable(file):
        yield from batches


@contextmanager
def _readable(file: TableFile) -> Iterator[None]:
    """Turns what the readers raise on damaged files into `TableError`."""
    try:
        with refused(file.label):
            yield
    except damaged as error:
        raise TableError(f"{file.label}: cannot be read ({str(error) or type(error).__name__})") from error
