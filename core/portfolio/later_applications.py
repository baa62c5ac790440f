"""The later applications that the portfolio is compared with: `application_test` of the tables it was made of."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import polars as pl

from core import outputs
from core.portfolio.drawn_clients import read_clients
from core.tables.sources import TableError, endings

name: Final = "application_test"
# A distribution is known well by then.
max_rows: Final = 50_000
_seed: Final = 0


def test_set(data_dir: Path, kept_in: Path, clients: int, *, synthetic: bool) -> pl.DataFrame:
    """The test set with the history of its clients, of which at most `max_rows` are drawn.

    It is kept: the history of many clients takes a while to compute.

    Args:
        data_dir: where the tables are.
        kept_in: the folder of drift reports.
        clients: how many the portfolio has.
        synthetic: whether the portfolio was drawn. Where there is no `application_test`, as many synthetic clients are
            then drawn, once; real clients are not compared with drawn ones.

    Raises:
        core.tables.sources.TableError: there is none, or it cannot be used.
    """
    for ending in endings:
        path = data_dir / f"{name}{ending}"
        if path.is_file():
            stat = path.stat()
            kept = kept_in / f"{name}-{stat.st_size}-{stat.st_mtime_ns}.parquet"
            return _kept(kept, data_dir)
    if not synthetic:
        raise TableError(f"there is no {name} in the folder of the data: `data import` brings it in")
    return _kept(kept_in / f"demo-{name}-{clients}.parquet", None, clients)


def _kept(path: Path, tables: Path | None, clients: int = 0) -> pl.DataFrame:
    """What was kept; else what the tables hold, or what is drawn without any, kept in place of older ones."""
    if path.is_file():
        return pl.read_parquet(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        if tables is None:
            from core.data import demo  # only here, as it takes a tenth of a second to import

            demo.write_test_tables(Path(folder), clients, _seed)
        applications = read_clients(tables or Path(folder), name)
        if applications.height > max_rows:
            applications = applications.sample(max_rows, seed=_seed)
        older = [file for file in path.parent.glob(f"*{name}-*.parquet") if file != path]
        # In one step: another process may be reading, or drawing the same.
        with outputs.replacing(path) as aside:
            applications.write_parquet(aside)
    for file in older:
        file.unlink(missing_ok=True)
    return applications
