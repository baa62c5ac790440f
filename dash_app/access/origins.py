"""Refuses what a page of another site has a browser do here (cross-site request forgery).

Browsers say where a request comes from: `Sec-Fetch-Site`, and `Origin` with everything but GET. What says neither is no
browser, and has no cookie of a reader. Source: W3C Fetch Metadata; OWASP Cross-Site Request Forgery Prevention.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from flask import abort, request

if TYPE_CHECKING:
    from flask import Flask

_harmless: Final = ("GET", "HEAD", "OPTIONS")
_from_here: Final = ("same-origin", "none")


def guard(server: Flask) -> None:
    """Answers 403 to requests that change something and come from elsewhere."""

    @server.before_request
    def refuse_others() -> None:
        if request.method not in _harmless and not _is_ours():
            abort(403)


def _is_ours() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in _from_here
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host
