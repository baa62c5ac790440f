"""What takes the place of the network in tests: a function, a WSGI application, or a server that misbehaves."""

from __future__ import annotations

import io
import json as json_module
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse
from werkzeug.test import Client, EnvironBuilder


def reply(
    status: int = 200, json: object = None, content: bytes = b"", headers: Mapping[str, str] | None = None
) -> requests.Response:
    """An answer as the network would bring it; `json` in place of `content`."""
    body = content if json is None else json_module.dumps(json).encode()
    response = requests.Response()
    response.status_code = status
    response.headers.update(headers or {})
    response.raw = HTTPResponse(io.BytesIO(body), status=status, preload_content=False)
    return response


def path_of(request: requests.PreparedRequest) -> str:
    """Where a request goes, without host and query."""
    return urlsplit(request.url or "").path


def parameters_of(request: requests.PreparedRequest) -> dict[str, str]:
    """What the query of a request says."""
    return dict(parse_qsl(urlsplit(request.url or "").query))


def body_of(request: requests.PreparedRequest) -> bytes:
    """What a request brings, gathered where it comes in parts."""
    body: Any = request.body
    if body is None:
        return b""
    return body if isinstance(body, bytes) else b"".join(body)


class Answering(BaseAdapter):
    """Answers every request by a function, which may raise what the network would."""

    def __init__(self, answer: Callable[[requests.PreparedRequest], requests.Response]) -> None:
        super().__init__()
        self._answer = answer

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        response = self._answer(request)
        response.request, response.url = request, request.url or ""
        return response

    def close(self) -> None:
        pass


class Wsgi(Answering):
    """Asks a WSGI application, in this process."""

    def __init__(self, application: Any) -> None:
        self._client = Client(application)
        super().__init__(self._ask)

    def _ask(self, request: requests.PreparedRequest) -> requests.Response:
        body, parts = body_of(request), urlsplit(request.url or "")
        headers = [(name, str(value)) for name, value in request.headers.items() if name != "Transfer-Encoding"]
        builder = EnvironBuilder(
            method=request.method or "GET",
            path=parts.path,
            query_string=parts.query,
            base_url=f"{parts.scheme}://localhost",
            headers=headers,
            input_stream=io.BytesIO(body),
            content_length=len(body),
        )
        with self._client.open(builder) as answer:
            return reply(answer.status_code, content=answer.get_data(), headers=dict(answer.headers))


def _request(connection: socket.socket) -> bytes:
    """A request whole: who closes while some of it is unread resets the connection, and takes the answer back."""
    asked = b""
    while part := connection.recv(1 << 16):
        asked += part
        head, end, body = asked.partition(b"\r\n\r\n")
        length = re.search(rb"(?im)^content-length: *(\d+)", head)
        if end and len(body) >= (int(length[1]) if length else 0):
            break
    return asked


@contextmanager
def speaking(*answers: bytes | None, reads: list[bytes] | None = None) -> Iterator[str]:
    """A server that says those bytes to one connection after another and hangs up; None: says nothing and waits."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        done = threading.Event()

        def serve() -> None:
            for answer in answers:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    asked = _request(connection)
                    if reads is not None:
                        reads.append(asked)
                    if answer is None:
                        done.wait(5)
                    else:
                        connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        done.set()
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)
