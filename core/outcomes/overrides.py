"""Overrides: how often officers decide otherwise than the model, and, with outcomes, whether they were right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl
from sqlalchemy import and_, func, select

from core.audit.tables import OutcomeRow
from core.contract.record.performance import OverrideGroup
from core.drift.measures.intervals import share_interval
from core.outcomes.coverage import final_decisions, month_of
from core.outcomes.log import is_current

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.audit.engine import Database
    from core.contract.record.performance import OverrideDimension

# With fewer decisions an officer's rate is chance, and nobody is to be judged by it.
fewest_of_officer: Final = 20
_fewest_of_reason: Final = 5
_by: Final = ("month", "officer", "model_decision", "kind", "reason")
_schema: Final[dict[str, Any]] = {
    **dict.fromkeys(_by, pl.String()),
    "decisions": pl.Int64(),
    "known": pl.Int64(),
    "defaults": pl.Int64(),
}


def overrides(database: Database, made_for: str | None = None) -> list[OverrideGroup]:
    """The overrides in all, by month, by officer, and by reason as it was written; the last decision on each counts.

    Args:
        made_for: the subject of the person on whose predictions alone decisions count; None: on everybody's.

    Raises:
        core.audit.writing.AuditUnavailable: where the record cannot be read.
    """
    counted = _counted(database, made_for)
    if not counted.height:
        return []
    against = counted.filter(pl.col("kind") == "override")
    return [
        _group("all", "", counted),
        *_groups("month", counted, 1),
        *_groups("officer", counted, fewest_of_officer),
        *_groups("reason", against, _fewest_of_reason),
    ]


def _groups(dimension: OverrideDimension, counted: pl.DataFrame, fewest: int) -> Iterator[OverrideGroup]:
    """The group of each value of a dimension that has enough decisions."""
    for value in counted[dimension].unique().sort():
        part = counted.filter(pl.col(dimension) == value)
        if part["decisions"].sum() >= fewest:
            yield _group(dimension, value, part)


def _group(dimension: OverrideDimension, value: str, counted: pl.DataFrame) -> OverrideGroup:
    against = counted.filter(pl.col("kind") == "override")
    accepted = against.filter(pl.col("model_decision") == "REFUSÉ")
    decisions, number = int(counted["decisions"].sum()), int(against["decisions"].sum())
    low, high = share_interval(number / decisions, decisions)
    return OverrideGroup(
        dimension=dimension,
        value=value,
        decisions=decisions,
        overrides=number,
        rate=number / decisions,
        rate_low=low,
        rate_high=high,
        accepted=int(accepted["decisions"].sum()),
        accepted_known=int(accepted["known"].sum()),
        accepted_defaults=int(accepted["defaults"].sum()),
    )


def _counted(database: Database, made_for: str | None) -> pl.DataFrame:
    final = final_decisions(made_for)
    with_outcome = and_(OutcomeRow.prediction_id == final.c.prediction_id, is_current(OutcomeRow))
    labelled: list[Any] = [
        month_of(final.c.time, database.dialect).label("month"),
        *(final.c[name] for name in _by[1:]),
    ]
    joined = select(*labelled, OutcomeRow.defaulted).select_from(final.outerjoin(OutcomeRow, with_outcome)).subquery()
    # PostgreSQL groups by columns: an expression with parameters is not the one that is selected.
    places = [joined.c[name] for name in _by]
    counts: list[Any] = [
        func.count().label("decisions"),
        func.count(joined.c.defaulted).label("known"),
        func.coalesce(func.sum(joined.c.defaulted), 0).label("defaults"),
    ]
    query = select(*places, *counts).group_by(*places)
    with database.reached(), database.engine.connect() as connection:
        rows = connection.execute(query).all()
    return pl.DataFrame([tuple(row) for row in rows], schema=_schema, orient="row")
