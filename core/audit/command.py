"""The command that looks after an audit database: `audit upgrade`, `audit purge` and `audit export`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from core.audit.decisions import DecisionFilter, DecisionLog
from core.audit.engine import AuditUnavailable, Database, InvalidDatabaseUrl, database_url
from core.audit.entries import PredictionFilter
from core.audit.json_text import json_text
from core.audit.log import AuditLog, retention_start
from core.console import failed, note
from core.settings import settings

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path


def run(namespace: Namespace) -> int:
    """Does `namespace.action` on the database of the settings; returns the exit code."""
    try:
        database = Database.open(database_url(settings()))
    except InvalidDatabaseUrl as error:
        return failed(str(error))
    except AuditUnavailable as error:
        return failed(f"The audit database cannot be opened: {error}")
    try:
        return {"upgrade": _upgrade, "purge": _purge, "export": _export}[namespace.action](namespace, database)
    except AuditUnavailable as error:
        return failed(f"The audit database: {error}")
    finally:
        database.close()


def _upgrade(_: Namespace, __: Database) -> int:
    note("The tables of the audit are up to date.")
    return 0


def _purge(namespace: Namespace, database: Database) -> int:
    days = namespace.days or settings().audit_retention_days
    if days is None:
        return failed("There is no retention: give --days N, or set AUDIT_RETENTION_DAYS")
    purged = AuditLog(database).purge(retention_start(days))
    note(f"Deleted {purged:,} predictions older than {days} days.")
    return 0


def _export(namespace: Namespace, database: Database) -> int:
    out: Path = namespace.out
    found = (
        AuditLog(database).each(PredictionFilter())
        if namespace.what == "predictions"
        else DecisionLog(database).each(DecisionFilter())
    )
    written = 0
    try:
        with out.open("w", encoding="utf-8", newline="\n") as stream:
            for each in found:
                stream.write(json_text(asdict(each)) + "\n")
                written += 1
    except OSError as error:
        return failed(f"{out} cannot be written: {error.strerror}")
    note(f"Wrote {written:,} {namespace.what} to {out}")
    return 0
