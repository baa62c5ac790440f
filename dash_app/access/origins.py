"""Origins of requests: names that are not ours, and changes that a page of another site asks for, are refused.

What says neither where it comes from is no browser, and has no cookie of a reader (`core.access.sites`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Response, jsonify, request

from core.access.sites import hosts_of, is_from_another_site, safe_methods
from core.contract import problems
from dash_app.i18n import _

if TYPE_CHECKING:
    from flask import Flask

    from core.settings import Settings

probes: Final = ("/health", "/_stcore/health")
"""Where platforms ask whether the service lives, by whatever address they know; `_stcore` as of the earlier system."""


def guard(server: Flask, settings: Settings) -> None:
    """Answers 421 under another name, and 403 to what changes something and comes from another site."""
    hosts = hosts_of(settings)

    @server.before_request
    def refuse_others() -> Response | tuple[Response, int] | None:
        if not hosts.has(request.host) and request.path not in probes:
            # Nothing else is served under this name either: a page would stand there without its styles.
            message = _("This dashboard does not answer under this name: add it to the setting ALLOWED_HOSTS.")
            return Response(message, problems.unknown_host.status, mimetype="text/plain")
        headers = request.headers
        if request.method not in safe_methods and is_from_another_site(
            headers.get("Sec-Fetch-Site"), headers.get("Origin"), request.host
        ):
            problem = problems.another_site
            return jsonify(
                problems.content(problem, _("A page of another site can change nothing here."))
            ), problem.status
        return None
