"""Reads the body of a request whole and within its limits, whatever becomes of the request."""

from __future__ import annotations

from typing import IO, Final

from flask import current_app, g, request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge, RequestTimeout

_patience: Final = 10.0
_chunk: Final = 64 * 1024
_most_thrown_away: Final = 64 * 1024 * 1024


def take_in() -> None:
    """Reads the body of the current request, to be had by `body`.

    What is left unread can be taken by gunicorn together with the next request of the connection, which it then does
    not see (26.2: an answer that comes before the body leaves a client that goes on sending without an answer).
    werkzeug's own limit would cut a chunked body off at its limit, and go on with what it has.

    Raises:
        RequestEntityTooLarge: where it is larger than the application's `MAX_CONTENT_LENGTH`.
        RequestTimeout: where the client stops sending for too long.
        ClientDisconnected: where the client goes away before the end.
    """
    g.body = b""
    declared = request.content_length
    if not declared and "HTTP_TRANSFER_ENCODING" not in request.environ:
        return
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        # A thread waits for the body: not for ever.
        connection.settimeout(_patience)
    try:
        g.body = _read(request.environ["wsgi.input"], declared, current_app.config["MAX_CONTENT_LENGTH"])
    except TimeoutError:
        raise RequestTimeout from None


def body() -> bytes:
    """The body of the current request; empty where it has none."""
    found: bytes = g.body
    return found


def _read(stream: IO[bytes], declared: int | None, limit: int) -> bytes:
    if declared is not None and declared > limit:
        _throw_away(stream)
        raise RequestEntityTooLarge
    read = stream.read(limit + 1 if declared is None else declared)
    if len(read) > limit:
        _throw_away(stream)
        raise RequestEntityTooLarge
    if declared is not None and len(read) < declared:
        raise ClientDisconnected
    return read


def _throw_away(stream: IO[bytes]) -> None:
    """Reads on for a while, so that a client that is still sending gets to see why it is refused."""
    left = _most_thrown_away
    while left > 0 and (chunk := stream.read(min(left, _chunk))):
        left -= len(chunk)
