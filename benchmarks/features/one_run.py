"""Builds the history features once, with Polars or with pandas, and reports its seconds and peak memory."""

from __future__ import annotations

import json
import resource
import sys
import time
from importlib import import_module
from pathlib import Path


def main(library: str, folder: Path, result: Path) -> None:
    """Builds the features of the tables in `folder`, writes them to `result` and the measures to standard output.

    Args:
        library: `polars` or `pandas`; only that one is imported, so that neither process carries the other's memory.
        folder: where `side_tables.write` wrote.
        result: the Parquet file that is made.
    """
    module = import_module(f"benchmarks.features.in_{library}")
    start, start_cpu = time.perf_counter(), time.process_time()
    features = module.build(folder)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - start_cpu
    # Kilobytes on Linux, bytes on a Mac.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    module.write(features, result)
    sys.stdout.write(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds, "peak": peak}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
