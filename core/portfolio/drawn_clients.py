"""Clients as the model sees them: the application with the features of its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from core import outputs
from core.features import build_history
from core.tables.sources import TableError, endings, read_table, stem_of, tables

if TYPE_CHECKING:
    from pathlib import Path

    from core.data.demo import DemoTables

# Stands in a folder whose tables were drawn rather than observed, so that no reader takes them for real.
synthetic_marker: Final = "SYNTHETIC"


def draw_tables(folder: Path, clients: int, seed: int) -> DemoTables:
    """Draws all eight demo tables into a folder and marks it as synthetic; see `core.data.demo.write_tables`.

    Raises:
        core.tables.sources.TableError: where the folder holds real tables, whose place drawn ones would take.
    """
    # A tenth of a second of imports, which reading what was drawn does not need.
    from core.data import demo

    real = [stem for stem in tables for ending in endings if (folder / f"{stem}{ending}").is_file()]
    if real and not is_synthetic(folder):
        raise TableError(f"the folder {folder.name} holds real tables ({', '.join(real)}): choose another with --out")
    folder.mkdir(parents=True, exist_ok=True)
    # First: what is drawn is never taken for real, however far it came.
    marker = f"Every row here was drawn by core.data.demo ({clients} clients, seed {seed}); none is real.\n"
    outputs.write(folder / synthetic_marker, marker.encode())
    return demo.write_tables(folder, clients, seed)


def is_synthetic(folder: Path) -> bool:
    """Whether the tables of a folder were drawn rather than observed."""
    return (folder / synthetic_marker).is_file()


def unread_tables(folder: Path) -> tuple[str, ...]:
    """The files of side tables that `read_clients` leaves out, since they are not Parquet; their features stay null."""
    side = {stem for stem, table in tables.items() if table != "application"}
    unread = [path.name for path in folder.iterdir() if stem_of(path.name) in side] if folder.is_dir() else []
    parquet = {f"{stem}.parquet" for stem in side if (folder / f"{stem}.parquet").is_file()}
    return tuple(sorted(name for name in unread if name not in parquet and f"{stem_of(name)}.parquet" not in parquet))


def read_clients(folder: Path, name: str = "application_train") -> pl.DataFrame:
    """One application table with the history features of its clients.

    Args:
        folder: holds the application table (CSV, CSV.gz or Parquet) and, as Parquet, whichever side tables there are
            (`data import` makes Parquet of CSV); a side table that is absent leaves its features null.
        name: `application_train` or `application_test`.

    Returns:
        The application columns, then the history features, in the order of the table.

    Raises:
        core.tables.sources.TableError: where the application table cannot be used.
    """
    return with_history(read_table(folder, name), folder)


def side_files(folder: Path) -> dict[str, Path]:
    """The side tables that a folder holds as Parquet, by their catalogue name."""
    files = {table: folder / f"{stem}.parquet" for stem, table in tables.items() if table != "application"}
    return {table: path for table, path in files.items() if path.is_file()}


def with_history(applications: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """Applications with the history features of their clients.

    Args:
        applications: with their `SK_ID_CURR`.
        folder: where the side tables are, as for `read_clients`.

    Returns:
        The columns of the applications, then the history features, in the order of the applications.
    """
    side = {table: pl.scan_parquet(path) for table, path in side_files(folder).items()}
    history = build_history(applications, side)
    return pl.concat([applications, history.drop("SK_ID_CURR")], how="horizontal")
