"""Measures the memory of the three services as their images run them: `python -m benchmarks.memory [--json FILE]`.

Each is started with the command and the variables of its image, one after the other, and loaded. What counts is the
resident memory of all its processes added up, looked at twenty times a second from the start: rather more than what a
container is charged, which counts once what processes share.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psutil

from api.openapi.examples import features as example_features
from benchmarks.dashboard import browser
from benchmarks.measured import Figure, report
from benchmarks.services import megabytes
from core.data import demo
from core.settings import root
from runtime import services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_free_plan: Final = "< 512 MB"
_patience: Final = 120.0
_callers: Final = 4
# What the image of each service sets (docker/*.Dockerfile), but for the address: a trial stays on this machine.
_image: Final[dict[str, str]] = {"HOST": "127.0.0.1", "WEB_CONCURRENCY": "1", "ALLOW_ANONYMOUS": "true"}
_pages: Final = ("/", "/comparison", "/import", "/drift", "/documentation")
_decided: Final = "return !!document.querySelector('#scoring-banner .verdict-word')"
_compared: Final = "return document.querySelectorAll('.comparison .js-plotly-plot .main-svg').length >= 3"


@dataclass
class Watch:
    """The memory of a process and of all below it, in MB (10^6 bytes); `most` since the start."""

    process: psutil.Process
    most: float = 0.0
    at_rest: float = 0.0
    _ended: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        """Looks until `end`."""
        while not self._ended.wait(0.05):
            self.most = max(self.most, self.now())

    def now(self) -> float:
        """What is resident of all processes, added up."""
        total = 0.0
        with suppress(psutil.Error):
            for each in (self.process, *self.process.children(recursive=True)):
                with suppress(psutil.Error):
                    total += megabytes(each)
        return total

    def end(self) -> None:
        """Ends `look`."""
        self._ended.set()


@dataclass(frozen=True, slots=True)
class Service:
    """A service that runs: where, watched from its start, and how long it took to answer its probe."""

    url: str
    watch: Watch
    ready_seconds: float


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark and returns 0; whether a goal is met is for the reader to judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of load on each service (default: 60)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    namespace = parser.parse_args(arguments)
    figures = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for service, load in (("api", _load_api), ("mlflow", _load_mlflow)):
            with _running(service, folder) as running:
                asked = load(running, namespace.seconds)
                figures += _figures(service, running, asked)
        with _running("api", folder) as api, _running("dashboard", folder, API_URL=api.url) as running:
            clients = [client["client_id"] for client in _json(f"{api.url}/clients?limit=4")["clients"]]
            asked = _load_dashboard(running, namespace.seconds, clients)
            # From here on it answers from its own model, which it loads by then.
            api.watch.process.terminate()
            asked += _load_dashboard(running, namespace.seconds / 2, clients)
            figures += _figures("dashboard", running, asked)
    report("Memory of the three services as their images run them, start included", figures, namespace.json)
    return 0


def _figures(service: str, running: Service, asked: int) -> list[Figure]:
    title, watch = services.service(service).title, running.watch
    return [
        Figure(f"{title}: most, from its start to the end of the load", f"{watch.most:.0f} MB", _free_plan),
        Figure(f"{title}: once ready", f"{watch.at_rest:.0f} MB"),
        Figure(f"{title}: at the end", f"{watch.now():.0f} MB"),
        Figure(f"{title}: until its probe was answered", f"{running.ready_seconds:.1f} s"),
        Figure(f"{title}: requests, probes among them; all answered", f"{asked:,}"),
    ]


@contextmanager
def _running(service: str, folder: Path, **variables: str) -> Iterator[Service]:
    """A service as its image starts it; stopped at the end as a platform does. Raises `RuntimeError`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ours = {
        "AUDIT_FILE": str(folder / "audit.db"),
        "JOBS_DIR": str(folder / "jobs"),
        "MLRUNS_DIR": str(folder / "runs"),
    }
    if service == "mlflow":
        _copy_store(folder / "runs")
    environment = os.environ | ours | _image | variables | {"PORT": str(port)}
    with tempfile.TemporaryFile() as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "runtime.serve", service], cwd=root, env=environment, stdout=log, stderr=log
        )
        watch = Watch(psutil.Process(process.pid))
        looking = threading.Thread(target=watch.look, daemon=True)
        looking.start()
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(process, url)
            ready = time.perf_counter() - began
            watch.at_rest = watch.now()
            yield Service(url, watch, ready)
        finally:
            watch.end()
            looking.join()
            process.terminate()
            process.wait(_patience)


def _copy_store(folder: Path) -> None:
    """The shipped runs, as they are in the image: what is logged to it does not reach the checkout."""
    shutil.copytree(root / "mlruns", folder, dirs_exist_ok=True)


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + _patience
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"it stopped with exit code {process.returncode}")
        with suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.02)
    raise RuntimeError(f"it did not answer within {_patience:.0f} s")


def _load_api(api: Service, seconds: float) -> int:
    whole = json.dumps({"features": example_features}).encode()
    batch = json.dumps({"clients": [example_features] * 1000}).encode()
    clients = [each["client_id"] for each in _json(f"{api.url}/clients?limit=50")["clients"]]
    draw = demo.draw_applications(20_000, 5, "test").write_csv().encode()
    number = iter(range(10**9))

    def ask() -> list[tuple[str, bytes | None]]:
        turn = next(number)
        client = clients[turn % len(clients)]
        asked: list[tuple[str, bytes | None]] = [
            ("/health", None),
            ("/predict", whole),
            ("/predict/explain", whole),
            (f"/clients/{client}", None),
            (f"/clients/{client}/history", None),
            (f"/clients/{client}/comparison?features=CREDIT_INCOME_RATIO&group=similar", None),
            ("/clients?limit=100", None),
            ("/comparison?lang=fr", json.dumps({"features": example_features}).encode()),
            ("/simulate", json.dumps({"features": example_features, "changes": {"AMT_CREDIT": 400000}}).encode()),
            ("/recourse", whole),
            ("/model/evaluation", None),
            ("/data/describe", None),
            ("/metrics", None),
        ]
        if turn % 5 == 0:
            asked.append(("/predict/batch", batch))
        if turn % 50 == 0:
            asked.append(("/jobs?filename=applications.csv", draw))
        return asked

    return _call(api.url, ask, seconds)


def _load_mlflow(mlflow: Service, seconds: float) -> int:
    api = "/api/2.0/mlflow"
    found = _json(f"{mlflow.url}{api}/runs/search", {"experiment_ids": ["1", "0"]})
    runs = [each["info"]["run_id"] for each in found.get("runs", ())]
    number = iter(range(10**9))

    def ask() -> list[tuple[str, bytes | None]]:
        run = runs[next(number) % len(runs)]
        metric = {"run_id": run, "key": "load", "value": 1.0, "timestamp": int(time.time() * 1000), "step": 0}
        return [
            ("/health", None),
            ("/", None),
            (f"{api}/experiments/search", json.dumps({"max_results": 100}).encode()),
            (f"{api}/runs/search", json.dumps({"experiment_ids": ["0", "1"]}).encode()),
            (f"{api}/runs/get?run_id={run}", None),
            (f"{api}/artifacts/list?run_id={run}", None),
            (f"{api}/registered-models/search", None),
            (f"{api}/registered-models/alias?name=home_credit_model&alias=champion", None),
            (f"{api}/runs/log-metric", json.dumps(metric).encode()),
        ]

    return _call(mlflow.url, ask, seconds)


def _load_dashboard(dashboard: Service, seconds: float, clients: list[int]) -> int:
    """Readers in Chromium who open pages and clients, and others who fetch pages meanwhile."""
    asked = 0
    ended = threading.Event()

    def ask() -> list[tuple[str, bytes | None]]:
        return [("/health", None), ("/", None), ("/_dash-layout", None), ("/_dash-dependencies", None)]

    def fetch() -> None:
        nonlocal asked
        while not ended.is_set():
            asked += _call(dashboard.url, ask, 1.0, callers=1)

    fetching = threading.Thread(target=fetch)
    fetching.start()
    try:
        with browser() as driver:
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                asked += _walk(driver, dashboard.url, clients)
    finally:
        ended.set()
        fetching.join()
    return asked


def _walk(driver: Any, url: str, clients: list[int]) -> int:
    """One reader through all pages and a few clients."""
    for page in _pages:
        driver.get(url + page)
        _until(driver, "return !!document.querySelector('main')")
    for client in clients:
        driver.get(f"{url}/?client={client}")
        _until(driver, _decided)
        driver.get(f"{url}/comparison?client={client}")
        _until(driver, _compared)
    return len(_pages) + 2 * len(clients)


def _until(driver: Any, ready: str) -> None:
    deadline = time.monotonic() + _patience
    while not driver.execute_script(ready):
        if time.monotonic() > deadline:
            raise RuntimeError(f"the page did not come to: {ready}")
        time.sleep(0.05)


def _call(url: str, ask: Callable[[], list[tuple[str, bytes | None]]], seconds: float, callers: int = _callers) -> int:
    """Callers that send one request after another. Returns how many; raises `RuntimeError` for an answer of 400 on."""
    counts = [0] * callers
    failures: list[str] = []
    deadline = time.monotonic() + seconds
    host = url.removeprefix("http://")

    def work(number: int) -> None:
        with closing(http.client.HTTPConnection(host, timeout=_patience)) as connection:
            while time.monotonic() < deadline and not failures:
                for path, body in ask():
                    kind = "text/csv" if path.startswith("/jobs") else "application/json"
                    headers = {"Content-Type": kind, "Accept": "application/json, text/html"}
                    connection.request("POST" if body else "GET", path, body, headers)
                    answer = connection.getresponse()
                    content = answer.read()
                    if answer.status >= 400:
                        failures.append(f"{path} answered {answer.status}: {content[:300]!r}")
                        return
                    counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(failures[0])
    return sum(counts)


def _json(url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=_patience) as answer:
        return json.load(answer)


if __name__ == "__main__":
    raise SystemExit(main())
