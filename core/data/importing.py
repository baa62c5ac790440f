"""The import of the Home Credit tables: a folder or a zip into typed Parquet, batch by batch."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import polars as pl

from core import outputs
from core.portfolio.drawn_clients import is_synthetic, synthetic_marker
from core.tables.archive import SourceFile, entries
from core.tables.contents import open_table
from core.tables.sources import stem_of, table_file, tables
from core.tables.typed_rows import TableError, TableFile, key, refuse_repeats

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

# Rows of a Parquet row group: enough to compress well, few enough to hold in memory.
_row_group: Final = 100_000


@dataclass(frozen=True, slots=True)
class ImportedTable:
    """One table that was imported.

    Attributes:
        stem: its file name without ending, e.g. `POS_CASH_balance`.
        source: the path within the folder or zip that it was read from.
        path: the Parquet file that was written.
        rows: how many it has.
        ignored_columns: columns of the source that are not in the catalogue.
    """

    stem: str
    source: str
    path: Path
    rows: int
    ignored_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    Attributes:
        tables: those imported, in the order of `core.tables.sources.tables`.
        missing: stems of the tables that the source lacks; their features will be missing values.
        skipped: the other files of the source, which were not read.
        synthetic: whether the source says that its tables were drawn rather than observed.
    """

    tables: tuple[ImportedTable, ...]
    missing: tuple[str, ...]
    skipped: tuple[str, ...]
    synthetic: bool


def import_tables(source: Path, data_dir: Path) -> ImportReport:
    """Writes each table of a source as `<data_dir>/<stem>.parquet`, typed by `catalogue.polars_schema`.

    Memory stays under 1 GB whatever the size of the tables. All tables take their place together, once the last one has
    been found sound: an import that fails leaves the folder as it was. Shows progress where standard error is a
    terminal. Needs the `train` extra (pyarrow, tqdm).

    Args:
        source: a zip, which may hold folders, or a folder, with tables named as the public ones in any case, in any of
            the `core.tables.sources.endings`; or one such table.
        data_dir: where to write; made where it is missing. Tables that the source lacks stay as they are.

    Raises:
        TableError: where no table is found; where one is there twice, lacks a column, or holds a value that does not
            fit; where the source cannot be read; where real and synthetic tables would come to lie side by side.
        OSError: where `data_dir` cannot be written.
    """
    files = _files(source)
    chosen = _choose(files, data_dir, source.name)
    synthetic = any(Path(file.name).name == synthetic_marker for file in files)
    _refuse_mixing(data_dir, chosen, synthetic=synthetic)
    for stem, entry in chosen.items():
        outputs.check_output(data_dir / f"{stem}.parquet", inputs=[entry.path] if entry.path else [])
    # Drawn tables are never taken for real ones, wherever a kill falls.
    with outputs.replacing_folder(data_dir, first=synthetic_marker) as staged:
        imported = [_import(file, stem, data_dir, staged) for stem, file in chosen.items()]
        if synthetic:
            (staged / synthetic_marker).write_text("Imported from tables that were marked so.\n", encoding="utf-8")
    used = {file.name for file in chosen.values()}
    return ImportReport(
        tables=tuple(imported),
        missing=tuple(stem for stem in tables if stem not in chosen),
        skipped=tuple(file.name for file in files if file.name not in used),
        synthetic=synthetic,
    )


def _files(source: Path) -> list[SourceFile]:
    if stem_of(source.name) is None or not source.is_file():
        return entries(source)
    size = source.stat().st_size
    return [SourceFile(source.name, size, size, path=source)]


def _choose(files: list[SourceFile], data_dir: Path, label: str) -> dict[str, SourceFile]:
    """The entry of each table that is there, in the order of `tables`."""
    candidates: dict[str, list[SourceFile]] = {}
    for entry in files:
        stem = stem_of(Path(entry.name).name)
        if stem is not None:
            candidates.setdefault(stem, []).append(entry)
    if not candidates:
        raise TableError(f"{label}: holds no table: expected files such as application_train.csv, .parquet or .xlsx")
    chosen: dict[str, SourceFile] = {}
    for stem in tables:
        # Parquet that an earlier import wrote beside its sources is no second source.
        written = (data_dir / f"{stem}.parquet").resolve()
        several = candidates.get(stem, [])
        others = [file for file in several if file.path is None or file.path.resolve() != written]
        several = others or several
        if len(several) > 1:
            raise TableError(f"{label}: {stem} appears more than once: {', '.join(file.name for file in several)}")
        if several:
            chosen[stem] = several[0]
    return chosen


def _refuse_mixing(data_dir: Path, chosen: Mapping[str, SourceFile], *, synthetic: bool) -> None:
    staying = [stem for stem in tables if stem not in chosen and (data_dir / f"{stem}.parquet").is_file()]
    if staying and is_synthetic(data_dir) != synthetic:
        ours, theirs = ("real", "synthetic") if synthetic else ("synthetic", "real")
        raise TableError(
            f"the folder {data_dir.name} holds {ours} tables, which {theirs} ones cannot join ({', '.join(staying)}):"
            " remove them, or set DATA_DIR to another folder"
        )


def _import(entry: SourceFile, stem: str, data_dir: Path, staged: Path) -> ImportedTable:
    import pyarrow.parquet as pq

    file = table_file(stem, entry.name)
    path = staged / f"{stem}.parquet"
    kinds = file.schema()
    schema = _arrow(pl.DataFrame(schema=kinds)).schema
    # Amounts are too many for a dictionary: making one takes longer, and the file is larger for it.
    in_dictionary = [name for name, kind in kinds.items() if not kind.is_float()]
    rows = 0
    with (
        open_table(entry, file, staged, _watched) as content,
        pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=in_dictionary) as writer,
        # A group is compressed while the next one is read: both leave the interpreter to the other.
        ThreadPoolExecutor(1, "import-writer") as pool,
    ):
        written = pool.submit(lambda: None)
        for frame in _gathered(content.batches):
            # One group waits at most, or a slow disk would have them all held in memory.
            written.result()
            written = pool.submit(writer.write_table, _arrow(frame))
            rows += frame.height
        written.result()
        ignored = file.ignored(content.columns)
    _refuse_repeated_keys(path, file)
    return ImportedTable(stem, entry.name, data_dir / path.name, rows, ignored)


@contextmanager
def _watched(stream: io.BufferedIOBase, entry: SourceFile) -> Iterator[io.BufferedIOBase]:
    """The stream, showing at the terminal how far it has been read."""
    from tqdm import tqdm

    label = Path(entry.name).name
    with tqdm.wrapattr(stream, "read", total=entry.size, desc=label, disable=None, leave=False) as watched:
        yield cast("io.BufferedIOBase", watched)


def _gathered(batches: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The rows of the batches in larger ones, of `_row_group` rows or more but for the last."""
    held: list[pl.DataFrame] = []
    for batch in batches:
        held.append(batch)
        if sum(part.height for part in held) >= _row_group:
            yield pl.concat(held)
            held = []
    if held:
        yield pl.concat(held)


def _arrow(frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())


def _refuse_repeated_keys(path: Path, file: TableFile) -> None:
    name = key(file.table)
    if name is not None:
        refuse_repeats(pl.read_parquet(path, columns=[name])[name], file)
