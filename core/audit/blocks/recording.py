"""The recording of a block: one entry with its link, and its predictions where queries find them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from core.audit.blocks.content import PredictionBlock, block_format
from core.audit.chain.appending import appending
from core.audit.chain.links import entry_table, moment_text
from core.audit.entries import Together, repeatable_ids
from core.columnar.applications import values_by_column
from core.columnar.sequences import Repeated, column_of, mapped
from core.features.rows import by_column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.audit.chain.appending import Appending
    from core.audit.engine import Database
    from core.audit.entries import Challenge, PredictionEntry
    from core.decision import Decision

_polars_types: Final[Mapping[type, Any]] = {float: pl.Float64(), int: pl.Int64(), str: pl.String()}
# Of the columns of the records that are no text.
_records_schema: Final[Mapping[str, Any]] = {
    "client_id": pl.Int64(),
    **dict.fromkeys(
        ("probability", "threshold", "fold_agreement", "challenger_probability", "challenger_threshold"), pl.Float64()
    ),
}
_recorded: Final = "SELECT id FROM predictions WHERE id BETWEEN ? AND ?"
# The chain keeps the links of what the retention deleted: that does not come back.
_linked: Final = "SELECT entry_id FROM audit_chain WHERE entry_id BETWEEN ? AND ?"


def record_block(database: Database, created: datetime, records: pl.DataFrame, inputs: pl.DataFrame) -> int:
    """Stores predictions on rows of a file that are not stored yet, all or none, in one transaction.

    Args:
        created: a moment that is the same each time these predictions come; the id of the block begins with it.
        records: as in `core.audit.blocks.content.PredictionBlock`, without the time, which is that of the storing; in
            the order of their ids, which begin alike.
        inputs: what the model was given of each.

    Returns:
        How many were not stored yet.

    Raises:
        core.audit.writing.AuditUnavailable: none is stored.
    """
    if not records.height:
        return 0
    # Made beforehand, so that others wait less.
    made = NewBlock(
        PredictionBlock(records.with_columns(time=pl.lit(moment_text(datetime.now(UTC)))), inputs), created, database
    )
    with appending(database) as record:
        if _found(record, database, _linked, made.key, made.key):
            return 0
        first, last = made.ids
        taken = _found(record, database, _recorded, first, last) + _found(record, database, _linked, first, last)
        if taken:
            left = made.block.without(taken)
            if not left.records.height:
                return 0
            made = NewBlock(left, created, database)
        made.add_to(record)
    return made.block.records.height


def block_of(
    ids: Sequence[str], moment: datetime, entries: Sequence[PredictionEntry] | Together
) -> PredictionBlock | None:
    """Predictions that were asked for together as a block; None where the values of an input are of several types.

    Args:
        ids: of the entries, in order; they begin alike and rise.
        moment: the time of them all.
    """
    if isinstance(entries, Together):
        told, given = _of_together(entries), values_by_column(entries.applications)
    else:
        told, given = _of_entries(entries), by_column([entry.inputs for entry in entries])
    inputs: list[pl.Series] = []
    for name, values in given.items():
        types = set(map(type, values)) - {type(None)}
        if len(types) > 1 or not types <= _polars_types.keys():
            return None
        if types:
            inputs.append(pl.Series(name, values, _polars_types[types.pop()]))
    columns = {"id": ids, "time": Repeated(moment_text(moment), len(ids))} | told
    records = [_series(name, values, _records_schema.get(name, pl.String())) for name, values in columns.items()]
    return PredictionBlock(pl.DataFrame(records), pl.DataFrame(inputs))


def _of_entries(entries: Sequence[PredictionEntry]) -> dict[str, Sequence[Any]]:
    """The columns of the records, but for their ids and the time."""
    persons = [entry.person for entry in entries]
    return {
        "kind": [entry.kind for entry in entries],
        "request_id": [entry.request_id for entry in entries],
        "caller": [entry.caller for entry in entries],
        **_of_decisions([entry.decision for entry in entries]),
        "model_version": [entry.model_version for entry in entries],
        "history": [entry.history for entry in entries],
        "portfolio": [entry.portfolio for entry in entries],
        "subject": [person.subject if person else None for person in persons],
        "person": [person.name if person else None for person in persons],
        "application": [entry.application for entry in entries],
        **_of_challenges([entry.challenge for entry in entries]),
    }


def _of_together(entries: Together) -> dict[str, Sequence[Any]]:
    """The same of predictions that one request has asked for."""
    count, person, applications = len(entries), entries.person, entries.applications
    of_all = {
        "kind": entries.kind,
        "request_id": entries.request_id,
        "caller": entries.caller,
        "model_version": entries.model_version,
        "subject": person.subject if person else None,
        "person": person.name if person else None,
    }
    return {
        **{name: Repeated(value, count) for name, value in of_all.items()},
        **_of_decisions(entries.decisions),
        "history": column_of(applications, "history"),
        "portfolio": mapped(
            lambda portfolio: str(portfolio) if portfolio else None, column_of(applications, "portfolio")
        ),
        "application": column_of(applications, "source"),
        **_of_challenges(entries.challenges or Repeated(None, count)),
    }


def _of_decisions(decisions: Sequence[Decision]) -> dict[str, Sequence[Any]]:
    columns = {name: column_of(decisions, name) for name in ("client_id", "probability", "threshold", "decision")}
    return columns | {
        "fold_agreement": column_of(decisions, "agreement"),
        "referral": mapped(lambda codes: " ".join(codes) or None, column_of(decisions, "referral_codes")),
    }


def _of_challenges(challenges: Sequence[Challenge | None]) -> dict[str, Sequence[Any]]:
    return {
        "challenger_version": mapped(lambda challenge: challenge.version if challenge else None, challenges),
        "challenger_probability": mapped(lambda challenge: challenge.probability if challenge else None, challenges),
        "challenger_threshold": mapped(lambda challenge: challenge.threshold if challenge else None, challenges),
    }


def _series(name: str, values: Sequence[Any], dtype: Any) -> pl.Series:
    """A column; of what is repeated one value is looked at."""
    if isinstance(values, Repeated):
        return pl.Series(name, [values.value], dtype).new_from_index(0, len(values))
    return pl.Series(name, values, dtype)


class NewBlock:
    """A block that is to be added, with what is stored of it.

    Attributes:
        key: its id: the same for the same predictions.
        ids: of its first prediction, and of its last.
    """

    def __init__(self, block: PredictionBlock, created: datetime, database: Database) -> None:
        """Writes nothing yet; `created` is a moment that its id begins with."""
        self.block = block
        self.ids = first, last = block.ids[0], block.ids[-1]
        count = block.records.height
        (self.key,) = repeatable_ids(created, f"block {first} {last} {count}", [0])
        self._blocks = entry_table("block", database.dialect)
        self._predictions = entry_table("prediction", database.dialect)
        self._row = block_row(self.key, block, database.dialect)
        self._content = self._blocks.content(self._row)
        self._rows = block.row_columns(self.key)

    def add_to(self, record: Appending) -> None:
        """Adds it, and its predictions."""
        record.add(self._blocks, [self._row], [self._content])
        record.put_columns(self._predictions, self._rows)


def block_row(key: str, block: PredictionBlock, dialect: str) -> tuple[Any, ...]:
    """The row of a block in `prediction_blocks`, as the driver takes it."""
    ids = block.ids
    fields = {"id": key, "first_id": ids[0], "last_id": ids[-1], "predictions": len(ids), "format": block_format}
    stored = {"fingerprints": block.fingerprints().astype(">u8").tobytes(), "content": block.content()}
    # The time is text already, as it is read.
    table = entry_table("block", dialect)
    row = list(table.row(fields | stored))
    row[table.columns.index("time")] = block.records["time"][0]
    return tuple(row)


def _found(record: Appending, database: Database, query: str, first: str, last: str) -> list[str]:
    record.cursor.execute(query if database.is_sqlite else query.replace("?", "%s"), (first, last))
    return [key for (key,) in record.cursor.fetchall()]
