"""Measures the second start of the workbench: `python -m benchmarks.earlier_build.start --against REV`.

From the launch to three services that answer `/health` with 200, and the processor time that all processes took until
then. Each build starts once before, to prepare its clients on hand; then both do in turn (A B, B A, ...).
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from benchmarks.measured import Figure, beside, report
from benchmarks.other_build import checked_out, environment
from core.settings import root
from runtime.console import failed, note

if TYPE_CHECKING:
    from collections.abc import Sequence

_patience: Final = 300.0
_clients: Final = 2000
_names: Final = ("dashboard", "api", "mlflow")
_lock: Final = "runtime.txt"
# `run.py` without the check of its own environment: the launcher of either build, with the interpreter that is given.
_launch: Final = """
import sys
from pathlib import Path
from types import SimpleNamespace
from launcher.services import start_all
ports = dict(zip(("dashboard", "api", "mlflow"), map(int, sys.argv[1:]), strict=True))
environment = SimpleNamespace(python=Path(sys.executable), prepare=lambda: None)
sys.exit(start_all("127.0.0.1", ports, environment))
"""


@dataclass(frozen=True, slots=True)
class _Start:
    """Seconds until all services answered, and those of the processor that all processes took."""

    seconds: float
    cpu: float


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark; returns 1 where it cannot be made. Whether a goal is met is for the reader to judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.earlier_build.start", description=__doc__)
    parser.add_argument("--against", metavar="REV", required=True, help="the other build, such as 775ad4a")
    parser.add_argument("--python", metavar="FILE", help="its interpreter (default: one is made by its lock)")
    parser.add_argument("--blocks", type=int, default=5, help="starts of each build (default: 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    namespace = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        try:
            tree = stack.enter_context(checked_out(namespace.against, folder))
            python = namespace.python or environment(tree, folder, _lock)
            pairs = _in_turn(((tree, python), (root, sys.executable)), namespace.blocks, folder)
        except RuntimeError as error:
            return failed(str(error))
    figures = [
        Figure("seconds of this build", f"{min(ours.seconds for _, ours in pairs):.1f} at best", "< 3"),
        beside("to three healthy services", [(other.seconds, ours.seconds) for other, ours in pairs], "s"),
        beside("processor time until then", [(other.cpu, ours.cpu) for other, ours in pairs], "s"),
    ]
    report(f"Second start of the workbench, beside {namespace.against}", figures, namespace.json)
    return 0


def _in_turn(sides: Sequence[tuple[Path, str]], blocks: int, folder: Path) -> list[tuple[_Start, _Start]]:
    places = [folder / f"side-{number}" for number in (0, 1)]
    for (tree, python), place in zip(sides, places, strict=True):
        note("First start, which prepares the clients.")
        _start(tree, python, place)
    pairs = []
    for number in range(blocks):
        found = {}
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            note(f"Block {number + 1} of {blocks}: {('the other build', 'this build')[side]}.")
            found[side] = _start(*sides[side], places[side])
        pairs.append((found[0], found[1]))
    return pairs


def _start(tree: Path, python: str, place: Path) -> _Start:
    """Starts a build and stops it. Raises `RuntimeError` where it does not answer."""
    place.mkdir(exist_ok=True)
    ports = _free_ports()
    variables = {
        "DATA_DIR": str(place / "data"),
        "AUDIT_FILE": str(place / "audit.db"),
        "JOBS_DIR": str(place / "jobs"),
        "PORTFOLIO_CLIENTS": str(_clients),
    }
    command = [python, "-c", _launch, *map(str, ports)]
    with (place / "start.log").open("wb") as log:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=tree, env=os.environ | variables, stdout=log, stderr=log)
        try:
            _wait(process, ports)
            seconds = time.perf_counter() - began
            return _Start(seconds, _cpu(process.pid))
        finally:
            process.terminate()
            process.wait(_patience)


def _free_ports() -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in _names]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def _wait(process: subprocess.Popen[bytes], ports: Sequence[int]) -> None:
    deadline = time.monotonic() + _patience
    awaited = list(ports)
    while awaited:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the services do not answer: {len(awaited)} of {len(ports)} are awaited")
        awaited = [port for port in awaited if not _answers(port)]
        time.sleep(0.02)


def _answers(port: int) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=30) as answer:
        return bool(answer.status == 200)
    return False


def _cpu(process_id: int) -> float:
    """Seconds of the processor that a process, those that it started and those that have ended have taken."""
    launcher = psutil.Process(process_id)
    times = [each.cpu_times() for each in (launcher, *launcher.children(recursive=True))]
    return float(sum(each.user + each.system + each.children_user + each.children_system for each in times))


if __name__ == "__main__":
    raise SystemExit(main())
