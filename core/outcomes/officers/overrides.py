"""Overrides: how often officers decide otherwise than the model, and, with outcomes, whether they were right."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from sqlalchemy import String, and_, cast, func, literal, null, select, union_all

from core.audit.segments import Segments
from core.audit.tables import OutcomeRow
from core.catalogue.ages import age_bands
from core.contract.record.overrides import OverrideGroup, fewest_decisions
from core.contract.record.performance import early_share
from core.drift.measures.intervals import share_interval
from core.outcomes.coverage import final_decisions, month_of
from core.outcomes.log import is_current
from core.outcomes.officers.checks import checks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import CTE, Select

    from core.audit.engine import Database
    from core.contract.record.overrides import OverrideChecks, OverrideDimension
    from core.model.artefacts import ModelInfo

_fewest_of_reason: Final = 5
_segments: Final[tuple[OverrideDimension, ...]] = tuple(field.name for field in fields(Segments))  # type: ignore[misc]
# Concepts and written reasons are too many to be crossed with the rest, and are counted apart.
_decided: Final = ("month", "model_decision", "kind")
_by: Final = (*_decided, "officer", *_segments)
_apart: Final = ("model_reason", "reason")
_every: Final = (*_by, *_apart)
_is_override: Final = pl.col("kind") == "override"
_accepts: Final = _is_override & (pl.col("model_decision") == "REFUSÉ")
_schema: Final[dict[str, Any]] = {
    "counted": pl.String(),
    **dict.fromkeys(_every, pl.String()),
    "decisions": pl.Int64(),
    "known": pl.Int64(),
    "defaults": pl.Int64(),
}


@dataclass(frozen=True, slots=True)
class Overrides:
    """The overrides by group, and what is conspicuous; None where no officer has decided."""

    groups: list[OverrideGroup]
    checks: OverrideChecks | None


def overrides(
    database: Database, model: ModelInfo, made_for: str | None = None, *, now: datetime | None = None
) -> Overrides:
    """The overrides in all, by month, officer, segment, first reason of the model, and reason as it was written.

    The last decision on each application counts. Segments of decisions that do not repeat them, since they are older,
    are those of their outcome. Alarms are about the decisions since the month of a year ago: an officer who has left,
    or a group that is not overruled any more, does not stand out for ever.

    Args:
        model: whose costs say from when on accepting pays.
        made_for: the subject of the person on whose predictions alone decisions count; None: on everybody's.
        now: the moment that is a year after that, with a time zone; None: that of the clock.

    Raises:
        core.audit.writing.AuditUnavailable: where the record cannot be read.
    """
    counted = _with_ripe(_counted(database, made_for))
    cells, by_concept, by_text = (counted.filter(pl.col("counted") == name) for name in ("cells", *_apart))
    if not cells.height:
        return Overrides([], None)
    groups = [
        *_groups("all", cells.with_columns(all=pl.lit(""))),
        *_groups("month", cells),
        *_groups("officer", cells, fewest_decisions),
        *(group for name in _segments for group in _groups(name, cells)),
        *sorted(_groups("model_reason", by_concept), key=lambda group: -group.decisions),
        *sorted(_groups("reason", by_text), key=lambda group: -group.decisions),
    ]
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    since = f"{moment.year - 1:04}-{moment.month:02}"
    found = checks(_tested(cells), _tested(cells.filter(pl.col("month") >= since)), model, since)
    agreeing = {alarm.value for alarm in found.alarms if alarm.kind == "agrees_with_everything"}
    marked = [
        group.model_copy(update={"agrees_with_everything": group.dimension == "officer" and group.value in agreeing})
        for group in groups
    ]
    return Overrides(marked, found)


def _with_ripe(counted: pl.DataFrame) -> pl.DataFrame:
    """With the months in which nearly all whom officers accepted against the model have their outcome: `ripe`."""
    waiting = (
        counted.filter((pl.col("counted") == "cells") & _accepts)
        .group_by("month")
        .agg(((pl.col("decisions") - pl.col("known")).sum() <= early_share * pl.col("decisions").sum()).alias("ripe"))
    )
    return counted.join(waiting, on="month", how="left").with_columns(pl.col("ripe").fill_null(value=False))


def _groups(dimension: OverrideDimension, cells: pl.DataFrame, fewest: int = 1) -> Iterator[OverrideGroup]:
    """The group of each value of a dimension that has enough decisions, in the order of the values."""
    sums = (
        cells.filter(pl.col(dimension).is_not_null())
        .group_by(dimension)
        .agg(
            pl.col("decisions").sum(),
            pl.col("decisions").filter(_is_override).sum().alias("overrides"),
            pl.col("decisions").filter(_accepts).sum().alias("accepted"),
            pl.col("known", "defaults").filter(_accepts).sum(),
            pl.col("known", "defaults").filter(_accepts & pl.col("ripe")).sum().name.prefix("ripe_"),
        )
        .filter(pl.col("decisions") >= fewest)
    )
    order = {band: place for place, band in enumerate(age_bands)}
    for row in sorted(sums.rows(named=True), key=lambda row: (order.get(row[dimension], 0), row[dimension])):
        yield _group(dimension, row)


def _group(dimension: OverrideDimension, sums: dict[str, Any]) -> OverrideGroup:
    decisions, against, ripe = sums["decisions"], sums["overrides"], sums["ripe_known"]
    low, high = share_interval(against / decisions, decisions)
    paid: tuple[float | None, float | None, float | None] = None, None, None
    if ripe >= fewest_decisions:
        paid_rate = 1 - sums["ripe_defaults"] / ripe
        paid = paid_rate, *share_interval(paid_rate, ripe)
    return OverrideGroup(
        dimension=dimension,
        value=sums[dimension],
        decisions=decisions,
        overrides=against,
        rate=against / decisions,
        rate_low=low,
        rate_high=high,
        few=dimension != "reason" and decisions < fewest_decisions,
        accepted=sums["accepted"],
        accepted_known=sums["known"],
        accepted_defaults=sums["defaults"],
        paid_known=ripe,
        paid_rate=paid[0],
        paid_rate_low=paid[1],
        paid_rate_high=paid[2],
    )


def _tested(cells: pl.DataFrame) -> pl.DataFrame:
    """The decisions and overrides of each officer and segment, by decision of the model, as `checks` takes them."""
    against = pl.col("decisions").filter(_is_override).sum().alias("overrides")
    parts = [
        cells.filter(pl.col(name).is_not_null())
        .group_by(pl.col(name).alias("value"), "model_decision")
        .agg(pl.col("decisions").sum(), against)
        .select(pl.lit(name).alias("dimension"), "value", "model_decision", "decisions", "overrides")
        for name in ("officer", *_segments)
    ]
    return pl.concat(parts).sort("dimension", "value", "model_decision")


def _counted(database: Database, made_for: str | None) -> pl.DataFrame:
    """Decisions counted in cells, by the model's first reason, and, of those against the model, by written reason."""
    final = final_decisions(made_for, also=(*_segments, "model_reason"))
    with_outcome = and_(OutcomeRow.prediction_id == final.c.prediction_id, is_current(OutcomeRow))
    labelled: list[Any] = [
        month_of(final.c.time, database.dialect).label("month"),
        *(final.c[name] for name in ("officer", "model_decision", "kind")),
        *(
            func.coalesce(final.c[name], getattr(OutcomeRow, name)).label(name)
            if hasattr(OutcomeRow, name)
            else final.c[name]
            for name in _segments
        ),
        *(final.c[name] for name in _apart),
    ]
    # Counted three times, and looked for once.
    rows = select(*labelled, OutcomeRow.defaulted).select_from(final.outerjoin(OutcomeRow, with_outcome)).cte("decided")
    is_override = rows.c.kind == "override"
    often = select(rows.c.reason).where(is_override).group_by(rows.c.reason).having(func.count() >= _fewest_of_reason)
    query = union_all(
        _count(rows, "cells", _by),
        _count(rows, "model_reason", (*_decided, "model_reason")),
        _count(rows, "reason", (*_decided, "reason")).where(is_override, rows.c.reason.in_(often)),
    )
    with database.reached(), database.engine.connect() as connection:
        found = connection.execute(query).all()
    return pl.DataFrame([tuple(row) for row in found], schema=_schema, orient="row")


def _count(rows: CTE, name: str, places: Sequence[str]) -> Select[Any]:
    """The decisions of each combination of values, how many outcomes of them are known, and how many defaulted."""
    columns: list[Any] = [
        rows.c[column] if column in places else cast(null(), String).label(column) for column in _every
    ]
    counts: list[Any] = [
        func.count().label("decisions"),
        func.count(rows.c.defaulted).label("known"),
        func.coalesce(func.sum(rows.c.defaulted), 0).label("defaults"),
    ]
    counted = select(literal(name, String).label("counted"), *columns, *counts)
    return counted.group_by(*(rows.c[column] for column in places))
