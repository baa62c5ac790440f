"""The request body, read whole and within its limit, after all that refuses a request by its head."""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

from flask import Flask, current_app, g, request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from werkzeug.exceptions import BadRequest, ClientDisconnected, RequestEntityTooLarge, RequestTimeout

from runtime.gunicorn_worker import admission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import BoundedSemaphore

View = TypeVar("View", bound="Callable[..., Any]")

_chunk: Final = 64 * 1024
# In the environment of a request, where the length of its body is not declared.
_framing: Final = "HTTP_TRANSFER_ENCODING"


class UploadsBusy(Exception):
    """As many large bodies are on their way as can be read at once."""


class Turn:
    """A request's turn to compute: fewer requests compute at once than there are threads."""

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


# Of the current request; None where the server has no turns.
turn: ContextVar[Turn | None] = ContextVar("turn", default=None)


def register(app: Flask) -> None:
    """Makes an application read bodies. To be called after all else that looks at a request before it is answered."""
    app.before_request(_take_in)
    app.teardown_request(leave)


def streamed(view: View) -> View:
    """Leaves the body of a view's requests to the view, which reads it by `chunks`. Put it next to the function."""
    view.takes_a_stream = True  # type: ignore[attr-defined]
    return view


def _take_in() -> None:
    """Reads the body of the current request, to be had by `body`; that of a `streamed` view is left to it.

    Of a request whose body is yet to come (`runtime.gunicorn_worker.admission`), it only says whether it may come.

    Raises:
        RequestEntityTooLarge: where it is larger than the application's `MAX_CONTENT_LENGTH`.
        RequestTimeout: where the client takes too long to send it.
        ClientDisconnected: where the client goes away before the end.
        UploadsBusy: where too many others send large bodies.
        werkzeug.exceptions.HTTPException: where there is nothing that would read it.
    """
    g.body = b""
    # Each time that Flask's `request` is asked for something, it looks up anew which one is the current.
    environ, declared = request.environ, request.content_length
    if (wrong := request.routing_exception) is not None:
        raise wrong
    if admission.busy in environ:
        raise UploadsBusy
    if getattr(current_app.view_functions.get(request.endpoint or ""), "takes_a_stream", False):
        return
    is_head_only = admission.head_only in environ
    if declared or _framing in environ:
        limit = current_app.config["MAX_CONTENT_LENGTH"]
        if declared is not None and declared > limit:
            raise RequestEntityTooLarge
        if is_head_only:
            return
        with _refusing():
            g.body = _read(environ["wsgi.input"], declared, limit)
        # How long a client takes to send says nothing of us.
        g.began = time.perf_counter()
    # A `streamed` view has no turn to compute: it would keep it for as long as its client sends.
    current = turn.get()
    if current is not None and not is_head_only:
        current.take()


def take_turn() -> None:
    """Waits for a turn to compute, for a `streamed` view whose body is there."""
    current = turn.get()
    if current is not None:
        current.take()


def leave(_: BaseException | None = None) -> None:
    """Ends the turn of the current request: what is left to do is to send the answer."""
    current = turn.get()
    if current is not None:
        current.leave()


def body() -> bytes:
    """The body of the current request; empty where it has none."""
    received: bytes = g.body
    return received


def chunks(max_bytes: int) -> Iterator[bytes]:
    """The body of a request of a `streamed` view, part by part, however long it takes while it comes.

    Args:
        max_bytes: how large it may be.

    Raises:
        RequestEntityTooLarge, RequestTimeout, ClientDisconnected: as for other bodies.
    """
    if not _has_body():
        return
    stream, declared, read = request.environ["wsgi.input"], request.content_length, 0
    while True:
        with _refusing():
            part = stream.read(_chunk)
        read += len(part)
        if read > max_bytes:
            raise RequestEntityTooLarge
        if not part:
            break
        yield part
    if declared is not None and read < declared:
        raise ClientDisconnected


def _has_body() -> bool:
    return bool(request.content_length) or _framing in request.environ


@contextmanager
def _refusing() -> Iterator[None]:
    """Turns what the server says of a body that does not come, or is malformed, into a refusal."""
    try:
        yield
    except TimeoutError:
        raise RequestTimeout from None
    except (OSError, ParseException):
        raise BadRequest from None


def _read(stream: IO[bytes], declared: int | None, limit: int) -> bytes:
    read = stream.read(limit + 1 if declared is None else declared)
    if len(read) > limit:
        raise RequestEntityTooLarge
    if declared is not None and len(read) < declared:
        raise ClientDisconnected
    return read
