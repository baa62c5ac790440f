"""Measures a file of all clients, sent to the API and scored: `python -m benchmarks.jobs [--against REV]`.

With `--against`, an earlier build does the same with its own model, in turn (A B, B A, ...) in one run, so that what
else the machine does falls on both. Neither has clients on hand.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from benchmarks.measured import Figure, report
from benchmarks.other_build import checked_out, environment
from benchmarks.services import megabytes, running_api, running_worker
from core.data import demo
from core.settings import root
from runtime.console import failed, note

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psutil

_full_size: Final = 307_511
_seed: Final = 5
_goal_seconds: Final = "< 30 s"
_goal_megabytes: Final = "< 400 MB"


@dataclass(frozen=True, slots=True)
class _Done:
    """A file that was sent and scored: seconds, megabytes, bytes of the record for a row.

    Attributes:
        worker_cpu: seconds of the processor that the worker took.
    """

    sent: float
    whole: float
    worker_cpu: float
    downloaded: float
    written: int
    worker: float
    api: float
    recorded: float
    scored: int
    rejected: int


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark; returns 1 where it cannot be made. Whether a goal is met is for the reader to judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.jobs", description=__doc__)
    parser.add_argument("--clients", type=int, default=_full_size, help=f"rows of the file (default: {_full_size})")
    parser.add_argument("--against", metavar="REV", help="measure that revision beside, such as 775ad4a")
    parser.add_argument("--blocks", type=int, default=3, help="runs of each side with --against (default: 3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    namespace = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        file = folder / "applications.csv"
        applications = demo.draw_applications(namespace.clients, _seed, "test")
        columns = applications.width
        applications.write_csv(file)
        del applications
        size = file.stat().st_size
        described = Figure("file", f"{namespace.clients:,} rows x {columns} columns, {size / 1e6:.0f} MB")
        try:
            if namespace.against is None:
                figures = [described, *_alone(_run(file, root, sys.executable))]
                report("A file of applications sent to the API and scored", figures, namespace.json)
                return 0
            tree = stack.enter_context(checked_out(namespace.against, folder))
            sides = ((tree, environment(tree, folder)), (root, sys.executable))
            pairs = _in_turn(file, sides, namespace.blocks)
        except RuntimeError as error:
            return failed(str(error))
    title = f"A file of applications sent to the API and scored, beside {namespace.against}"
    report(title, [described, *_beside(pairs)], namespace.json)
    return 0


def _in_turn(file: Path, sides: Sequence[tuple[Path, str]], blocks: int) -> list[tuple[_Done, _Done]]:
    pairs = []
    for number in range(blocks):
        found = {}
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            note(f"Block {number + 1} of {blocks}: {('the other build', 'this build')[side]}.")
            found[side] = _run(file, *sides[side])
        pairs.append((found[0], found[1]))
    return pairs


def _run(file: Path, tree: Path, python: str) -> _Done:
    """Sends a file to a build in a folder of its own, and has it scored there."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        variables = {"DATA_DIR": str(folder / "data"), "PYTHONPATH": str(tree)}
        (folder / "data").mkdir()
        with (
            running_api(folder, 1, tree=tree, python=python, **variables) as api,
            running_worker(folder, tree=tree, python=python, **variables) as worker,
        ):
            served, worked = _Peak(max(api.workers(), key=megabytes)), _Peak(worker)
            began = time.perf_counter()
            job = _send(api.port, file)
            sent = time.perf_counter() - began
            done = _finished(api.port, job)
            whole = time.perf_counter() - began
            cpu = worker.cpu_times()
            written = _download(api.port, job)
            downloaded = time.perf_counter() - began - whole
            worker_peak, api_peak = worked.stop(), served.stop()
        recorded = sum(path.stat().st_size for path in folder.glob("audit.db*"))
    scored, rejected = (done["progress"][name] for name in ("rows_scored", "rows_rejected"))
    row = recorded / max(scored, 1)
    return _Done(sent, whole, cpu.user + cpu.system, downloaded, written, worker_peak, api_peak, row, scored, rejected)


def _alone(done: _Done) -> list[Figure]:
    return [
        Figure("sent", f"{done.sent:.1f} s"),
        Figure("sent and scored", f"{done.whole:.1f} s", _goal_seconds),
        Figure("rows scored", f"{done.scored:,}, {done.rejected:,} set aside"),
        Figure("result as CSV", f"{done.downloaded:.1f} s, {done.written / 1e6:.0f} MB"),
        Figure("memory of the worker", f"{done.worker:.0f} MB", _goal_megabytes),
        Figure("memory of the API worker", f"{done.api:.0f} MB", "< 250 MB"),
        Figure(
            "record of the predictions", f"{done.recorded * done.scored / 1e6:.0f} MB, {done.recorded:.0f} bytes a row"
        ),
    ]


def _beside(pairs: Sequence[tuple[_Done, _Done]]) -> list[Figure]:
    def figure(name: str, field: str, unit: str, goal: str) -> Figure:
        other, ours = ([getattr(pair[side], field) for pair in pairs] for side in (0, 1))
        ratios = sorted(mine / theirs for theirs, mine in zip(other, ours, strict=True))
        spread = f"{median(ratios):.2f} of the other ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        return Figure(name, f"{spread}: {median(ours):,.1f} {unit}, not {median(other):,.1f}", goal)

    last = pairs[-1][1]
    return [
        Figure("rows scored", f"{last.scored:,}, {last.rejected:,} set aside"),
        figure("sent and scored", "whole", "s", "<= 0.6"),
        figure("processor time of the worker", "worker_cpu", "s", ""),
        figure("record of the predictions", "recorded", "bytes a row", "<= 0.33"),
        figure("memory of the worker", "worker", "MB", "< 400 MB"),
        figure("memory of the API worker", "api", "MB", ""),
    ]


class _Peak:
    """The most memory that a process holds, looked at twenty times a second."""

    def __init__(self, process: psutil.Process) -> None:
        self.most = 0.0
        self._process = process
        self._ended = threading.Event()
        self._looking = threading.Thread(target=self._look, daemon=True)
        self._looking.start()

    def stop(self) -> float:
        self._ended.set()
        self._looking.join()
        return self.most

    def _look(self) -> None:
        while not self._ended.wait(0.05):
            self.most = max(self.most, megabytes(self._process))


def _send(port: int, file: Path) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    with file.open("rb") as stream:
        headers = {"Content-Type": "text/csv", "Content-Length": str(file.stat().st_size)}
        connection.request("POST", "/jobs?filename=applications.csv", stream, headers)
        return str(_read(connection)["id"])


def _finished(port: int, job: str) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    while True:
        connection.request("GET", f"/jobs/{job}")
        found = _read(connection)
        if found["status"] == "done":
            return found
        if found["status"] in {"failed", "cancelled"}:
            raise RuntimeError(f"the job ended as {found['status']}: {found['error']}")
        time.sleep(0.1)


def _download(port: int, job: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request("GET", f"/jobs/{job}/result?format=csv")
    response = connection.getresponse()
    size = 0
    while part := response.read(1 << 20):
        size += len(part)
    return size


def _read(connection: http.client.HTTPConnection) -> dict[str, Any]:
    response = connection.getresponse()
    content = response.read()
    if response.status >= 300:
        raise RuntimeError(f"the API answered {response.status}: {content[:500].decode()}")
    found: dict[str, Any] = json.loads(content)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
