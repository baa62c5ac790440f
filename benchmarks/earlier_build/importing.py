"""Measures the import of tables: `python -m benchmarks.earlier_build.importing --against REV [--json FILE]`.

Tables of the real proportions are drawn as CSV once; both builds import them in turn (A B, B A, ...) in one run, each
time in a process of its own, so that what else the machine does falls on both.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from benchmarks import side_tables
from benchmarks.measured import Figure, beside, report
from benchmarks.other_build import checked_out, environment
from core.data import demo
from core.settings import root
from core.tables.sources import tables
from runtime.console import failed, note

if TYPE_CHECKING:
    from collections.abc import Sequence

_seed: Final = 0
# Of all clients in the side tables, those whose application says how it ended.
_trained_on: Final = 307_511 / side_tables.full_clients
_lock: Final = "runtime.txt"
_goal: Final = "<= 0.7"
# The same lines in either build: `import_tables` is called as it was then.
_one_import: Final = """
import json, resource, sys, time
from pathlib import Path
import pyarrow.parquet
from core.data.importing import import_tables
began, cpu = time.perf_counter(), time.process_time()
report = import_tables(Path(sys.argv[1]), Path(sys.argv[2]))
measured = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - cpu}
measured |= {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
print(json.dumps(measured | {"rows": sum(table.rows for table in report.tables)}))
"""


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark; returns 1 where it cannot be made. Whether a goal is met is for the reader to judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.earlier_build.importing", description=__doc__)
    parser.add_argument("--against", metavar="REV", required=True, help="the other build, such as 775ad4a")
    parser.add_argument("--python", metavar="FILE", help="its interpreter (default: one is made by its lock)")
    parser.add_argument("--clients", type=int, default=side_tables.full_clients, help="how many clients (all)")
    parser.add_argument("--blocks", type=int, default=3, help="imports of each build (default: 3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    namespace = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        source = folder / "source"
        source.mkdir()
        draw(source, namespace.clients)
        size = sum(path.stat().st_size for path in source.iterdir())
        try:
            tree = stack.enter_context(checked_out(namespace.against, folder))
            python = namespace.python or environment(tree, folder, _lock)
            sides = ((tree, python), (root, sys.executable))
            pairs = _in_turn(source, sides, namespace.blocks, folder)
        except (RuntimeError, subprocess.CalledProcessError) as error:
            return failed(str(error))
    figures = [
        Figure("tables", f"{namespace.clients:,} clients, {pairs[0][1]['rows']:,} rows, {size / 1e6:,.0f} MB of CSV"),
        beside("imported", _values(pairs, "seconds"), "s", _goal),
        beside("processor time", _values(pairs, "cpu_seconds"), "s", _goal),
        beside("memory", _values(pairs, "peak"), "MiB", ""),
    ]
    report(f"Import of tables, beside {namespace.against}", figures, namespace.json)
    return 0


def draw(folder: Path, clients: int) -> None:
    """Writes the applications and the six side tables of so many clients as CSV."""
    stems = {stem.lower(): stem for stem in tables}
    with tempfile.TemporaryDirectory(dir=folder.parent) as drawn:
        side_tables.write(Path(drawn), clients, _seed)
        for table in side_tables.sizes:
            pl.scan_parquet(Path(drawn) / table / "*.parquet").sink_csv(folder / f"{stems[table]}.csv")
    applications = demo.draw_applications(max(1, round(clients * _trained_on)), _seed, "train")
    applications.write_csv(folder / "application_train.csv")


def _in_turn(
    source: Path, sides: Sequence[tuple[Path, str]], blocks: int, folder: Path
) -> list[tuple[dict[str, float], dict[str, float]]]:
    pairs = []
    for number in range(blocks):
        found = {}
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            note(f"Block {number + 1} of {blocks}: {('the other build', 'this build')[side]}.")
            tree, python = sides[side]
            with tempfile.TemporaryDirectory(dir=folder) as target:
                command = [python, "-c", _one_import, str(source), target]
                done = subprocess.run(command, cwd=tree, check=True, stdout=subprocess.PIPE, text=True)
            found[side] = json.loads(done.stdout)
        pairs.append((found[0], found[1]))
    return pairs


def _values(pairs: Sequence[tuple[dict[str, float], dict[str, float]]], name: str) -> list[tuple[float, float]]:
    return [(other[name], ours[name]) for other, ours in pairs]


if __name__ == "__main__":
    raise SystemExit(main())
