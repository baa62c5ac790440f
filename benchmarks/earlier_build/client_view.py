"""Measures the view of a client: `python -m benchmarks.earlier_build.client_view --against REV [--json FILE]`.

API and dashboard of both builds serve the same drawn clients, whose pages Chromium opens by their address. Once
through something that keeps what the dashboard asks of its API: the requests of a page are counted, and sent again to
both APIs in turn, one after the other, which is the time of all its calls. Then without it, in turn (A B, B A, ...),
until the decision is shown and until nothing is awaited any more, with the processor time of both services.
"""

from __future__ import annotations

import argparse
import http.client
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import psutil

from benchmarks.dashboard import answers, browser, decided, opened, settle, until
from benchmarks.earlier_build.forwarding import Call, answer, forwarding, patience
from benchmarks.measured import Figure, beside, report
from benchmarks.other_build import checked_out, environment
from benchmarks.services import running_api, service_environment
from core.portfolio.drawn_clients import draw_tables
from core.settings import root
from runtime.console import failed, note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.earlier_build.forwarding import Forwarding

_seed: Final = 0
_clients: Final = 500
_lock: Final = "runtime.txt"
# The dashboard of either build, by its own launch line.
_launch: Final = """
import os, sys
try:
    from runtime import services
except ImportError:
    from core import commands as services
command = services.service_command("dashboard", "127.0.0.1", int(sys.argv[1]))
os.execv(sys.executable, [sys.executable, *command])
"""
# From the navigation to the end of the last answer to the page.
_whole: Final = "return Math.max(...performance.getEntriesByType('resource').map(e => e.responseEnd))"


@dataclass(frozen=True, slots=True)
class _Side:
    """A build that serves: the address of its dashboard, what stands in front of its API, its record, its processes."""

    url: str
    port: int
    front: Forwarding | None
    record: Path
    processes: tuple[psutil.Process, ...]

    def cpu(self) -> float:
        """Seconds of the processor that API and dashboard have taken."""
        times = [each.cpu_times() for arbiter in self.processes for each in (arbiter, *arbiter.children())]
        return float(sum(each.user + each.system for each in times))

    def rows(self) -> int:
        """How many predictions its record holds."""
        with closing(sqlite3.connect(f"file:{self.record}?mode=ro", uri=True)) as link:
            return int(link.execute("SELECT count(*) FROM predictions").fetchone()[0])


@dataclass(frozen=True, slots=True)
class _View:
    """Milliseconds until the decision was shown and until all had come, and those of the processor of both services."""

    decided: float
    whole: float
    cpu: float


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark; returns 1 where it cannot be made. Whether a goal is met is for the reader to judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.earlier_build.client_view", description=__doc__)
    parser.add_argument("--against", metavar="REV", required=True, help="the other build, such as 775ad4a")
    parser.add_argument("--python", metavar="FILE", help="its interpreter (default: one is made by its lock)")
    parser.add_argument("--blocks", type=int, default=3, help="of which the spread is told (default: 3)")
    parser.add_argument("--views", type=int, default=8, help="clients that are opened in a block (default: 8)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    namespace = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        draw_tables(folder / "tables", _clients, _seed)
        clients = pl.read_parquet(folder / "tables" / "application_train.parquet")["SK_ID_CURR"].to_list()
        try:
            tree = stack.enter_context(checked_out(namespace.against, folder))
            sides = ((tree, namespace.python or environment(tree, folder, _lock)), (root, sys.executable))
            for number, (place, python) in enumerate(sides):
                note(f"The clients of {('the other build', 'this build')[number]} are prepared.")
                _prepare(place, python, folder / f"side-{number}", folder / "tables")
            note("The requests of a page are counted.")
            with _both(sides, folder, through=True) as pair:
                figures = _calls(pair, clients, namespace.blocks, namespace.views)
            note("Pages are opened in turn.")
            with _both(sides, folder, through=False) as pair:
                figures += _views(pair, clients, namespace.blocks, namespace.views)
        except (RuntimeError, subprocess.CalledProcessError) as error:
            return failed(str(error))
    report(f"The view of a client, beside {namespace.against}", figures, namespace.json)
    return 0


def _prepare(tree: Path, python: str, place: Path, tables: Path) -> None:
    place.mkdir()
    package = "commands" if (tree / "commands").is_dir() else "core"
    command = [python, "-m", package, "data", "portfolio", "--data", str(tables), "--clients", str(_clients)]
    subprocess.run(command, cwd=tree, env=os.environ | {"DATA_DIR": str(place / "data")}, check=True)


@contextmanager
def _both(sides: Sequence[tuple[Path, str]], folder: Path, *, through: bool) -> Iterator[tuple[_Side, _Side]]:
    """Both builds serving, each with an API in front of which something keeps what is asked, where it is to."""
    with ExitStack() as stack:
        served = []
        for number, (tree, python) in enumerate(sides):
            place = folder / f"side-{number}"
            variables = {"DATA_DIR": str(place / "data"), "PYTHONPATH": str(tree)}
            api = stack.enter_context(running_api(place, tree=tree, python=python, **variables))
            front = stack.enter_context(forwarding(api.port)) if through else None
            url = f"http://127.0.0.1:{front.port if front else api.port}"
            dashboard = stack.enter_context(_dashboard(tree, python, place, url, variables))
            processes = (psutil.Process(api.process.pid), psutil.Process(dashboard[1]))
            served.append(_Side(dashboard[0], api.port, front, place / "audit.db", processes))
        yield served[0], served[1]


@contextmanager
def _dashboard(
    tree: Path, python: str, place: Path, api_url: str, variables: dict[str, str]
) -> Iterator[tuple[str, int]]:
    """The address of a dashboard with one worker and the number of its process; stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = service_environment(place, port) | variables | {"API_URL": api_url, "SPOOL_DIR": str(place / "spool")}
    url = f"http://127.0.0.1:{port}"
    with (place / "dashboard.log").open("wb") as log:
        process = subprocess.Popen([python, "-c", _launch, str(port)], cwd=tree, env=given, stdout=log, stderr=log)
        try:
            until(lambda: answers(url), process)
            yield url, process.pid
        finally:
            process.terminate()
            process.wait(patience)


def _calls(pair: tuple[_Side, _Side], clients: Sequence[int], blocks: int, views: int) -> list[Figure]:
    """How many requests and rows a view is, and how long its calls take."""
    found: list[list[list[Call]]] = [[], []]
    rows: list[list[int]] = [[], []]
    with browser() as driver:
        for side, kept in zip(pair, range(2), strict=True):
            # The first reader of a server pays for what it loads once.
            for number, client in enumerate(clients[: views + 1]):
                before = side.rows()
                _open(driver, side, client)
                calls = [call for call in side.front.taken() if not _is_health(call)] if side.front else []
                if number:
                    found[kept].append(calls)
                    rows[kept].append(side.rows() - before)
    blocked = []
    with ExitStack() as stack:
        links = [
            stack.enter_context(closing(http.client.HTTPConnection("127.0.0.1", side.port, timeout=patience)))
            for side in pair
        ]
        for _ in range(blocks):
            taken: tuple[list[float], list[float]] = ([], [])
            for number in range(views):
                for place in (0, 1) if number % 2 else (1, 0):
                    taken[place].append(_again(links[place], found[place][number]))
            blocked.append((median(taken[0]), median(taken[1])))
    counts = [median(len(calls) for calls in views_of_side) for views_of_side in found]
    return [
        Figure("requests to the API, beside those about its health", f"{counts[1]:g}, not {counts[0]:g}", "<= 4"),
        Figure("rows in the record", f"{median(rows[1]):g}, not {median(rows[0]):g}", "1"),
        beside("time of these requests, one after the other", blocked, "ms", "<= 0.5"),
    ]


def _views(pair: tuple[_Side, _Side], clients: Sequence[int], blocks: int, views: int) -> list[Figure]:
    """How long a page takes in the browser."""
    with browser() as driver:
        for side in pair:
            _open(driver, side, clients[0])
        found = []
        for block in range(blocks):
            taken: tuple[list[_View], list[_View]] = ([], [])
            for number, client in enumerate(clients[1 + block * views : 1 + (block + 1) * views]):
                for place in (0, 1) if number % 2 else (1, 0):
                    taken[place].append(_open(driver, pair[place], client))
            found.append(taken)

    def figure(name: str, measure: str, unit: str = "ms", goal: str = "") -> Figure:
        medians = [[median(getattr(view, measure) for view in seen) for seen in taken] for taken in found]
        return beside(name, [(other, ours) for other, ours in medians], unit, goal)

    return [
        figure("in Chromium, from the address to the decision", "decided"),
        figure("in Chromium, from the address to the last answer", "whole"),
        figure("processor time of API and dashboard", "cpu"),
    ]


def _open(driver: Any, side: _Side, client: int) -> _View:
    cpu = side.cpu()
    shown = opened(driver, f"{side.url}/?client={client}", decided)
    settle(driver)
    whole = float(driver.execute_script(_whole))
    return _View(shown, whole, (side.cpu() - cpu) * 1000)


def _again(link: http.client.HTTPConnection, calls: Sequence[Call]) -> float:
    """Milliseconds that some requests take, one after the other. Raises `RuntimeError` where one is refused."""
    began = time.perf_counter()
    for call in calls:
        status, _, content = answer(link, call)
        if status >= 400:
            raise RuntimeError(f"{call.path} answered {status}: {content[:300]!r}")
    return (time.perf_counter() - began) * 1000


def _is_health(call: Call) -> bool:
    return call.path.partition("?")[0] in {"/health", "/ready"}


if __name__ == "__main__":
    raise SystemExit(main())
