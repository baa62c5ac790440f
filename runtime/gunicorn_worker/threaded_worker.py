"""gunicorn's threaded worker as our services run it: no client keeps a thread by being slow, and a stop is soon over.

Why there is one, and when to leave it: `docs/decisions/0006-our-own-gunicorn-worker.md`.

One thread, the worker's first, watches all connections and takes in what comes. A request gets a thread of the pool
once it is whole; what a client does not take in of its answer waits without one. Where a body does not come with its
head, the application is asked first whether it would take it (`runtime.gunicorn_worker.admission`). Bodies too large to
be collected are read by a thread as they come; these are half of the threads at most.
"""

from __future__ import annotations

import errno
import io
import selectors
import time
from collections import deque
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from gunicorn.http import wsgi  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from runtime import collector
from runtime.gunicorn_worker import admission, incoming, refusals
from runtime.gunicorn_worker.client_connection import Connection, Step
from runtime.gunicorn_worker.following import Following
from runtime.gunicorn_worker.parsing import HeldSettings

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable
    from concurrent.futures import Future
    from http import HTTPStatus
    from wsgiref.types import WSGIApplication, WSGIEnvironment

# When a worker is to stop, who was told that a connection is kept may have its next request on the way: it is awaited
# for this long and answered, and its answer says that the connection ends.
_last_request_patience: Final = 1.0
# A body that follows its head this closely is not asked about.
_body_follows: Final = 0.05
# So many are asked about at once: however many come, a whole request does not wait behind all of them.
_most_asked_about: Final = 2
# Bodies of which nobody knows yet, together; and the age from which a connection can be ended for the sake of others.
_max_held_bytes: Final = 128_000_000
_min_age: Final = 1.0
_queue_patience: Final = 5.0
_between_looks: Final = 0.5
# After the last answer: what is still being sent is read for a while, else the answer could be lost on the way.
_farewell_patience: Final = 2.0
_longest_farewell: Final = 15.0
_seconds_between_complaints: Final = 10.0

_continue: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class ThreadedWorker(ThreadWorker):  # type: ignore[misc]
    """One process of a service.

    A connection is in one of these places, or with a thread: idle (nothing of a request is there), reading, announced
    (its head is there, and its body comes once it is asked about), queued (a large body that waits for a thread),
    writing (the rest of an answer waits for the client), leaving.
    """

    # Whether the application answers, in the words of its reader, where a body is too late, or cannot be read for now.
    says_why_no_body = False

    wsgi: Any

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.cfg: Any = HeldSettings(self.cfg)
        self._idle: dict[Connection, None] = {}
        self._reading: dict[Connection, None] = {}
        self._announced: dict[Connection, None] = {}
        self._queued: dict[Connection, None] = {}
        self._writing: dict[Connection, None] = {}
        self._leaving: dict[Connection, None] = {}
        self._undecided: deque[tuple[float, Connection, Any]] = deque()
        self._asked_about = 0
        self._without_a_thread: set[Connection] = set()
        self._following = Following(self.cfg.threads)
        self._streams_left = max(1, self.cfg.threads // 2)
        self._held_bytes = 0
        self._looked = 0.0
        self._complained = -_seconds_between_complaints

    @classmethod
    def check_config(cls, cfg: Any, _log: Any) -> None:
        """Called by gunicorn before it starts."""
        if cfg.is_ssl:
            raise RuntimeError("TLS ends at the proxy before the service: certfile and keyfile are not used here")

    def load_wsgi(self) -> None:
        """Called once, when the worker begins."""
        with collector.loading():
            super().load_wsgi()
        self.wsgi = partial(self._run, self.wsgi)

    def refuse(self, connection: Connection, status: HTTPStatus, detail: str) -> None:
        """Says why a request is not answered; ends the connection."""
        self._say(connection, status, "text/plain; charset=utf-8", f"{detail}\n".encode())

    # What comes.

    def accept(self, listener: socket.socket) -> None:
        """Takes a connection."""
        try:
            accepted, address = listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                # Too many files are open.
                self._make_room()
            # Else another worker was faster, or the client is gone already.
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        accepted.settimeout(0)
        connection = Connection(self.cfg, accepted, address, listener.getsockname())
        self.nr_conns += 1
        self._wait_for_a_request(connection, self.cfg.keepalive)
        if self.nr_conns >= self.worker_connections - 1:
            self._make_room()

    def _wait_for_a_request(self, connection: Connection, patience: float) -> None:
        connection.expires = time.monotonic() + patience
        self._put(connection, self._idle, selectors.EVENT_READ, self._on_readable)

    def _on_readable(self, connection: Connection, _sock: Any) -> None:
        if connection.place is None:
            # With a thread, after which it is watched again; or ended a moment ago, in the same round.
            self._watch(connection)
            return
        data = connection.incoming.receive()
        if data is None:
            return
        if not data:
            self._drop(connection)
            return
        if connection.place is self._idle:
            connection.incoming.pace.start()
            self._put(connection, self._reading, selectors.EVENT_READ, self._on_readable)
        self._feed(connection, data)

    def _feed(self, connection: Connection, data: bytes) -> None:
        request = connection.incoming
        had_a_head = request.request is not None
        failure: Exception | None = None
        try:
            request.feed(data)
            has_a_new_head = not had_a_head and request.request is not None
            # The body is often a moment behind.
            if has_a_new_head and not request.is_whole and (more := request.receive()):
                request.feed(more)
        except Exception as error:  # noqa: BLE001 (as gunicorn does)
            failure = error
        if failure is None and had_a_head and not request.is_whole:
            self._hold(connection, len(data))
        else:
            self._go_on_with_head(connection, failure)

    def _go_on_with_head(self, connection: Connection, failure: BaseException | None) -> None:
        """Does what is next with a request that was taken in; `failure` is why it is none."""
        request = connection.incoming
        if isinstance(failure, StopIteration):
            self._drop(connection)
        elif failure is not None:
            self.handle_error(None, connection, connection.client, failure)
            self._finish(connection, keep=False)
        elif request.is_whole:
            self._give_to_a_thread(connection, Step.answer)
        elif request.request is not None:
            self._put_off(connection)

    def _hold(self, connection: Connection, count: int) -> None:
        connection.held_bytes += count
        self._held_bytes += count
        if self._held_bytes > _max_held_bytes:
            self._make_room()

    def _put_off(self, connection: Connection) -> None:
        """Awaits the body for a moment, unless it is not going to follow by itself, before it is asked about."""
        request = connection.incoming
        now = time.monotonic()
        if request.awaits_an_answer:
            self._put(connection, self._announced)
            self._undecided.appendleft((now, connection, request.request))
        else:
            self._undecided.append((now + _body_follows, connection, request.request))
        self._hold(connection, request.collected_bytes)

    def _ask_about_bodies(self) -> None:
        now = time.monotonic()
        while self._undecided and self._asked_about < _most_asked_about and self._undecided[0][0] <= now:
            _, connection, request = self._undecided.popleft()
            # It may be here by now, or its connection gone.
            waits = connection.place in (self._reading, self._announced)
            if waits and connection.incoming.request is request:
                self._asked_about += 1
                self._give_to_a_thread(connection, Step.admit)

    def _go_on(self, connection: Connection) -> None:
        """Lets the body come of a request that was admitted."""
        connection.is_admitted = True
        request = connection.incoming
        if request.expects_continue:
            with suppress(OSError):
                connection.socket.send(_continue)
        if not request.is_stream:
            self._put(connection, self._reading, selectors.EVENT_READ, self._on_readable)
        elif self._streams_left > 0:
            self._streams_left -= 1
            request.pace.start()
            self._give_to_a_thread(connection, Step.stream)
        else:
            connection.expires = time.monotonic() + _queue_patience
            self._put(connection, self._queued)

    # Threads.

    def _give_to_a_thread(self, connection: Connection, step: Step) -> None:
        # Still watched: most clients say nothing until they are answered, and the next request then needs no call of
        # the system to be watched for.
        self._move(connection, None)
        connection.step = step
        self._without_a_thread.add(connection)
        self.enqueue_req(connection)

    def handle(self, conn: Connection) -> bool:
        """Does the next step of a request, in a thread, and answers those that follow at once on the same connection.

        Returns:
            Whether the connection goes on.

        Raises:
            Exception: what follows is no request.
        """
        self._without_a_thread.discard(conn)
        goes_on = self._do_step(conn)
        while goes_on and conn.step is Step.answer and self._is_followed(conn):
            goes_on = self._do_step(conn)
        return goes_on

    def _is_followed(self, connection: Connection) -> bool:
        return self._following.is_followed(connection, lambda: self.alive and not self._without_a_thread)

    def _do_step(self, conn: Connection) -> bool:
        request = conn.incoming.request
        try:
            # The client is told once it may go on, not before it is asked about.
            request._expected_100_continue = request._expected_100_continue and conn.step is Step.admit  # noqa: SLF001
            if conn.step is Step.admit:
                return self._admit(conn, request)
            request.body = conn.incoming.body() if conn.step in (Step.answer, Step.stream) else incoming.late_body()
            return bool(self.handle_request(request, conn))
        except TimeoutError:
            if not conn.out.has_begun:
                self.refuse(conn, *refusals.too_slow)
        except OSError:
            self.log.debug("A client went away")
        except StopIteration:
            # gunicorn's word for an answer that was cut; its reason is in the log.
            pass
        except Exception as error:  # noqa: BLE001 (as gunicorn does)
            self.handle_error(request, conn, conn.client, error)
        return False

    def _admit(self, connection: Connection, request: Any) -> bool:
        expected, request._expected_100_continue = request._expected_100_continue, False  # noqa: SLF001
        body, request.body = request.body, io.BytesIO()
        response, environ = wsgi.create(request, connection.out, connection.client, connection.server, self.cfg)
        request._expected_100_continue, request.body = expected, body  # noqa: SLF001
        environ["wsgi.multithread"] = True
        environ[admission.head_only] = True
        response.force_close()
        parts = self.wsgi(environ, response.start_response)
        if admission.passed in environ:
            return True
        for part in parts:
            response.write(part)
        response.close()
        return False

    def _run(self, application: WSGIApplication, environ: WSGIEnvironment, start: Any) -> Iterable[bytes]:
        response = start.__self__
        connection: Connection = response.sock.connection
        if connection.is_admitted:
            environ[admission.admitted] = True
        if connection.step is Step.busy:
            environ[admission.busy] = True

        def begin(*answer: Any) -> Any:
            # gunicorn looks before the application answers, and a stop may have been asked for since.
            if not self.alive or not connection.incoming.is_whole:
                response.force_close()
            return start(*answer)

        return application(environ, begin)

    def finish_request(self, conn: Connection, fs: Future[bool]) -> None:
        """Called when a thread is done with a step."""
        if conn.step is Step.begun:
            self._put(conn, self._reading, selectors.EVENT_READ, self._on_readable)
            self._go_on_with_head(conn, fs.exception())
            return
        if conn.step is Step.admit:
            self._asked_about -= 1
        if conn.step is Step.stream:
            self._streams_left += 1
            if self._queued:
                waiting = next(iter(self._queued))
                self._streams_left -= 1
                waiting.incoming.pace.start()
                self._give_to_a_thread(waiting, Step.stream)
        goes_on = not fs.cancelled() and fs.exception() is None and fs.result()
        if goes_on and conn.step is Step.admit:
            self._go_on(conn)
        else:
            self._finish(conn, keep=bool(goes_on))

    # What goes.

    def _finish(self, connection: Connection, *, keep: bool) -> None:
        self._held_bytes -= connection.held_bytes
        connection.held_bytes = 0
        connection.keep = keep
        self._push(connection)

    def _push(self, connection: Connection, _sock: Any = None) -> None:
        try:
            connection.out.push()
        except OSError:
            self._drop(connection)
            return
        if connection.out.waiting_bytes:
            if connection.place is not self._writing:
                self._put(connection, self._writing, selectors.EVENT_WRITE, self._push)
        elif connection.keep:
            connection.next()
            self._wait_for_a_request(connection, self.cfg.keepalive if self.alive else _last_request_patience)
            if connection.incoming.has_begun:
                # It was sent without waiting for this answer.
                connection.incoming.pace.start()
                self._put(connection, self._reading, selectors.EVENT_READ, self._on_readable)
                self._feed(connection, b"")
        else:
            self._say_goodbye(connection)

    def _say_goodbye(self, connection: Connection) -> None:
        with suppress(OSError):
            connection.shut_down()
        connection.expires = time.monotonic() + _farewell_patience
        connection.ends = time.monotonic() + _longest_farewell
        self._put(connection, self._leaving, selectors.EVENT_READ, self._hear_out)

    def _hear_out(self, connection: Connection, _sock: Any) -> None:
        data = connection.incoming.receive() if connection.place is not None else None
        if data:
            connection.expires = min(time.monotonic() + _farewell_patience, connection.ends)
        elif data is not None:
            self._drop(connection)

    # Time, room, and the end.

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Waits for a second at most, as gunicorn does until it is to stop: there are ends to see to until the last."""
        longest = 1.0 if self.alive else _last_request_patience / 4
        if self._undecided and self._asked_about < _most_asked_about:
            longest = max(0.0, min(longest, self._undecided[0][0] - time.monotonic()))
        super().wait_for_and_dispatch_events(min(timeout, longest))
        self._ask_about_bodies()

    def murder_pending(self) -> None:
        """Called in each round: ends what takes too long, looked for twice a second."""
        super().murder_pending()
        now = time.monotonic()
        if now - self._looked < _between_looks:
            return
        self._looked = now
        for connection in [reader for reader in self._reading if reader.incoming.pace.is_late(now)]:
            self._end(connection, Step.late, *refusals.too_slow)
        for connection in [queued for queued in self._queued if queued.expires < now]:
            self._end(connection, Step.busy, *refusals.too_many_bodies)
        for connection in [writer for writer in self._writing if writer.out.pace.is_late(now)]:
            self._drop(connection)
        for place in (self._idle, self._leaving):
            for connection in [idle for idle in place if idle.expires < now]:
                self._drop(connection)

    def _make_room(self) -> None:
        """Ends the connection that is the least loss: one that leaves, the slowest, or the one that is idle longest."""
        before = time.monotonic() - _min_age
        connection = next(iter(self._leaving), None)
        for place in (self._reading, self._writing):
            old = (candidate for candidate in place if candidate.incoming.pace.began < before)
            connection = connection or min(old, key=lambda candidate: candidate.incoming.pace.began, default=None)
        connection = connection or next(iter(self._idle), None)
        if connection is None:
            return
        self._drop(connection)
        if time.monotonic() - self._complained > _seconds_between_complaints:
            self._complained = time.monotonic()
            self.log.warning("Too many connections, or too much memory held for them: the slowest are closed")

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
        for connection in self._idle:
            connection.expires = min(connection.expires, last)

    def _accept_all(self, listener: socket.socket) -> None:
        """Takes the connections that wait: their clients know them as open."""
        before = -1
        while before != self.nr_conns < self.worker_connections:
            before = self.nr_conns
            self.accept(listener)

    def handle_error(self, _req: Any, client: Connection, _addr: Any, exc: BaseException) -> None:
        """Answers what is no request, or failed, without a word of what was sent."""
        status, detail = refusals.refusal(exc)
        if (status, detail) == refusals.failed:
            self.log.error("Error handling a request", exc_info=exc)
        else:
            self.log.warning("Refused a request: %s %s", status, type(exc).__name__)
        if not client.out.has_begun:
            self.refuse(client, status, detail)

    def _end(self, connection: Connection, why: Step, status: HTTPStatus, detail: str) -> None:
        if connection.incoming.request is not None and self.says_why_no_body:
            self._give_to_a_thread(connection, why)
            return
        self.log.warning("Refused a request: %s", status)
        self._put(connection, None)
        self.refuse(connection, status, detail)
        self._finish(connection, keep=False)

    @staticmethod
    def _say(connection: Connection, status: HTTPStatus, content_type: str, body: bytes) -> None:
        # Where it is gone, or does not listen, there is nobody to tell.
        with suppress(OSError):
            connection.out.sendall(refusals.answer(status, content_type, body))

    def _drop(self, connection: Connection) -> None:
        self._put(connection, None)
        self._held_bytes -= connection.held_bytes
        self.nr_conns -= 1
        connection.close()

    def _put(
        self, connection: Connection, place: dict[Connection, None] | None, event: int = 0, call: Any = None
    ) -> None:
        """Moves a connection to another place, where `call` is called at each `event`."""
        self._move(connection, place)
        self._watch(connection, event, call)

    @staticmethod
    def _move(connection: Connection, place: dict[Connection, None] | None) -> None:
        if connection.place is not None:
            del connection.place[connection]
        connection.place = place
        if place is not None:
            place[connection] = None

    def _watch(self, connection: Connection, event: int = 0, call: Any = None) -> None:
        """Has `call` called at each `event`; nothing is waited for any more where there is none."""
        if connection.watched and event:
            if connection.watched != (event, call):
                self.poller.modify(connection.socket, event, partial(call, connection))
        elif event:
            self.poller.register(connection.socket, event, partial(call, connection))
        elif connection.watched:
            self.poller.unregister(connection.socket)
        connection.watched = (event, call) if event else None
