"""The contents of one file of a source: the names of its columns, and its rows, typed, batch by batch."""

from __future__ import annotations

import gzip
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from core.data.limits import refused, table_limits
from core.tables.archive import Limited, SourceFile, damaged
from core.tables.csv.blocks import csv_header, csv_rows
from core.tables.parquet.table import ParquetTable
from core.tables.typed_rows import TableError, TableFile, typed_rows

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

    import polars as pl

_parquet_rows: Final = 100_000


@dataclass(frozen=True, slots=True)
class Content:
    """The names of a file's columns, and its rows in the types of the catalogue, read as they are asked for."""

    columns: list[str]
    batches: Iterator[pl.DataFrame]


@contextmanager
def open_table(entry: SourceFile, file: TableFile, scratch: Path) -> Iterator[Content]:
    """Opens a CSV, CSV.gz or Parquet file.

    Args:
        entry: the file.
        file: what it is to hold.
        scratch: folder for a Parquet file out of a zip, which is not read from front to back; gone again at the end.

    Raises:
        TableError: on opening, and later as batches are asked for: where a column is missing, a value does not fit, the
            file is damaged, or it is larger than `core.data.limits.table_limits` allow.
    """
    with entry.open() as stored, _watched(stored, entry) as stream:
        name = entry.name.lower()
        if name.endswith(".parquet"):
            with _lying(entry, stream, file, scratch) as path:
                yield _parquet(path, file)
        elif name.endswith(".gz"):
            with gzip.GzipFile(fileobj=stream) as decompressed:
                yield _csv(Limited(cast("io.BufferedIOBase", decompressed), file.label, entry.packed), file)
        else:
            yield _csv(Limited(stream, file.label, entry.packed), file)


@contextmanager
def _watched(stream: io.BufferedIOBase, entry: SourceFile) -> Iterator[io.BufferedIOBase]:
    """The stream, showing at the terminal how far it has been read."""
    from tqdm import tqdm

    label = Path(entry.name).name
    with tqdm.wrapattr(stream, "read", total=entry.size, desc=label, disable=None, leave=False) as watched:
        yield cast("io.BufferedIOBase", watched)


def _csv(stream: Limited, file: TableFile) -> Content:
    with _readable(file):
        columns = csv_header(stream, file)
    return Content(columns, _guarded(csv_rows(stream, columns, file), file))


def _parquet(path: Path, file: TableFile) -> Content:
    with _readable(file):
        table = ParquetTable.open(path, table_limits())
        columns = table.schema.names()
        file.require(columns)
        rows = table.select({name: name for name in file.columns}, _parquet_rows)
    return Content(columns, _guarded(typed_rows((frame for _, frame in rows.frames()), file), file))


@contextmanager
def _lying(entry: SourceFile, stream: io.BufferedIOBase, file: TableFile, scratch: Path) -> Iterator[Path]:
    """Where the content of an entry lies: where it came from, or for the time being in `scratch`."""
    if entry.path:
        yield entry.path
        return
    path = scratch / "unpacked.parquet"
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
