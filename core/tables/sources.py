"""The Home Credit tables in a folder of files of any format that is read, found, and typed by the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from core import catalogue
from core.tables.archive import SourceFile
from core.tables.contents import open_table
from core.tables.typed_rows import TableError, TableFile

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["TableError", "endings", "read_table", "shown_endings", "stem_of", "table_file", "tables"]

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
_compressed: Final = ("", ".gz", ".bz2", ".zst", ".xz")
_foreign: Final = (
    *(".xlsx", ".xlsb", ".xls", ".ods"),
    *(".sas7bdat", ".xpt", ".sav", ".zsav", ".dta"),
    *(".arrow", ".feather", ".arrows", ".ipc"),
    *(f"{ending}{packed}" for ending in (".json", ".jsonl", ".ndjson") for packed in _compressed),
)
# Where a table is there more than once, the first of these is read.
endings: Final = (".parquet", *(f".csv{packed}" for packed in _compressed), *_foreign)

# The most usual ones, for who looks for a table in vain.
shown_endings: Final = ".parquet, .csv, .csv.gz, .xlsx, ..."

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
    file, size = table_file(name, path.name), path.stat().st_size
    with open_table(SourceFile(path.name, size, size, path=path), file, folder) as content:
        return pl.concat([pl.DataFrame(schema=file.schema()), *content.batches])


def _find(folder: Path, name: str) -> Path:
    paths = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    candidates = [path for path in paths if stem_of(path.name) == name]
    for ending in endings:
        for path in candidates:
            if path.name.lower().endswith(ending):
                return path
    raise TableError(f"there is no {name} ({shown_endings}) in the folder {folder.name}")
