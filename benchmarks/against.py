"""Measures this build beside an earlier one: `python -m benchmarks.against REV [--json FILE]`.

The revision is checked out beside, with its own model and, where its locks differ, an environment of its own. Both
answer the same requests in turn (A B, B A, ...) in one run, so that what else the machine does falls on both; what is
told is how much of the other's time this build takes, with the spread over the blocks. Neither has clients on hand.
"""

from __future__ import annotations

import argparse
import gc
import http.client
import json
import multiprocessing
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from api.openapi.examples import features as example_features
from benchmarks.measured import Figure, beside, report
from benchmarks.other_build import checked_out, environment
from benchmarks.services import Api, running_api
from core.settings import root
from runtime.console import failed, note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_patience: Final = 60.0
_callers: Final = 8
_batch_size: Final = 1000


@dataclass(frozen=True, slots=True)
class _Call:
    """A request: `share` of the rounds have it; `goal` is the most of the other's time that it may take."""

    name: str
    method: str
    path: str
    body: bytes | None = None
    share: float = 1.0
    goal: float | None = None


def main(arguments: list[str] | None = None) -> int:
    """Runs the comparison. Returns 1 where it cannot be made; whether a goal is met is for the reader to judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against", description=__doc__.partition("\n")[0])
    parser.add_argument("revision", help="such as 775ad4a")
    parser.add_argument("--rounds", type=int, default=400, help="requests of each kind in a block (default: 400)")
    parser.add_argument("--blocks", type=int, default=5, help="of which the spread is told (default: 5)")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each part of the load (default: 5)")
    parser.add_argument("--database", metavar="URL,URL", help="of the other and of this build (default: SQLite files)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    namespace = parser.parse_args(arguments)
    urls = namespace.database.split(",") if namespace.database else ("", "")
    try:
        with tempfile.TemporaryDirectory() as name, checked_out(namespace.revision, Path(name)) as tree:
            python = environment(tree, Path(name))
            sides = ((tree, python, urls[0]), (root, sys.executable, urls[1]))
            with _both(sides, Path(name), workers=1) as ports:
                figures = _times(ports, namespace.blocks, namespace.rounds)
            with _both(sides, Path(name), workers=2) as ports:
                figures.append(_rates(ports, namespace.blocks, namespace.seconds))
    except RuntimeError as error:
        return failed(str(error))
    report(f"This build beside {namespace.revision}: how much of its time", figures, namespace.json)
    return 0


@contextmanager
def _both(sides: Sequence[tuple[Path, str, str]], folder: Path, workers: int) -> Iterator[tuple[int, int]]:
    """The ports of the other build and of this one, in front of an empty record each."""
    with ExitStack() as stack:
        apis: list[Api] = []
        for number, (tree, python, url) in enumerate(sides):
            place = folder / f"side-{workers}-{number}"
            (place / "data").mkdir(parents=True)
            variables = {"DATA_DIR": str(place / "data"), "PYTHONPATH": str(tree)}
            variables |= {"DATABASE_URL": url} if url else {}
            apis.append(stack.enter_context(running_api(place, workers, tree=tree, python=python, **variables)))
        yield apis[0].port, apis[1].port


def _times(ports: tuple[int, int], blocks: int, rounds: int) -> list[Figure]:
    with ExitStack() as stack:
        links = [
            stack.enter_context(closing(http.client.HTTPConnection("127.0.0.1", port, timeout=_patience)))
            for port in ports
        ]
        figures = []
        for call in _calls():
            note(f"{call.name}, in turn.")
            count = max(4, round(rounds * call.share))
            for link in links:
                _timed(link, call, max(2, count // 8))
            found = [_block(links, call, count) for _ in range(blocks)]
            figures.append(_figure(f"{call.name}, p50", found, "ms", call.goal))
    return figures


def _block(links: Sequence[http.client.HTTPConnection], call: _Call, count: int) -> tuple[float, float]:
    taken: tuple[list[float], list[float]] = ([], [])
    gc.disable()
    try:
        for number in range(count):
            for side in (0, 1) if number % 2 else (1, 0):
                taken[side].extend(_timed(links[side], call, 1))
    finally:
        gc.enable()
    return median(taken[0]), median(taken[1])


def _timed(link: http.client.HTTPConnection, call: _Call, count: int) -> list[float]:
    headers = {"Content-Type": "application/json"} if call.body else {}
    milliseconds = []
    for _ in range(count):
        began = time.perf_counter()
        link.request(call.method, call.path, call.body, headers)
        answer = link.getresponse()
        content = answer.read()
        milliseconds.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"{call.name} answered {answer.status}: {content[:300]!r}")
    return milliseconds


def _rates(ports: tuple[int, int], blocks: int, seconds: float) -> Figure:
    note(f"Predictions of {_callers} callers at once, in turn.")
    context = multiprocessing.get_context("spawn")
    found = []
    with context.Pool(1) as pool:
        for number in range(blocks):
            order = (0, 1) if number % 2 else (1, 0)
            rates = {side: pool.apply(_rate, (ports[side], seconds)) for side in order}
            found.append((rates[0], rates[1]))
    return _figure(f"Predictions a second, 2 workers, {_callers} callers", found, "a second", None)


def _rate(port: int, seconds: float) -> float:
    """How many predictions a second callers get that ask again as soon as they are answered."""
    call = next(call for call in _calls() if call.path == "/predict")
    counts = [0] * _callers
    ends = time.monotonic() + seconds

    def work(number: int) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=_patience)) as link:
            while time.monotonic() < ends:
                _timed(link, call, 1)
                counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(_callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def _calls() -> Sequence[_Call]:
    one = json.dumps({"features": example_features}).encode()
    many = [example_features | {"SK_ID_CURR": 900_000 + number} for number in range(_batch_size)]
    batch = json.dumps({"clients": many}).encode()
    return (
        _Call("/health", "GET", "/health"),
        _Call("/predict", "POST", "/predict", one, goal=0.6),
        _Call("/predict/explain", "POST", "/predict/explain", one, goal=0.45),
        _Call(f"/predict/batch of {_batch_size:,}", "POST", "/predict/batch", batch, share=0.02, goal=0.55),
    )


def _figure(name: str, blocks: Sequence[tuple[float, float]], unit: str, goal: float | None) -> Figure:
    return beside(name, blocks, unit, f"<= {goal:g}" if goal else "")


if __name__ == "__main__":
    sys.exit(main())
