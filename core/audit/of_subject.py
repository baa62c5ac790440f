"""The record of one person: predictions that were made for them, and decisions on these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, true

from core.audit.tables import PredictionRow

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from core.audit.tables import DecisionRow


def is_made_for(subject: str | None) -> ColumnElement[bool]:
    """Whether a prediction was made for a person; None: for anybody."""
    return true() if subject is None else PredictionRow.subject == subject


def is_about_one_for(subject: str | None, decision: type[DecisionRow]) -> ColumnElement[bool]:
    """Whether a decision is about a prediction that was made for a person, and is still on record; None: about any.

    Args:
        decision: the table, or another name for it in a query.
    """
    if subject is None:
        return true()
    return exists().where(PredictionRow.id == decision.prediction_id, PredictionRow.subject == subject)
