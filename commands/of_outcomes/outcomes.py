"""The `outcomes` commands: a file of outcomes on record, and how many decisions wait for theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from commands.of_outcomes.on_record import on_record
from core import outputs
from core.audit.writing import AuditUnavailable
from core.contract.record.outcomes import total_coverage
from core.exports.csv_text import as_csv
from core.outcomes.importing import heading, import_outcomes
from core.outcomes.log import OutcomeLog
from core.outcomes.month_coverage import coverage
from core.settings import settings
from core.tables.errors import UnusableFile
from core.tables.limits import FileLimits
from runtime.console import failed, note, table

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from core.audit.engine import Database
    from core.contract.record.outcomes import MonthCoverage, OutcomeCoverage
    from core.outcomes.importing import SetAside


def run(namespace: Namespace) -> int:
    """Does `namespace.action` on the record of the settings; returns the exit code."""
    return on_record(lambda database: _actions[namespace.action](namespace, database))


def _import(namespace: Namespace, database: Database) -> int:
    file: Path = namespace.file
    if not file.is_file():
        return failed(f"There is no file {file}")
    aside: Path = namespace.set_aside or file.with_name(f"{file.stem}.set-aside.csv")
    kept: list[SetAside] = []
    try:
        outputs.check_output(aside, inputs=[file])
        try:
            report = import_outcomes(file, OutcomeLog(database), FileLimits.of(settings()), kept.extend)
        except (UnusableFile, OSError, AuditUnavailable):
            if kept:
                note(f"The import stopped; the rows that it set aside until then are in {aside}")
            raise
        finally:
            # Also where the import stops midway: what it recorded stays, and what it set aside as well.
            _write_aside(aside, kept, file)
    except (UnusableFile, OSError) as error:
        return failed(str(error))
    lines = [
        ("Rows read", f"{report.rows:,}"),
        ("Recorded", f"{report.counts['recorded']:,}"),
        ("Corrected", f"{report.counts['corrected']:,}"),
        ("Known before", f"{report.counts['known']:,}"),
        ("Set aside", f"{report.set_aside:,}"),
    ]
    if kept:
        lines.append(("Rows set aside", str(aside)))
        note(
            "Mend the rows that were set aside, and import their file: what is recorded already is not recorded again."
        )
    table(lines)
    return 0


def _write_aside(aside: Path, kept: list[SetAside], file: Path) -> None:
    if kept:
        with outputs.replacing(aside, inputs=[file]) as part:
            part.write_text(as_csv([heading, *kept]), encoding="utf-8")


def _coverage(_: Namespace, database: Database) -> int:
    months = list(coverage(database))
    if not months:
        note("Nothing was decided yet.")
        return 0
    whole = total_coverage(months)
    named: list[tuple[str, MonthCoverage | OutcomeCoverage]] = [*((month.month, month) for month in months)]
    lines = [("Month", f"{'decisions':>10} {'with outcome':>13} {'waiting':>10} {'refused':>10}")]
    for name, month in [*named, ("All", whole)]:
        figures = f"{month.decisions:>10,} {month.with_outcome:>13,} {month.waiting:>10,} {month.refused:>10,}"
        lines.append((name, figures))
    table(lines)
    return 0


_actions: Final[Mapping[str, Callable[[Namespace, Database], int]]] = {"import": _import, "coverage": _coverage}
