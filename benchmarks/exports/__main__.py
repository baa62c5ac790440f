"""Measures the exported model in each runtime, side by side: `python -m benchmarks.exports [--rounds N] [--json FILE]`.

Wall time on a machine that others use says little: the runtimes take turns, on one thread each, and CPU time is beside
it. C is called by `ctypes`, a row at a time; what that costs is part of its figures.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from benchmarks.measured import Figure, report
from core.model.export.formats import formats
from core.model.export.proof.certificate import of_booster
from core.portfolio.clients import Portfolio, clients_file
from core.scoring import Scorer
from core.settings import settings

_Scoring = Callable[[np.ndarray], np.ndarray]
_alone: Final = 300
# PMML4S is left out: it runs in a process of its own, whose processor time is not seen here.
_name: Final = {"c": "C", "onnx": "ONNX Runtime", "treelite": "Treelite", "lightgbm-text": "LightGBM"}


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark and returns 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exports", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how many turns each runtime has (default: 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    namespace = parser.parse_args(arguments)
    artefacts = Scorer.load(settings().models_dir).artefacts
    rows = pl.read_parquet(Portfolio.open(settings().portfolio_dir).folder / clients_file)
    matrix = artefacts.preprocessor.transform(rows)
    with tempfile.TemporaryDirectory() as folder:
        for name in _name:
            (Path(folder) / formats[name].file).write_bytes(formats[name].content(artefacts))
        runtimes = {shown: formats[name].scoring(Path(folder), None) for name, shown in _name.items()}
    expected = of_booster(artefacts.booster)(matrix)
    for scoring in runtimes.values():
        assert np.abs(scoring(matrix) - expected).max() < 1e-12
    figures = [Figure("rows", f"{len(matrix):,} clients, {matrix.shape[1]} features, one thread")]
    figures += _figures("rows a second", _many(runtimes, matrix, namespace.rounds), _rate)
    figures += _figures("one row, p50", _one(runtimes, matrix, namespace.rounds), _microseconds)
    report("The exported model in its runtimes, in turns on one thread", figures, namespace.json)
    return 0


def _many(runtimes: Mapping[str, _Scoring], matrix: np.ndarray, rounds: int) -> dict[str, tuple[float, float]]:
    """Rows a second by wall and by CPU time, the median of the turns."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in runtimes}
    for _ in range(rounds):
        for name, scoring in runtimes.items():
            wall, processor = time.perf_counter(), time.process_time()
            scoring(matrix)
            taken[name].append((time.perf_counter() - wall, time.process_time() - processor))
    return {name: tuple(len(matrix) / np.median(turns, axis=0)) for name, turns in taken.items()}


def _one(runtimes: Mapping[str, _Scoring], matrix: np.ndarray, rounds: int) -> dict[str, tuple[float, float]]:
    """Seconds for one row, the median by wall time, and the mean by CPU time, whose clock is too coarse for one."""
    taken: dict[str, list[float]] = {name: [] for name in runtimes}
    processor = dict.fromkeys(runtimes, 0.0)
    for _ in range(rounds):
        for name, scoring in runtimes.items():
            started = time.process_time()
            for place in range(_alone):
                row = matrix[place : place + 1]
                wall = time.perf_counter()
                scoring(row)
                taken[name].append(time.perf_counter() - wall)
            processor[name] += time.process_time() - started
    return {name: (float(np.median(taken[name])), processor[name] / len(taken[name])) for name in runtimes}


def _figures(title: str, measured: Mapping[str, tuple[float, float]], shown: Callable[[float], str]) -> list[Figure]:
    base = measured["LightGBM"][1]
    return [
        Figure(f"{title}, {name}", f"{shown(wall)} (CPU {shown(processor)}, {processor / base:.2f} of LightGBM's)")
        for name, (wall, processor) in measured.items()
    ]


def _rate(number: float) -> str:
    return f"{number:,.0f}"


def _microseconds(seconds: float) -> str:
    return f"{seconds * 1e6:,.0f} µs"


if __name__ == "__main__":
    raise SystemExit(main())
