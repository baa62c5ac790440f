"""Measures `train`, everything included: `python -m benchmarks.earlier_build.training --against REV [--json FILE]`.

The same drawn tables are given to both builds in turn (A B, B A, ...), each in a process of its own with its own copy
of a model in use, its own MLflow and its own card; then one plain LightGBM fit grows as many trees as this build's
model from the same rows with the same parameters. Processor time, of all processes that a training starts, is what
two trainings on a machine shared with other work can be compared by; what else the machine does falls on the seconds.
Threads that wait for others sleep (`OMP_WAIT_POLICY`), so that waiting is not counted as work.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from benchmarks.measured import Figure, beside, report
from benchmarks.other_build import checked_out, environment
from core.portfolio.drawn_clients import draw_tables
from core.settings import root
from runtime.console import failed, note

if TYPE_CHECKING:
    from collections.abc import Sequence

_clients: Final = 307_511
_seed: Final = 0
_lock: Final = "runtime.txt"
_threads: Final = {"OMP_WAIT_POLICY": "passive"}
# What both builds say before they grow trees, and once the model is there.
_growing, _judging, _recorded = "Training on", "Comparing with", "Recorded as"
_plain_fit: Final = """
import json, sys, time
from pathlib import Path
from core.model import booster as lightgbm
from core.model.preprocessor import Preprocessor
from core.model.training.fitting import by_client, constrained_parameters, target_of
from core.portfolio.drawn_clients import read_clients
applications = by_client(read_clients(Path(sys.argv[1])))
preprocessor = Preprocessor.fit(applications)
matrix, target = preprocessor.transform(applications), target_of(applications)
names, categories = list(preprocessor.feature_names), list(preprocessor.categorical_features)
parameters = constrained_parameters(preprocessor.feature_names, int(sys.argv[3]))
began, cpu = time.perf_counter(), time.process_time()
rows = lightgbm.Dataset(matrix, label=target, feature_name=names, categorical_feature=categories)
lightgbm.train(parameters, rows, num_boost_round=int(sys.argv[2]))
print(json.dumps({"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}))
"""


@dataclass(frozen=True, slots=True)
class _Training:
    """What a training took.

    Attributes:
        seconds: from its start to its end.
        cpu: seconds of the processor of all processes that it started.
        growing: of those, the ones until the model was there, and not yet judged; `judging` those from then on until
            it was recorded.
        peak: MiB of the largest of its processes.
        trees: of its model, as it says.
    """

    seconds: float
    cpu: float
    growing: float
    judging: float
    peak: float
    trees: int


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark; returns 1 where it cannot be made. Whether a goal is met is for the reader to judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.earlier_build.training", description=__doc__)
    parser.add_argument("--against", metavar="REV", required=True, help="the other build, such as 775ad4a")
    parser.add_argument("--python", metavar="FILE", help="its interpreter (default: one is made by its lock)")
    parser.add_argument("--clients", type=int, default=_clients, help=f"how many to draw (default: {_clients:,})")
    parser.add_argument("--data", type=Path, metavar="DIR", help="tables drawn before, rather than draw some")
    parser.add_argument("--blocks", type=int, default=1, help="trainings of each build (default: 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    namespace = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        tables = namespace.data
        if tables is None:
            note(f"The tables of {namespace.clients:,} clients are drawn.")
            tables = folder / "tables"
            draw_tables(tables, namespace.clients, _seed)
        try:
            tree = stack.enter_context(checked_out(namespace.against, folder))
            sides = ((tree, namespace.python or environment(tree, folder, _lock)), (root, sys.executable))
            pairs = _in_turn(sides, tables.resolve(), namespace.blocks, folder)
            trees = pairs[0][1].trees
            note(f"One plain fit of {trees:,} trees.")
            plain = _plain(tables.resolve(), trees)
        except (RuntimeError, subprocess.CalledProcessError) as error:
            return failed(str(error))
    report(f"Training, everything included, beside {namespace.against}", _figures(pairs, plain), namespace.json)
    return 0


def _figures(pairs: Sequence[tuple[_Training, _Training]], plain: dict[str, float]) -> list[Figure]:
    ours = min((own for _, own in pairs), key=lambda own: own.cpu)
    return [
        Figure("trees", f"{ours.trees:,}, not {pairs[0][0].trees:,}"),
        beside("processor time", [(other.cpu, own.cpu) for other, own in pairs], "s", "<= 0.5"),
        beside("of it, until the model is there", [(other.growing, own.growing) for other, own in pairs], "s"),
        beside("of it, to judge and record it", [(other.judging, own.judging) for other, own in pairs], "s"),
        beside("time on a machine shared with other work", [(other.seconds, own.seconds) for other, own in pairs], "s"),
        beside("memory", [(other.peak, own.peak) for other, own in pairs], "MiB"),
        Figure("processor time of one plain LightGBM fit of as many trees", f"{plain['cpu']:,.4g} s"),
        Figure("of such fits, processor time", f"{ours.cpu / plain['cpu']:.1f}", "< 8"),
    ]


def _in_turn(
    sides: Sequence[tuple[Path, str]], tables: Path, blocks: int, folder: Path
) -> list[tuple[_Training, _Training]]:
    pairs = []
    for number in range(blocks):
        found = {}
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            note(f"Block {number + 1} of {blocks}: {('the other build', 'this build')[side]}.")
            with tempfile.TemporaryDirectory(dir=folder) as place:
                found[side] = _train(*sides[side], tables, Path(place))
        pairs.append((found[0], found[1]))
    return pairs


def _train(tree: Path, python: str, tables: Path, place: Path) -> _Training:
    """Trains with one of the builds. Raises `RuntimeError` where it fails."""
    shutil.copytree(tree / "models", place / "models")
    folders = {f"{name}_DIR": str(place / name.lower()) for name in ("MODELS", "DATA", "MLRUNS")}
    # The commands moved out of `core` after the first of the builds that this is compared with.
    commands = "commands" if (tree / "commands").is_dir() else "core"
    command = [python, "-m", commands, "train", "--data", str(tables), "--card", str(place / "card.md")]
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=tree,
        env=os.environ | _threads | folders,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said, reached = _followed(process)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"a training failed: {said[-1000:]}")
    trees = re.search(r"^Trees +(\d+)", said, re.MULTILINE)
    return _Training(
        seconds=seconds,
        cpu=usage.ru_utime + usage.ru_stime,
        growing=reached[_judging] - reached[_growing],
        judging=reached[_recorded] - reached[_judging],
        peak=usage.ru_maxrss / 1024,
        trees=int(trees[1]) if trees else 0,
    )


def _followed(process: subprocess.Popen[str]) -> tuple[str, dict[str, float]]:
    """All that a training says, and the seconds of the processor that it had taken when it said which step is next."""
    lines, reached = [], {}
    training = psutil.Process(process.pid)
    for line in process.stdout or ():
        lines.append(line)
        for step in (_growing, _judging, _recorded):
            if line.startswith(step):
                times = training.cpu_times()
                reached[step] = times.user + times.system + times.children_user + times.children_system
    return "".join(lines), reached


def _plain(tables: Path, trees: int) -> dict[str, float]:
    """The seconds, and those of the processor, of one fit with the parameters of this build's model."""
    command = [sys.executable, "-c", _plain_fit, str(tables), str(trees), str(_seed)]
    done = subprocess.run(command, cwd=root, env=os.environ | _threads, check=True, stdout=subprocess.PIPE, text=True)
    taken: dict[str, float] = json.loads(done.stdout)
    return taken


if __name__ == "__main__":
    raise SystemExit(main())
