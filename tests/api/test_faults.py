"""The API as it is deployed: connections that are kept, and what may go wrong around a request.

Each ends in a clear status, loses nothing, and the next request is fine.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from api.openapi.examples import features
from core.contract import problems
from runtime.gunicorn_worker import incoming
from tests.api.running import Running, ask, patience, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.portfolio.clients import Portfolio
    from tests.api.conftest import Links

application = {"features": features}
secret = 7391746
# Of a body, in bytes.
limit = 300_000


@pytest.fixture(scope="module")
def server(models_dir: Path, portfolio: Portfolio, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    settings = {"MODELS_DIR": str(models_dir), "DATA_DIR": str(portfolio.folder.parent), "MAX_BODY_BYTES": str(limit)}
    with running(tmp_path_factory.mktemp("faults"), **settings) as server:
        yield server
    # Whatever was done to it, it raised nothing that it did not expect.
    said = [line["event"] for line in server.lines() if line["level"] in ("error", "critical")]
    assert [each for each in said if "SIGKILL" not in each] == []


@pytest.fixture(autouse=True)
def next_request_is_fine(server: Running) -> Iterator[None]:
    yield
    answer = server.ask("POST", "/predict", application)
    assert (answer.status, answer.json()["client_id"]) == (200, features["SK_ID_CURR"])


def head(length: int = 500) -> bytes:
    lines = (
        "POST /predict HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        f"Content-Length: {length}",
        "",
        "",
    )
    return "\r\n".join(lines).encode()


def answered(link: socket.socket) -> tuple[int, dict[str, object]]:
    """The status and the JSON of the answer that comes on a connection."""
    with http.client.HTTPResponse(link) as answer:
        answer.begin()
        return answer.status, json.loads(answer.read())


def assert_nobody_waits(server: Running) -> None:
    """Each of 20 predictions is there long before a slow client is given up: who had to wait for that shows it."""
    for _ in range(20):
        began = time.monotonic()
        assert server.ask("POST", "/predict", application).status == 200
        assert time.monotonic() - began < incoming.patience / 2


def test_clients_that_send_half_a_body_get_408_and_keep_nobody_waiting(server: Running, links: Links) -> None:
    """More than twice as many as compute at once (2 workers, 4 each); the last sends a byte now and then."""
    slow = links(17)
    for link in slow:
        link.sendall(head() + b'{"features": {')
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(0.5):
            try:
                slow[-1].sendall(b" ")
            except OSError:
                return

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        assert_nobody_waits(server)
        for link in slow:
            assert answered(link) == (
                408,
                problems.content(problems.too_slow, "The request body takes too long to come."),
            )
    finally:
        stop.set()
        dripping.join()


def test_clients_that_send_half_a_head_or_nothing_keep_nobody_waiting(server: Running, links: Links) -> None:
    silent, half = links(100), links(17)
    for link in half:
        link.sendall(b"POST /predict HTTP/1.1\r\nHost: [::1]\r\nContent-")
    assert_nobody_waits(server)
    for link in half:
        assert answered(link) == (408, problems.content(problems.too_slow, "The request takes too long to come."))
    for link in silent:
        # Nothing was asked, nothing is answered; who asks at last is served.
        link.sendall(b"GET /health HTTP/1.1\r\nHost: [::1]\r\n\r\n")
        assert answered(link)[0] == 200


def test_clients_that_do_not_close_keep_nobody_waiting(server: Running, links: Links) -> None:
    """gunicorn waits two seconds for each of them, in the thread that takes in connections."""

    def ask_all(*, close: bool) -> float:
        began = time.monotonic()
        for link in links(60):
            link.sendall(b"GET /health HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n")
            assert answered(link)[0] == 200
            if close:
                link.close()
        assert server.ask("POST", "/predict", application).status == 200
        return time.monotonic() - began

    # Two workers, two seconds each: a minute more than where everybody closes.
    quiet = ask_all(close=True)
    assert ask_all(close=False) < 5 * quiet + 20


def test_two_hundred_clients_at_once_are_all_served(server: Running, portfolio: Portfolio) -> None:
    numbers = [line.client_id for line in portfolio.search(limit=100).clients] * 2
    together = threading.Barrier(len(numbers), timeout=patience)

    def several(number: int) -> list[tuple[int, int]]:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=patience)
        try:
            connection.connect()
            together.wait()
            answers = [
                ask(connection, "POST", "/predict", {"features": {"SK_ID_CURR": number, "AMT_CREDIT": 500000.0}})
                for _ in range(5)
            ]
            return [(answer.status, answer.json()["client_id"]) for answer in answers]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(numbers)) as pool:
        assert list(pool.map(several, numbers)) == [[(200, number)] * 5 for number in numbers]


def nested(depth: int) -> bytes:
    return b'{"features": ' * depth + b"{}" + b"}" * depth


# Each with the value 7391746 or the word "Zebulon" in it wherever there is room, neither of which may come back.
malformed = {
    "empty": b"",
    "blank": b"   \n",
    "a word": b"Zebulon",
    "a number": b"7391746",
    "a text": b'"Zebulon"',
    "null": b"null",
    "true": b"true",
    "a list": b"[7391746]",
    "an empty object": b"{}",
    "another key": b'{"feature": {"AMT_CREDIT": 7391746}}',
    "not closed": b'{"features": {"AMT_CREDIT": 7391746',
    "closed twice": b'{"features": {"AMT_CREDIT": 7391746}}}',
    "two objects": b'{"features": {}} {"features": {"AMT_CREDIT": 7391746}}',
    "a comma too many": b'{"features": {"AMT_CREDIT": 7391746,}}',
    "a comma too few": b'{"features": {"AMT_CREDIT": 7391746 "AMT_ANNUITY": 1}}',
    "single quotes": b"{'features': {'AMT_CREDIT': 7391746}}",
    "no quotes": b"{features: {AMT_CREDIT: 7391746}}",
    "a comment": b'{"features": {"AMT_CREDIT": 7391746}} // Zebulon',
    "Python": b'{"features": {"AMT_CREDIT": None, "x": 7391746}}',
    "a hexadecimal number": b'{"features": {"AMT_CREDIT": 0x7391746}}',
    "a number with a plus": b'{"features": {"AMT_CREDIT": +7391746}}',
    "a number with a zero in front": b'{"features": {"AMT_CREDIT": 07391746}}',
    "a decimal comma": b'{"features": {"AMT_CREDIT": 7391746,5}}',
    "a line break in a text": b'{"features": {"NAME_INCOME_TYPE": "Zebu\nlon"}}',
    "a broken escape": b'{"features": {"NAME_INCOME_TYPE": "Zebulon\\q"}}',
    "half a surrogate": b'{"features": {"NAME_INCOME_TYPE": "Zebulon\\ud800"}}',
    "a zero byte": b'{"features": {"AMT_CREDIT": 7391746\x00}}',
    "not UTF-8": b'{"features": {"NAME_INCOME_TYPE": "Zebulon\xff"}}',
    "UTF-16": '{"features": {"AMT_CREDIT": 7391746}}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"features": {"AMT_CREDIT": 7391746}}',
    "features null": b'{"features": null}',
    "features a list": b'{"features": [7391746]}',
    "features a text": b'{"features": "Zebulon"}',
    "features a number": b'{"features": 7391746}',
    "features true": b'{"features": true}',
    "features twice": b'{"features": {"AMT_CREDIT": 7391746}, "features": {}}',
    "a column twice": b'{"features": {"AMT_CREDIT": 7391746, "AMT_CREDIT": 1}}',
    "a text for a number": b'{"features": {"AMT_CREDIT": "Zebulon"}}',
    "a list for a number": b'{"features": {"AMT_CREDIT": [7391746]}}',
    "an object for a number": b'{"features": {"AMT_CREDIT": {"x": 7391746}}}',
    "true for a number": b'{"features": {"AMT_CREDIT": true}}',
    "an unknown code": b'{"features": {"NAME_INCOME_TYPE": "Zebulon"}}',
    "a number for a code": b'{"features": {"NAME_INCOME_TYPE": 7391746}}',
    "not a number": b'{"features": {"AMT_CREDIT": NaN}}',
    "infinite": b'{"features": {"AMT_CREDIT": Infinity}}',
    "beyond a float": b'{"features": {"AMT_CREDIT": 7391746e999}}',
    "beyond its bounds": b'{"features": {"AMT_CREDIT": -7391746}}',
    "a fraction for a whole number": b'{"features": {"CNT_CHILDREN": 7391746.5}}',
    "thousands of digits": b'{"features": {"AMT_CREDIT": ' + b"7391746" * 5000 + b"}}",
    "an id that is none": b'{"features": {"SK_ID_CURR": "Zebulon"}}',
    "an id below one": b'{"features": {"SK_ID_CURR": -7391746}}',
    "nested too deep": nested(5000),
    "a list nested too deep": b'{"features": {"AMT_CREDIT": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    "a form": b"features=Zebulon&AMT_CREDIT=7391746",
    "XML": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY z "Zebulon">]><x>&z;</x>',
    "compressed": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03Zebulon",
}


@pytest.mark.parametrize("kind", malformed)
def test_a_malformed_body_is_refused_and_not_repeated(server: Running, kind: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=patience)
    try:
        refused = ask(connection, "POST", "/predict", malformed[kind])
        assert refused.status == 400, refused.body
        assert set(refused.json()) == {"type", "status", "detail", "errors"}
        assert refused.json()["errors"]
        assert not any(part in refused.body for part in (b"7391746", b"Zebulon"))
        # On the same connection.
        assert ask(connection, "POST", "/predict", application).status == 200
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /%s HTTP/1.1\r\nHost: [::1]\r\n\r\n" % (b"Zebulon" * 2000), 414),
        (b"GET / HTTP/1.1\r\nHost: [::1]\r\nX-Long: %s\r\n\r\n" % (b"Zebulon" * 20_000), 431),
        (b"GET / HTTP/1.1\r\nHost: [::1]\r\n%s\r\n" % b"".join(b"X-%d: Zebulon\r\n" % n for n in range(200)), 431),
        (b"GET / HTTP/1.1\r\nHost: [::1]\r\nZebulon 7391746: 1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: [::1]\r\nX-Id: Zebulon\x007391746\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: [::1]\r\nX: 1\r\n Zebulon\r\n\r\n", 400),
        (b"Zebulon\r\n\r\n", 400),
        (b"GET /Zebulon HTTP/9.1\r\n\r\n", 400),
        (b"Z?b / HTTP/1.1\r\nHost: [::1]\r\n\r\n", 400),
        (b"POST /predict HTTP/1.1\r\nHost: [::1]\r\nContent-Length: Zebulon\r\n\r\n", 400),
        (b"POST /predict HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 7\r\nContent-Length: 9\r\n\r\nZebulon", 400),
        (b"POST /predict HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: zebulon\r\n\r\n", 501),
        (b"POST /predict HTTP/1.1\r\nHost: [::1]\r\nExpect: Zebulon\r\nContent-Length: 2\r\n\r\n{}", 417),
        (
            b"POST /predict HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n\r\nZebulon\r\n{}\r\n0\r\n\r\n",
            400,
        ),
        (
            b"POST /predict HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}Zebulon\r\n0\r\n\r\n",
            400,
        ),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03Zebulon\r\n\r\n", 400),
    ],
)
def test_what_is_not_http_is_refused_in_json_too(server: Running, sent: bytes, status: int) -> None:
    said = server.raw(sent)
    header, _, body = said.partition(b"\r\n\r\n")
    assert int(header.split()[1]) == status, said
    assert b"content-type: application/json" in header.lower()
    assert "detail" in json.loads(body)
    assert not any(part in said for part in (b"Zebulon", b"7391746"))


def test_a_worker_that_is_killed_is_replaced(server: Running, links: Links) -> None:
    before = server.workers()
    assert len(before) == 2
    # Requests that are under way: half a body, that the server waits for.
    under_way = links(8)
    body = json.dumps(application).encode()
    for link in under_way:
        link.sendall(head(length=len(body)) + body[:12])
    held = {worker: server.held(worker, under_way) for worker in before}
    while sum(held.values()) < len(under_way):
        time.sleep(0.05)
        held = {worker: server.held(worker, under_way) for worker in before}
    killed = max(held, key=lambda worker: held[worker])
    os.kill(killed, signal.SIGKILL)
    # The other worker, or a new one, serves meanwhile.
    assert server.ask("POST", "/predict", application).status == 200
    outcomes = []
    for link in under_way:
        try:
            link.sendall(body[12:])
            outcomes.append(answered(link)[0])
        except (OSError, http.client.HTTPException):
            outcomes.append(0)
    # Those of the killed worker are cut off, not answered wrongly; those of the other are answered.
    assert sorted(outcomes) == [0] * held[killed] + [200] * (len(under_way) - held[killed])
    deadline = time.monotonic() + patience
    while len(after := server.workers() - {killed}) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(after) == 2
    assert killed not in after


@pytest.fixture
def connection(server: Running) -> Iterator[http.client.HTTPConnection]:
    with closing(server.connection()) as connection:
        yield connection


def test_a_connection_is_kept_for_many_requests(connection: http.client.HTTPConnection) -> None:
    ask(connection, "GET", "/health")
    first = connection.sock
    answers = [ask(connection, "POST", "/predict", application).json() for _ in range(20)]
    assert connection.sock is first
    # Each is recorded under an id of its own.
    assert len({answer.pop("prediction_id") for answer in answers}) == 20
    assert all(answer == answers[0] for answer in answers)


def test_the_server_does_not_say_its_version(connection: http.client.HTTPConnection) -> None:
    answer = ask(connection, "GET", "/health")
    assert not any(digit in answer.headers["Server"] for digit in "0123456789")


@pytest.mark.parametrize(
    ("path", "status"), [("/predict?threshold=-1", 400), ("/nothing", 404), ("/health", 405), ("/predict/x", 404)]
)
def test_a_body_that_comes_after_a_refusal_is_not_taken_for_the_next_request(
    links: Links, path: str, status: int
) -> None:
    """Headers and body in two packets, again and again: an answer that does not wait for the body loses requests."""
    body = b'{"features": {}}'
    head = (
        f"POST {path} HTTP/1.1\r\nHost: [::1]\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    (link,) = links(1)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with link.makefile("rb") as stream:
        for _ in range(300):
            link.sendall(head.encode())
            link.sendall(body)
            assert stream.readline().split()[1] == str(status).encode()
            length = 0
            while (line := stream.readline()) != b"\r\n":
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            json.loads(stream.read(length))


def test_a_body_over_the_limit_is_refused_and_the_next_request_is_fine(server: Running) -> None:
    for size in (limit + 1, 20 * limit):
        with closing(server.connection()) as connection:
            answer = ask(connection, "POST", "/predict", {"features": {"x": "y" * size}})
            assert answer.status == 413
            assert str(limit) in str(answer.json()["detail"])
            assert ask(connection, "GET", "/health").status == 200


def test_a_body_in_chunks_is_read_and_limited_too(connection: http.client.HTTPConnection) -> None:
    whole = json.dumps(application).encode()
    parts = iter([whole[:50], whole[50:]])
    connection.request("POST", "/predict", parts, {"Content-Type": "application/json"}, encode_chunked=True)
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["client_id"]) == (200, features["SK_ID_CURR"])
    endless = (b" " * 10_000 for _ in range(limit // 10_000 + 5))
    connection.request("POST", "/predict", endless, {"Content-Type": "application/json"}, encode_chunked=True)
    answer = connection.getresponse()
    assert (answer.status, list(json.loads(answer.read()))) == (413, ["type", "status", "detail"])


def test_a_client_that_goes_away_halfway_leaves_the_others_alone(server: Running) -> None:
    for _ in range(6):
        with server.link() as link:
            link.sendall(head() + b"{")
    assert server.ask("POST", "/predict", application).status == 200


def test_many_clients_at_once_get_the_same_as_one(server: Running, portfolio: Portfolio) -> None:
    numbers = [line.client_id for line in portfolio.search(limit=16).clients]

    def explained(number: int) -> dict[str, object]:
        answer = server.ask("POST", "/predict/explain?lang=fr", {"features": portfolio.client(number).features})
        said: dict[str, object] = answer.json()
        del said["prediction_id"]
        return said

    alone = [explained(number) for number in numbers]
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(explained, numbers)) == alone
    assert [each["client_id"] for each in alone] == numbers
