"""The decisions of officers on predictions: confirm or override, with a reason; never changed, never taken back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select, tuple_

from core.audit.chain.appending import Appending
from core.audit.chain.links import entry_table
from core.audit.entries import new_ids
from core.audit.log import AuditLog
from core.audit.of_portfolio import is_of
from core.audit.of_subject import is_about_one_for
from core.audit.segments import segments_of
from core.audit.tables import DecisionRow
from core.audit.writing import writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Connection, Select

    from core.audit.engine import Database
    from core.audit.entries import Outcome, RecordedPrediction
    from core.contract.record.officer_decisions import DecisionKind
    from core.portfolio.provenance import ApplicationSource, HistorySource, Provenance

read_at_once: Final = 500


class UnknownPrediction(LookupError):
    """No prediction of that id, or of that client, is recorded."""


class PredictionOfAnotherClient(ValueError):
    """The prediction is not of the client that was named."""


class KeyUsedOtherwise(ValueError):
    """The caller has recorded another decision under the same idempotency key."""


@dataclass(frozen=True, slots=True)
class DecisionEntry:
    """A decision to be recorded.

    Attributes:
        prediction_id: the prediction that it is about; None: the last one of `client_id`, which is then not None.
        request_id, caller: of the request that brings it.
        idempotency_key: at most 64 characters; the caller's decision is recorded once under it, however often it is
            sent. None: each time that it is sent.
        subject: who decides, as their identity provider knows them, where the caller asserts them; keys are then each
            person's own.
    """

    officer: str
    decision: Outcome
    reason: str
    prediction_id: str | None
    client_id: int | None
    request_id: str
    caller: str
    idempotency_key: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """An officer's decision as it was recorded, with the prediction that it is about as it was answered.

    Attributes:
        kind: "confirm" where the officer decides as the model did, else "override".
        subject: of the officer, as their identity provider knows them; None where the caller named the officer.
        history, portfolio, application: of the prediction, as in `core.audit.entries.RecordedPrediction`.
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
    history: HistorySource | None
    portfolio: str | None
    subject: str | None = None
    application: ApplicationSource | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """What became of a decision to be recorded: as it is stored, and whether it was not stored before."""

    decision: StoredDecision
    is_new: bool


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """Which decisions: None does not restrict. `since` is included, `until` is not.

    Attributes:
        portfolio: those on its clients, and not on other applications that bear their number.
    """

    client_id: int | None = None
    prediction_id: str | None = None
    officer: str | None = None
    subject: str | None = None
    kind: DecisionKind | None = None
    since: datetime | None = None
    until: datetime | None = None
    portfolio: Provenance | None = None


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """Decisions, newest first, of `total` that there are."""

    decisions: tuple[StoredDecision, ...]
    total: int


columns: Final = tuple(field.name for field in fields(StoredDecision))
_columns = tuple(DecisionRow.__table__.c[name] for name in columns)


def applicant_of(given: RecordedPrediction) -> dict[str, str | None]:
    """What a decision repeats of the applicant: the segments, by column.

    Args:
        given: the prediction that it is about, with its inputs.
    """
    return asdict(segments_of(given.inputs or {}))


class DecisionLog:
    """The officers' decisions in an audit database. A later one stands beside an earlier one."""

    def __init__(self, database: Database, made_for: str | None = None) -> None:
        """Reads and writes nothing yet.

        Args:
            made_for: the subject of the person on whose predictions alone decisions are read and recorded; None: on
                everybody's.
        """
        self._database = database
        self._predictions = AuditLog(database, made_for)
        self._readable = is_about_one_for(made_for, DecisionRow)

    def record(
        self,
        entry: DecisionEntry,
        repeated: Callable[[RecordedPrediction], Mapping[str, str | None]] = applicant_of,
    ) -> Recording:
        """Stores a decision, once under its key.

        Args:
            repeated: what the decision repeats of the prediction that it is about, with its inputs: values by column.

        Returns:
            The decision as it is stored: by this call, or before, where the caller had recorded it under the same key.

        Raises:
            UnknownPrediction: what it is about is not recorded.
            PredictionOfAnotherClient: the prediction is of another client than the one named.
            KeyUsedOtherwise: the caller has recorded another decision under this key.
            core.audit.writing.AuditUnavailable: it is not stored.
        """
        # Before what it is about is looked for: since the first time, that may have been purged, or be another.
        with self._database.reached(), self._database.engine.connect() as connection:
            earlier = _recorded_under_key(connection, entry)
        if earlier is not None:
            return Recording(earlier, is_new=False)
        about = self._about(entry)
        given = self._predictions.prediction_with_inputs(about.id)
        now = datetime.now(UTC)
        decision = StoredDecision(
            id=new_ids(now, 1)[0],
            time=now,
            client_id=about.client_id,
            decision=entry.decision,
            kind="confirm" if entry.decision == about.decision else "override",
            reason=entry.reason,
            officer=entry.officer,
            caller=entry.caller,
            prediction_id=about.id,
            model_decision=about.decision,
            probability=about.probability,
            threshold=about.threshold,
            model_version=about.model_version,
            request_id=entry.request_id,
            history=about.history,
            portfolio=about.portfolio,
            subject=entry.subject,
            application=about.application,
        )
        values = {name: getattr(decision, name) for name in columns} | {"idempotency_key": key_of(entry)}
        if given is not None:
            values |= repeated(given)
        table = entry_table("decision", self._database.dialect)
        row = table.row(values)
        with self._database.reached(), writing(self._database.engine) as connection:
            # The same request may have come twice at once. Where one of them does not wait for the other, the unique
            # index refuses it.
            record = Appending.within(connection)
            earlier = _recorded_under_key(connection, entry)
            if earlier is not None:
                return Recording(earlier, is_new=False)
            record.add(table, [row], [table.content(row)])
        return Recording(decision, is_new=True)

    def decisions(self, decision_filter: DecisionFilter, limit: int, offset: int = 0) -> DecisionPage:
        """The decisions that a filter lets through, newest first.

        Args:
            limit, offset: which part of them.

        Raises:
            core.audit.writing.AuditUnavailable: where they cannot be read.
        """
        count = _filtered(select(func.count()).select_from(DecisionRow), decision_filter).where(self._readable)
        readable = _filtered(select(*_columns), decision_filter).where(self._readable)
        rows = _newest_first(readable).limit(limit).offset(offset)
        with self._database.reached(), self._database.engine.connect() as connection:
            total = connection.execute(count).scalar_one()
            records = connection.execute(rows).mappings().all()
        return DecisionPage(tuple(StoredDecision(**record) for record in records), total)

    def each(self, decision_filter: DecisionFilter) -> Iterator[StoredDecision]:
        """Every decision that a filter lets through, newest first; few are in memory at a time.

        Raises:
            core.audit.writing.AuditUnavailable: where they cannot be read.
        """
        query = _newest_first(_filtered(select(*_columns), decision_filter).where(self._readable)).limit(read_at_once)
        last: StoredDecision | None = None
        while True:
            part = query
            if last is not None:
                part = query.where(tuple_(DecisionRow.time, DecisionRow.id) < (last.time, last.id))
            with self._database.reached(), self._database.engine.connect() as connection:
                rows = connection.execute(part).mappings().all()
            for row in rows:
                last = StoredDecision(**row)
                yield last
            if len(rows) < read_at_once:
                return

    def _about(self, entry: DecisionEntry) -> RecordedPrediction:
        if entry.prediction_id is not None:
            about = self._predictions.prediction(entry.prediction_id)
        elif entry.client_id is not None:
            about = self._predictions.latest(entry.client_id)
        else:
            raise ValueError("a decision is about a prediction or a client")
        if about is None:
            raise UnknownPrediction
        if entry.client_id is not None and about.client_id != entry.client_id:
            raise PredictionOfAnotherClient
        return about


def key_of(entry: DecisionEntry) -> str | None:
    """The idempotency key of an entry as it is stored, unique among those of a caller: of a person, with who they are.

    Two people who ask through one caller may make the same key. A digest of both takes its place, so that one unique
    index of the database holds for all.
    """
    if entry.idempotency_key is None or entry.subject is None:
        return entry.idempotency_key
    return sha256(f"{entry.subject}\n{entry.idempotency_key}".encode()).hexdigest()


def _recorded_under_key(connection: Connection, entry: DecisionEntry) -> StoredDecision | None:
    """What the caller has recorded under the entry's key. Raises `KeyUsedOtherwise` where it is something else."""
    if entry.idempotency_key is None:
        return None
    query = select(*_columns).where(DecisionRow.caller == entry.caller, DecisionRow.idempotency_key == key_of(entry))
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    earlier = StoredDecision(**row)
    same = (
        (earlier.decision, earlier.subject or earlier.officer, earlier.reason)
        == (entry.decision, entry.subject or entry.officer, entry.reason)
        and earlier.subject == entry.subject
        and entry.prediction_id in (None, earlier.prediction_id)
        and entry.client_id in (None, earlier.client_id)
    )
    if not same:
        raise KeyUsedOtherwise
    return earlier


def _newest_first(query: Select[Any]) -> Select[Any]:
    return query.order_by(DecisionRow.time.desc(), DecisionRow.id.desc())


def _filtered(query: Select[Any], decision_filter: DecisionFilter) -> Select[Any]:
    for name in ("client_id", "prediction_id", "officer", "subject", "kind"):
        value = getattr(decision_filter, name)
        if value is not None:
            query = query.where(getattr(DecisionRow, name) == value)
    if decision_filter.since is not None:
        query = query.where(DecisionRow.time >= decision_filter.since)
    if decision_filter.until is not None:
        query = query.where(DecisionRow.time < decision_filter.until)
    if decision_filter.portfolio is not None:
        query = query.where(is_of(decision_filter.portfolio, DecisionRow))
    return query
