"""What a command does on the record of the settings: opened before, closed after, and what keeps it from that said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.audit.engine import Database, InvalidDatabaseUrl, database_url
from core.audit.writing import AuditUnavailable
from core.settings import settings
from runtime.console import failed

if TYPE_CHECKING:
    from collections.abc import Callable


def on_record(work: Callable[[Database], int]) -> int:
    """Does some work on the audit database of the settings, its tables up to date and guarded; returns the exit code.

    A file that is not there is made: an empty record has no decisions, and what is asked of it says so.
    """
    try:
        database = Database.open(database_url(settings()))
    except InvalidDatabaseUrl as error:
        return failed(str(error))
    except AuditUnavailable as error:
        return not_opened(error)
    try:
        return work(database)
    except AuditUnavailable as error:
        return failed(f"The audit database: {error}")
    finally:
        database.close()


def not_opened(error: AuditUnavailable) -> int:
    """Says why a record cannot be opened, and what helps; returns the exit code."""
    hint = ". `run.py audit guard` makes its guards again" if error.reason == "unguarded" else ""
    return failed(f"The audit database cannot be opened: {error}{hint}")
