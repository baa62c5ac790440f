"""Opens one file of a source as a table: the names of its columns, and its rows, typed, batch by batch."""

from __future__ import annotations

import gzip
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import polars as pl

from core.data.archive import Entry, Limited, damaged
from core.data.csv_text import csv_header, csv_rows
from core.data.rows import TableError, TableFile, typed_rows

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

_parquet_rows: Final = 100_000


@dataclass(frozen=True, slots=True)
class Content:
    """The names of a file's columns, and its rows in the types of the catalogue, read as they are asked for."""

    columns: list[str]
    batches: Iterator[pl.DataFrame]


@contextmanager
def open_table(entry: Entry, file: TableFile, scratch: Path) -> Iterator[Content]:
    """Opens a CSV, CSV.gz or Parquet file.

    Args:
        entry: the file.
        file: what it is to hold.
        scratch: folder for a Parquet file out of a zip, which is not read from front to back; gone again at the end.

    Raises:
        TableError: on opening, and later as batches are asked for: where a column is missing, a value does not fit, the
            file is damaged, or it is larger than `core.data.archive.max_table_bytes` once decompressed.
    """
    with entry.open() as stored, _watched(stored, entry) as stream:
        name = entry.name.lower()
        if name.endswith(".parquet"):
            with _lying(entry, stream, file, scratch) as path, _parquet(path, file) as content:
                yield content
        elif name.endswith(".gz"):
            with gzip.GzipFile(fileobj=stream) as decompressed:
                yield _csv(cast("io.BufferedIOBase", decompressed), file)
        else:
            yield _csv(stream, file)


@contextmanager
def _watched(stream: io.BufferedIOBase, entry: Entry) -> Iterator[io.BufferedIOBase]:
    """The stream, showing at the terminal how far it has been read."""
    from tqdm import tqdm

    label = Path(entry.name).name
    with tqdm.wrapattr(stream, "read", total=entry.size, desc=label, disable=None, leave=False) as watched:
        yield cast("io.BufferedIOBase", watched)


def _csv(stream: io.BufferedIOBase, file: TableFile) -> Content:
    limited = Limited(stream, file.label)
    with _readable(file):
        columns = csv_header(limited, file)
    return Content(columns, _guarded(csv_rows(limited, columns, file), file))


@contextmanager
def _parquet(path: Path, file: TableFile) -> Iterator[Content]:
    import pyarrow.parquet as pq

    with _readable(file):
        table = pq.ParquetFile(path)
    with table:
        columns = table.schema_arrow.names
        file.require(columns)
        batches = table.iter_batches(batch_size=_parquet_rows, columns=list(file.columns))
        frames = (cast("pl.DataFrame", pl.from_arrow(each)) for each in batches)
        yield Content(columns, _guarded(typed_rows(frames, file), file))


@contextmanager
def _lying(entry: Entry, stream: io.BufferedIOBase, file: TableFile, scratch: Path) -> Iterator[Path]:
    """Where the content of an entry lies: where it came from, or for the time being in `scratch`."""
    if entry.path:
        yield entry.path
        return
    path = scratch / "unpacked.parquet"
    try:
        with path.open("wb") as target, _readable(file):
            shutil.copyfileobj(stream, target, 1_000_000)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _guarded(batches: Iterator[pl.DataFrame], file: TableFile) -> Iterator[pl.DataFrame]:
    with _readable(file):
        yield from batches


@contextmanager
def _readable(file: TableFile) -> Iterator[None]:
    """Turns what the readers raise on damaged files into `TableError`."""
    import pyarrow as pa

    try:
        yield
    except (*damaged, pa.ArrowException) as error:
        raise TableError(f"{file.label}: cannot be read ({error or type(error).__name__})") from error
