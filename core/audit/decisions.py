"""The words of officers on predictions: confirm or override, with a reason; never changed, never taken back."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import func, insert, select, tuple_

from core.audit.entries import new_ids
from core.audit.log import AuditLog
from core.audit.tables import DecisionRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Select

    from core.audit.engine import Database
    from core.audit.entries import Outcome, RecordedPrediction

DecisionKind = Literal["confirm", "override"]
read_at_once: Final = 500


class UnknownPrediction(LookupError):
    """No prediction of that id, or of that client, is recorded."""


class PredictionOfAnotherClient(ValueError):
    """The prediction is not of the client that was named."""


@dataclass(frozen=True, slots=True)
class Word:
    """What an officer says.

    Attributes:
        prediction_id: the prediction that it is about; None: the last one of `client_id`, which is then not None.
        request_id, caller: of the request that brings it.
    """

    officer: str
    decision: Outcome
    reason: str
    prediction_id: str | None
    client_id: int | None
    request_id: str
    caller: str


@dataclass(frozen=True, slots=True)
class OfficerDecision:
    """An officer's word as it was recorded, with the prediction that it is about as it was answered.

    Attributes:
        kind: "confirm" where the officer decides as the model did, else "override".
    """

    id: str
    time: datetime
    client_id: int | None
    decision: Outcome
    kind: DecisionKind
    reason: str
    officer: str
    caller: str
    prediction_id: str
    model_decision: Outcome
    probability: float
    threshold: float
    model_version: str
    request_id: str


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """Which decisions: None does not restrict. `since` is included, `until` is not."""

    client_id: int | None = None
    prediction_id: str | None = None
    officer: str | None = None
    kind: DecisionKind | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """Decisions, newest first, of `total` that there are."""

    decisions: tuple[OfficerDecision, ...]
    total: int


columns: Final = tuple(each.name for each in fields(OfficerDecision))
_columns = tuple(DecisionRow.__table__.c[name] for name in columns)


class DecisionLog:
    """The officers' decisions in an audit database. A later word stands beside an earlier one."""

    def __init__(self, database: Database) -> None:
        """Reads and writes nothing yet."""
        self._database = database
        self._predictions = AuditLog(database)

    def record(self, word: Word) -> OfficerDecision:
        """Stores what an officer says.

        Raises:
            UnknownPrediction: what it is about is not recorded.
            PredictionOfAnotherClient: the prediction is of another client than the one named.
            core.audit.engine.AuditUnavailable: it is not stored.
        """
        about = self._about(word)
        now = datetime.now(UTC)
        said = OfficerDecision(
            id=new_ids(now, 1)[0],
            time=now,
            client_id=about.client_id,
            decision=word.decision,
            kind="confirm" if word.decision == about.decision else "override",
            reason=word.reason,
            officer=word.officer,
            caller=word.caller,
            prediction_id=about.id,
            model_decision=about.decision,
            probability=about.probability,
            threshold=about.threshold,
            model_version=about.model_version,
            request_id=word.request_id,
        )
        row = {name: getattr(said, name) for name in columns}
        with self._database.reached(), self._database.engine.begin() as connection:
            connection.execute(insert(DecisionRow), row)
        return said

    def decisions(self, wanted: DecisionFilter, limit: int, offset: int = 0) -> DecisionPage:
        """The decisions that a filter lets through, newest first.

        Args:
            limit, offset: which part of them.

        Raises:
            core.audit.engine.AuditUnavailable: where they cannot be read.
        """
        count = _filtered(select(func.count()).select_from(DecisionRow), wanted)
        rows = _newest_first(_filtered(select(*_columns), wanted)).limit(limit).offset(offset)
        with self._database.reached(), self._database.engine.connect() as connection:
            total = connection.execute(count).scalar_one()
            found = connection.execute(rows).mappings().all()
        return DecisionPage(tuple(OfficerDecision(**each) for each in found), total)

    def each(self, wanted: DecisionFilter) -> Iterator[OfficerDecision]:
        """Every decision that a filter lets through, newest first; few are in memory at a time.

        Raises:
            core.audit.engine.AuditUnavailable: where they cannot be read.
        """
        query = _newest_first(_filtered(select(*_columns), wanted)).limit(read_at_once)
        last: OfficerDecision | None = None
        while True:
            part = query
            if last is not None:
                part = query.where(tuple_(DecisionRow.time, DecisionRow.id) < (last.time, last.id))
            with self._database.reached(), self._database.engine.connect() as connection:
                rows = connection.execute(part).mappings().all()
            for row in rows:
                last = OfficerDecision(**row)
                yield last
            if len(rows) < read_at_once:
                return

    def _about(self, word: Word) -> RecordedPrediction:
        if word.prediction_id is not None:
            found = self._predictions.prediction(word.prediction_id)
        elif word.client_id is not None:
            found = self._predictions.latest(word.client_id)
        else:
            raise ValueError("a decision is about a prediction or a client")
        if found is None:
            raise UnknownPrediction
        if word.client_id is not None and found.client_id != word.client_id:
            raise PredictionOfAnotherClient
        return found


def _newest_first(query: Select[Any]) -> Select[Any]:
    return query.order_by(DecisionRow.time.desc(), DecisionRow.id.desc())


def _filtered(query: Select[Any], wanted: DecisionFilter) -> Select[Any]:
    for name in ("client_id", "prediction_id", "officer", "kind"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(DecisionRow, name) == value)
    if wanted.since is not None:
        query = query.where(DecisionRow.time >= wanted.since)
    if wanted.until is not None:
        query = query.where(DecisionRow.time < wanted.until)
    return query
