"""Retention while the API runs: predictions; in a public demonstration files and reports too.

Elsewhere the worker forgets files. A demonstration may run without one, and what strangers send there has to go all the
same.
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from api import audit
from core.drift.retention import forget as forget_drift
from core.jobs.store import JobStore

if TYPE_CHECKING:
    from flask import Flask

    from core.settings import Settings

_log = logging.getLogger(__name__)
_hour: Final = 3600.0
_minute: Final = 60.0


def begin(app: Flask, settings: Settings) -> threading.Event | None:
    """Forgets again and again, in a thread of its own, until the process ends or the event is set.

    Returns:
        The event; None where nothing is ever forgotten.
    """
    if settings.retention is None:
        return None
    enough, seconds = threading.Event(), _minute if settings.public_demo else _hour

    def go_on() -> None:
        while not enough.wait(seconds):
            forget(app, settings)

    threading.Thread(target=go_on, name="retention", daemon=True).start()
    return enough


def forget(app: Flask, settings: Settings) -> None:
    """Forgets once what is older than the retention of the settings. What fails is logged, and tried again."""
    audit.purge(app)
    if not settings.public_demo:
        return
    hours = settings.jobs_retention_hours
    try:
        removed = JobStore(settings.jobs_dir).tidy(hours)
        removed += forget_drift(settings.drift_dir, datetime.now(UTC) - timedelta(hours=hours))
    except OSError as error:
        _log.error("expired files cannot be removed", extra={"error": type(error).__name__})
        return
    if removed:
        _log.info("expired files removed", extra={"count": removed})
