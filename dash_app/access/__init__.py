"""Access to the dashboard: login, origins, headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

from dash_app.access import headers, login, origins
from dash_app.access.login import IncompleteLogin

if TYPE_CHECKING:
    from core.settings import Settings
    from dash_app.application import Workbench

__all__ = ["IncompleteLogin", "protect"]


def protect(app: Workbench, settings: Settings) -> None:
    """Guards an application whose callbacks are all registered.

    Raises:
        IncompleteLogin: settings of the login that belong together are not all there.
    """
    if settings.trusted_proxies:
        trusted = settings.trusted_proxies
        app.server.wsgi_app = ProxyFix(app.server.wsgi_app, x_for=trusted, x_proto=trusted, x_host=trusted)
    origins.guard(app.server, settings)
    login.guard(app, settings)
    headers.add(app, settings)
