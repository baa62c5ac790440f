"""Coverage: of the decisions of each month, how many have their outcome, wait for it, or will never have one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from core.contract.record.outcomes import MonthCoverage
from core.outcomes.counting.counts import counted

if TYPE_CHECKING:
    from core.audit.engine import Database


def coverage(database: Database, made_for: str | None = None) -> tuple[MonthCoverage, ...]:
    """The coverage of each month in which something was decided, oldest first.

    Of a client who was decided on several times in a month, one decision counts: one whose outcome is known, else the
    last one. What counts as decided is the officer's decision where there is one, else the model's. Decisions that the
    retention has deleted are known by their outcomes alone.

    Args:
        made_for: the subject of the person whose decisions alone count; None: everybody's.

    Raises:
        core.audit.writing.AuditUnavailable: where the record cannot be read.
    """
    return coverage_of(counted(database, made_for).applications)


def coverage_of(applications: pl.DataFrame) -> tuple[MonthCoverage, ...]:
    """The same, of applications as `core.outcomes.counting.cells.application_cells` counts them."""
    waits, accepted = pl.col("has_outcome") == 0, pl.col("decision") == "ACCEPTÉ"
    rows = pl.col("rows")
    months = applications.group_by("month").agg(
        decisions=rows.sum(),
        with_outcome=rows.filter(~waits).sum(),
        waiting=rows.filter(waits & accepted).sum(),
        refused=rows.filter(waits & ~accepted).sum(),
    )
    return tuple(MonthCoverage(**month) for month in months.sort("month").iter_rows(named=True))
