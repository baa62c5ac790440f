"""The import of a file of outcomes: sound rows on record, others told with what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from core.audit.entries import new_ids
from core.outcomes.entries import OutcomeRefusal
from core.outcomes.file import BadRow, FileRow, fields, rows_of_file
from core.text.messages import message

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.outcomes.entries import OutcomeEntry, Status
    from core.outcomes.log import Checked, OutcomeLog
    from core.tables.limits import FileLimits

caller: Final = "import"
heading: Final = ("row", "column", "problem", "expected", *fields)
SetAside = tuple[object, ...]
"""A row that was set aside: its number, the column, what is wrong, what was expected, and its cells."""


@dataclass(slots=True)
class ImportedOutcomes:
    """What became of the rows of a file."""

    rows: int = 0
    set_aside: int = 0
    counts: dict[Status, int] = field(default_factory=lambda: {"recorded": 0, "corrected": 0, "known": 0})


def import_outcomes(
    path: Path, log: OutcomeLog, limits: FileLimits, put_aside: Callable[[list[SetAside]], object]
) -> ImportedOutcomes:
    """Puts the outcomes of a file on record, a thousand at a time; what is stored already is not stored again.

    Args:
        path: as `core.outcomes.file.rows_of_file` takes it.
        put_aside: takes rows that are no outcome, or one of no decision, as `heading` names their cells.

    Raises:
        core.tables.errors.UnusableFile: the file cannot be read, or not on; what was recorded until then stays.
        core.audit.writing.AuditUnavailable: likewise.
    """
    report = ImportedOutcomes()
    now = datetime.now(UTC)
    (request_id,) = new_ids(now, 1)
    for rows in rows_of_file(path, limits):
        read: list[tuple[FileRow, OutcomeEntry]] = []
        aside: list[SetAside] = []
        for row in rows:
            if isinstance(row.entry, BadRow):
                aside.append(_aside(row, row.entry.field, row.entry.problem))
            else:
                read.append((row, row.entry))
        sound: list[Checked] = []
        for (row, _), checked in zip(read, log.check([entry for _, entry in read], now), strict=True):
            if isinstance(checked, OutcomeRefusal):
                aside.append(_aside(row, checked.field, checked.reason))
            else:
                sound.append(checked)
        for status in log.record(sound, request_id, caller):
            report.counts[status] += 1
        report.rows += len(rows)
        report.set_aside += len(aside)
        if aside:
            put_aside(sorted(aside, key=lambda cells: int(str(cells[0]))))
    return report


def _aside(row: FileRow, column: str | None, problem: str) -> SetAside:
    said = (message(problem, "en"), message(f"{problem}_expected", "en"))
    return (row.number, column or "", *said, *(row.cells.get(name, "") for name in fields))
