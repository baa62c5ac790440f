"""The Home Credit tables in a folder of CSV, CSV.gz or Parquet files, found, and typed by the catalogue."""

from __future__ import annotations

import gzip
import zlib
from io import BufferedIOBase
from typing import TYPE_CHECKING, Final

import polars as pl

from core import catalogue
from core.data.limits import refused, table_limits
from core.tables.csv.blocks import csv_header, csv_rows
from core.tables.parquet.table import ParquetTable
from core.tables.typed_rows import TableError, TableFile, typed_rows

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["TableError", "endings", "read_table", "stem_of", "table_file", "tables"]

# File names of the public tables, without their endings, and the catalogue's name of each.
tables: Final[dict[str, str]] = {
    "application_train": "application",
    "application_test": "application",
    "bureau": "bureau",
    "bureau_balance": "bureau_balance",
    "previous_application": "previous_application",
    "POS_CASH_balance": "pos_cash_balance",
    "installments_payments": "installments_payments",
    "credit_card_balance": "credit_card_balance",
}
# Where a table is there more than once, the first of these is read.
endings: Final = (".parquet", ".csv", ".csv.gz")

_parquet_rows: Final = 500_000
_stems: Final = {f"{stem}{ending}".lower(): stem for stem in tables for ending in endings}


def stem_of(file_name: str) -> str | None:
    """The table that a file holds, going by its name in whatever case: `Bureau.CSV` -> `bureau`; None for others."""
    return _stems.get(file_name.lower())


def table_file(stem: str, label: str) -> TableFile:
    """What the file of a table is to hold; `application_test` has no `TARGET`.

    Args:
        stem: one of `tables`.
        label: how the file is called in errors.
    """
    outcome_known = stem != "application_test"
    names = tuple(column.name for column in catalogue.columns(tables[stem]) if outcome_known or column.type != "target")
    return TableFile(label, tables[stem], names)


def read_table(folder: Path, name: str) -> pl.DataFrame:
    """One table of a folder, typed by `catalogue.polars_schema`.

    Args:
        folder: where the files are.
        name: file name without its ending, e.g. `application_train`.

    Raises:
        TableError: where the file is absent, lacks a column of the catalogue, or holds a value that does not fit.
    """
    path = _find(folder, name)
    file = table_file(name, path.name)
    batches = _parquet(path, file) if path.suffix.lower() == ".parquet" else _csv(path, file)
    return pl.concat([pl.DataFrame(schema=file.schema()), *batches])


def _find(folder: Path, name: str) -> Path:
    found = [each for each in folder.iterdir() if stem_of(each.name) == name] if folder.is_dir() else []
    for ending in endings:
        for path in sorted(found):
            if path.name.lower().endswith(ending):
                return path
    raise TableError(f"there is no {name} ({', '.join(endings)}) in the folder {folder.name}")


def _parquet(path: Path, file: TableFile) -> list[pl.DataFrame]:
    try:
        with refused(path.name):
            table = ParquetTable.open(path, table_limits())
            file.require(table.schema.names())
            rows = table.select({name: name for name in file.columns}, _parquet_rows)
            return list(typed_rows((frame for _, frame in rows.frames()), file))
    except OSError as error:
        raise TableError(f"{path.name}: cannot be read ({type(error).__name__})") from error


def _csv(path: Path, file: TableFile) -> list[pl.DataFrame]:
    try:
        with _open(path) as stream:
            return list(csv_rows(stream, csv_header(stream, file), file))
    except (OSError, EOFError, zlib.error) as error:
        raise TableError(f"{path.name}: cannot be read ({type(error).__name__})") from error


def _open(path: Path) -> BufferedIOBase:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")
