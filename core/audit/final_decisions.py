"""The final decision: the last one of an officer on a client or a prediction, in one indexed query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, exists, select, tuple_
from sqlalchemy.orm import aliased

from core.audit.of_portfolio import is_of
from core.audit.of_subject import is_about_one_for
from core.audit.tables import DecisionRow
from core.contract.record.officer_decisions import FinalDecisionAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement

    from core.audit.engine import Database
    from core.portfolio.provenance import Provenance

_names: Final = tuple(FinalDecisionAnswer.model_fields)
_columns: Final = tuple(DecisionRow.__table__.c[name] for name in _names)


class FinalDecisions:
    """The decisions that count, in an audit database."""

    def __init__(self, database: Database, made_for: str | None = None) -> None:
        """Reads nothing yet.

        Args:
            made_for: the subject of the person on whose predictions alone decisions count; None: on everybody's.
        """
        self._database = database
        self._made_for = made_for
        self._readable = is_about_one_for(made_for, DecisionRow)

    def of_clients(self, portfolio: Provenance, client_ids: Sequence[int]) -> dict[int, FinalDecisionAnswer]:
        """The final decisions on those clients of a portfolio who have one, by number.

        Args:
            portfolio: the clients on hand.
            client_ids: a page of them; at most some thousands.

        Raises:
            core.audit.writing.AuditUnavailable: where they cannot be read.
        """
        if not client_ids:
            return {}
        query = select(DecisionRow.client_id, *_columns).where(self._is_last_of_client(portfolio))
        with self._database.reached(), self._database.engine.connect() as connection:
            rows = connection.execute(query.where(DecisionRow.client_id.in_(client_ids))).all()
        return {client_id: _final(values) for client_id, *values in rows}

    def outcomes(self, portfolio: Provenance) -> dict[int, str]:
        """`ACCEPTÉ` or `REFUSÉ` by the number of each client of a portfolio on whom an officer has decided.

        As many as there are such clients: for a filter of the list, not for a page of it. Raises as `of_clients` does.
        """
        query = select(DecisionRow.client_id, DecisionRow.decision).where(self._is_last_of_client(portfolio))
        with self._database.reached(), self._database.engine.connect() as connection:
            rows = connection.execute(query.where(DecisionRow.client_id.is_not(None))).all()
        return {client_id: decision for client_id, decision in rows if client_id is not None}

    def of_prediction(self, prediction_id: str) -> FinalDecisionAnswer | None:
        """The final decision on the application of a prediction; None where there is none. Raises as `of_clients`."""
        query = select(*_columns).where(DecisionRow.prediction_id == prediction_id, self._readable)
        last = query.order_by(DecisionRow.time.desc(), DecisionRow.id.desc()).limit(1)
        with self._database.reached(), self._database.engine.connect() as connection:
            row = connection.execute(last).first()
        return None if row is None else _final(row)

    def of_predictions(self, prediction_ids: Sequence[str]) -> dict[str, FinalDecisionAnswer]:
        """The final decisions on those predictions that have one, by id.

        Args:
            prediction_ids: of a page of rows; at most some thousands.

        Raises:
            core.audit.writing.AuditUnavailable: where they cannot be read.
        """
        return self._last_by_prediction(DecisionRow.prediction_id.in_(prediction_ids)) if prediction_ids else {}

    def of_predictions_between(self, first: str, last: str) -> dict[str, FinalDecisionAnswer]:
        """The final decisions on the predictions whose ids are from `first` to `last`, by id.

        As many as officers have made: for all of a file, whose rows have ids that follow each other. Raises as
        `of_predictions` does.
        """
        return self._last_by_prediction(DecisionRow.prediction_id.between(first, last))

    def _last_by_prediction(self, condition: ColumnElement[bool]) -> dict[str, FinalDecisionAnswer]:
        query = select(DecisionRow.prediction_id, *_columns).where(condition, self._readable)
        ordered = query.order_by(DecisionRow.time, DecisionRow.id)
        with self._database.reached(), self._database.engine.connect() as connection:
            rows = connection.execute(ordered).all()
        # A later one takes the place of an earlier one.
        return {prediction_id: _final(values) for prediction_id, *values in rows}

    def _is_last_of_client(self, portfolio: Provenance) -> ColumnElement[bool]:
        later = aliased(DecisionRow)
        is_later = tuple_(later.time, later.id) > tuple_(DecisionRow.time, DecisionRow.id)
        of_same = later.client_id == DecisionRow.client_id
        counts = (is_of(portfolio, later), is_about_one_for(self._made_for, later))
        is_last = ~exists().where(of_same, is_later, *counts)
        return and_(is_of(portfolio, DecisionRow), self._readable, is_last)


def _final(values: Sequence[object]) -> FinalDecisionAnswer:
    """The decision whose `_columns` have these values."""
    return FinalDecisionAnswer.model_validate(dict(zip(_names, values, strict=True)))
