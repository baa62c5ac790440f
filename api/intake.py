"""Reads the body of a request whole and within its limits of size and time, whatever becomes of the request."""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final, NoReturn, TypeVar

from flask import current_app, g, request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from werkzeug.exceptions import (
    BadRequest,
    ClientDisconnected,
    HTTPException,
    RequestEntityTooLarge,
    RequestTimeout,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import BoundedSemaphore

View = TypeVar("View", bound="Callable[..., Any]")

# Time for a body: this, and more for one that is large, at a speed that any line has.
_patience: Final = 10.0
_least_bytes_a_second: Final = 100_000
_chunk: Final = 64 * 1024
_most_thrown_away: Final = 64 * 1024 * 1024


@dataclass(slots=True)
class Deadline:
    """A time by which a client has to have sent what it sends; the server ends the reading when it is over.

    Attributes:
        at: the time on the monotonic clock; None: there is nothing that is waited for.
        passed: whether the reading was ended.
        answered: whether the application answers, so that the server need not.
    """

    at: float | None = None
    passed: bool = False
    answered: bool = False

    def set(self, seconds: float) -> None:
        """Allows that many seconds from now on."""
        self.at, self.passed, self.answered = time.monotonic() + seconds, False, False

    def extend(self, seconds: float) -> None:
        """Allows that many seconds more from now on for the same request."""
        self.at = time.monotonic() + seconds

    def lift(self) -> None:
        """Waits for nothing more."""
        self.at = None

    def is_over(self, now: float) -> bool:
        """Whether the time has come, and nothing was done about it yet."""
        return self.at is not None and self.at < now and not self.passed


class Turn:
    """A request's turn to compute: fewer requests compute at once than bodies are waited for."""

    def __init__(self, turns: BoundedSemaphore) -> None:
        self._turns = turns
        self._taken = False

    def take(self) -> None:
        """Waits for a turn."""
        self._turns.acquire()
        self._taken = True

    def leave(self) -> None:
        """Lets the next one have it; does nothing where it was not taken."""
        if self._taken:
            self._taken = False
            self._turns.release()


# Of the connection that the current request came by; None where the server has no deadlines and no turns.
deadline: ContextVar[Deadline | None] = ContextVar("deadline", default=None)
turn: ContextVar[Turn | None] = ContextVar("turn", default=None)


def streamed(view: View) -> View:
    """Leaves the body of a view's requests to the view, which reads it by `chunks`. Put it next to the function."""
    view.takes_a_stream = True  # type: ignore[attr-defined]
    return view


def take_in() -> None:
    """Reads the body of the current request, to be had by `body`; that of a `streamed` view is left to it.

    What is left unread can be taken by gunicorn together with the next request of the connection, which it then does
    not see (26.2: an answer that comes before the body leaves a client that goes on sending without an answer).
    werkzeug's own limit would cut a chunked body off at its limit, and go on with what it has.

    Raises:
        RequestEntityTooLarge: where it is larger than the application's `MAX_CONTENT_LENGTH`.
        RequestTimeout: where the client takes too long to send it.
        ClientDisconnected: where the client goes away before the end.
    """
    g.body = b""
    if getattr(current_app.view_functions.get(request.endpoint or ""), "takes_a_stream", False):
        g.unread = request.content_length
        return
    if _has_body():
        declared, limit = request.content_length, current_app.config["MAX_CONTENT_LENGTH"]
        expected = limit if declared is None else min(declared, limit)
        with _within(_patience + expected / _least_bytes_a_second):
            g.body = _read(request.environ["wsgi.input"], declared, limit)


def take_turn() -> None:
    """Waits for a turn to compute. A `streamed` view has none: it would keep it for as long as its client sends."""
    current = turn.get()
    if current is not None and "unread" not in g:
        current.take()


def leave(_: BaseException | None = None) -> None:
    """Ends the turn of the current request: what is left to do is to send the answer."""
    current = turn.get()
    if current is not None:
        current.leave()


def body() -> bytes:
    """The body of the current request; empty where it has none."""
    found: bytes = g.body
    return found


def chunks(most_bytes: int) -> Iterator[bytes]:
    """The body of a request of a `streamed` view, part by part, however long it takes while it comes.

    Args:
        most_bytes: how large it may be.

    Raises:
        RequestEntityTooLarge, RequestTimeout, ClientDisconnected: as for `take_in`.
    """
    if not _has_body():
        return
    stream, declared, read = request.environ["wsgi.input"], request.content_length, 0
    while True:
        with _within(_patience):
            part = stream.read(_chunk)
        read += len(part)
        g.unread = None if declared is None else declared - read
        if read > most_bytes:
            raise RequestEntityTooLarge
        if not part:
            break
        yield part
    if declared is not None and read < declared:
        _gone()


def finish() -> None:
    """Reads the rest of a body that a `streamed` view did not want, so that the client gets to see why."""
    if g.pop("unread", 0) == 0:
        return
    # The answer is made: whatever comes of it, it is sent.
    with suppress(HTTPException), _within(_patience):
        _throw_away(request.environ["wsgi.input"])


def _has_body() -> bool:
    return bool(request.content_length) or "HTTP_TRANSFER_ENCODING" in request.environ


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    current = deadline.get()
    if current is not None:
        current.extend(seconds)
    try:
        yield
    except TimeoutError:
        raise RequestTimeout from None
    except (OSError, ParseException):
        # Of a body whose chunks or trailer are malformed, nobody knows where it ends, and the next request begins.
        _close_after_this()
        if current is not None and current.passed:
            raise RequestTimeout from None
        raise BadRequest from None
    finally:
        if current is not None:
            current.lift()


def _read(stream: IO[bytes], declared: int | None, limit: int) -> bytes:
    if declared is not None and declared > limit:
        _throw_away(stream)
        raise RequestEntityTooLarge
    read: bytes = stream.read(limit + 1 if declared is None else declared)
    if len(read) > limit:
        _throw_away(stream)
        raise RequestEntityTooLarge
    if declared is not None and len(read) < declared:
        _gone()
    return read


def _gone() -> NoReturn:
    current = deadline.get()
    raise RequestTimeout if current is not None and current.passed else ClientDisconnected


def _throw_away(stream: IO[bytes]) -> None:
    """Reads on for a while, so that a client that is still sending gets to see why it is refused."""
    left = _most_thrown_away
    while left > 0 and (chunk := stream.read(min(left, _chunk))):
        left -= len(chunk)


def _close_after_this() -> None:
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        # gunicorn finds the end of the stream where the next request would begin; so it does where the client is gone.
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RD)
