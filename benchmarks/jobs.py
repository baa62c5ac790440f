"""Measures a file of all clients, sent to the API and scored: `python -m benchmarks.jobs [--json FILE]`."""

from __future__ import annotations

import argparse
import http.client
import json
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.measured import Figure, report
from benchmarks.services import megabytes, running_api, running_worker
from core.data import demo

if TYPE_CHECKING:
    import psutil

_full_size: Final = 307_511
_seed: Final = 5
_goal_seconds: Final = "< 30 s"
_goal_megabytes: Final = "< 500 MB"


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark and returns 0; whether a goal is met is for the reader to judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.jobs", description=__doc__)
    parser.add_argument("--clients", type=int, default=_full_size, help=f"rows of the file (default: {_full_size})")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    namespace = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "applications.csv"
        applications = demo.draw_applications(namespace.clients, _seed, "test")
        columns = applications.width
        applications.write_csv(file)
        del applications
        size = file.stat().st_size
        with running_api(folder) as api, running_worker(folder) as worker:
            served = _Peak(max(api.workers(), key=megabytes))
            worked = _Peak(worker)
            began = time.perf_counter()
            job = _send(api.port, file)
            sent = time.perf_counter() - began
            done = _finished(api.port, job)
            whole = time.perf_counter() - began
            written = _download(api.port, job)
            downloaded = time.perf_counter() - began - whole
            peaks = [each.stop() for each in (worked, served)]
        recorded = sum(path.stat().st_size for path in folder.glob("audit.db*"))
    figures = [
        Figure("file", f"{namespace.clients:,} rows x {columns} columns, {size / 1e6:.0f} MB"),
        Figure("sent", f"{sent:.1f} s"),
        Figure("sent and scored", f"{whole:.1f} s", _goal_seconds),
        Figure("rows scored", f"{done['progress']['rows_scored']:,}, {done['progress']['rows_rejected']:,} set aside"),
        Figure("result as CSV", f"{downloaded:.1f} s, {written / 1e6:.0f} MB"),
        Figure("memory of the worker", f"{peaks[0]:.0f} MB", _goal_megabytes),
        Figure("memory of the API worker", f"{peaks[1]:.0f} MB", "< 250 MB"),
        Figure("record of the predictions", f"{recorded / 1e6:.0f} MB"),
    ]
    report("A file of applications sent to the API and scored", figures, namespace.json)
    return 0


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
