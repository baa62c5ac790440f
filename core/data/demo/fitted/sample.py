"""The fitting command: the real sample in, the profile and its fidelity out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from core import catalogue
from core.data.demo.fitted import profile as profiles
from core.data.demo.fitted.fitting import fit_profile
from core.data.demo.histories import history_chains

if TYPE_CHECKING:
    from core.data.demo.fitted.profile import Profile


def fit_folder(folder: Path) -> Profile:
    """Fits the profile on the tables of a folder and stores it in this package."""
    histories = {table: read_table(folder, table) for table in history_chains}
    profile = fit_profile(read_table(folder, "application"), histories)
    profiles.save(profile, Path(__file__).with_name(profiles.file_name))
    return profile


def read_table(folder: Path, table: str) -> pl.DataFrame:
    """A real table, typed by the catalogue.

    Raises:
        FileNotFoundError: no file of that table is in the folder.
    """
    stem = "application_train" if table == "application" else table
    paths = [path for path in sorted(folder.iterdir()) if path.name.lower().startswith(f"{stem}.")]
    if not paths:
        raise FileNotFoundError(f"{folder} holds no table {stem}: expected {stem}.csv, {stem}.csv.gz or {stem}.parquet")
    path = paths[0]
    schema = catalogue.polars_schema(table)
    if path.suffix == ".parquet":
        return pl.read_parquet(path).select(pl.col(name).cast(dtype) for name, dtype in schema.items())
    text = pl.read_csv(path, infer_schema=False)
    return text.select(_parsed(name, dtype) for name, dtype in schema.items())


def _parsed(name: str, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.String:
        return pl.col(name)
    number = pl.col(name).cast(pl.Float64)
    return number.cast(dtype)
