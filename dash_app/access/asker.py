"""Who asks, as the API may know it: enough to count requests of each, and nobody's name."""

from __future__ import annotations

import hashlib

from flask import has_request_context, request

from dash_app.access.login import reader


def asker() -> str | None:
    """A word that stands for who sent the current request: who is signed in, else the machine; None outside of one."""
    if not has_request_context():
        return None
    who = reader()
    known = f"reader {who.subject}" if who else f"address {request.remote_addr}"
    return hashlib.sha256(known.encode()).hexdigest()[:32]
