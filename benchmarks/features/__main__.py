"""Compares the history features in Polars with the same in pandas: seconds, peak memory, and whether the numbers agree.

`python -m benchmarks.features [--clients N] [--repeat N]` compares; `--full` builds ours alone at the full size.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

from benchmarks import side_tables
from benchmarks.measured import Figure, report
from runtime import console

if TYPE_CHECKING:
    from collections.abc import Sequence

Library = Literal["polars", "pandas"]

_seed: Final = 0
_tolerance: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Measure:
    """What one build cost.

    Attributes:
        seconds: from the first read to the finished frame; imports come before, writing after.
        cpu_seconds: the same of all threads together, which depends less on what else the machine does.
        peak: the most memory that its process held, in bytes, interpreter and libraries included.
    """

    seconds: float
    cpu_seconds: float
    peak: int


def main(arguments: list[str]) -> int:
    """Runs the benchmark; returns its exit code, 1 where the numbers disagree."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.features", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--clients", type=int, default=side_tables.full_clients // 10, help="how many clients (a tenth)")
    size.add_argument("--full", action="store_true", help="ours alone, at the size of the public data")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("--repeat", type=int, default=3, help="builds of each, of which the fastest counts (3)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clients = side_tables.full_clients if options.full else options.clients
        console.note(f"drawing the side tables of {clients:,} clients")
        # A process counts the memory of the one that started it as its own peak: the drawing is left to another.
        _run("benchmarks.side_tables", str(folder), str(clients), str(_seed))
        rows = sum(pl.scan_parquet(folder / table).select(pl.len()).collect().item() for table in side_tables.sizes)
        console.table([("side rows", f"{rows:,}")])
        if options.full:
            figures = [Figure("clients", f"{clients:,}"), Figure("side rows", f"{rows:,}")]
            figures += [Figure(name, value) for name, value in _lines("polars", _measure("polars", folder))]
            report("History features at the full size (goal: under 6 GB)", figures, options.json)
            return 0
        return _compare(folder, options.repeat, options.json, clients)


def _compare(folder: Path, repeat: int, path: Path | None, clients: int) -> int:
    # In turns, so that a busy moment of the machine does not strike one of them alone.
    pairs = [(_measure("polars", folder), _measure("pandas", folder)) for _ in range(repeat)]
    ours, theirs = (min(each, key=lambda measure: measure.seconds) for each in zip(*pairs, strict=True))
    differing = _differing(folder)
    figures = [
        Figure(name, value)
        for name, value in (
            ("clients", f"{clients:,}"),
            *_lines("polars", ours),
            *_lines("pandas", theirs),
            ("times as fast, CPU", _spread([pandas.cpu_seconds / polars.cpu_seconds for polars, pandas in pairs])),
            ("features that differ", ", ".join(differing) or "none"),
        )
    ]
    figures += [
        Figure("times as fast", _spread([pandas.seconds / polars.seconds for polars, pandas in pairs]), "10"),
        Figure("share of the memory", _spread([polars.peak / pandas.peak for polars, pandas in pairs], 2), "0.25"),
    ]
    report("History features, Polars against pandas", figures, path)
    return 1 if differing else 0


def _spread(ratios: Sequence[float], digits: int = 1) -> str:
    """The median of the pairs, with the least and the most."""
    return f"{median(ratios):.{digits}f} ({min(ratios):.{digits}f} to {max(ratios):.{digits}f})"


def _lines(library: Library, measure: Measure) -> list[tuple[str, str]]:
    return [
        (f"{library} seconds", f"{measure.seconds:.2f}"),
        (f"{library} CPU seconds", f"{measure.cpu_seconds:.2f}"),
        (f"{library} peak MB", f"{measure.peak / 1e6:.0f}"),
    ]


def _measure(library: Library, folder: Path) -> Measure:
    """One build in a process of its own, so that its memory is its own."""
    return Measure(
        **json.loads(_run("benchmarks.features.one_run", library, str(folder), str(_result(folder, library))))
    )


def _run(module: str, *arguments: str) -> str:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _result(folder: Path, library: Library) -> Path:
    return folder / f"{library}.parquet"


def _differing(folder: Path) -> list[str]:
    """The features whose values or missing values are not the same in both results."""
    ours, theirs = (pl.read_parquet(_result(folder, library)) for library in ("polars", "pandas"))
    if set(ours.columns) != set(theirs.columns):
        return sorted(set(ours.columns) ^ set(theirs.columns))
    return [name for name in ours.columns if not _agree(ours[name], theirs[name])]


def _agree(ours: pl.Series, theirs: pl.Series) -> bool:
    left, right = ours.cast(pl.Float64), theirs.cast(pl.Float64).fill_nan(None)
    apart = (left - right).abs() > _tolerance * right.abs().clip(lower_bound=1.0)
    return left.is_null().equals(right.is_null()) and not apart.any()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
