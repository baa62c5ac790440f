"""All three services, started together as `python3 run.py` does."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING

import psutil
import pytest

from runtime import services
from tests.e2e.conftest import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# In the environment that the tests run in, rather than in one that would first have to be installed.
start = """
import json, sys
from pathlib import Path
from launcher import services
from launcher.environment import Environment
class Prepared(Environment):
    python = Path(sys.executable)
    def prepare(self): pass
sys.exit(services.start_all("127.0.0.1", json.loads(sys.argv[1]), Prepared(Path(), Path(), Path())))
"""


@pytest.fixture
def ports() -> dict[str, int]:
    return {service.name: free_port() for service in services.services}


@pytest.fixture
def started(
    ports: dict[str, int], portfolio_dir: Path, portfolio_clients: int, tmp_path: Path
) -> Iterator[subprocess.Popen[str]]:
    ours = {
        "DATA_DIR": str(portfolio_dir.parent),
        "JOBS_DIR": str(tmp_path / "jobs"),
        "PORTFOLIO_CLIENTS": str(portfolio_clients),
        # As in every other journey: how many there are of a service is not what is seen here.
        "WEB_CONCURRENCY": "1",
    }
    front_door = subprocess.Popen(
        [sys.executable, "-c", start, json.dumps(ports)],
        cwd=services.root,
        env=os.environ | ours,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield front_door
    front_door.send_signal(signal.SIGTERM)
    front_door.wait()
    if front_door.stdout is not None:
        front_door.stdout.close()


def said_until_ready(front_door: subprocess.Popen[str]) -> str:
    assert front_door.stdout is not None
    said = ""
    for line in front_door.stdout:
        said += line
        if "Ready after" in line:
            return said
    raise AssertionError(said)


def status(port: int, path: str, host: str = "127.0.0.1") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Host": f"{host}:{port}"})
    found = connection.getresponse().status
    connection.close()
    return found


def sent(port: int, content: str) -> str:
    """The id of the job that a CSV file becomes."""
    address = f"http://127.0.0.1:{port}/jobs?name=clients.csv"
    request = urllib.request.Request(address, content.encode(), {"Content-Type": "text/csv"})
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - of our own service
        return str(json.load(answer)["id"])


def job_status(port: int, job: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/jobs/{job}") as answer:
        return str(json.load(answer)["status"])


# What stands in the line of each process, whatever gunicorn makes of it.
marks = {
    "api": "api.wsgi",
    "dashboard": "dash_app",
    "mlflow": "runtime.mlflow.server",
    "worker": "-m commands worker",
}


def numbers(started: subprocess.Popen[str]) -> dict[str, int]:
    """The process of each service."""
    children = {process.pid: " ".join(process.cmdline()) for process in psutil.Process(started.pid).children()}
    return {name: pid for name, mark in marks.items() for pid, line in children.items() if mark in line}


def test_all_start_answer_come_back_when_killed_and_stop(started: subprocess.Popen[str], ports: dict[str, int]) -> None:
    store = services.root / "mlruns" / "mlflow.db"
    before = hashlib.sha256(store.read_bytes()).hexdigest()
    said = said_until_ready(started)
    assert all(f"http://127.0.0.1:{port}\n" in said for port in ports.values())
    all_answer(ports)
    are_killed_and_come_back(started, ports)
    all_answer(ports)
    processes = psutil.Process(started.pid).children(recursive=True)
    assert len(processes) >= len(ports) + 1
    started.send_signal(signal.SIGINT)
    rest, _ = started.communicate()
    assert started.returncode == 0
    assert rest.endswith("All stopped.\n")
    assert [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []
    # Looking on does not write into the store, which is part of the repository.
    assert hashlib.sha256(store.read_bytes()).hexdigest() == before


def all_answer(ports: dict[str, int]) -> None:
    for host in ("127.0.0.1", "localhost"):
        assert status(ports["dashboard"], "/", host) == 200
        assert status(ports["mlflow"], "/", host) == 200
    assert status(ports["mlflow"], "/", "elsewhere.example") == 403
    with urllib.request.urlopen(f"http://127.0.0.1:{ports['api']}/health") as answer:
        assert json.load(answer)["status"] == "healthy"
    with urllib.request.urlopen(f"http://127.0.0.1:{ports['api']}/clients?limit=1") as answer:
        assert json.load(answer)["total"] > 0
    job = sent(ports["api"], "SK_ID_CURR,AMT_CREDIT\n100001,250000\n")
    while (found := job_status(ports["api"], job)) not in {"done", "failed"}:
        time.sleep(0.1)
    assert found == "done"


def are_killed_and_come_back(started: subprocess.Popen[str], ports: dict[str, int]) -> None:
    """All at once, and the front door stays."""
    first = numbers(started)
    assert set(first) == set(marks) == {*ports, "worker"}
    for pid in first.values():
        psutil.Process(pid).kill()
    assert started.stdout is not None
    back: set[str] = set()
    for line in started.stdout:
        title, _, rest = line.partition(" is back after ")
        back |= {title} if rest else set()
        if len(back) == len(marks):
            break
    assert back == {"Dashboard", "Scoring API", "MLflow", "Worker"}
    assert set(numbers(started)) == set(marks)
    assert not set(numbers(started).values()) & set(first.values())
