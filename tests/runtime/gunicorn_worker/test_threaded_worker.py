"""A thread that has answered: whether it takes what follows on the connection, or leaves it to the first thread."""

from __future__ import annotations

import logging
import os
import selectors
import socket
from concurrent.futures import Future
from typing import TYPE_CHECKING

import pytest
from gunicorn.config import Config  # type: ignore[import-untyped]

from runtime.gunicorn_worker.client_connection import Connection, Step
from runtime.gunicorn_worker.threaded_worker import ThreadedWorker

if TYPE_CHECKING:
    from collections.abc import Iterator

sent = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"


@pytest.fixture
def worker(request: pytest.FixtureRequest) -> Iterator[ThreadedWorker]:
    """A worker of four threads, or of as many as a test says."""
    cfg = Config()
    cfg.set("threads", getattr(request, "param", 4))
    worker = ThreadedWorker(1, os.getpid(), [], None, 30, cfg, logging.getLogger(__name__))
    yield worker
    worker.tmp.close()


@pytest.fixture
def client() -> Iterator[tuple[Connection, socket.socket]]:
    """A connection that was just answered, and the client's end of it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0)
        yield Connection(Config(), ours, ("127.0.0.1", 1), ("127.0.0.1", 2)), theirs


def test_it_takes_what_is_there_whole(worker: ThreadedWorker, client: tuple[Connection, socket.socket]) -> None:
    connection, link = client
    for _ in range(3):
        link.sendall(sent)
        assert worker._is_followed(connection)
        assert (connection.step, connection.incoming.body().read()) == (Step.answer, b"body")


@pytest.mark.parametrize("part", [sent[:9], sent[:-2], sent.replace(b"Host", b"Expect: 100-continue\r\nHost")])
def test_it_leaves_what_is_not_whole_or_asks_first(
    worker: ThreadedWorker, client: tuple[Connection, socket.socket], part: bytes
) -> None:
    connection, link = client
    link.sendall(part if b"Expect" not in part else part[:-4])
    assert not worker._is_followed(connection)
    assert (connection.step, connection.incoming.has_begun) == (Step.begun, True)


def test_it_waits_for_nobody_where_a_request_has_no_thread(
    worker: ThreadedWorker, client: tuple[Connection, socket.socket]
) -> None:
    connection, link = client
    link.sendall(sent)
    worker._without_a_thread.add(Connection(Config(), link, ("127.0.0.1", 3), ("127.0.0.1", 2)))
    assert not worker._is_followed(connection)
    # The request is still to be read.
    assert (connection.step, connection.incoming.receive()) == (Step.answer, sent)


def test_a_quarter_of_the_threads_wait_at_most(
    worker: ThreadedWorker, client: tuple[Connection, socket.socket]
) -> None:
    connection, link = client
    link.sendall(sent)
    with worker._following._may_wait:
        assert not worker._is_followed(connection)
    assert worker._is_followed(connection)


@pytest.mark.parametrize("worker", [1, 3], indirect=True)
def test_none_of_few_threads_waits(worker: ThreadedWorker, client: tuple[Connection, socket.socket]) -> None:
    connection, link = client
    link.sendall(sent)
    assert not worker._is_followed(connection)


def test_it_waits_for_nobody_once_the_worker_is_to_stop(
    worker: ThreadedWorker, client: tuple[Connection, socket.socket]
) -> None:
    connection, link = client
    link.sendall(sent)
    worker.alive = False
    assert not worker._is_followed(connection)


def test_what_it_takes_in_of_a_body_counts_as_held_until_it_is_answered(
    worker: ThreadedWorker, client: tuple[Connection, socket.socket]
) -> None:
    """Else a thousand callers could each leave megabytes, beyond the bound of all bodies together."""
    connection, link = client
    head, done = sent.replace(b"4\r\n\r\nbody", b"150000\r\n\r\n"), Future[bool]()
    done.set_result(True)
    with selectors.DefaultSelector() as worker.poller:
        worker.nr_conns = 1
        link.sendall(head + bytes(100_000))
        assert not worker._is_followed(connection)
        worker.finish_request(connection, done)
        assert worker._held_bytes == 100_000
        worker._drop(connection)
    assert worker._held_bytes == 0
