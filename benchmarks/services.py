"""The API and its worker as they run in production, on a port and in a folder of their own, to be measured."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from core.settings import root

if TYPE_CHECKING:
    from collections.abc import Iterator

_patience: Final = 60.0


@dataclass(frozen=True, slots=True)
class Api:
    """A running API.

    Attributes:
        process: gunicorn's arbiter.
        port: where it listens on 127.0.0.1.
        ready_seconds: from its start to its first answer.
        log: the file that gets what it says.
    """

    process: subprocess.Popen[bytes]
    port: int
    ready_seconds: float
    log: Path

    def workers(self) -> list[psutil.Process]:
        """The processes that answer."""
        found: list[psutil.Process] = psutil.Process(self.process.pid).children()
        return found


def service_environment(folder: Path, port: int = 0, workers: int = 1) -> dict[str, str]:
    """What the services are told: to record and keep files in a folder of the run's own, and to limit nobody."""
    ours = {"AUDIT_FILE": str(folder / "audit.db"), "JOBS_DIR": str(folder / "jobs"), "RATE_LIMIT": "off"}
    return os.environ | ours | {"HOST": "127.0.0.1", "PORT": str(port), "WEB_CONCURRENCY": str(workers)}


@contextmanager
def running_api(
    folder: Path, workers: int = 1, *, tree: Path = root, python: str = sys.executable, **variables: str
) -> Iterator[Api]:
    """The API through gunicorn; stopped at the end.

    Args:
        folder: gets its audit database, its jobs and its log.
        tree: the checkout that it is of.
        python: the interpreter of its environment.
        variables: of its environment, beyond what `service_environment` says.

    Raises:
        RuntimeError: it does not start, or has no model.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Earlier revisions have it elsewhere.
    places = ("api/http/gunicorn_conf.py", "api/gunicorn_conf.py")
    configuration = next(place for place in places if (tree / place).is_file())
    command = [python, "-m", "gunicorn", "-c", configuration]
    path = folder / "api.log"
    with path.open("wb") as log:
        began = time.perf_counter()
        environment = service_environment(folder, port, workers) | variables
        process = subprocess.Popen(command, cwd=tree, env=environment, stdout=log, stderr=log)
        try:
            _wait(process, port)
            yield Api(process, port, time.perf_counter() - began, path)
        finally:
            process.terminate()
            process.wait(_patience)


@contextmanager
def running_worker(
    folder: Path, *, tree: Path = root, python: str = sys.executable, **variables: str
) -> Iterator[psutil.Process]:
    """The worker that scores files; stopped at the end. Arguments as those of `running_api`."""
    with tempfile.TemporaryFile() as log:
        # Earlier revisions have it elsewhere.
        package = "commands" if (tree / "commands").is_dir() else "core"
        command = [python, "-m", package, "worker"]
        environment = service_environment(folder) | variables
        process = subprocess.Popen(command, cwd=tree, env=environment, stdout=log, stderr=log)
        try:
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(_patience)


def megabytes(process: psutil.Process) -> float:
    """The memory that a process holds, in MB (10^6 bytes)."""
    return float(process.memory_info().rss) / 1e6


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _patience
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the API stopped with exit code {process.returncode}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health")
            answer = json.loads(connection.getresponse().read())
        except OSError:
            time.sleep(0.01)
            continue
        finally:
            connection.close()
        if answer["status"] != "healthy":
            raise RuntimeError(f"the API has no model to answer from: {answer['detail']}")
        return
    raise RuntimeError(f"the API did not answer within {_patience:.0f} s")
