"""Stands between the dashboard and the API, and passes everything on: later where a test says so."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from runtime import services

if TYPE_CHECKING:
    from collections.abc import Iterator

_not_passed_on: Final = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}


class Between:
    """A server that forwards to `target`.

    Attributes:
        held: paths whose answers wait until they are let go; read when a request comes in.
        waiting: how many answers wait.
        asked: how often each path was asked for.
    """

    def __init__(self, target: str) -> None:
        self.held: set[str] = set()
        self.waiting = 0
        self.asked: Counter[str] = Counter()
        self._gate = threading.Event()
        self._target = urlsplit(target).netloc
        between = self

        class Forward(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                between.forward(self)

            def do_POST(self) -> None:
                between.forward(self)

            def log_message(self, *_words: object) -> None:
                return

        self._server = ThreadingHTTPServer((services.loopback, 0), Forward)
        self._server.daemon_threads = True
        self.url = services.url(services.loopback, self._server.server_port)

    def forward(self, handler: BaseHTTPRequestHandler) -> None:
        """Passes one request on, and its answer back."""
        path = urlsplit(handler.path).path
        self.asked[path] += 1
        gate = self._gate if path in self.held else None
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        sent = {name: value for name, value in handler.headers.items() if name.lower() not in _not_passed_on}
        connection = http.client.HTTPConnection(self._target, timeout=300)
        connection.request(handler.command, handler.path, body, sent)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if gate is not None:
            self.waiting += 1
            gate.wait()
        handler.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _not_passed_on:
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def let_go(self) -> None:
        """Has the answers that wait go their way, and holds no other."""
        self.held.clear()
        self.waiting = 0
        gate, self._gate = self._gate, threading.Event()
        gate.set()

    @contextmanager
    def running(self) -> Iterator[Between]:
        """The server, at work until the end of the block."""
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        yield self
        self.let_go()
        self._server.shutdown()
        self._server.server_close()
        thread.join()
