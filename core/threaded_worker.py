"""gunicorn's threaded worker as our services run it: told to stop, it answers who is connected, and ends soon."""

from __future__ import annotations

import selectors
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable
    from concurrent.futures import Future
    from wsgiref.types import WSGIApplication, WSGIEnvironment

# When a worker is to stop, who was told that a connection is kept may have its next request on the way: it is awaited
# for this long and answered, and its answer says that the connection ends.
_last_request_patience: Final = 1.0


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's own would wait for kept connections, which no browser closes, until it is made to end."""

    wsgi: Any

    def load_wsgi(self) -> None:
        """Called once, when the worker begins."""
        super().load_wsgi()
        self.wsgi = partial(self._answer, self.wsgi)

    def _answer(self, application: WSGIApplication, environ: WSGIEnvironment, start: Any) -> Iterable[bytes]:
        def begin(*answer: Any) -> Any:
            # gunicorn looks before the application answers, and a stop may have been asked for since.
            if not self.alive:
                start.__self__.force_close()
            return start(*answer)

        return application(environ, begin)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Waits for a second at most, as gunicorn does until it is to stop: there are ends to see to until the last."""
        super().wait_for_and_dispatch_events(min(timeout, 1.0 if self.alive else _last_request_patience / 4))

    def finish_request(self, conn: Any, fs: Future[Any]) -> None:
        """Called when a thread is done with a request; gunicorn would close a connection that it just said it keeps."""
        kept = not self.alive and not fs.cancelled() and fs.exception() is None and fs.result() is True
        if not kept:
            super().finish_request(conn, fs)
            return
        conn.sock.settimeout(0)
        conn.timeout = time.monotonic() + _last_request_patience
        self.keepalived_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn))

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 (gunicorn's)
        """Called with False when the worker is to stop, too: it answers who is connected, and refuses who is not."""
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        while self.sockets:
            listener = self.sockets.pop()
            self._accept_all(listener)
            # Where no other worker listens, a connection is refused at once, and does not wait for an end.
            listener.close()
        last = time.monotonic() + _last_request_patience
        for waiting in (self.keepalived_conns, self.pending_conns):
            for connection in waiting:
                connection.timeout = min(connection.timeout, last)

    def _accept_all(self, listener: socket.socket) -> None:
        """Takes the connections that wait: their clients know them as open."""
        before = -1
        while before != self.nr_conns < self.worker_connections:
            before = self.nr_conns
            self.accept(listener)
