"""Builds the history features once, with Polars or with pandas, and reports seconds and peak memory of its own process."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path


def main(library: str, folder: Path, found: Path) -> None:
    """Builds the features of the tables in `folder`, writes them to `found` and the measures to standard output.

    The libraries are imported within, so that neither process carries the other's.
    """
    start = time.perf_counter()
    if library == "pandas":
        from benchmarks.features_pandas import build

        build(folder).to_parquet(found)
    else:
        import polars as pl

        from benchmarks.side_tables import sizes
        from core.features.history import build_history

        tables = {name: pl.scan_parquet(folder / name / "*.parquet") for name in sizes}
        build_history(pl.read_parquet(folder / "clients.parquet"), tables).write_parquet(found)
    seconds = time.perf_counter() - start
    # Kilobytes on Linux, bytes on a Mac.
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    sys.stdout.write(json.dumps({"seconds": seconds, "peak": peak}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
