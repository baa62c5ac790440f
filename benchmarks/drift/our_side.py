"""The side of `benchmarks.drift` that is ours: times one comparison in a process of its own."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import polars as pl
import scipy.stats  # noqa: F401 (imports come before the clock starts, as for Evidently)

from core.drift.compare import compare
from core.drift.report.page import page


def main(reference: Path, current: Path) -> dict[str, object]:
    """Compares two Parquet files column by column, and makes the page."""
    began = time.perf_counter()
    sides = [pl.read_parquet(each) for each in (reference, current)]
    read = time.perf_counter()
    cpu = time.process_time()
    found = compare(sides[0], sides[1])
    computed = time.perf_counter()
    cpu = time.process_time() - cpu
    pages = [page(found, "fr"), page(found, "en")]
    written = time.perf_counter()
    return {
        "read_seconds": read - began,
        "seconds": computed - read,
        "cpu": cpu,
        "page_seconds": (written - computed) / len(pages),
        "page_bytes": max(len(each) for each in pages),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "drifted": [each.name for each in found.drifted],
        "columns": len(found.columns),
        "wasserstein": {
            column.name: column.numbers.wasserstein_scaled
            for column in found.columns
            if column.numbers is not None and not any(bin_.kind == "special" for bin_ in column.bins)
        },
        "jensen_shannon": {
            column.name: column.jensen_shannon
            for column in found.columns
            if column.kind == "category"
            and column.missing.reference == column.missing.current == 0
            # A bin of several rare codes is one code here, and several there.
            and not any(bin_.kind == "unseen" and bin_.reference + bin_.current for bin_ in column.bins)
        },
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))) + "\n")
