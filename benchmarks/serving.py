"""Measures the API through gunicorn on one kept-alive connection: `python -m benchmarks.serving [--json FILE]`."""

from __future__ import annotations

import argparse
import gc
import http.client
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from api.openapi.examples import features as example_features
from benchmarks.services import megabytes, running_api
from core import outputs
from runtime.console import failed, note, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_batch_size: Final = 1000
_applications: Final = 40
_goals: Final[Mapping[str, float]] = {"/predict": 3, "/predict/explain": 10, "/predict/batch of 1000": 40}
_goal_megabytes: Final = 250.0
_goal_ready_seconds: Final = 3.0


@dataclass(frozen=True)
class Request:
    """A request to time. Repeated with each of its bodies in turn; once in `every` rounds."""

    name: str
    method: str
    path: str
    bodies: tuple[bytes | None, ...] = (None,)
    every: int = 1


@dataclass(frozen=True)
class Timing:
    """How long a request took, in milliseconds, and how many times `/health`'s median that is."""

    name: str
    requests: int
    p50: float
    p99: float
    ratio: float
    goal: float | None


@dataclass(frozen=True)
class Result:
    """One run: timings, resident memory of the worker before and after, seconds until the first answer."""

    timings: tuple[Timing, ...]
    ready_seconds: float
    megabytes_at_start: float
    megabytes_at_end: float


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark and returns 0; whether a goal is met is for the reader to judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=__doc__)
    parser.add_argument("--rounds", type=int, default=2000, help="requests of each kind (default: 2000)")
    parser.add_argument("--warm-up", type=int, default=100, help="rounds before the clock counts (default: 100)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there as well")
    namespace = parser.parse_args(arguments)
    try:
        result = run(namespace.rounds, namespace.warm_up)
    except RuntimeError as error:
        return failed(str(error))
    _show(result)
    if namespace.json:
        namespace.json.parent.mkdir(parents=True, exist_ok=True)
        outputs.write(namespace.json, f"{json.dumps(asdict(result), indent=2)}\n".encode())
    return 0


def run(rounds: int, warm_up: int) -> Result:
    """Starts the API with one worker, and times each kind of request in turn, round after round.

    Raises:
        RuntimeError: where the API does not start, or answers anything but 200.
    """
    with tempfile.TemporaryDirectory() as folder, running_api(Path(folder)) as api:
        worker = max(api.workers(), key=megabytes)
        connection = http.client.HTTPConnection("127.0.0.1", api.port)
        requests = _requests(connection)
        at_start = megabytes(worker)
        _time(connection, requests, warm_up)
        taken = _time(connection, requests, rounds)
        health = median(taken["/health"])
        return Result(
            timings=tuple(_timing(name, values, health) for name, values in taken.items()),
            ready_seconds=api.ready_seconds,
            megabytes_at_start=at_start,
            megabytes_at_end=megabytes(worker),
        )


def _requests(connection: http.client.HTTPConnection) -> tuple[Request, ...]:
    whole = tuple(_body({"features": application}) for application in _whole_applications(connection))
    few = (_body({"features": example_features}),)
    batch = _body({"clients": [example_features | {"SK_ID_CURR": 900000 + number} for number in range(_batch_size)]})
    return (
        Request("/health", "GET", "/health"),
        Request("/predict", "POST", "/predict", whole),
        Request(f"/predict, {len(example_features)} columns", "POST", "/predict", few),
        Request("/predict/explain", "POST", "/predict/explain", whole),
        Request(f"/predict/batch of {_batch_size}", "POST", "/predict/batch", (batch,), every=20),
    )


def _whole_applications(connection: http.client.HTTPConnection) -> list[dict[str, object]]:
    """Applications with all the columns that clients of the portfolio have."""
    listed = json.loads(_answer(connection, Request("clients", "GET", f"/clients?limit={_applications}"), None))
    found = []
    for line in listed["clients"]:
        client = Request("client", "GET", f"/clients/{line['client_id']}")
        features = json.loads(_answer(connection, client, None))["features"]
        found.append({name: value for name, value in features.items() if value is not None})
    return found


def _body(content: object) -> bytes:
    return json.dumps(content).encode()


def _time(connection: http.client.HTTPConnection, requests: Sequence[Request], rounds: int) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {request.name: [] for request in requests}
    gc.disable()
    try:
        for number in range(rounds):
            for request in requests:
                if number % request.every:
                    continue
                body = request.bodies[number % len(request.bodies)]
                began = time.perf_counter()
                _answer(connection, request, body)
                taken[request.name].append((time.perf_counter() - began) * 1000)
    finally:
        gc.enable()
    return taken


def _answer(connection: http.client.HTTPConnection, request: Request, body: bytes | None) -> bytes:
    headers = {"Content-Type": "application/json"} if body else {}
    connection.request(request.method, request.path, body, headers)
    response = connection.getresponse()
    content = response.read()
    if response.status != 200:
        raise RuntimeError(f"{request.name} answered {response.status}: {content[:500].decode()}")
    return content


def _timing(name: str, values: list[float], health: float) -> Timing:
    ordered = sorted(values)
    return Timing(
        name=name,
        requests=len(ordered),
        p50=median(ordered),
        p99=ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))],
        ratio=median(ordered) / health,
        goal=_goals.get(name),
    )


def _show(result: Result) -> None:
    note("One worker, one kept-alive connection, requests of all kinds in turn; ratios to the p50 of /health.")
    lines = []
    for timing in result.timings:
        goal = f" (goal: under {timing.goal:g}x)" if timing.goal else ""
        lines.append((timing.name, f"p50 {timing.p50:7.2f} ms  p99 {timing.p99:7.2f} ms  {timing.ratio:5.1f}x{goal}"))
    lines.append(("ready after", f"{result.ready_seconds:.2f} s (goal: under {_goal_ready_seconds:g} s)"))
    memory = f"{result.megabytes_at_start:.0f} MB at start, {result.megabytes_at_end:.0f} MB at the end"
    lines.append(("worker memory", f"{memory} (goal: under {_goal_megabytes:g} MB)"))
    table(lines)


if __name__ == "__main__":
    sys.exit(main())
