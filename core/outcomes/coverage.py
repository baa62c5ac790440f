"""What was decided: applications with the decision that counts of each, by queries; `month_coverage` counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, String, case, cast, exists, func, literal, select, union_all

from core.audit.of_portfolio import numbering_of
from core.audit.of_subject import is_about_one_for, is_made_for
from core.outcomes.counting.parts import RecordPart, whole_record
from core.outcomes.log import is_current, is_decision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Subquery

    from core.audit.tables import OutcomeRow, PredictionRow


def month_of(moment: Any, dialect: str) -> ColumnElement[str]:
    """The month of a moment in UTC, as `2026-11`."""
    if dialect == "sqlite":
        return func.substr(moment, 1, 7, type_=String)
    return func.to_char(func.timezone("UTC", moment), "YYYY-MM", type_=String)


def final_decisions(made_for: str | None = None, part: RecordPart = whole_record, also: Sequence[str] = ()) -> Subquery:
    """The last decision of an officer on each prediction that has one: `prediction_id`, `decision`, `officer`...

    Of a prediction whose outcome is known, those of before its first outcome count.

    Args:
        made_for: the subject of the person on whose predictions alone decisions count; None: on everybody's.
        part: of the record.
        also: names of further columns of the decisions.
    """
    decision, outcome = part.decisions(), part.outcomes()
    newest = (decision.time.desc(), decision.id.desc())
    place = func.row_number().over(partition_by=decision.prediction_id, order_by=newest).label("place")
    names = ("prediction_id", "decision", "model_decision", "kind", "officer", "reason", "time", *also)
    columns: list[Any] = [*(getattr(decision, name) for name in names), place]
    # Who knows what became of a client decides nothing any more.
    is_known = exists().where(outcome.prediction_id == decision.prediction_id, outcome.time < decision.time)
    every = select(*columns).where(~is_known, is_about_one_for(made_for, decision)).subquery()
    return select(every).where(every.c.place == 1).subquery()


def decided_applications(dialect: str, made_for: str | None, part: RecordPart = whole_record) -> Subquery:
    """Every decision, of the record or known by its outcome, with its place among those of its client and month.

    Columns: `id`, `month`, `application` (the client, or the decision where none is known), `decision` of the model,
    `model_version`, `probability`, `has_outcome` (0 or 1), `place`: 1 for the one that counts.
    """
    prediction, outcome, of_prediction = part.predictions(), part.outcomes(), part.outcomes()
    known = exists().where(of_prediction.prediction_id == prediction.id)
    recorded = select(
        prediction.id.label("id"),
        month_of(prediction.time, dialect).label("month"),
        _application(prediction, prediction.id).label("application"),
        prediction.decision.label("decision"),
        prediction.model_version.label("model_version"),
        prediction.probability.label("probability"),
        cast(case((known, 1), else_=0), Integer).label("has_outcome"),
    ).where(is_decision(prediction, part.decisions()), is_made_for(made_for, prediction))
    still_there = part.predictions()
    gone = ~exists().where(still_there.id == outcome.prediction_id)
    purged = select(
        outcome.prediction_id,
        month_of(outcome.decided, dialect),
        _application(outcome, outcome.prediction_id),
        outcome.model_decision,
        outcome.model_version,
        outcome.probability,
        literal(1),
    ).where(gone, is_current(outcome, part.outcomes()), is_about_one_for(made_for, outcome))
    both = union_all(recorded, purged).subquery()
    newest = (both.c.has_outcome.desc(), both.c.id.desc())
    place = func.row_number().over(partition_by=(both.c.month, both.c.application), order_by=newest).label("place")
    return select(both, place).subquery()


def _application(entry: type[PredictionRow | OutcomeRow], decision: Any) -> ColumnElement[str]:
    """The client that a decision is about; the decision itself, which no such text can be, where it names none."""
    return func.coalesce(cast(entry.client_id, String) + " " + numbering_of(entry), decision)
