"""A small set of all eight tables, as Parquet and as the CSV that the public archive holds."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from core.data import demo
from core.tables.sources import tables


@pytest.fixture(scope="session")
def parquet_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All eight demo tables as Parquet. Not marked as synthetic."""
    folder = tmp_path_factory.mktemp("parquet")
    demo.write_tables(folder, 80, 5)
    return folder


@pytest.fixture(scope="session")
def csv_folder(tmp_path_factory: pytest.TempPathFactory, parquet_folder: Path) -> Path:
    """The same tables as CSV. Not marked as synthetic."""
    folder = tmp_path_factory.mktemp("csv")
    for stem in tables:
        pl.read_parquet(parquet_folder / f"{stem}.parquet").write_csv(folder / f"{stem}.csv")
    return folder
