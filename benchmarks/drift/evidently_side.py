"""The side of `benchmarks.drift` that runs in Evidently's own environment: times one data drift report.

`python drift_evidently.py JOB.json` reads the two files and the types of the columns that the job names, and writes
seconds and the statistic of each column to standard output as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


def main(job: dict[str, Any]) -> dict[str, Any]:
    """Runs the report once; imports come before the clock starts."""
    import pandas as pd  # of Evidently's environment
    from evidently import DataDefinition, Dataset, Report  # type: ignore[import-not-found]
    from evidently.presets import DataDriftPreset  # type: ignore[import-not-found]

    names = [*job["numbers"], *job["codes"]]
    sides = [pd.read_parquet(job[side], columns=names) for side in ("current", "reference")]
    for frame in sides:
        for name in job["codes"]:
            frame[name] = frame[name].astype(object)
    began, cpu = time.perf_counter(), time.process_time()
    definition = DataDefinition(numerical_columns=job["numbers"], categorical_columns=job["codes"])
    current, reference = (Dataset.from_pandas(side, data_definition=definition) for side in sides)
    found = Report([DataDriftPreset()]).run(current, reference)
    content = found.dict()
    computed, cpu = time.perf_counter(), time.process_time() - cpu
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        found.save_html(str(page))
        size = page.stat().st_size
    written = time.perf_counter()
    values = {}
    for metric in content["metrics"]:
        if metric["config"]["type"].endswith(":ValueDrift"):
            values[metric["config"]["column"]] = (metric["config"]["method"], float(metric["value"]))
    return {
        "seconds": computed - began,
        "cpu": cpu,
        "page_seconds": written - computed,
        "page_bytes": size,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "values": values,
    }


if __name__ == "__main__":
    result = main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    sys.stdout.write(json.dumps(result) + "\n")
