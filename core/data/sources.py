"""Reads the Home Credit tables from a folder of CSV, CSV.gz or Parquet files, typed by the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from core import catalogue
from core.data.checking import check

if TYPE_CHECKING:
    from pathlib import Path

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
endings: Final = (".parquet", ".csv", ".csv.gz")


class TableError(ValueError):
    """A table that cannot be used, with a sentence that names file, column and what was expected."""


def read_table(folder: Path, name: str) -> pl.DataFrame:
    """One table of a folder, typed by `catalogue.polars_schema`.

    Args:
        folder: where the files are.
        name: file name without its ending, e.g. `application_train`.

    Raises:
        TableError: where the file is absent, lacks a column of the catalogue, or holds a value that does not fit.
    """
    path = _find(folder, name)
    frame = _read(path)
    expected = [each.name for each in catalogue.columns(tables[name]) if not (each.name == "TARGET" and "test" in name)]
    absent = [each for each in expected if each not in frame.columns]
    if absent:
        raise TableError(f"{path.name}: missing column {', '.join(absent)}")
    checked = check(frame.select(expected), tables[name])
    if not checked.errors.is_empty():
        row, column, problem = checked.errors.row(0)
        raise TableError(
            f"{path.name}: row {row + 1}, column {column}: {problem.replace('_', ' ')}"
            f" ({checked.errors.height:,} values like it)"
        )
    return checked.rows


def _find(folder: Path, name: str) -> Path:
    for ending in endings:
        if (folder / f"{name}{ending}").is_file():
            return folder / f"{name}{ending}"
    raise TableError(f"there is no {name} ({', '.join(endings)}) in the folder {folder.name}")


def _read(path: Path) -> pl.DataFrame:
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        # As text: what a column holds is judged against the catalogue, not guessed from its first rows.
        return pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise TableError(f"{path.name}: cannot be read ({type(error).__name__})") from error
