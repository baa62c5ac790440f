"""A service put in front of another that hands every request on, and keeps those that were made."""

from __future__ import annotations

import http.client
import http.server
import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

patience: Final = 60.0
# What concerns one connection, and is said anew on the next.
_of_connection: Final = frozenset({"connection", "content-length", "host", "keep-alive", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it was made: `path` with its query, `headers` without those of the connection."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Forwarding:
    """What stands in front: its port, and the requests since it began or was last asked, in their order."""

    port: int
    _calls: list[Call] = field(default_factory=list)

    def keep(self, call: Call) -> None:
        """Adds a request to those that were made."""
        self._calls.append(call)

    def taken(self) -> list[Call]:
        """The requests that were made, which are then forgotten."""
        taken, self._calls = self._calls, []
        return taken


@contextmanager
def forwarding(port: int) -> Iterator[Forwarding]:
    """Stands in front of what listens on a port of this machine, on a port of its own; stopped at the end."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _hand_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _of_connection}
            call = Call(self.command, self.path, headers, body)
            kept.keep(call)
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=patience)) as link:
                status, answered, content = answer(link, call)
            self.send_response_only(status)
            for name, value in answered.items():
                self.send_header(name, value)
            # As it was: to HEAD, and with 204 and 304, nothing comes of what the headers tell of.
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _hand_on  # noqa: N815 (named by http.server)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (named by http.server)
            """Says nothing: what was asked is kept."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept = Forwarding(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(link: http.client.HTTPConnection, call: Call) -> tuple[HTTPStatus, dict[str, str], bytes]:
    """What is answered to a request: status, headers without those of the connection, body."""
    link.request(call.method, call.path, call.body or None, dict(call.headers))
    answered = link.getresponse()
    content = answered.read()
    headers = {name: value for name, value in answered.getheaders() if name.lower() not in _of_connection}
    return HTTPStatus(answered.status), headers, content
