"""Requests that follow on a connection: each gets its own answer, however it comes, and keeps no thread."""

from __future__ import annotations

import json
import socket
import time
from random import Random
from typing import TYPE_CHECKING

import psutil
import pytest

from api.openapi.examples import features
from tests.api.running import Running, patience, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader
    from pathlib import Path

    from core.portfolio.clients import Portfolio
    from tests.api.conftest import Links

health = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def server(models_dir: Path, portfolio: Portfolio, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One worker that computes one request at a time, with eight threads."""
    settings = {
        "MODELS_DIR": str(models_dir),
        "DATA_DIR": str(portfolio.folder.parent),
        "RATE_LIMIT": "off",
        "WEB_CONCURRENCY": "1",
        "THREADS": "1",
    }
    with running(tmp_path_factory.mktemp("follow"), **settings) as server:
        yield server
    assert [line for line in server.lines() if line["level"] in ("error", "critical")] == []


def prediction(number: int, framing: str = "") -> tuple[bytes, bytes]:
    """Head and body of a request about client `number`; with `framing` in place of its length."""
    body = json.dumps({"features": features | {"SK_ID_CURR": number}}).encode()
    framing = framing or f"Content-Length: {len(body)}"
    head = f"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{framing}\r\n\r\n"
    return head.encode(), body


def answer(stream: BufferedReader) -> tuple[int, dict[str, str], bytes]:
    """The next answer on a connection that is kept."""
    status = int(stream.readline().split()[1])
    lines = iter(stream.readline, b"\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.decode().partition(":") for line in lines)}
    return status, headers, stream.read(int(headers.get("content-length", 0)))


def send(link: socket.socket, data: bytes, random: Random) -> None:
    """Sends in up to four parts; between them nothing, or as long as a thread waits, or longer."""
    cuts = sorted(random.sample(range(1, len(data)), random.randrange(4)))
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        time.sleep(random.choice([0, 0, 0.001, 0.004, 0.07]))
        link.sendall(data[start:end])


@pytest.mark.parametrize("seed", range(8))
def test_each_request_gets_its_own_answer_however_it_comes(links: Links, seed: int) -> None:
    random = Random(seed)  # noqa: S311 (a test)
    (link,) = links(1)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with link.makefile("rb") as stream:
        for number in range(900_001, 900_013):
            kind = random.choice(["plain", "plain", "chunked", "asks", "health", "wrong"])
            if kind == "health":
                send(link, health, random)
                assert json.loads(answer(stream)[2])["status"] == "healthy"
                continue
            if kind == "wrong":
                # What was not read of a body is not taken for the next request.
                link.sendall(b"".join(prediction(number)).replace(b"POST /predict", b"POST /nothing"))
                assert answer(stream)[0] == 404
                continue
            head, body = prediction(number)
            if kind == "asks":
                head, body = prediction(number, f"Content-Length: {len(body)}\r\nExpect: 100-continue")
                send(link, head, random)
                assert answer(stream)[0] == 100
                send(link, body, random)
            else:
                send(link, head + body, random)
            status, _, content = answer(stream)
            assert (status, json.loads(content)["client_id"]) == (200, number)
        # Of a length that is not declared: whoever sends it so is answered last.
        head, body = prediction(900_001, "Transfer-Encoding: chunked")
        send(link, b"%b%x\r\n%b\r\n0\r\n\r\n" % (head, len(body), body), random)
        status, headers, content = answer(stream)
        assert (status, headers["connection"], json.loads(content)["client_id"]) == (200, "close", 900_001)


def test_a_follow_up_that_does_not_come_whole_keeps_no_thread(server: Running, links: Links) -> None:
    """More of them than there are threads, each with another part of what it sends."""
    slow = links(20)
    streams = [link.makefile("rb") for link in slow]
    left = []
    for number, (link, stream) in enumerate(zip(slow, streams, strict=True)):
        link.sendall(health)
        assert answer(stream)[0] == 200
        whole = b"".join(prediction(900_001 + number))
        part = 1 + number * (len(whole) - 2) // 19
        link.sendall(whole[:part])
        left.append(whole[part:])
    assert server.ask("GET", "/health").status == 200
    for number, (link, stream) in enumerate(zip(slow, streams, strict=True)):
        link.sendall(left[number])
        status, _, content = answer(stream)
        assert (status, json.loads(content)["client_id"]) == (200, 900_001 + number)
        stream.close()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", 431),
        (b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    ],
)
def test_a_follow_up_that_is_no_request_is_refused_and_ends_the_connection(
    links: Links, sent: bytes, status: int
) -> None:
    (link,) = links(1)
    with link.makefile("rb") as stream:
        link.sendall(health)
        assert answer(stream)[0] == 200
        link.sendall(sent)
        found, headers, _ = answer(stream)
        assert (found, headers["connection"]) == (status, "close")
        assert stream.read() == b""


@pytest.mark.parametrize("part", [b"", health[:20], b"".join(prediction(900_001))[:-9]])
def test_a_client_that_goes_away_after_an_answer_leaves_nothing(server: Running, links: Links, part: bytes) -> None:
    gone = links(20)
    ports = {link.getsockname()[1] for link in gone}
    for link in gone:
        link.sendall(health)
        with link.makefile("rb") as stream:
            assert answer(stream)[0] == 200
        link.sendall(part)
        link.close()
    (worker,) = map(psutil.Process, server.workers())
    deadline = time.monotonic() + patience
    while any(connection.raddr and connection.raddr[1] in ports for connection in worker.net_connections()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
