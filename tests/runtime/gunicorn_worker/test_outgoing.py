"""Answers to clients that do not take them in: a part waits without a thread, and nobody waits for ever."""

from __future__ import annotations

import io
import socket
from typing import TYPE_CHECKING

import pytest

from runtime.gunicorn_worker import outgoing
from runtime.gunicorn_worker.client_connection import Connection

if TYPE_CHECKING:
    from collections.abc import Iterator

# More than the system holds of what nobody reads, and less than waits here.
part = b"x" * 1_500_000


@pytest.fixture
def ends() -> Iterator[tuple[Connection, socket.socket]]:
    """A connection, and the client at its other end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0)
        theirs.settimeout(60)
        yield Connection(None, ours, "", ""), theirs


def test_what_nobody_takes_in_waits_and_keeps_no_thread(ends: tuple[Connection, socket.socket]) -> None:
    connection, client = ends
    connection.out.sendall(b"head")
    # Returns, though nobody reads.
    connection.out.sendall(part)
    assert connection.out.waiting_bytes > 0
    received = bytearray()
    while len(received) < len(part) + 4:
        received += client.recv(1_000_000)
        connection.out.push()
    assert bytes(received) == b"head" + part
    assert connection.out.waiting_bytes == 0


def test_head_and_body_go_together(ends: tuple[Connection, socket.socket]) -> None:
    connection, client = ends
    connection.out.sendall(b"head")
    client.settimeout(0)
    with pytest.raises(BlockingIOError):
        client.recv(1)
    connection.out.sendall(b"body")
    assert client.recv(8) == b"headbody"


def test_who_takes_in_too_little_of_a_long_answer_is_given_up(
    ends: tuple[Connection, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, _ = ends
    monkeypatch.setattr(outgoing, "patience", 0.0)
    out = Connection(None, connection.socket, "", "").out
    with pytest.raises(TimeoutError):
        out.sendfile(io.BytesIO(part * 10))


def test_a_file_is_sent_from_where_it_is_asked_for(ends: tuple[Connection, socket.socket]) -> None:
    connection, client = ends
    connection.out.sendall(b"head:")
    assert connection.out.sendfile(io.BytesIO(b"0123456789"), offset=2, count=5) == 5
    assert client.recv(100) == b"head:23456"
