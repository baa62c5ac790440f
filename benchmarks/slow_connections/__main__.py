"""Measures what slow clients cost the others: `python -m benchmarks.slow_connections [--json FILE]`.

One caller asks again and again, first alone, then beside connections that send a byte a second: half heads, half
bodies, and large files. Both are repeated in turn; goal: the slowest hundredth takes less than three times as long.
"""

from __future__ import annotations

import argparse
import gc
import http.client
import json
import multiprocessing
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import numpy as np

from api.openapi.examples import features as example_features
from benchmarks.dashboard import running_dashboard
from benchmarks.measured import Figure, report
from benchmarks.services import running_api
from benchmarks.slow_connections.clients import drip
from core.access.keys import digest
from runtime.console import failed, note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_goal: Final = 3.0
# Before it counts: the slow ones are all there, and the server has begun to end the first.
_settling: Final = 3.0
_patience: Final = 60.0
_key: Final = "benchmark-only"


@dataclass(slots=True)
class _Taken:
    """Milliseconds of each request, and what became of the slow connections."""

    quiet: list[float] = field(default_factory=list)
    slow: list[float] = field(default_factory=list)
    ended: dict[str, int] = field(default_factory=dict)


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark. Returns 1 where the goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.slow_connections", description=__doc__)
    parser.add_argument("--connections", type=int, default=300, help="that are slow (default: 300)")
    parser.add_argument("--requests", type=int, default=4000, help="of the other caller in each part (default: 4000)")
    parser.add_argument("--rounds", type=int, default=3, help="how often the two parts are repeated (default: 3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    namespace = parser.parse_args(arguments)
    count, requests, rounds = namespace.connections, namespace.requests, namespace.rounds
    predict = ("POST", "/predict", json.dumps({"features": example_features}).encode())
    figures: list[Figure] = []
    misses: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            with running_api(folder, 2) as api:
                note("The API, which asks for no key: bodies are awaited.")
                taken = _measure(api.port, predict, _openings("/predict", "/jobs", count), requests, rounds, folder)
                figures += _figures("/predict of the API", taken, misses)
                with running_dashboard(folder, f"http://127.0.0.1:{api.port}") as dashboard:
                    note("The dashboard.")
                    port = urlsplit(dashboard.url).port or 80
                    openings = _openings("/_dash-update-component", "/imports", count)
                    page = ("GET", "/scoring", None)
                    taken = _measure(port, page, openings, max(1, requests // 20), rounds, folder)
                    figures += _figures("a page of the dashboard", taken, misses)
            keyed = folder / "keyed"
            keyed.mkdir()
            with running_api(keyed, 2, API_KEYS=f"caller:score:{digest(_key).hex()}") as api:
                note("The API with keys, and slow clients that show none.")
                openings = _openings("/predict", "/jobs", count)
                taken = _measure(api.port, predict, openings, requests, rounds, keyed, {"X-API-Key": _key})
                figures += _figures("/predict of the API with keys", taken, misses)
        except RuntimeError as error:
            return failed(str(error))
    report(f"{count} slow connections beside one caller; 2 workers", figures, namespace.json)
    return failed("\n".join(["Missed:", *misses])) if misses else 0


def _openings(body_path: str, file_path: str, count: int) -> list[bytes]:
    """A third half heads, a third half bodies, a third files that are too large to be collected."""
    to_body, to_file = (f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n" for path in (body_path, file_path))
    half_head = f"{to_body}X-Slow: "
    body = f"{to_body}Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n{{"
    file = f"{to_file}Content-Type: text/csv\r\nContent-Length: 90000000\r\n\r\nSK"
    kinds = [opening.encode() for opening in (half_head, body, file)]
    return [kinds[number % len(kinds)] for number in range(count)]


def _measure(
    port: int,
    call: tuple[str, str, bytes | None],
    openings: Sequence[bytes],
    requests: int,
    rounds: int,
    folder: Path,
    headers: dict[str, str] | None = None,
) -> _Taken:
    taken = _Taken()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=_patience)) as connection:
        _ask(connection, call, max(50, requests // 10), headers or {})
        for _ in range(rounds):
            taken.quiet += _ask(connection, call, requests, headers or {})
            with _dripping(port, openings, folder / "slow.json", taken):
                taken.slow += _ask(connection, call, requests, headers or {})
    return taken


@contextmanager
def _dripping(port: int, openings: Sequence[bytes], record: Path, taken: _Taken) -> Iterator[None]:
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=drip, args=(port, openings, _patience / 3, record))
    process.start()
    time.sleep(_settling)
    yield
    process.join(_patience)
    for status, count in json.loads(record.read_text(encoding="utf-8")).items():
        taken.ended[status] = taken.ended.get(status, 0) + count


def _ask(
    connection: http.client.HTTPConnection,
    call: tuple[str, str, bytes | None],
    count: int,
    headers: dict[str, str],
) -> list[float]:
    method, path, body = call
    headers = headers | ({"Content-Type": "application/json"} if body else {})
    milliseconds = []
    gc.disable()
    try:
        for _ in range(count):
            began = time.perf_counter()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            milliseconds.append((time.perf_counter() - began) * 1000)
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status}: {content[:300]!r}")
    finally:
        gc.enable()
    return milliseconds


def _figures(name: str, taken: _Taken, misses: list[str]) -> list[Figure]:
    quiet, slow = (np.percentile(each, (50, 99)) for each in (taken.quiet, taken.slow))
    ratio = slow[1] / quiet[1]
    if ratio >= _goal:
        misses.append(f"{name}: {ratio:.1f} times")
    ended = ", ".join(f"{count:,} {status}" for status, count in sorted(taken.ended.items()))
    return [
        Figure(f"{name}, alone", f"p50 {quiet[0]:.2f} ms, p99 {quiet[1]:.2f} ms"),
        Figure(f"{name}, beside the slow ones", f"p50 {slow[0]:.2f} ms, p99 {slow[1]:.2f} ms"),
        Figure(f"{name}, ratio of p99", f"{ratio:.2f}", f"< {_goal:g}"),
        Figure(f"{name}, what became of the slow connections", ended),
    ]


if __name__ == "__main__":
    sys.exit(main())
