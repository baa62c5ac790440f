"""An audit database of each kind, empty."""

from tests.core.audit.conftest import database, decisions, log, sqlite_url, url

__all__ = ["database", "decisions", "log", "sqlite_url", "url"]
