"""The outcomes in an audit database: which decision each is about, recorded once, corrected by a later one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import exists, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from core.audit.blocks.reading import BlockReader
from core.audit.chain.appending import appending
from core.audit.chain.links import entry_table
from core.audit.chain.stored import keys_within
from core.audit.entries import new_ids, what_ifs
from core.audit.of_portfolio import numbering_of
from core.audit.of_subject import is_about_one_for, is_made_for
from core.audit.segments import segments_of
from core.audit.tables import DecisionRow, OutcomeRow, PredictionRow
from core.audit.traffic import deciding
from core.audit.writing import json_text
from core.outcomes.entries import DecidedApplication, OutcomeRefusal, StoredOutcome, refusal_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from core.audit.engine import Database
    from core.decision import Value
    from core.outcomes.entries import OutcomeEntry, Status

# Of one transaction: others write in between.
recorded_at_once: Final = 1000
_read_at_once: Final = 500
_stored_columns: Final = tuple(OutcomeRow.__table__.c[field.name] for field in fields(StoredOutcome))
_about_columns: Final = tuple(
    getattr(PredictionRow, name)
    for name in (
        *("id", "client_id", "time", "kind", "probability", "threshold", "decision", "model_version", "application"),
        *("portfolio", "inputs", "block"),
    )
)
# What tells one outcome of a decision from another.
_content: Final = ("defaulted", "observed", "amount_lost")


@dataclass(frozen=True, slots=True)
class OutcomeFilter:
    """Which outcomes: None does not restrict. `since`, which is included, and `until` are about the recording."""

    prediction_id: str | None = None
    client_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class OutcomePage:
    """Outcomes, newest first, of `total` that there are."""

    outcomes: tuple[StoredOutcome, ...]
    total: int


Checked = tuple["OutcomeEntry", DecidedApplication]
"""An outcome that can be recorded, and the decision that it is about."""

# When a client was decided on, in which prediction, and among whom the number is theirs (`numbering_of`).
_Decided = tuple[datetime, str, str]


def is_current(outcome: type[OutcomeRow], among: type[OutcomeRow] | None = None) -> ColumnElement[bool]:
    """Whether an outcome is the last one of its decision.

    Args:
        outcome: the table, or another name for it in a query.
        among: another name of those among which it is the last; None: of all of them.
    """
    later = among or aliased(OutcomeRow)
    is_later = tuple_(later.time, later.id) > tuple_(outcome.time, outcome.id)
    return ~exists().where(later.prediction_id == outcome.prediction_id, is_later)


def is_decision(
    prediction: type[PredictionRow] = PredictionRow, decision: type[DecisionRow] = DecisionRow
) -> ColumnElement[bool]:
    """Whether a prediction decides on an application, as `core.audit.traffic` has it: an outcome can be about it.

    Args:
        prediction, decision: the tables, or other names for them in a query.
    """
    word = exists().where(decision.prediction_id == prediction.id)
    return or_(prediction.kind.in_(deciding), prediction.kind.not_in(what_ifs) & word)


class OutcomeLog:
    """The outcomes in an audit database."""

    def __init__(self, database: Database, made_for: str | None = None) -> None:
        """Reads and writes nothing yet.

        Args:
            made_for: the subject of the person on whose predictions alone outcomes are read and recorded; None: on
                everybody's.
        """
        self._database = database
        self._made_for = made_for
        self._readable = is_about_one_for(made_for, OutcomeRow)
        self._blocks = BlockReader()

    def check(self, entries: Sequence[OutcomeEntry], now: datetime) -> list[Checked | OutcomeRefusal]:
        """Each outcome with the decision that it is about, or why it cannot be recorded, in order.

        Args:
            entries: at most some thousands.
            now: the moment at which they come.

        Raises:
            core.audit.writing.AuditUnavailable: where the record cannot be read.
        """
        with self._database.reached(), self._database.engine.connect() as connection:
            by_client = self._ids_by_client(connection, [entry for entry in entries if entry.prediction_id is None])
            named = [_named(entry, by_client) for entry in entries]
            keys = dict.fromkeys(key for key in named if isinstance(key, str))
            applications = self._applications(connection, list(keys))
        return [
            key if isinstance(key, OutcomeRefusal) else _checked(entry, applications.get(key), now)
            for entry, key in zip(entries, named, strict=True)
        ]

    def record(
        self, checked: Sequence[Checked], request_id: str, caller: str, now: datetime | None = None
    ) -> list[Status]:
        """Stores outcomes, all or none, in one transaction; what is stored already is not stored again.

        Args:
            checked: at most `recorded_at_once`, as `check` gives them; of several on one decision the last counts.
            request_id, caller: of the request that brings them.
            now: the moment at which they come, unless an outcome of the same decisions is younger: what comes last
                counts. None: the moment at which nobody else writes.

        Returns:
            What became of each, in order.

        Raises:
            core.audit.writing.AuditUnavailable: none is stored.
        """
        table = entry_table("outcome", self._database.dialect)
        statuses: list[Status] = []
        rows = []
        with appending(self._database) as record:
            earlier, newest = self._earlier(record.cursor, [application.prediction_id for _, application in checked])
            # Clocks of several machines differ, and may be set back.
            moment = max(now or datetime.now(UTC), newest + timedelta(microseconds=1))
            for key, (entry, application) in zip(new_ids(moment, len(checked)), checked, strict=True):
                before = earlier[application.prediction_id]
                content = (int(entry.defaulted), entry.observed.isoformat(), entry.amount_lost)
                if content in before:
                    statuses.append("known")
                    continue
                corrected = next(reversed(before.values()), None)
                statuses.append("corrected" if corrected else "recorded")
                before[content] = key
                values = asdict(application) | dict(zip(_content, content, strict=True))
                origin = {"id": key, "time": moment, "request_id": request_id, "caller": caller, "corrects": corrected}
                rows.append(table.row(values | origin))
            if rows:
                record.add(table, rows, [table.content(row) for row in rows])
        return statuses

    def outcomes(self, outcome_filter: OutcomeFilter, limit: int, offset: int = 0) -> OutcomePage:
        """The outcomes that a filter lets through, newest first, corrected ones as well.

        Raises:
            core.audit.writing.AuditUnavailable: where they cannot be read.
        """
        count = _filtered(select(func.count()).select_from(OutcomeRow), outcome_filter).where(self._readable)
        rows = _filtered(select(*_stored_columns), outcome_filter).where(self._readable)
        ordered = rows.order_by(OutcomeRow.time.desc(), OutcomeRow.id.desc()).limit(limit).offset(offset)
        with self._database.reached(), self._database.engine.connect() as connection:
            total = connection.execute(count).scalar_one()
            stored = connection.execute(ordered).mappings().all()
        return OutcomePage(tuple(StoredOutcome(**row) for row in stored), total)

    def each(self) -> Iterator[StoredOutcome]:
        """Every outcome, in the order of their ids; few are in memory at a time. Raises as `outcomes` does."""
        query = select(*_stored_columns).where(self._readable).order_by(OutcomeRow.id).limit(_read_at_once)
        after = ""
        while True:
            with self._database.reached(), self._database.engine.connect() as connection:
                rows = connection.execute(query.where(OutcomeRow.id > after)).mappings().all()
            yield from (StoredOutcome(**row) for row in rows)
            if len(rows) < _read_at_once:
                return
            after = rows[-1]["id"]

    def _ids_by_client(self, connection: Connection, entries: Sequence[OutcomeEntry]) -> Mapping[int, list[_Decided]]:
        """When each of the clients was decided on, in which predictions and as whose client, oldest first."""
        clients = list({entry.client_id for entry in entries if entry.client_id is not None})
        decided: dict[int, list[_Decided]] = defaultdict(list)
        for start in range(0, len(clients), _read_at_once):
            among = PredictionRow.client_id.in_(clients[start : start + _read_at_once])
            names = (PredictionRow.client_id, PredictionRow.time, PredictionRow.id, numbering_of(PredictionRow))
            query = select(*names).where(among, is_decision(), is_made_for(self._made_for))
            rows = [*connection.execute(query)]
            # What the retention has deleted is known by the outcomes that it had.
            of_client = OutcomeRow.client_id.in_(clients[start : start + _read_at_once])
            kept = (OutcomeRow.client_id, OutcomeRow.decided, OutcomeRow.prediction_id, numbering_of(OutcomeRow))
            rows += connection.execute(select(*kept).where(of_client, self._readable))
            for client_id, *decision in rows:
                decided[client_id or 0].append(tuple(decision))
        return {client_id: sorted(set(decisions)) for client_id, decisions in decided.items()}

    def _applications(self, connection: Connection, keys: Sequence[str]) -> dict[str, DecidedApplication]:
        """The decisions of those ids that are on record, or were and are repeated by an outcome."""
        applications: dict[str, DecidedApplication] = {}
        for start in range(0, len(keys), _read_at_once):
            part = keys[start : start + _read_at_once]
            among = PredictionRow.id.in_(part)
            # What was only looked at is no decision; a what-if is refused as what it is.
            is_named = or_(is_decision(), PredictionRow.kind.in_(what_ifs))
            rows = connection.execute(select(*_about_columns).where(among, is_named, is_made_for(self._made_for))).all()
            in_blocks = [(row.id, row.block) for row in rows if row.block is not None]
            of_blocks = self._blocks.inputs(connection, sorted(in_blocks, key=lambda pair: pair[1]))
            for row in rows:
                inputs = row.inputs if row.block is None else of_blocks.get(row.id, {})
                applications[row.id] = _application(row, inputs)
            gone = [key for key in part if key not in applications]
            if gone:
                kept = select(*_stored_columns).where(OutcomeRow.prediction_id.in_(gone), self._readable)
                for stored in connection.execute(kept).mappings():
                    about = {field.name: stored[field.name] for field in fields(DecidedApplication)}
                    applications[stored["prediction_id"]] = DecidedApplication(**about)
        return applications

    def _earlier(self, cursor: Any, keys: Sequence[str]) -> tuple[dict[str, dict[tuple[Any, ...], str]], datetime]:
        """What is recorded on those decisions: the id of each entry by its content, oldest first; and the last time."""
        query = (
            f"SELECT prediction_id, {', '.join(_content)}, id, time FROM outcomes "  # noqa: S608
            f"WHERE prediction_id IN {keys_within(self._database.dialect)} ORDER BY time, id"
        )
        mark = "?" if self._database.is_sqlite else "%s"
        cursor.execute(query.replace("?", mark), (json_text(list(keys)),))
        earlier: dict[str, dict[tuple[Any, ...], str]] = defaultdict(dict)
        newest = datetime.min.replace(tzinfo=UTC)
        for prediction_id, defaulted, observed, amount_lost, key, moment in cursor.fetchall():
            earlier[prediction_id][defaulted, observed, amount_lost] = key
            newest = datetime.fromisoformat(moment).replace(tzinfo=UTC) if isinstance(moment, str) else moment
        return earlier, newest


def _named(entry: OutcomeEntry, by_client: Mapping[int, list[_Decided]]) -> str | OutcomeRefusal:
    """The id of the decision that an outcome names; the refusal where there is none, or where it may be another's."""
    if entry.prediction_id is not None:
        return entry.prediction_id
    if entry.client_id is None or entry.decided is None:
        raise ValueError("an outcome is about a prediction, or a client and a day")
    until_then = [found for found in by_client.get(entry.client_id, []) if found[0].date() <= entry.decided]
    if not until_then:
        return OutcomeRefusal("client_id", "outcome_of_no_decision")
    if len({numbering for _, _, numbering in until_then}) > 1:
        return OutcomeRefusal("client_id", "outcome_of_several_clients")
    return until_then[-1][1]


def _checked(entry: OutcomeEntry, about: DecidedApplication | None, now: datetime) -> Checked | OutcomeRefusal:
    of_client = entry.client_id is None or about is None or entry.client_id == about.client_id
    if about is None or not of_client:
        return OutcomeRefusal("prediction_id" if entry.prediction_id else "client_id", "outcome_of_no_decision")
    if about.kind in what_ifs:
        return OutcomeRefusal("prediction_id", "outcome_of_a_what_if")
    # A day before it is the day of the decision in some time zone.
    earliest = (about.decided - timedelta(hours=12)).date()
    if entry.observed < earliest:
        return OutcomeRefusal("observed", "outcome_before_decision")
    if entry.decided is not None and entry.decided < earliest:
        return OutcomeRefusal("decided", "outcome_before_decision")
    return refusal_of(entry, now) or (replace(entry, prediction_id=about.prediction_id), about)


def _application(row: Row[Any], inputs: Mapping[str, Value]) -> DecidedApplication:
    segments = segments_of(inputs)
    return DecidedApplication(
        prediction_id=row.id,
        client_id=row.client_id,
        decided=row.time,
        kind=row.kind,
        probability=row.probability,
        threshold=row.threshold,
        model_decision=row.decision,
        model_version=row.model_version,
        application=row.application,
        portfolio=row.portfolio,
        contract_type=segments.contract_type,
        income_type=segments.income_type,
        age_band=segments.age_band,
    )


def _filtered(query: Select[Any], outcome_filter: OutcomeFilter) -> Select[Any]:
    for name in ("prediction_id", "client_id"):
        value = getattr(outcome_filter, name)
        if value is not None:
            query = query.where(getattr(OutcomeRow, name) == value)
    if outcome_filter.since is not None:
        query = query.where(OutcomeRow.time >= outcome_filter.since)
    if outcome_filter.until is not None:
        query = query.where(OutcomeRow.time < outcome_filter.until)
    return query
