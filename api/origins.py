"""Where requests come from: pages of other origins that may call, and proxies whose word on the caller counts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from flask import Flask

    from core.settings import Settings

_origin: Final = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")


class InvalidOrigins(ValueError):
    """A `CORS_ORIGINS` that cannot be used."""


def origins_of(settings: Settings) -> list[str]:
    """The origins of `CORS_ORIGINS`, none by default; raises `InvalidOrigins`."""
    origins = [each.strip() for each in settings.cors_origins.split(",") if each.strip()]
    if not all(_origin.fullmatch(each) for each in origins):
        raise InvalidOrigins("CORS_ORIGINS: expected such as https://bank.example, separated by commas, without a path")
    return origins


def register(app: Flask, settings: Settings) -> None:
    """Lets pages of the origins of `CORS_ORIGINS` call, and believes as many proxies as `TRUSTED_PROXIES` says."""
    if origins := origins_of(settings):
        from flask_cors import CORS

        CORS(
            app,
            origins=origins,
            allow_headers=[
                "Accept-Language",
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "X-API-Key",
                "X-Request-ID",
            ],
            expose_headers=["Retry-After", "X-Request-ID"],
            max_age=600,
        )
    if proxies := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
