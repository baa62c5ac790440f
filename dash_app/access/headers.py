"""Security headers of each answer: where scripts may come from, and that nobody else may frame the pages."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from flask import request

if TYPE_CHECKING:
    from flask import Response

    from core.settings import Settings
    from dash_app.application import Workbench

_plain: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_one_year: Final = 365 * 24 * 3600


def add(app: Workbench, settings: Settings) -> None:
    """Adds them to every answer of an application whose callbacks are all registered."""
    # A browser holds the address that a form leads on to against this as well: signing out ends at the provider.
    issuer = urlsplit(settings.oidc_issuer or "")
    forms = f"'self' {issuer.scheme}://{issuer.netloc}" if issuer.netloc else "'self'"

    @cache
    def policy() -> str:
        return "; ".join(
            (
                "default-src 'none'",
                # No inline script but those of the page itself, by their digests.
                f"script-src 'self' {' '.join(app.inline_scripts)}",
                # Plotly and the components of Dash set styles on elements: without this they stand unformatted.
                "style-src 'self' 'unsafe-inline'",
                "img-src 'self' data: blob:",
                "font-src 'self' data:",
                "connect-src 'self'",
                "manifest-src 'self'",
                "worker-src 'self' blob:",
                f"form-action {forms}",
                "frame-ancestors 'none'",
                "base-uri 'none'",
            )
        )

    def tell(response: Response) -> Response:
        for name, value in _plain.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", policy())
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={_one_year}")
        if response.mimetype in ("application/json", "text/html"):
            # Data of clients: not for the disks of browsers and proxies.
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    app.server.after_request(tell)
