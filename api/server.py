"""What we change of gunicorn's threaded worker: nobody keeps a thread by being slow, and refusals are JSON as ours."""

from __future__ import annotations

import errno
import selectors
import socket
import sys
import time
from contextlib import suppress
from functools import partial
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, Final

from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.http import errors  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn  # type: ignore[import-untyped]
from pydantic_core import to_json

from api.intake import Deadline, Turn, deadline, turn
from api.logs import formatter
from core import threaded_worker
from core.contract import problems
from core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Threads that wait for a client cost little, threads that compute take turns: this many wait for each that computes.
threads_per_turn: Final = 8
_head_patience: Final = 10.0
_hearing: Final = 64 * 1024
# How long a client may take to take in a part of its answer.
_answer_patience: Final = 60.0
# After the last answer: what is still being sent is read for a while, else the answer could be lost on the way.
_farewell_patience: Final = 2.0

# Status and sentence of what gunicorn refuses before the application sees it. Its own sentences repeat what was sent.
_refusals: Final[Mapping[type[Exception], tuple[int, str, str]]] = {
    errors.LimitRequestLine: (414, "URI Too Long", "The address is too long."),
    errors.LimitRequestHeaders: (431, "Request Header Fields Too Large", "The headers are too many or too large."),
    errors.UnsupportedTransferCoding: (501, "Not Implemented", "This transfer coding is not supported."),
    errors.ExpectationFailed: (417, "Expectation Failed", "This expectation cannot be met."),
    errors.ForbiddenProxyRequest: (403, "Forbidden", "Requests from this proxy are not taken."),
    errors.InvalidRequestLine: (400, "Bad Request", "The request line is malformed."),
    errors.InvalidRequestMethod: (400, "Bad Request", "The request line is malformed."),
    errors.InvalidHTTPVersion: (400, "Bad Request", "This version of HTTP is not supported."),
    errors.ParseException: (400, "Bad Request", "The request is malformed."),
}
_too_slow: Final = (408, "Request Timeout", "The request takes too long to come.")
_failed: Final = (500, "Internal Server Error", "Internal error.")


class Connection(TConn):  # type: ignore[misc]
    """A connection with a time by which what it sends has to be there."""

    def __init__(self, say_goodbye: Callable[[Connection], None], *arguments: Any) -> None:
        super().__init__(*arguments)
        self.deadline = Deadline()
        self._say_goodbye = say_goodbye

    def init(self) -> None:
        """Called by a thread before each request."""
        super().init()
        self.sock.settimeout(_answer_patience)

    def close(self, graceful: bool = False) -> None:  # noqa: FBT001, FBT002 (gunicorn's)
        """Called by the main thread, which gunicorn would have wait here for the client to close its side."""
        if graceful:
            self._say_goodbye(self)
        else:
            super().close()


class Worker(threaded_worker.Worker):
    """gunicorn's threaded worker, with an end to everything that a client can draw out."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._read: set[Connection] = set()
        self._leaving: list[Connection] = []
        self._turns = BoundedSemaphore(max(1, self.cfg.threads // threads_per_turn))

    def accept(self, listener: socket.socket) -> None:
        """Takes a connection, which gets a thread once there is something to read (gunicorn waits 5 s in a thread)."""
        try:
            accepted, address = listener.accept()
        except OSError as error:
            # Another worker was faster, or the client is gone already.
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        connection = Connection(self._say_goodbye, self.cfg, accepted, address, listener.getsockname())
        connection.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(connection)
        self.poller.register(accepted, selectors.EVENT_READ, partial(self.on_pending_socket_readable, connection))

    def handle(self, conn: Connection) -> Any:
        """Reads and answers one request, in a thread."""
        conn.deadline.set(_head_patience)
        self._read.add(conn)
        try:
            outcome = super().handle(conn)
        finally:
            conn.deadline.lift()
            self._read.discard(conn)
        if conn.deadline.passed and not conn.deadline.answered:
            _refuse(conn.sock, *_too_slow)
        return outcome

    def handle_request(self, req: Any, conn: Connection) -> Any:
        """Answers a request whose headers are there: from here on the application says how long it waits."""
        conn.deadline.lift()
        conn.deadline.answered = True
        mine = Turn(self._turns)
        deadline.set(conn.deadline)
        turn.set(mine)
        try:
            return super().handle_request(req, conn)
        finally:
            mine.leave()

    def murder_pending(self) -> None:
        """Called at least once a second: ends what takes too long."""
        super().murder_pending()
        now = time.monotonic()
        for connection in self._read.copy():
            if connection.deadline.is_over(now):
                connection.deadline.passed = True
                # The thread that reads from it finds the end of the stream, and can still answer.
                _shut(connection.sock, socket.SHUT_RD)
        for connection in [each for each in self._leaving if each.timeout < now]:
            self._leave(connection)

    def _say_goodbye(self, connection: Connection) -> None:
        _shut(connection.sock, socket.SHUT_WR)
        connection.sock.settimeout(0)
        connection.timeout = time.monotonic() + _farewell_patience
        self._leaving.append(connection)
        self.nr_conns += 1
        self.poller.register(connection.sock, selectors.EVENT_READ, partial(self._hear_out, connection))

    def _hear_out(self, connection: Connection, sock: socket.socket) -> None:
        # A connection that is reset has ended as well.
        with suppress(OSError):
            if sock.recv(_hearing):
                return
        self._leave(connection)

    def _leave(self, connection: Connection) -> None:
        self.poller.unregister(connection.sock)
        self._leaving.remove(connection)
        self.nr_conns -= 1
        connection.close()

    def handle_error(self, _req: Any, client: socket.socket, _addr: Any, exc: BaseException) -> None:
        """Answers what gunicorn itself refuses as the application would: JSON, and nothing that was sent in it."""
        status, reason, detail = next((said for kind, said in _refusals.items() if isinstance(exc, kind)), _failed)
        if status == 500:
            self.log.error("Error handling a request", exc_info=exc)
        else:
            self.log.warning("Refused a request: %s %s", status, type(exc).__name__)
        _refuse(client, status, reason, detail)


class GunicornLog(Logger):  # type: ignore[misc]
    """gunicorn's own lines in the same form, and on the same stream, as those of the application."""

    def setup(self, cfg: Any) -> None:
        """Called by gunicorn when it starts, and when it reads its configuration anew."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                handler.setFormatter(formatter(settings().log_format, sys.stderr))


def _refuse(client: socket.socket, status: int, reason: str, detail: str) -> None:
    problem = {500: problems.internal_error, 408: problems.too_slow}.get(status, problems.bad_request)
    body = to_json(problems.content(problem, detail, status))
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    # Where it is gone, or does not listen, there is nobody to tell.
    with suppress(OSError):
        client.sendall(head.encode("ascii") + body)


def _shut(sock: socket.socket, side: int) -> None:
    # It may have gone away by itself.
    with suppress(OSError):
        sock.shutdown(side)
