"""The API as it is deployed: gunicorn, threads, kept connections, and a graceful stop."""

import http.client
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.openapi.examples import features
from core.portfolio.clients import Portfolio
from tests.api.running import patience, running

limit = 300_000


@pytest.fixture(scope="module")
def port(models_dir: Path, portfolio: Portfolio, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("gunicorn")
    settings = {"MODELS_DIR": str(models_dir), "DATA_DIR": str(portfolio.folder.parent), "MAX_BODY_BYTES": str(limit)}
    with running(folder, **settings) as server:
        yield server.port
    assert not [line for line in server.lines() if line["level"] in ("error", "critical")]


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: object = None
) -> tuple[http.client.HTTPResponse, dict[str, object]]:
    data = None if body is None else json.dumps(body).encode()
    connection.request(method, path, data, {"Content-Type": "application/json"} if data else {})
    answer = connection.getresponse()
    content: dict[str, object] = json.loads(answer.read())
    return answer, content


@pytest.fixture
def connection(port: int) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    yield connection
    connection.close()


def test_a_connection_is_kept_for_many_requests(connection: http.client.HTTPConnection) -> None:
    ask(connection, "GET", "/health")
    first = connection.sock
    answers = [ask(connection, "POST", "/predict", {"features": features})[1] for _ in range(20)]
    assert connection.sock is first
    # Each is recorded under an id of its own.
    assert len({answer.pop("prediction_id") for answer in answers}) == 20
    assert all(answer == answers[0] for answer in answers)


def test_the_server_does_not_say_its_version(connection: http.client.HTTPConnection) -> None:
    answer, _ = ask(connection, "GET", "/health")
    assert not any(digit in answer.headers["Server"] for digit in "0123456789")


@pytest.mark.parametrize(
    ("path", "status"), [("/predict?threshold=-1", 400), ("/nothing", 404), ("/health", 405), ("/predict/x", 404)]
)
def test_a_body_that_comes_after_a_refusal_is_not_taken_for_the_next_request(port: int, path: str, status: int) -> None:
    """Headers and body in two packets, again and again: an answer that does not wait for the body loses requests."""
    body = b'{"features": {}}'
    head = (
        f"POST {path} HTTP/1.1\r\nHost: [::1]\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = link.makefile("rb")
        for _ in range(300):
            link.sendall(head.encode())
            link.sendall(body)
            assert stream.readline().split()[1] == str(status).encode()
            length = 0
            while (line := stream.readline()) != b"\r\n":
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            json.loads(stream.read(length))


def test_a_body_over_the_limit_is_refused_and_the_next_request_is_fine(port: int) -> None:
    for size in (limit + 1, 20 * limit):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
        answer, content = ask(connection, "POST", "/predict", {"features": {"x": "y" * size}})
        assert answer.status == 413
        assert str(limit) in str(content["detail"])
        assert ask(connection, "GET", "/health")[0].status == 200
        connection.close()


def test_a_body_in_chunks_is_read_and_limited_too(connection: http.client.HTTPConnection) -> None:
    whole = json.dumps({"features": features}).encode()
    parts = iter([whole[:50], whole[50:]])
    connection.request("POST", "/predict", parts, {"Content-Type": "application/json"}, encode_chunked=True)
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["client_id"]) == (200, features["SK_ID_CURR"])
    endless = (b" " * 10_000 for _ in range(limit // 10_000 + 5))
    connection.request("POST", "/predict", endless, {"Content-Type": "application/json"}, encode_chunked=True)
    answer = connection.getresponse()
    assert (answer.status, list(json.loads(answer.read()))) == (413, ["type", "status", "detail"])


def test_a_client_that_goes_away_halfway_leaves_the_others_alone(port: int) -> None:
    for _ in range(6):
        with socket.create_connection(("127.0.0.1", port), timeout=patience) as link:
            link.sendall(
                b"POST /predict HTTP/1.1\r\nHost: [::1]\r\nContent-Type: application/json\r\n"
                b"Content-Length: 500\r\n\r\n{"
            )
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    assert ask(connection, "POST", "/predict", {"features": features})[0].status == 200
    connection.close()


def test_many_clients_at_once_get_the_same_as_one(port: int, portfolio: Portfolio) -> None:
    numbers = [line.client_id for line in portfolio.search(limit=16).clients]

    def explained(number: int) -> dict[str, object]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
        try:
            body = {"features": portfolio.client(number).features}
            answer = ask(connection, "POST", "/predict/explain?lang=fr", body)[1]
            del answer["prediction_id"]
            return answer
        finally:
            connection.close()

    alone = [explained(number) for number in numbers]
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(explained, numbers)) == alone
    assert [each["client_id"] for each in alone] == numbers
