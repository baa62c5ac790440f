"""Middleware of every request and answer: a request id, safe headers, a line in the log."""

from __future__ import annotations

import logging
import re
import time
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from flask import Flask, g, request

from api.access.roles import caller
from api.operations.metrics import count_request

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from flask import Response

_log = logging.getLogger("api.requests")

_header: Final = "X-Request-ID"
_sane = re.compile(r"[A-Za-z0-9._-]{8,64}")

_headers: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Answers hold the data of clients: nothing on the way may keep them.
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_safe: Final = tuple((name.lower(), (name, value)) for name, value in _headers.items())


def request_id() -> str:
    """The id of the current request: the caller's `X-Request-ID` where it is sane, else one of ours."""
    return str(g.request_id)


def register(app: Flask) -> None:
    """Adds the request id, the headers and the log line to an application."""
    app.before_request(_begin)
    app.after_request(_end)
    app.wsgi_app = _with_safe_headers(app.wsgi_app)  # type: ignore[assignment,method-assign]


def _with_safe_headers(application: WSGIApplication) -> WSGIApplication:
    """The application, whose answers have the headers that they do not set themselves.

    They are added as the server gets them: Flask's own list of headers checks each name and value again.
    """

    def answering(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        def begin(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            present = {name.lower() for name, _ in headers}
            return start(status, [*headers, *(pair for name, pair in _safe if name not in present)], *failure)

        return application(environ, begin)

    return answering


def _begin() -> None:
    g.began = time.perf_counter()
    sent_id = request.headers.get(_header, "")
    g.request_id = sent_id if _sane.fullmatch(sent_id) else uuid4().hex


def _end(response: Response) -> Response:
    response.headers[_header] = g.request_id
    # The route, not the address: an address can hold the number of a client.
    route = request.url_rule.rule if request.url_rule else "-"
    seconds = time.perf_counter() - g.began
    count_request(route, request.method, response.status_code, seconds)
    _log.info(
        "request",
        extra={
            "method": request.method,
            "route": route,
            "status": response.status_code,
            "ms": round(seconds * 1000, 2),
            "request_id": g.request_id,
            "caller": caller(),
        },
    )
    return response
