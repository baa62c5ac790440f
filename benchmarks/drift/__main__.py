"""Compares our drift report with Evidently's: seconds, memory, and whether the statistics that both have agree.

`python -m benchmarks.drift [--data DIR] [--rows N] [--repeat N]`. Evidently needs an older plotly and pandas: it has an
environment of its own in a temporary folder, of pinned versions, from the package index that pip is set to.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from benchmarks.measured import Figure, report
from core import catalogue
from core.data.demo import draw_applications
from runtime.console import failed, note

_pinned: Final = (
    "evidently==0.7.23",
    "numpy==2.4.6",
    "pandas==2.3.3",
    "plotly==5.24.1",
    "pyarrow==26.0.1",
    "scikit-learn==1.9.1",
    "scipy==1.17.1",
)
_full: Final = (307_511, 48_744)
_tolerance: Final = 1e-9
# Evidently's Jensen-Shannon distance is in nats, ours in base 2.
_nats: Final = float(np.sqrt(np.log(2)))


def main(arguments: list[str]) -> int:
    """Runs the benchmark; returns its exit code, 1 where statistics of one definition disagree."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drift", description=__doc__)
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with both tables as Parquet (default: drawn)")
    parser.add_argument("--rows", type=int, default=_full[0], help="reference rows to compare (default: all)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of ours, of which the best counts (default: 3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            python = _environment(folder / "evidently")
        except subprocess.CalledProcessError as error:
            return failed(f"Evidently cannot be installed: {error}")
        reference, current = _tables(folder, options.data, options.rows)
        note("ours")
        runs = [_ours(reference, current) for _ in range(options.repeat)]
        ours = min(runs, key=lambda each: float(each["seconds"])) | {"cpu": min(each["cpu"] for each in runs)}
        note("Evidently, which takes a while")
        theirs = _theirs(python, folder, reference, current)
    compared, apart = _agreement(ours, theirs)
    figures = [
        Figure("rows", f"{options.rows:,} and {_later(options.rows):,}"),
        Figure("columns", str(ours["columns"])),
        Figure("read seconds", f"{ours['read_seconds']:.2f}"),
        Figure("our seconds", f"{ours['seconds']:.2f}", "5"),
        Figure("our seconds for a page", f"{ours['page_seconds']:.2f}"),
        Figure("our page, MB", f"{ours['page_bytes'] / 1e6:.2f}", "2"),
        Figure("our peak MB", f"{ours['peak'] / 1e6:.0f}"),
        Figure("Evidently seconds", f"{theirs['seconds']:.1f}"),
        Figure("Evidently seconds for a page", f"{theirs['page_seconds']:.1f}"),
        Figure("Evidently page, MB", f"{theirs['page_bytes'] / 1e6:.1f}"),
        Figure("Evidently peak MB", f"{theirs['peak'] / 1e6:.0f}"),
        Figure("times as fast", f"{theirs['seconds'] / ours['seconds']:.0f}", "100"),
        Figure("our seconds of the processor", f"{ours['cpu']:.2f}"),
        Figure("Evidently's seconds of the processor", f"{theirs['cpu']:.1f}"),
        Figure("times as little of the processor", f"{theirs['cpu'] / ours['cpu']:.0f}"),
        Figure("statistics of one definition compared", str(compared)),
        Figure("of these that differ by more than 1e-9", ", ".join(apart) or "none"),
        Figure("columns that drift", ", ".join(ours["drifted"])),
    ]
    report("Drift, ours (all statistics of a column) against Evidently (one of them)", figures, options.json)
    return 1 if apart or not compared else 0


def _environment(folder: Path) -> Path:
    """Evidently's own Python."""
    python = folder / "bin" / "python"
    uv = shutil.which("uv")
    if uv:
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), *_pinned], check=True)
    else:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *_pinned], check=True)
    return python


def _tables(folder: Path, given: Path | None, rows: int) -> tuple[Path, Path]:
    """Both tables, of at most so many rows, in the proportion of the real ones."""
    later = _later(rows)
    paths = folder / "reference.parquet", folder / "current.parquet"
    if given is None:
        frames = draw_applications(rows, 0, "train"), draw_applications(later, 0, "test")
    else:
        frames = (
            pl.read_parquet(given / "application_train.parquet").head(rows),
            pl.read_parquet(given / "application_test.parquet").head(later),
        )
    for frame, path in zip(frames, paths, strict=True):
        frame.write_parquet(path)
    return paths


def _later(rows: int) -> int:
    return round(_full[1] * rows / _full[0])


def _ours(reference: Path, current: Path) -> dict[str, Any]:
    return _json([sys.executable, "-m", "benchmarks.drift.our_side", str(reference), str(current)])


def _theirs(python: Path, folder: Path, reference: Path, current: Path) -> dict[str, Any]:
    columns = [column for column in catalogue.columns() if column.type not in ("id", "target")]
    codes = [column.name for column in columns if column.type in ("category", "flag")]
    job = {
        "reference": str(reference),
        "current": str(current),
        "codes": codes,
        "numbers": [column.name for column in columns if column.name not in codes],
    }
    path = folder / "job.json"
    path.write_text(json.dumps(job), encoding="utf-8")
    return _json([str(python), "-W", "ignore", str(Path(__file__).with_name("evidently_side.py")), str(path)])


def _json(command: list[str]) -> dict[str, Any]:
    quiet = {"DO_NOT_TRACK": "1", "PATH": ""} if command[0] != sys.executable else None
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=quiet)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _agreement(ours: dict[str, Any], theirs: dict[str, Any]) -> tuple[int, list[str]]:
    """How many statistics are of one definition, and the columns in which they differ."""
    apart, compared = [], 0
    for name, (method, value) in theirs["values"].items():
        if method.startswith("Wasserstein"):
            mine = ours["wasserstein"].get(name)
        elif method.startswith("Jensen-Shannon"):
            mine = ours["jensen_shannon"].get(name)
            mine = None if mine is None else mine * _nats
        else:
            mine = None
        if mine is None:
            continue
        compared += 1
        if abs(mine - value) > _tolerance * max(1.0, abs(value)):
            apart.append(name)
    return compared, apart


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
