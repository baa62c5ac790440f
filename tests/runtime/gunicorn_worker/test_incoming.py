"""What comes of requests: however the line cuts it, it is the same; and how fast a client has to be."""

from __future__ import annotations

import socket
from itertools import pairwise
from random import Random
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.http.errors import LimitRequestHeaders, ParseException  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from runtime.gunicorn_worker.incoming import Incoming, max_collected_bytes
from runtime.gunicorn_worker.pace import Pace, slowest_bytes_a_second
from runtime.gunicorn_worker.parsing import HeldSettings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def link() -> Iterator[socket.socket]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0)
        yield ours


def incoming(link: socket.socket) -> Incoming:
    return Incoming(Config(), link, ("127.0.0.1", 1))


bodies = st.lists(st.binary(max_size=300), min_size=1, max_size=4)


@given(bodies, st.randoms(use_true_random=False))
def test_requests_are_the_same_however_they_are_cut(link: socket.socket, sent: list[bytes], random: Random) -> None:
    whole = b"".join(
        b"POST /%d HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (number, len(content), content)
        for number, content in enumerate(sent)
    )
    cuts = sorted(random.sample(range(len(whole)), min(8, len(whole))))
    request = incoming(link)
    found = []
    for start, end in pairwise([0, *cuts, len(whole)]):
        part = whole[start:end]
        request.feed(part)
        while request.is_whole:
            found.append((request.request.path, request.body().read()))
            request.next()
            request.feed(b"")
    assert found == [(f"/{number}", content) for number, content in enumerate(sent)]
    assert not request.has_begun


@pytest.mark.parametrize(
    ("framing", "is_stream"),
    [
        (f"Content-Length: {max_collected_bytes}", False),
        (f"Content-Length: {max_collected_bytes + 1}", True),
        ("Transfer-Encoding: chunked", True),
        ("X: y", False),
    ],
)
def test_what_is_too_large_or_of_no_length_is_a_stream(link: socket.socket, framing: str, is_stream: bool) -> None:
    request = incoming(link)
    request.feed(f"POST / HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n".encode())
    assert (request.request is not None, request.is_stream) == (True, is_stream)
    request.next()


def test_a_head_without_an_end_is_refused(link: socket.socket) -> None:
    request = incoming(link)
    request.feed(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 10)
    with pytest.raises(LimitRequestHeaders):
        request.feed(b"X: y\r\n" * 20_000)


def test_what_is_no_request_is_refused(link: socket.socket) -> None:
    with pytest.raises(ParseException):
        incoming(link).feed(b"nothing\r\n\r\n")


def test_a_client_has_a_while_and_then_a_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("runtime.gunicorn_worker.pace.time", SimpleNamespace(monotonic=lambda: now))
    pace = Pace(10.0)
    assert (pace.is_late(now + 9), pace.is_late(now + 11)) == (False, True)
    now += 8
    pace.add(5 * slowest_bytes_a_second)
    # 10 s, and 5 s for what came.
    assert (pace.is_late(pace.began + 14), pace.is_late(pace.began + 16)) == (False, True)
    pace.add(500 * slowest_bytes_a_second)
    # However much came: nothing since is nothing.
    assert (pace.is_late(now + 9), pace.is_late(now + 11)) == (False, True)


def test_a_proxy_that_is_trusted_says_how_it_was_asked_and_nobody_else(link: socket.socket) -> None:
    """Whoever comes in between, and as often as they come; by the settings that each has."""
    settings = [Config(), Config()]
    settings[1].set("forwarded_allow_ips", "192.0.2.0/24,2001:db8::1")
    held = [HeldSettings(each) for each in settings]

    def scheme(place: int, address: str) -> str:
        request = Incoming(held[place], link, (address, 1))
        request.feed(b"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: https\r\n\r\n")
        return str(request.request.scheme)

    addresses = ("127.0.0.1", "192.0.2.7", "198.51.100.1", "2001:db8::1", "no address")
    for _ in range(2):
        assert [scheme(0, address) for address in addresses] == ["https", "http", "http", "http", "http"]
        assert [scheme(1, address) for address in addresses] == ["http", "https", "http", "https", "http"]
