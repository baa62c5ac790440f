"""The `audit` commands: `upgrade`, `verify`, `head`, `backup` and others that look after an audit database."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import TYPE_CHECKING, Final

from commands.of_outcomes.on_record import not_opened
from core import outputs
from core.audit.chain import guards
from core.audit.chain.stored import head_before, head_of
from core.audit.chain.verification import InvalidHead, fault_text, published_heads, verify
from core.audit.decisions import DecisionFilter, DecisionLog
from core.audit.engine import Database, InvalidDatabaseUrl, database_url
from core.audit.entries import PredictionFilter
from core.audit.log import AuditLog, retention_start
from core.audit.upkeep.backup import BackupError, Copied, backup, restore
from core.audit.writing import AuditUnavailable, json_text, writing
from core.outcomes.counting.counts import dropped_as_wrong
from core.outcomes.log import OutcomeLog
from core.settings import settings
from runtime.console import counted, failed, note, table
from runtime.webhook import AlertNotSent, post

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator, Mapping

    from _typeshed import DataclassInstance

_log = logging.getLogger(__name__)

# What looks at a record, copies it or mends it, guarded or not.
_unguarded: Final = ("guard", "export", "backup", "verify", "head")
# What a database that is not there has nothing for.
_reading: Final = ("backup", "verify", "head")


def run(namespace: Namespace) -> int:
    """Does `namespace.action` on the database of the settings; returns the exit code."""
    try:
        url = database_url(settings())
        is_file = url.get_backend_name() == "sqlite"
        # To open one that is not there would make it, empty.
        if namespace.action in _reading and is_file and not Path(url.database or "").is_file():
            return failed(f"There is no audit database at {url.database}")
        database = (Database.open_unguarded if namespace.action in _unguarded else Database.open)(url)
    except InvalidDatabaseUrl as error:
        return failed(str(error))
    except AuditUnavailable as error:
        return not_opened(error)
    try:
        return _actions[namespace.action](namespace, database)
    except (BackupError, AlertNotSent) as error:
        return failed(str(error))
    except AuditUnavailable as error:
        return failed(f"The audit database: {error}")
    finally:
        database.close()


def _upgrade(_: Namespace, __: Database) -> int:
    note("The tables of the audit are up to date.")
    return 0


def _guard(_: Namespace, database: Database) -> int:
    missing = database.absent_guards()
    if not missing:
        note("The guards of the record are all there.")
        return 0
    with database.reached(), writing(database.engine) as connection:
        guards.make(connection)
    note(f"Made again: {', '.join(missing)}")
    note("Find out who removed them.")
    return 0


def _purge(namespace: Namespace, database: Database) -> int:
    days = namespace.days or settings().audit_retention_days
    if days is None:
        return failed("There is no retention: give --days N, or set AUDIT_RETENTION_DAYS")
    purged = AuditLog(database).purge(retention_start(days))
    note(f"Deleted {counted(purged, 'prediction')} older than {counted(days, 'day')}.")
    return 0


def _export(namespace: Namespace, database: Database) -> int:
    out: Path = namespace.out
    entries = _entries[namespace.what](database)
    written = 0
    try:
        with outputs.replacing(out, inputs=_files_of(database)) as aside, aside.open("wb") as stream:
            for entry in entries:
                stream.write(f"{json_text(asdict(entry))}\n".encode())
                written += 1
    except OSError as error:
        return failed(f"{out} cannot be written: {error.strerror or error}")
    note(f"Wrote {written:,} {namespace.what} to {out}")
    return 0


_entries: Final[Mapping[str, Callable[[Database], Iterator[DataclassInstance]]]] = {
    "predictions": lambda database: AuditLog(database).each(PredictionFilter()),
    "decisions": lambda database: DecisionLog(database).each(DecisionFilter()),
    "outcomes": lambda database: OutcomeLog(database).each(),
}


def _files_of(database: Database) -> list[Path]:
    """The files of a database that is one, which no export may take the place of."""
    if not database.is_sqlite:
        return []
    file = database.engine.url.database or ""
    return [Path(f"{file}{suffix}") for suffix in ("", "-wal", "-shm")]


def _backup(namespace: Namespace, database: Database) -> int:
    note(f"Wrote {_rows_of(backup(database, namespace.file))} to {namespace.file}")
    return 0


def _restore(namespace: Namespace, database: Database) -> int:
    note(f"Put back {_rows_of(restore(database, namespace.file))} that the database did not have.")
    return 0


def _verify(namespace: Namespace, database: Database) -> int:
    try:
        heads = _published(namespace.head)
    except InvalidHead:
        return failed("--head: expected SEQUENCE:DIGEST, 64 hexadecimal digits, or a file with such heads")
    except OSError as error:
        return failed(f"{namespace.head} cannot be read: {error.strerror}")
    missing = database.absent_guards()
    began = time.perf_counter()
    verification = verify(database, heads)
    entries = sum(verification.counts.values())
    lines = [
        ("Entries", f"{entries:,} (read in {time.perf_counter() - began:.1f} s)"),
        *((f"  {kind}s", f"{count:,}") for kind, count in verification.counts.items()),
        ("  blocks that predictions of files are in", f"{verification.blocks:,}"),
        ("Deleted by the retention", f"{verification.purged:,}"),
        ("Older than the chain", f"{verification.sealed:,}"),
        ("Published heads checked", f"{len(heads)}"),
        ("Head", str(verification.head)),
    ]
    table(lines)
    for fault in verification.faults:
        note(f"{fault_text(fault)}.")
    if missing:
        note(f"Guards are absent: {', '.join(missing)}")
    # Counts are of what is there, be it what was recorded or not.
    are_wrong = dropped_as_wrong(database)
    if are_wrong:
        note("The counts that were kept of it (outcome_counts) were not: they are dropped, and made anew.")
    if verification.fault_count:
        return failed(f"The record is not what was recorded: {counted(verification.fault_count, 'fault')}")
    if missing:
        return failed("The record is as it was recorded, but nothing keeps it from being changed: `run.py audit guard`")
    note("The record is as it was recorded.")
    return failed("The counts that were kept of it (outcome_counts) were not") if are_wrong else 0


def _published(text: str | None) -> dict[int, bytes]:
    if text is None:
        return {}
    file = Path(text)
    return published_heads(file.read_text(encoding="utf-8") if file.is_file() else text)


def _head(namespace: Namespace, database: Database) -> int:
    today = datetime.now(UTC).date()
    day: date = namespace.date or today
    end = datetime.combine(day, clock(), UTC) + timedelta(days=1)
    with database.reached(), database.engine.connect() as connection:
        head = head_of(connection) if day >= today else head_before(connection, int(end.timestamp()) * 1_000_000)
    if not head.sequence:
        return failed(f"Nothing was recorded until the end of {day}")
    line = f"{day} {head}"
    url = settings().drift_webhook_url
    if namespace.webhook and url is None:
        return failed("There is no webhook: set DRIFT_WEBHOOK_URL")
    if namespace.out is not None:
        try:
            outputs.check_output(namespace.out, inputs=_files_of(database))
            with namespace.out.open("a", encoding="utf-8", newline="\n") as stream:
                stream.write(f"{line}\n")
        except OSError as error:
            return failed(f"{namespace.out} cannot be written: {error.strerror or error}")
    if namespace.webhook and url is not None:
        content = {"text": f"Record of decisions, end of {line}", "date": str(day), "head": str(head)}
        post(url.get_secret_value(), content)
    _log.info("audit head: %s", line)
    table([(str(day), str(head))])
    return 0


def _rows_of(copied: Copied) -> str:
    predictions, decisions = counted(copied.predictions, "prediction"), counted(copied.decisions, "decision")
    return f"{predictions}, {decisions} and {counted(copied.outcomes, 'outcome')}"


_actions: Final[Mapping[str, Callable[[Namespace, Database], int]]] = {
    "upgrade": _upgrade,
    "guard": _guard,
    "purge": _purge,
    "export": _export,
    "backup": _backup,
    "restore": _restore,
    "verify": _verify,
    "head": _head,
}
