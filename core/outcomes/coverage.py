"""Coverage: of the decisions of each month, how many have their outcome, wait for it, or will never have one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, String, and_, case, cast, exists, func, literal, select, union_all

from core.audit.of_portfolio import numbering_of
from core.audit.of_subject import is_about_one_for, is_made_for
from core.audit.tables import DecisionRow, OutcomeRow, PredictionRow
from core.contract.record.outcomes import MonthCoverage
from core.outcomes.log import is_current, is_decision

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Subquery

    from core.audit.engine import Database


def month_of(moment: Any, dialect: str) -> ColumnElement[str]:
    """The month of a moment in UTC, as `2026-11`."""
    if dialect == "sqlite":
        return func.substr(moment, 1, 7, type_=String)
    return func.to_char(func.timezone("UTC", moment), "YYYY-MM", type_=String)


def final_decisions(made_for: str | None = None) -> Subquery:
    """The last decision of an officer on each prediction that has one: `prediction_id`, `decision`, `officer`...

    Of a prediction whose outcome is known, those of before its first outcome count.

    Args:
        made_for: the subject of the person on whose predictions alone decisions count; None: on everybody's.
    """
    newest = (DecisionRow.time.desc(), DecisionRow.id.desc())
    place = func.row_number().over(partition_by=DecisionRow.prediction_id, order_by=newest).label("place")
    names = ("prediction_id", "decision", "model_decision", "kind", "officer", "reason", "time")
    columns: list[Any] = [*(getattr(DecisionRow, name) for name in names), place]
    # Who knows what became of a client decides nothing any more.
    is_known = exists().where(OutcomeRow.prediction_id == DecisionRow.prediction_id, OutcomeRow.time < DecisionRow.time)
    every = select(*columns).where(~is_known, is_about_one_for(made_for, DecisionRow)).subquery()
    return select(every).where(every.c.place == 1).subquery()


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
    decided = decided_applications(database.dialect, made_for)
    final = final_decisions()
    decision = func.coalesce(final.c.decision, decided.c.decision)
    each = (
        select(decided.c.month, decided.c.has_outcome, case((decision == "ACCEPTÉ", 1), else_=0).label("is_accepted"))
        .select_from(decided.outerjoin(final, final.c.prediction_id == decided.c.id))
        .where(decided.c.place == 1)
        .subquery()
    )

    def count(condition: ColumnElement[bool]) -> ColumnElement[Any]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    known, accepted = each.c.has_outcome == 1, each.c.is_accepted == 1
    query = (
        select(
            each.c.month,
            func.count().label("decisions"),
            count(known).label("with_outcome"),
            count(and_(~known, accepted)).label("waiting"),
            count(and_(~known, ~accepted)).label("refused"),
        )
        .group_by(each.c.month)
        .order_by(each.c.month)
    )
    with database.reached(), database.engine.connect() as connection:
        return tuple(MonthCoverage(**row) for row in connection.execute(query).mappings())


def decided_applications(dialect: str, made_for: str | None) -> Subquery:
    """Every decision, of the record or known by its outcome, with its place among those of its client and month.

    Columns: `id`, `month`, `application` (the client, or the decision where none is known), `decision` of the model,
    `probability`, `has_outcome` (0 or 1), `place`: 1 for the one that counts.
    """
    known = exists().where(OutcomeRow.prediction_id == PredictionRow.id)
    recorded = select(
        PredictionRow.id.label("id"),
        month_of(PredictionRow.time, dialect).label("month"),
        _application(PredictionRow, PredictionRow.id).label("application"),
        PredictionRow.decision.label("decision"),
        PredictionRow.probability.label("probability"),
        cast(case((known, 1), else_=0), Integer).label("has_outcome"),
    ).where(is_decision(), is_made_for(made_for))
    gone = ~exists().where(PredictionRow.id == OutcomeRow.prediction_id)
    purged = select(
        OutcomeRow.prediction_id,
        month_of(OutcomeRow.decided, dialect),
        _application(OutcomeRow, OutcomeRow.prediction_id),
        OutcomeRow.model_decision,
        OutcomeRow.probability,
        literal(1),
    ).where(gone, is_current(OutcomeRow), is_about_one_for(made_for, OutcomeRow))
    both = union_all(recorded, purged).subquery()
    newest = (both.c.has_outcome.desc(), both.c.id.desc())
    place = func.row_number().over(partition_by=(both.c.month, both.c.application), order_by=newest).label("place")
    return select(both, place).subquery()


def _application(entry: type[PredictionRow | OutcomeRow], decision: Any) -> ColumnElement[str]:
    """The client that a decision is about; the decision itself, which no such text can be, where it names none."""
    return func.coalesce(cast(entry.client_id, String) + " " + numbering_of(entry), decision)
