"""What every request and every answer goes through: its body read, a request id, safe headers, a line in the log."""

from __future__ import annotations

import logging
import re
import time
from typing import IO, TYPE_CHECKING, Final
from uuid import uuid4

from flask import Flask, g, request
from werkzeug.exceptions import RequestEntityTooLarge, RequestTimeout

if TYPE_CHECKING:
    from flask import Response

_log = logging.getLogger("api.requests")

_header: Final = "X-Request-ID"
_sane = re.compile(r"[A-Za-z0-9._-]{8,64}")

_body_patience: Final = 10.0
_chunk: Final = 64 * 1024
_most_thrown_away: Final = 64 * 1024 * 1024

_headers: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    # Answers hold the data of clients: nothing on the way may keep them.
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def request_id() -> str:
    """The id of the current request: the caller's `X-Request-ID` where it is sane, else one of ours."""
    return str(g.request_id)


def register(app: Flask) -> None:
    """Adds the request id, the headers and the log line to an application."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began = time.perf_counter()
    given = request.headers.get(_header, "")
    g.request_id = given if _sane.fullmatch(given) else uuid4().hex
    if "HTTP_TRANSFER_ENCODING" in request.environ or request.environ.get("CONTENT_LENGTH", "0") != "0":
        _take_in_body()


def _take_in_body() -> None:
    """Reads the body whole, whatever becomes of the request.

    What is left unread can be taken by gunicorn together with the next request of the connection, which it then does
    not see (26.2: an answer that comes before the body leaves a client that goes on sending without an answer).
    """
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        # A thread waits for the body: not for ever.
        connection.settimeout(_body_patience)
    try:
        request.get_data()
    except RequestEntityTooLarge:
        _throw_away(request.environ["wsgi.input"])
        raise
    except TimeoutError:
        raise RequestTimeout from None


def _throw_away(body: IO[bytes]) -> None:
    """Reads on for a while, so that a client that is still sending gets to see why it is refused."""
    left = _most_thrown_away
    while left > 0 and (chunk := body.read(min(left, _chunk))):
        left -= len(chunk)


def _end(response: Response) -> Response:
    headers = response.headers
    headers[_header] = g.request_id
    for name, value in _headers.items():
        headers.setdefault(name, value)
    # The route, not the address: an address can hold the number of a client.
    _log.info(
        "method=%s route=%s status=%d ms=%.2f request_id=%s",
        request.method,
        request.url_rule.rule if request.url_rule else "-",
        response.status_code,
        (time.perf_counter() - g.began) * 1000,
        g.request_id,
    )
    return response
