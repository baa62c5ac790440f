"""The later applications that the portfolio is compared with: `application_test` of the tables it was made of."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import polars as pl

from core.data import demo
from core.data.clients import read_clients
from core.data.sources import TableError, endings

name: Final = "application_test"
# So that a thread of the API is not kept for long; a distribution is known well by then.
most_rows: Final = 50_000
_seed: Final = 0


def test_set(data_dir: Path, clients: int, *, synthetic: bool) -> pl.DataFrame:
    """The test set with the history of its clients.

    Args:
        data_dir: where the tables are.
        clients: how many the portfolio has.
        synthetic: whether the portfolio was drawn. Where there is no `application_test`, as many synthetic clients are
            then drawn, once, and kept; real clients are not compared with drawn ones.

    Raises:
        core.data.sources.TableError: there is none, or it cannot be used.
    """
    if any((data_dir / f"{name}{ending}").is_file() for ending in endings):
        found = read_clients(data_dir, name)
        return found if found.height <= most_rows else found.sample(most_rows, seed=_seed)
    if not synthetic:
        raise TableError(f"there is no {name} in the folder of the data: `data import` brings it in")
    kept = data_dir / "drift" / f"demo-{name}-{clients}.parquet"
    if not kept.is_file():
        _draw(kept, clients)
    return pl.read_parquet(kept)


def _draw(kept: Path, clients: int) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        demo.write_test_tables(Path(folder), clients, _seed)
        whole = Path(folder) / "whole"
        read_clients(Path(folder), name).write_parquet(whole)
        # In one step: another process may be reading, or drawing the same.
        whole.replace(kept)
