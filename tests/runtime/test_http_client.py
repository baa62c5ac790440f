"""The HTTP client against servers that do what they should not: every fault is one of ours, nobody waits for ever."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.http_client import HttpClient, HttpError, Sized
from tests.adapters import Wsgi, speaking

# Seconds for what comes at once, on a busy machine, too.
patience = 10.0
whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def read(address: str, method: str = "GET", retries: int = 0, timeout: float = patience) -> bytes:
    with HttpClient(address, timeout=timeout, retries=retries).open(method, "/x", json={}) as answer:
        return answer.read()


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "invalid"),
        (b"\x00\xff\x00\xff" * 100, "invalid"),
        (b"HTTP/1.1 banana\r\n\r\n", "invalid"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "cut"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 70_000, "invalid"),
        (b"", "cut"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "cut"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf", "cut"),
        (None, "timeout"),
    ],
)
def test_what_is_no_whole_answer_is_a_fault(said: bytes | None, fault: str) -> None:
    with speaking(said) as address, pytest.raises(HttpError) as raised:
        read(address, timeout=0.3 if said is None else patience)
    assert raised.value.fault == fault


def test_nobody_who_listens_is_said_in_the_words_of_the_system() -> None:
    with pytest.raises(HttpError) as raised:
        read("http://127.0.0.1:9/secret")
    assert (raised.value.fault, str(raised.value)) == ("unreachable", "Connection refused")


@pytest.mark.parametrize("address", ["file:///etc/hosts", "no address", "http://", "http://a..b", "http://[::1"])
def test_what_is_no_address_is_one_fault(address: str) -> None:
    with pytest.raises(HttpError) as raised:
        read(address)
    assert raised.value.fault == "address"


def test_a_cut_connection_is_made_again_where_asking_twice_does_no_harm() -> None:
    with speaking(b"", b"", whole) as address:
        assert read(address, retries=2) == b"ok"
    with speaking(b"", whole) as address, pytest.raises(HttpError) as raised:
        read(address, "POST", retries=2)
    assert raised.value.fault == "cut"


def test_who_waited_is_not_made_to_wait_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with pytest.raises(HttpError) as raised:
            read(f"http://127.0.0.1:{silent.getsockname()[1]}", retries=3, timeout=0.3)
        assert raised.value.fault == "timeout"
        # Whoever asked stands in its queue, gone or not: once.
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_an_answer_of_any_status_is_one_and_is_not_followed() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    for said, status in ((moved, 302), (b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", 503)):
        with speaking(said) as address, HttpClient(address, timeout=patience, retries=2).open("GET", "/") as answer:
            assert (answer.status, answer.succeeded) == (status, False)


def test_no_more_is_read_than_is_allowed() -> None:
    with speaking(whole) as address, HttpClient(address, timeout=patience).open("GET", "/") as answer:
        with pytest.raises(HttpError) as raised:
            answer.json(max_bytes=1)
        assert raised.value.fault == "invalid"


def test_no_password_of_another_file_and_no_cookie_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password stolen\n")
    monkeypatch.setenv("NETRC", str(netrc))
    heard: list[bytes] = []
    cookie = whole.replace(b"Connection", b"Set-Cookie: a=b\r\nConnection")
    with speaking(cookie, cookie, reads=heard) as address:
        client = HttpClient(address, timeout=patience, proxies=True, headers={"Authorization": "Bearer ours"})
        for _ in range(2):
            with client.open("GET", "/") as answer:
                answer.read()
    assert all(b"Bearer ours" in each and b"Cookie" not in each and b"Basic" not in each for each in heard)
    assert len(heard) == 2


def test_a_body_of_a_known_size_has_a_length_and_another_has_chunks() -> None:
    seen: list[tuple[str | None, str | None]] = []

    def application(environ: dict[str, str], start: Callable[..., object]) -> list[bytes]:
        start("200 OK", [])
        return [b""]

    class Noting(Wsgi):
        def send(self, request, *rest, **named):
            seen.append((request.headers.get("Content-Length"), request.headers.get("Transfer-Encoding")))
            return super().send(request, *rest, **named)

    client = HttpClient("http://api", timeout=patience, adapter=Noting(application))
    for body in (Sized(iter([b"ab", b"c"]), 3), iter([b"ab", b"c"])):
        client.open("POST", "/", content=body).close()
    assert seen == [("3", None), (None, "chunked")]


def test_an_answer_has_to_be_there_in_time_however_steadily_it_comes() -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\nConnection: close\r\n\r\n" + b"x" * 2000
    for until, fault in ((time.monotonic() - 1, "timeout"), (time.monotonic() + 60, None)):
        with speaking(body) as address, HttpClient(address, timeout=patience).open("GET", "/x") as answer:
            if fault is None:
                assert len(answer.read(until=until)) == 2000
                continue
            with pytest.raises(HttpError) as raised:
                answer.read(until=until)
            assert raised.value.fault == fault
