"""The API as it is deployed, for a test: gunicorn with its workers on a port of its own, and ways to talk to it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from core.settings import root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

patience = 60


@dataclass(frozen=True)
class Answer:
    """What came back, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Running:
    """A server that runs."""

    process: subprocess.Popen[bytes]
    port: int
    log_path: Path

    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8")

    def lines(self) -> list[dict[str, Any]]:
        """The lines of the log as far as they are complete."""
        return [json.loads(line) for line in self.log().splitlines(keepends=True) if line.endswith("\n")]

    def workers(self) -> set[int]:
        """The process ids of the workers."""
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return {int(each) for each in listed.stdout.split()}

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """One request on a connection of its own."""
        with closing(self.connection()) as connection:
            return ask(connection, method, path, body, **headers)

    def connection(self) -> http.client.HTTPConnection:
        """A connection that is open, for one request after another."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        connection.connect()
        return connection

    def raw(self, data: bytes) -> bytes:
        """Sends bytes, and reads until the server closes."""
        with self.link() as link:
            link.sendall(data)
            parts = []
            while part := link.recv(65536):
                parts.append(part)
        return b"".join(parts)

    @contextmanager
    def spread(self, count: int) -> Iterator[list[http.client.HTTPConnection]]:
        """That many open connections, of which each worker holds some.

        One may still be loading when the other answers: until it takes its share, the oldest connection makes way for a
        new one. Were all kept, the first would be closed by then, as nothing was asked on it for half a minute.
        """
        with ExitStack() as stack:
            links = [stack.enter_context(closing(self.connection())) for _ in range(count)]
            deadline = time.monotonic() + patience
            while not all(self.held(worker, links) for worker in self.workers()):
                assert time.monotonic() < deadline, "one worker takes all connections"
                links.pop(0).close()
                time.sleep(0.02)
                links.append(stack.enter_context(closing(self.connection())))
            yield links

    @staticmethod
    def held(worker: int, links: Sequence[http.client.HTTPConnection | socket.socket]) -> int:
        """How many of these connections a worker holds."""
        ours = {
            (link.sock if isinstance(link, http.client.HTTPConnection) else link).getsockname()[1] for link in links
        }
        return sum(
            connection.raddr[1] in ours for connection in psutil.Process(worker).net_connections() if connection.raddr
        )

    def link(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=patience)


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: object = None, **headers: str) -> Answer:
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    kind = {"Content-Type": "application/json"} if data is not None else {}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, data, kind | named)
    answer = connection.getresponse()
    return Answer(answer.status, dict(answer.headers), answer.read())


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[Running]:
    """A server with those settings; its log is in `folder`. Stopped at the end, and then nothing is left of it."""
    with start(folder, **environment) as server:
        try:
            wait(server)
            yield server
        finally:
            server.process.terminate()
            stopped = server.process.wait(patience)
    assert stopped == 0, server.log()
    with socket.socket() as probe:
        # No worker is left behind that listens.
        assert probe.connect_ex(("127.0.0.1", server.port)) != 0


@contextmanager
def start(folder: Path, *arguments: str, **environment: str) -> Iterator[Running]:
    """Starts a server and does not wait for it; it is killed at the end where it still runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    defaults = {"HOST": "127.0.0.1", "PORT": str(port), "WEB_CONCURRENCY": "2", "LOG_FORMAT": "json"}
    log_path = folder / "log"
    with (
        log_path.open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "api/http/gunicorn_conf.py", *arguments],
            cwd=root,
            env=os.environ | defaults | environment,
            stdout=log,
            stderr=log,
        ) as process,
    ):
        try:
            yield Running(process, port, log_path)
        finally:
            if process.poll() is None:
                process.kill()


def wait(server: Running) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        assert server.process.poll() is None, server.log()
        try:
            answer = server.ask("GET", "/health")
        except OSError:
            time.sleep(0.05)
        else:
            assert answer.status == 200
            return
    pytest.fail(server.log())
