"""A stop and a reload under requests: who was let in is answered and recorded, who comes later is refused at once."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from api.openapi.examples import features
from tests.api.running import Running, ask, patience, start, wait

if TYPE_CHECKING:
    from pathlib import Path

    from core.portfolio.clients import Portfolio

application = {"features": features}


def keep_asking(server: Running, name: str, stopping: threading.Event) -> list[str]:
    """Predictions on one connection as long as it is kept, then on another; ends when no other is let in.

    Returns the ids of the requests. Any that is not answered 200 is an error, which its future raises.
    """
    answered: list[str] = []
    while True:
        try:
            connection = server.connection()
        except ConnectionRefusedError:
            assert stopping.is_set()
            return answered
        with closing(connection):
            kept = True
            while kept:
                request_id = f"{name}-{len(answered):06}"
                answer = ask(connection, "POST", "/predict", application, X_Request_ID=request_id)
                assert answer.status == 200, answer.body
                answered.append(request_id)
                kept = answer.headers.get("Connection", "").lower() != "close"


def recorded(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [line[0] for line in connection.execute("SELECT request_id FROM predictions")]


def test_no_request_is_lost_by_a_reload_and_a_stop(models_dir: Path, portfolio: Portfolio, tmp_path: Path) -> None:
    audit = tmp_path / "audit.db"
    settings = {"MODELS_DIR": str(models_dir), "DATA_DIR": str(portfolio.folder.parent), "AUDIT_FILE": str(audit)}
    # One worker: nobody else steps in for it.
    settings["WEB_CONCURRENCY"] = "1"
    stopping = threading.Event()
    body = json.dumps(application).encode()
    head = (
        "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-Request-ID: slow-request\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with start(tmp_path, **settings) as server, ThreadPoolExecutor() as pool:
        wait(server)
        callers = [pool.submit(keep_asking, server, f"caller-{number}", stopping) for number in range(4)]
        before = server.workers()
        server.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + patience
        while before & server.workers() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not before & server.workers()
        with server.link() as slow:
            slow.sendall(head.encode() + body[:20])
            # Until it is read: of what a worker has not seen yet, nothing is under way.
            time.sleep(0.5)
            stopping.set()
            server.process.terminate()
            answered = [request_id for caller in callers for request_id in caller.result(patience)]
            # Nobody else is let in, and the one that is under way is still waited for.
            with socket.socket() as late:
                assert late.connect_ex(("127.0.0.1", server.port)) != 0
            assert server.process.poll() is None
            slow.sendall(body[20:])
            with http.client.HTTPResponse(slow) as answer:
                answer.begin()
                assert (answer.status, json.loads(answer.read())["client_id"]) == (200, features["SK_ID_CURR"])
                assert answer.headers["Connection"] == "close"
        assert server.process.wait(patience) == 0
    assert len(answered) > len(callers)
    assert sorted(recorded(audit)) == sorted([*answered, "slow-request"])
    assert not [line for line in server.lines() if line["level"] in ("error", "critical")]


def test_a_stop_waits_for_requests_and_not_for_idle_connections(
    models_dir: Path, portfolio: Portfolio, tmp_path: Path
) -> None:
    body = json.dumps(application).encode()
    lines = (
        "POST /predict HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    # So long that a stop that waits to the end is seen.
    settings = {"MODELS_DIR": str(models_dir), "DATA_DIR": str(portfolio.folder.parent), "WEB_CONCURRENCY": "1"}
    with start(tmp_path, "--graceful-timeout", "1000", **settings) as server:
        wait(server)
        with ExitStack() as stack:
            kept = [stack.enter_context(closing(server.connection())) for _ in range(6)]
            assert [ask(each, "GET", "/health").status for each in kept] == [200] * 6
            silent = [stack.enter_context(server.link()) for _ in range(6)]
            halfway = [stack.enter_context(server.link()) for _ in range(6)]
            for link in halfway:
                link.sendall("\r\n".join((*lines, "", "")).encode() + body[:20])
            # Until they are read: a worker that has not seen them yet owes them nothing.
            assert server.ask("GET", "/health").status == 200
            time.sleep(0.5)
            server.process.terminate()
            time.sleep(0.5)
            assert server.process.poll() is None
            for link in halfway:
                link.sendall(body[20:])
                with http.client.HTTPResponse(link) as answer:
                    answer.begin()
                    assert (answer.status, json.loads(answer.read())["client_id"]) == (200, features["SK_ID_CURR"])
            assert server.process.wait(patience) == 0
            assert [each.recv(1) for each in silent] == [b""] * 6
    assert "Traceback" not in server.log()
    assert not [line for line in server.lines() if line["level"] in ("error", "critical")]
