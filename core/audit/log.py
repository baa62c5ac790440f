"""The log of predictions: written before they are answered, read by reviewers, purged after the retention."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select, tuple_

from core.audit.blocks.reading import BlockReader
from core.audit.blocks.recording import NewBlock, block_of
from core.audit.chain.appending import appending
from core.audit.chain.group_commit import GroupCommit
from core.audit.chain.links import entry_table, moment_text
from core.audit.chain.sequences import ranges_text
from core.audit.chain.stored import keys_within
from core.audit.entries import PredictionFilter, PredictionPage, RecordedPrediction, Together, new_ids, what_ifs
from core.audit.of_subject import is_made_for
from core.audit.tables import PredictionRow
from core.audit.writing import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, RowMapping, Select
    from sqlalchemy.sql.elements import KeyedColumnElement

    from core.audit.chain.appending import Appending
    from core.audit.engine import Database
    from core.audit.entries import PredictionEntry
    from core.decision import Value

purged_at_once: Final = 2000
read_at_once: Final = 500
# From so many on, predictions that were asked for together are one entry: less time, and a seventh of the bytes.
_worth_a_block: Final = 100


# What has no link was not recorded by this program: it stays, to be found.
_oldest: Final = (
    "SELECT c.sequence, p.id FROM predictions p JOIN audit_chain c ON c.entry_id = p.id "
    "WHERE p.time < ? ORDER BY p.time LIMIT ?"
)
_oldest_block: Final = (
    "SELECT c.sequence, b.id, b.predictions, b.first_id, b.last_id FROM prediction_blocks b "
    "JOIN audit_chain c ON c.entry_id = b.id WHERE b.time < ? ORDER BY b.time LIMIT 1"
)
_delete_of_block: Final = "DELETE FROM predictions WHERE id BETWEEN ? AND ? AND block = ?"
_delete_block: Final = "DELETE FROM prediction_blocks WHERE id = ?"
# What the challenger says is for its comparison alone (`core.outcomes.challenger`).
_whole = tuple(column for column in PredictionRow.__table__.columns if not column.name.startswith("challenger_"))
_listed = tuple(column for column in _whole if column.name not in ("inputs", "block"))


class AuditLog:
    """The predictions in an audit database."""

    def __init__(self, database: Database, made_for: str | None = None) -> None:
        """Reads and writes nothing yet.

        Args:
            made_for: the subject of the person whose predictions alone are read; None: everybody's.
        """
        self._database = database
        self._readable = is_made_for(made_for)
        self._table = entry_table("prediction", database.dialect)
        keys, mark = keys_within(database.dialect), "?" if database.is_sqlite else "%s"
        # In the chain, which keeps the links of what the retention deleted: that does not come back.
        self._known = f"SELECT entry_id FROM audit_chain WHERE entry_id IN {keys}".replace("?", mark)  # noqa: S608
        self._delete = f"DELETE FROM predictions WHERE id IN {keys}".replace("?", mark)  # noqa: S608
        self._oldest, self._oldest_block, self._delete_of_block, self._delete_block = (
            query.replace("?", mark) for query in (_oldest, _oldest_block, _delete_of_block, _delete_block)
        )
        self._blocks = BlockReader()
        self._group = GroupCommit(database, self._table)

    def record(self, entry: PredictionEntry) -> str:
        """Stores a prediction.

        Returns:
            Its id. It is committed by then.

        Raises:
            core.audit.writing.AuditUnavailable: it is not stored.
        """
        return self.record_many((entry,))[0]

    def record_many(self, entries: Sequence[PredictionEntry] | Together) -> list[str]:
        """Stores predictions, all or none, in one transaction; it may hold those of other callers as well.

        Returns:
            Their ids, in order. They are committed by then.

        Raises:
            core.audit.writing.AuditUnavailable: none is stored.
        """
        now = datetime.now(UTC)
        ids = new_ids(now, len(entries))
        block = block_of(ids, now, entries) if len(entries) >= _worth_a_block else None
        if block is not None:
            new = NewBlock(block, now, self._database)
            with appending(self._database) as record:
                new.add_to(record)
        elif entries:
            moment = moment_text(now)
            each = entries.entries() if isinstance(entries, Together) else entries
            rows = [_parameters(key, moment, entry) for key, entry in zip(ids, each, strict=True)]
            self._group.add(rows, [self._table.content(row) for row in rows])
        return ids

    def record_delivered(self, entries: Sequence[tuple[str, datetime, PredictionEntry]]) -> int:
        """Stores predictions that were made elsewhere and are not stored yet, all or none, in one transaction.

        Args:
            entries: each with its id and the time at which it was made.

        Returns:
            How many were not stored yet.

        Raises:
            core.audit.writing.AuditUnavailable: none is stored.
        """
        return self._write_missing({key: _parameters(key, moment_text(made), entry) for key, made, entry in entries})

    def _write_missing(self, by_id: dict[str, tuple[Any, ...]]) -> int:
        contents = {key: self._table.content(row) for key, row in by_id.items()}
        with appending(self._database) as record:
            # Those that were recorded are left out, not ignored: the database refuses what would take their place.
            record.cursor.execute(self._known, (json_text(list(by_id)),))
            for (key,) in record.cursor.fetchall():
                del by_id[key], contents[key]
            if by_id:
                record.add(self._table, list(by_id.values()), list(contents.values()))
        return len(by_id)

    def predictions(self, prediction_filter: PredictionFilter, limit: int, offset: int = 0) -> PredictionPage:
        """The predictions that a filter lets through, newest first, without their inputs.

        Args:
            limit, offset: which part of them.

        Raises:
            core.audit.writing.AuditUnavailable: where they cannot be read.
        """
        return self._page(_listed, prediction_filter, limit, offset)

    def predictions_with_inputs(
        self, prediction_filter: PredictionFilter, limit: int, offset: int = 0
    ) -> PredictionPage:
        """As `predictions`, with what the model was given."""
        return self._page(_whole, prediction_filter, limit, offset)

    def each(self, prediction_filter: PredictionFilter) -> Iterator[RecordedPrediction]:
        """Every prediction that a filter lets through, oldest first, with its inputs; few are in memory at a time.

        Raises:
            core.audit.writing.AuditUnavailable: where they cannot be read.
        """
        readable = _filtered(select(*_whole), prediction_filter).where(self._readable)
        query = readable.order_by(PredictionRow.time, PredictionRow.id).limit(read_at_once)
        after: tuple[datetime, str] | None = None
        while True:
            part = query
            if after is not None:
                part = query.where(tuple_(PredictionRow.time, PredictionRow.id) > after)
            with self._database.reached(), self._database.engine.connect() as connection:
                rows = connection.execute(part).mappings().all()
                recorded = self._recorded(connection, rows)
            yield from recorded
            if len(rows) < read_at_once:
                return
            after = rows[-1]["time"], rows[-1]["id"]

    def prediction(self, key: str) -> RecordedPrediction | None:
        """The prediction of that id, without its inputs; None where there is none. Raises as `predictions` does."""
        return self._first(select(*_listed).where(PredictionRow.id == key))

    def prediction_with_inputs(self, key: str) -> RecordedPrediction | None:
        """As `prediction`, with what the model was given."""
        return self._first(select(*_whole).where(PredictionRow.id == key))

    def latest(self, client_id: int) -> RecordedPrediction | None:
        """The last prediction of a client as it is, without its inputs; what-ifs do not count.

        Raises as `predictions` does.
        """
        query = select(*_listed).where(PredictionRow.client_id == client_id, PredictionRow.kind.not_in(what_ifs))
        return self._first(query.order_by(PredictionRow.time.desc(), PredictionRow.id.desc()).limit(1))

    def purge(self, before: datetime) -> int:
        """Deletes the predictions older than a moment, some at a time so that others can write in between.

        Each time a statement of it is recorded first: the database lets go of nothing else. Officers' decisions stay:
        they repeat what they are about.

        Returns:
            How many were deleted.

        Raises:
            core.audit.writing.AuditUnavailable: what was deleted until then stays deleted.
        """
        purged = 0
        for purge_some in (self._purge_some, self._purge_block):
            while deleted := purge_some(before):
                purged += deleted
                # SQLite lets those who wait have a turn only when they look: every few hundredths of a second.
                time.sleep(0.02)
        return purged

    def _purge_some(self, before: datetime) -> int:
        """Deletes predictions that are an entry each."""
        with appending(self._database) as record:
            record.cursor.execute(self._oldest, (moment_text(before.astimezone(UTC)), purged_at_once))
            oldest = record.cursor.fetchall()
            if oldest:
                self._state_retention(record, before, sorted(sequence for sequence, _ in oldest), len(oldest))
                record.cursor.execute(self._delete, (json_text([key for _, key in oldest]),))
        return len(oldest)

    def _purge_block(self, before: datetime) -> int:
        """Deletes a block with its predictions, which are all of one time."""
        with appending(self._database) as record:
            record.cursor.execute(self._oldest_block, (moment_text(before.astimezone(UTC)),))
            purged = 0
            for sequence, key, purged, first, last in record.cursor.fetchall():
                self._state_retention(record, before, [sequence], purged)
                record.cursor.execute(self._delete_of_block, (first, last, key))
                record.cursor.execute(self._delete_block, (key,))
        return purged

    def _state_retention(self, record: Appending, before: datetime, sequences: Sequence[int], count: int) -> None:
        """Records what is about to be deleted: these entries of the chain, of so many predictions."""
        statements, now = entry_table("statement", self._database.dialect), datetime.now(UTC)
        fields = {
            "id": new_ids(now, 1)[0],
            "time": now,
            "kind": "retention",
            "entries": count,
            "older_than": before,
            "sequences": ranges_text(sequences),
            "first_entry": sequences[0],
            "last_entry": sequences[-1],
        }
        statement = statements.row(fields)
        record.add(statements, [statement], [statements.content(statement)])

    def _page(
        self, columns: Sequence[KeyedColumnElement[Any]], prediction_filter: PredictionFilter, limit: int, offset: int
    ) -> PredictionPage:
        readable = _filtered(select(*columns), prediction_filter).where(self._readable)
        rows = readable.order_by(PredictionRow.time.desc(), PredictionRow.id.desc())
        count = _filtered(select(func.count()).select_from(PredictionRow), prediction_filter).where(self._readable)
        with self._database.reached(), self._database.engine.connect() as connection:
            total = connection.execute(count).scalar_one()
            records = connection.execute(rows.limit(limit).offset(offset)).mappings().all()
            return PredictionPage(tuple(self._recorded(connection, records)), total)

    def _first(self, query: Select[Any]) -> RecordedPrediction | None:
        with self._database.reached(), self._database.engine.connect() as connection:
            rows = connection.execute(query.where(self._readable).limit(1)).mappings().all()
            return next(iter(self._recorded(connection, rows)), None)

    def _recorded(self, connection: Connection, rows: Sequence[RowMapping]) -> list[RecordedPrediction]:
        """The predictions of rows; what was purged with its block since they were read is left out."""
        in_blocks = [(row["id"], row["block"]) for row in rows if row.get("block") is not None]
        inputs = self._blocks.inputs(connection, in_blocks)
        return [
            _recorded(row, inputs.get(row["id"])) for row in rows if row.get("block") is None or row["id"] in inputs
        ]


def retention_start(days: int) -> datetime:
    """The moment before which predictions are to be purged."""
    return datetime.now(UTC) - timedelta(days=days)


def _parameters(key: str, moment: str, entry: PredictionEntry) -> tuple[Any, ...]:
    """A row in the order of the table, as the drivers take it."""
    decision, challenge = entry.decision, entry.challenge
    return (
        key,
        moment,
        entry.kind,
        entry.request_id,
        entry.caller,
        decision.client_id,
        decision.probability,
        decision.threshold,
        decision.decision,
        entry.model_version,
        json_text(entry.inputs),
        entry.history,
        entry.portfolio,
        entry.person.subject if entry.person else None,
        entry.person.name if entry.person else None,
        entry.application,
        None,
        decision.agreement,
        " ".join(decision.referral_codes) or None,
        *((challenge.version, challenge.probability, challenge.threshold) if challenge else (None, None, None)),
    )


def _filtered(query: Select[Any], prediction_filter: PredictionFilter) -> Select[Any]:
    for name in ("client_id", "kind", "caller", "subject", "decision"):
        value = getattr(prediction_filter, name)
        if value is not None:
            query = query.where(getattr(PredictionRow, name) == value)
    if prediction_filter.since is not None:
        query = query.where(PredictionRow.time >= prediction_filter.since)
    if prediction_filter.until is not None:
        query = query.where(PredictionRow.time < prediction_filter.until)
    return query


def _recorded(row: RowMapping, inputs: Mapping[str, Value] | None) -> RecordedPrediction:
    """The prediction of a row; `inputs` are those that its block holds."""
    values = {"inputs": None, **row}
    if values.pop("block", None) is not None:
        values["inputs"] = inputs
    return RecordedPrediction(**values)
