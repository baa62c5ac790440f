"""Middleware of every request and answer: a request id, safe headers, a line in the log."""

from __future__ import annotations

import logging
import re
import time
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from flask import Flask, g, request

from api.access.roles import caller
from api.operations.metrics import count_request

if TYPE_CHECKING:
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


def request_id() -> str:
    """The id of the current request: the caller's `X-Request-ID` where it is sane, else one of ours."""
    return str(g.request_id)


def register(app: Flask) -> None:
    """Adds the request id, the headers and the log line to an application."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began = time.perf_counter()
    sent_id = request.headers.get(_header, "")
    g.request_id = sent_id if _sane.fullmatch(sent_id) else uuid4().hex


def _end(response: Response) -> Response:
    headers = response.headers
    headers[_header] = g.request_id
    # Once for all of them: `setdefault` goes through the headers for each.
    present = {name.lower() for name in headers.keys()}  # noqa: SIM118 (of pairs, otherwise)
    for name, value in _headers.items():
        if name.lower() not in present:
            headers.add(name, value)
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
