"""The configuration of gunicorn for the dashboard: what has to be right before it serves anybody."""

import os
import sys
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from core.access.listening import is_local
from core.settings import Settings
from runtime import collector
from runtime.console import failed

# Of the environment that the service itself has, as with the API, and not of whoever wrote its launch line.
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)


def post_worker_init(worker: Any) -> None:
    """Called in each worker once it is there: a thread of the process before would not have come along."""
    from dash_app.services import DashboardServices

    # Not `worker.wsgi`, which a worker may have wrapped: ours does.
    worker.app.wsgi().extensions[DashboardServices.key].delivery.start()


def on_starting(server: Any) -> None:
    """Called once, before anything listens."""
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)
        sys.exit(failed("; ".join(f"{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in wrong)))
    if settings.missing_for_login:
        sys.exit(failed(f"OIDC_ISSUER is set: {', '.join(settings.missing_for_login)} must be as well"))
    if not (settings.oidc_issuer or settings.allow_anonymous):
        _check_addresses(server.cfg.address)
    # Once for all workers, and nothing run: LightGBM and Polars do not survive a fork once they have.
    with collector.loading():
        from dash_app import shared

        shared.load()


def _check_addresses(addresses: Iterable[object]) -> None:
    for address in addresses:
        if not is_local(address):
            place = f"on {address[0]}" if isinstance(address, tuple) else "there"
            message = (
                "without a login anybody who reaches this machine could read and decide on its clients: "
                f"the dashboard does not listen {place}.\n"
                "Set OIDC_ISSUER and what belongs to it, or ALLOW_ANONYMOUS=true where only those may reach it who "
                "may use it."
            )
            sys.exit(failed(message))
