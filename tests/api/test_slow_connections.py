"""Slow clients: who may not ask is told before the body, who may is waited for without a thread, and not for ever."""

from __future__ import annotations

import http.client
import json
import select
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from api.openapi.examples import features
from core.access.keys import digest
from runtime.gunicorn_worker import incoming
from tests.api.running import Running, patience, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.portfolio.clients import Portfolio
    from tests.api.conftest import Links

key = "a-key-of-this-test"
body = json.dumps({"features": features}).encode()
large = 90_000_000
max_connections = 120


@pytest.fixture(scope="module")
def server(models_dir: Path, portfolio: Portfolio, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One worker that computes one request at a time: eight threads, of which four read large bodies."""
    folder = tmp_path_factory.mktemp("slow")
    settings = {
        "MODELS_DIR": str(models_dir),
        "DATA_DIR": str(portfolio.folder.parent),
        "JOBS_DIR": str(folder / "jobs"),
        "API_KEYS": f"till:{digest(key).hex()}",
        "RATE_LIMIT": "off",
        "WEB_CONCURRENCY": "1",
        "THREADS": "1",
        "GUNICORN_CMD_ARGS": f"--worker-connections {max_connections}",
    }
    with running(folder, **settings) as server:
        yield server
    assert [line for line in server.lines() if line["level"] in ("error", "critical")] == []


@pytest.fixture(autouse=True)
def predictions_go_on(server: Running) -> Iterator[None]:
    yield
    assert predicted(server) == 200


def predicted(server: Running) -> int:
    return server.ask("POST", "/predict", body, X_API_Key=key).status


def head(*headers: str, path: str = "/predict", secret: str | None = key, kind: str = "application/json") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {kind}", *headers]
    lines += [f"X-API-Key: {secret}"] if secret else []
    return "\r\n".join([*lines, "", ""]).encode()


def answered(link: socket.socket) -> tuple[int, http.client.HTTPMessage, bytes]:
    with http.client.HTTPResponse(link) as answer:
        answer.begin()
        return answer.status, answer.headers, answer.read()


@pytest.mark.parametrize(
    ("path", "framing"),
    [
        ("/predict", ("Content-Length: 500",)),
        ("/predict", (f"Content-Length: {large}",)),
        ("/predict", ("Transfer-Encoding: chunked",)),
        ("/predict", ("Content-Length: 500", "Expect: 100-continue")),
        ("/jobs", ("Content-Length: 500",)),
        ("/jobs", (f"Content-Length: {large}",)),
    ],
)
def test_who_shows_no_key_is_refused_before_the_body(
    server: Running, links: Links, path: str, framing: tuple[str, ...]
) -> None:
    """No byte of a body is ever sent. A server that waited for it would answer 408 in the end."""
    slow = links(20)
    for link in slow:
        link.sendall(head(*framing, path=path, secret=None))
    assert predicted(server) == 200
    assert {answered(link)[0] for link in slow} == {401}


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/health", 405), ("/predict", 413)])
def test_what_the_head_tells_is_told_before_the_body(links: Links, path: str, status: int) -> None:
    (link,) = links(1)
    link.sendall(head(f"Content-Length: {large}", path=path))
    assert answered(link)[0] == status


def test_a_client_that_asks_before_it_sends_is_told_to_go_on(links: Links) -> None:
    (link,) = links(1)
    link.sendall(head(f"Content-Length: {len(body)}", "Expect: 100-continue"))
    expected = b"HTTP/1.1 100 Continue\r\n\r\n"
    assert link.recv(len(expected), socket.MSG_WAITALL) == expected
    link.sendall(body)
    # Nor is it told twice.
    assert answered(link)[0] == 200


def test_a_large_body_comes_whole_however_it_is_cut(links: Links) -> None:
    """A megabyte and a half: more than is held in memory, less than a stream."""
    padded = json.dumps({"features": features, "note": "x" * 1_500_000}).encode()
    (link,) = links(1)
    link.sendall(head(f"Content-Length: {len(padded)}"))
    for start in range(0, len(padded), 170_001):
        link.sendall(padded[start : start + 170_001])
    status, _, content = answered(link)
    assert (status, json.loads(content)["client_id"]) == (200, features["SK_ID_CURR"])


def test_requests_sent_at_once_are_answered_one_after_the_other(links: Links) -> None:
    (link,) = links(1)
    one = head(f"Content-Length: {len(body)}") + body
    link.sendall(one + one + b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" + one[:-7])
    link.sendall(one[-7:])
    with link.makefile("rb") as stream:
        found = []
        for _ in range(4):
            found.append(stream.readline().split()[1])
            sizes = [
                int(line[16:]) for line in iter(stream.readline, b"\r\n") if line[:15].lower() == b"content-length:"
            ]
            json.loads(stream.read(sizes[0]))
    assert found == [b"200"] * 4


def test_large_files_that_do_not_come_keep_half_of_the_threads_at_most(server: Running, links: Links) -> None:
    slow = links(6)
    for link in slow:
        link.sendall(head(f"Content-Length: {large}", path="/jobs?lang=fr", kind="text/csv") + b"SK_ID_CURR")
    began = time.monotonic()
    predictions = 0
    answers: list[tuple[int, http.client.HTTPMessage, bytes]] = []
    while predictions < 20 or len(answers) < 2:
        assert time.monotonic() < began + patience, "nobody is told to come back"
        assert predicted(server) == 200
        predictions += 1
        for link in select.select(slow, [], [], 0.1)[0]:
            answers.append(answered(link))
            slow.remove(link)
        if time.monotonic() - began > incoming.patience / 2:
            # On a slow machine those that are read would be given up, and make room, before the others are.
            for link in slow:
                with suppress(BlockingIOError):
                    link.send(b"1\n" * 10_000, socket.MSG_DONTWAIT)
    # Four are read; two wait for their turn, and are told to come back.
    assert [status for status, _, _ in answers] == [503] * 2
    answers += [answered(link) for link in slow]
    # The four are too slow in the end.
    assert [status for status, _, _ in answers] == [503] * 2 + [408] * 4
    for status, headers, content in answers:
        problem = json.loads(content)
        assert problem["type"] == f"/problems/{'too-slow' if status == 408 else 'uploads-busy'}"
        assert ("Retry-After" in headers) == (status == 503)


def test_connections_that_say_nothing_make_room_for_those_that_do(server: Running, links: Links) -> None:
    links(max_connections + 40)
    assert predicted(server) == 200


def test_a_request_counts_once_whether_its_body_is_late_or_not(
    models_dir: Path, portfolio: Portfolio, tmp_path: Path
) -> None:
    settings = {"MODELS_DIR": str(models_dir), "DATA_DIR": str(portfolio.folder.parent), "WEB_CONCURRENCY": "1"}
    settings |= {"API_KEYS": f"till:{digest(key).hex()}", "RATE_LIMIT": "3/hour"}
    with running(tmp_path, **settings) as server:
        for _ in range(3):
            with server.link() as link:
                link.sendall(head(f"Content-Length: {len(body)}", "Expect: 100-continue"))
                # It was asked about its head alone.
                assert link.recv(25, socket.MSG_WAITALL).endswith(b"\r\n\r\n")
                link.sendall(body)
                assert answered(link)[0] == 200
        with server.link() as link:
            link.sendall(head("Content-Length: 500"))
            status, headers, _ = answered(link)
            assert (status, "Retry-After" in headers) == (429, True)


def test_requests_that_come_before_the_answer_are_answered_in_turn(server: Running, links: Links) -> None:
    (link,) = links(1)
    many = json.dumps({"clients": [features] * 300}).encode()
    with link.makefile("rb") as answers:
        for number in range(5):
            one = json.dumps({"features": features | {"SK_ID_CURR": number + 1}}).encode()
            link.sendall(head(f"Content-Length: {len(many)}", path="/predict/batch") + many)
            # While a thread has the connection, whose next request the worker sees and leaves for later.
            time.sleep(0.01 * number)
            link.sendall(head(f"Content-Length: {len(one)}") + one)
            for name, value in (("total_clients", 300), ("client_id", number + 1)):
                assert answers.readline().split()[1] == b"200"
                length = http.client.parse_headers(answers)["Content-Length"]
                assert json.loads(answers.read(int(length)))[name] == value
