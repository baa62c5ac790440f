"""The dashboard as gunicorn serves it: readers at once from the start, a file that takes its time, and a soon end."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest

from runtime import services

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What gunicorn takes for a worker that hangs, and how long the file below takes. An idle worker shows itself once a
# second: held to one second, it would be taken for one that hangs as soon as it got no core for a moment.
_timeout, _drawn_out = 3, 7


@pytest.fixture
def served(tmp_path: Path, models_dir: Path, portfolio_dir: Path) -> Iterator[int]:
    """The port of a dashboard that has only just begun to listen."""
    with socket.socket() as probe:
        probe.bind((services.loopback, 0))
        port: int = probe.getsockname()[1]
    command = services.service_command("dashboard", services.loopback, port)
    command[command.index("--timeout") + 1] = str(_timeout)
    command[command.index("--graceful-timeout") + 1] = "600"
    chosen = {"MODELS_DIR": str(models_dir), "DATA_DIR": str(portfolio_dir.parent)}
    environment = services.service_environment(os.environ | chosen, {"api": "http://127.0.0.1:9"})
    log = tmp_path / "log"
    with log.open("wb") as file:
        process = subprocess.Popen([sys.executable, *command], cwd=services.root, env=environment, stderr=file)
    try:
        while not _listens(port):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.02)
        yield port
        assert "WORKER TIMEOUT" not in log.read_text(encoding="utf-8")
    finally:
        process.terminate()
        try:
            # Far sooner than it would be made to.
            process.wait(timeout=120)
        finally:
            process.kill()


def _listens(port: int) -> bool:
    try:
        socket.create_connection((services.loopback, port), timeout=1).close()
    except OSError:
        return False
    return True


def _link(port: int) -> socket.socket:
    return socket.create_connection((services.loopback, port), timeout=60)


def _status(port: int, path: str) -> int:
    with closing(http.client.HTTPConnection(services.loopback, port, timeout=60)) as link:
        link.request("GET", path)
        return link.getresponse().status


@pytest.fixture
def kept() -> Iterator[list[http.client.HTTPConnection]]:
    """Connections that are left open until the dashboard has ended, as browsers leave them."""
    connections: list[http.client.HTTPConnection] = []
    yield connections
    for connection in connections:
        connection.close()


def test_connections_that_browsers_keep_do_not_hold_up_its_end(
    kept: list[http.client.HTTPConnection], served: int
) -> None:
    for _ in range(3):
        link = http.client.HTTPConnection(services.loopback, served, timeout=60)
        link.request("GET", "/health")
        answer = link.getresponse()
        assert (answer.status, answer.will_close) == (200, False)
        answer.read()
        kept.append(link)


def test_readers_at_once_and_slow_ones_all_have_their_answer(served: int) -> None:
    # Dash gathers its callbacks at the first request; these come at once, and before the worker has loaded.
    paths = ["/", "/_dash-layout", "/_dash-dependencies", "/drift"] * 6
    with ThreadPoolExecutor(len(paths)) as readers:
        assert set(readers.map(_status, [served] * len(paths), paths)) == {200}
    with ExitStack() as stack:
        # Many more than there are threads, none of which ever sends its body.
        slow = [stack.enter_context(_link(served)) for _ in range(40)]
        head = b"POST /_dash-update-component HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n"
        for link in slow:
            link.sendall(head + b"Origin: http://elsewhere.example\r\n\r\n")
        awaited = [stack.enter_context(_link(served)) for _ in range(40)]
        for link in awaited:
            link.sendall(head + b"\r\n{")
        with ThreadPoolExecutor(4) as readers:
            assert set(readers.map(_status, [served] * len(paths), paths)) == {200}
        assert {link.recv(12) for link in slow} == {b"HTTP/1.1 403"}, "told before their bodies"
    with closing(_link(served)) as file:
        steps = 20
        file.sendall(f"POST /imports HTTP/1.1\r\nHost: localhost\r\nContent-Length: {steps}\r\n\r\n".encode())
        for _ in range(steps):
            file.sendall(b"x")
            time.sleep(_drawn_out / steps)
            assert _status(served, "/health") == 200
        assert file.recv(64).startswith(b"HTTP/1.1 403 "), "it did not come from the page, and is told so"
