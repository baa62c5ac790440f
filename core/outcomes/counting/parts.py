"""Parts of the record that are counted by themselves: some decisions with all that is about them, or as it once was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import aliased

from core.audit.tables import DecisionRow, OutcomeRow, PredictionRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement

    _Conditions = Callable[[Any], list[ColumnElement[bool]]]

_Row = TypeVar("_Row", PredictionRow, DecisionRow, OutcomeRow)


@dataclass(frozen=True, slots=True)
class RecordPart:
    """The entries of the record that meet conditions, under a new name in a query each time they are asked for.

    Attributes:
        of_predictions, of_decisions, of_outcomes: each makes of the table the conditions that its entries
            meet; None: all of them.
    """

    of_predictions: _Conditions | None = None
    of_decisions: _Conditions | None = None
    of_outcomes: _Conditions | None = None

    def predictions(self) -> type[PredictionRow]:
        """The predictions."""
        return _named(PredictionRow, self.of_predictions)

    def decisions(self) -> type[DecisionRow]:
        """The decisions of officers."""
        return _named(DecisionRow, self.of_decisions)

    def outcomes(self) -> type[OutcomeRow]:
        """The outcomes."""
        return _named(OutcomeRow, self.of_outcomes)


whole_record = RecordPart()


def _named(table: type[_Row], conditions: _Conditions | None) -> type[_Row]:
    return aliased(table) if conditions is None else aliased(table, select(table).where(*conditions(table)).subquery())
