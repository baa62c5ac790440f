"""Origins of requests: names of the service, other sites (CORS), and trusted proxies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeVar

from flask import current_app, request
from werkzeug.exceptions import BadRequest
from werkzeug.middleware.proxy_fix import ProxyFix

from core.access.sites import hosts_of, is_from_another_site, safe_methods

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from flask import Flask

    from core.settings import Settings

View = TypeVar("View", bound="Callable[..., Any]")

_origin: Final = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")
# A proxy's word on the path before ours stands in answers: it is a path, and leads to no other place.
_prefix: Final = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")


class InvalidOrigins(ValueError):
    """A `CORS_ORIGINS` that cannot be used."""


class UnknownHost(Exception):
    """A request under a name that is not one of this service."""


class AnotherSite(Exception):
    """A page of another site that has a browser change something."""


def writes_record(view: View) -> View:
    """Says of a view that its GET writes into the record, so that a page of another site may not have it sent."""
    view.writes_record = True  # type: ignore[attr-defined]
    return view


def recording_rules(app: Flask) -> frozenset[str]:
    """The rules of the routes whose GET writes into the record, such as `/clients/<client_id>`."""
    return frozenset(rule.rule for rule in app.url_map.iter_rules() if _writes_record(app, rule.endpoint))


def _writes_record(app: Flask, endpoint: str | None) -> bool:
    return bool(getattr(app.view_functions.get(endpoint or ""), "writes_record", False))


def is_probed(rule: str) -> bool:
    """Whether platforms ask for a route, by whatever address they know; it says nothing of anybody."""
    return rule == "/health" or rule.startswith("/health/")


def at(path: str) -> str:
    """The address of a path of ours, which begins with `/`, as a caller reaches it: below the path of a proxy."""
    return f"{request.script_root}{path}"


def origins_of(settings: Settings) -> list[str]:
    """The origins of `CORS_ORIGINS`, none by default; raises `InvalidOrigins`."""
    origins = [origin.strip() for origin in settings.cors_origins.split(",") if origin.strip()]
    if not all(_origin.fullmatch(origin) for origin in origins):
        raise InvalidOrigins("CORS_ORIGINS: expected such as https://bank.example, separated by commas, without a path")
    return origins


def register(app: Flask, settings: Settings) -> None:
    """Refuses requests under another name or from another site, but those of `CORS_ORIGINS`.

    As many proxies as `TRUSTED_PROXIES` says are believed on the caller, the name and the path before ours.
    """
    origins, hosts = origins_of(settings), hosts_of(settings)

    def check() -> None:
        if not _prefix.fullmatch(request.script_root):
            raise BadRequest
        if not hosts.has(request.host) and not (request.url_rule and is_probed(request.url_rule.rule)):
            raise UnknownHost
        is_safe = request.method in safe_methods
        if is_safe and not _writes_record(current_app, request.endpoint):
            return
        # Of the environment: from `request.headers` the two take 7 us.
        sent = request.environ
        referer = sent.get("HTTP_REFERER") if is_safe else None
        site, origin = sent.get("HTTP_SEC_FETCH_SITE"), sent.get("HTTP_ORIGIN")
        if is_from_another_site(site, origin, request.host, origins, referer):
            raise AnotherSite

    app.before_request(check)
    if origins:
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
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies, x_prefix=proxies)  # type: ignore[method-assign]
