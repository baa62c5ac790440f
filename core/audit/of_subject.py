"""The record of one person: predictions that were made for them, with the decisions on these and their outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, true

from core.audit.tables import PredictionRow

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from core.audit.tables import DecisionRow, OutcomeRow


def is_made_for(subject: str | None, entry: type[PredictionRow] = PredictionRow) -> ColumnElement[bool]:
    """Whether a prediction was made for a person; None: for anybody.

    Args:
        entry: the table, or another name for it in a query.
    """
    return true() if subject is None else entry.subject == subject


def is_about_one_for(subject: str | None, entry: type[DecisionRow | OutcomeRow]) -> ColumnElement[bool]:
    """Whether a decision or an outcome is about a prediction on record that was made for a person; None: about any.

    Args:
        entry: the table, or another name for it in a query.
    """
    if subject is None:
        return true()
    return exists().where(PredictionRow.id == entry.prediction_id, PredictionRow.subject == subject)
