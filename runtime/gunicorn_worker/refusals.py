"""Refusals: what is said of a request that never reaches the application.

gunicorn's own sentences repeat what was sent.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from gunicorn.http import errors  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Mapping

too_slow: Final = (HTTPStatus.REQUEST_TIMEOUT, "The request takes too long to come.")
too_many_bodies: Final = (HTTPStatus.SERVICE_UNAVAILABLE, "Too many large bodies are on their way.")
failed: Final = (HTTPStatus.INTERNAL_SERVER_ERROR, "Internal error.")
# The first that fits counts: the last is what all others are, too.
_of_errors: Final[Mapping[type[Exception], tuple[HTTPStatus, str]]] = {
    errors.LimitRequestLine: (HTTPStatus.REQUEST_URI_TOO_LONG, "The address is too long."),
    errors.LimitRequestHeaders: (
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "The headers are too many or too large.",
    ),
    errors.UnsupportedTransferCoding: (HTTPStatus.NOT_IMPLEMENTED, "This transfer coding is not supported."),
    errors.ExpectationFailed: (HTTPStatus.EXPECTATION_FAILED, "This expectation cannot be met."),
    errors.ForbiddenProxyRequest: (HTTPStatus.FORBIDDEN, "Requests from this proxy are not taken."),
    errors.InvalidRequestLine: (HTTPStatus.BAD_REQUEST, "The request line is malformed."),
    errors.InvalidRequestMethod: (HTTPStatus.BAD_REQUEST, "The request line is malformed."),
    errors.InvalidHTTPVersion: (HTTPStatus.BAD_REQUEST, "This version of HTTP is not supported."),
    errors.ParseException: (HTTPStatus.BAD_REQUEST, "The request is malformed."),
}


def refusal(error: BaseException) -> tuple[HTTPStatus, str]:
    """Status and sentence for what went wrong with a request."""
    return next((said for kind, said in _of_errors.items() if isinstance(error, kind)), failed)


def answer(status: HTTPStatus, content_type: str, body: bytes) -> bytes:
    """A whole answer, after which the connection ends."""
    retry = "Retry-After: 5\r\n" if status is HTTPStatus.SERVICE_UNAVAILABLE else ""
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\nContent-Type: {content_type}\r\n"
        f"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n{retry}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body
