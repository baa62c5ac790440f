"""History features from the workers of a cluster, a range of clients at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from core.cluster.connection import ClusterUnavailable, threads
from core.features import build_history
from core.portfolio.drawn_clients import side_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from distributed import Client

# The rows of so many clients in all side tables are held in a few hundred megabytes.
_clients_at_a_time: Final = 20_000


class DifferentFolder(ClusterUnavailable):
    """A worker finds other tables in the folder than the machine that asked."""


def with_history(
    client: Client, applications: pl.DataFrame, folder: Path, clients_at_a_time: int = _clients_at_a_time
) -> pl.DataFrame:
    """What `core.portfolio.drawn_clients.with_history` returns, gathered by workers; sums may differ in their last
    digit.

    Polars adds up in the order in which its threads come by, on one machine from one run to the next, too.

    Every worker has to find the side tables under the same path as this machine: they are too large to be sent. Each
    reads the rows of its clients only.

    Args:
        client: of the cluster.
        applications: with their `SK_ID_CURR`.
        folder: holds the side tables as Parquet.
        clients_at_a_time: how many at most a worker takes together; fewer where there are workers to spare.

    Raises:
        DifferentFolder: where a worker finds no such tables there, or other ones.
    """
    files = {table: (str(path.resolve()), path.stat().st_size) for table, path in side_files(folder).items()}
    keys = applications["SK_ID_CURR"].unique().sort()
    size = max(1, min(clients_at_a_time, -(-len(keys) // threads(client))))
    parts = [keys.slice(first, size) for first in range(0, len(keys), size)]
    gathered: list[pl.DataFrame] = client.gather(
        [client.submit(_part, part.to_frame(), files, pure=False) for part in parts]
    )
    known = applications.select("SK_ID_CURR").join(
        pl.concat(gathered), on="SK_ID_CURR", how="left", maintain_order="left"
    )
    return pl.concat([applications, known.drop("SK_ID_CURR")], how="horizontal")


def _part(clients: pl.DataFrame, files: Mapping[str, tuple[str, int]]) -> pl.DataFrame:
    """The history features of a range of clients, on a worker."""
    tables = {table: _scanned(path, size) for table, (path, size) in files.items()}
    # Bounds, not a list: whole groups of rows are passed over by their statistics.
    first, last = clients["SK_ID_CURR"].min(), clients["SK_ID_CURR"].max()
    mine = {
        table: rows.filter(pl.col("SK_ID_CURR").is_between(pl.lit(first), pl.lit(last)))
        for table, rows in tables.items()
        if table != "bureau_balance"
    }
    if "bureau" in tables and "bureau_balance" in tables:
        loans = mine["bureau"].select("SK_ID_BUREAU").collect()
        bounds = pl.lit(loans["SK_ID_BUREAU"].min()), pl.lit(loans["SK_ID_BUREAU"].max())
        months = tables["bureau_balance"].filter(pl.col("SK_ID_BUREAU").is_between(*bounds))
        mine["bureau_balance"] = months.join(loans.lazy(), on="SK_ID_BUREAU", how="semi")
    return build_history(clients, mine)


def _scanned(path: str, size: int) -> pl.LazyFrame:
    from pathlib import Path

    file = Path(path)
    if not file.is_file() or file.stat().st_size != size:
        raise DifferentFolder(f"A worker does not find the same {file.name} in {file.parent}: it needs the folder, too")
    return pl.scan_parquet(file)
