"""The asker, as the API may know them: who is signed in; else enough to count requests, and nobody's name."""

from __future__ import annotations

import hashlib

from flask import has_request_context, request

from core.access.person import Person
from dash_app.access.login import asserted, reader
from dash_app.service.asking import Asker


def asker() -> Asker | None:
    """Who sent the current request: who is signed in, else the machine; None outside of one."""
    if not has_request_context():
        return None
    who = reader()
    known = f"reader {who.subject}" if who else f"address {request.remote_addr}"
    return Asker(hashlib.sha256(known.encode()).hexdigest()[:32], asserted(who) if who else None)


def visitor() -> Person | None:
    """Whose what the current request decides is in a public demonstration: who is signed in, else the word for them."""
    who = asker()
    return reader() or (None if who is None else Person(who.word, "Demo"))
