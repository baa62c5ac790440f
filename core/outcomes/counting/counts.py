"""What the figures of performance and coverage are made of: the record, counted in cells, and counted on."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.audit.chain.stored import head_of
from core.audit.writing import AuditUnavailable
from core.outcomes.counting.by_columns.at_once import counted_at_once
from core.outcomes.counting.by_columns.packing import TooLarge
from core.outcomes.counting.by_columns.side_by_side import of_one_moment
from core.outcomes.counting.cells import application_cells, application_schema, known_cells, known_schema, segments
from core.outcomes.counting.held import HeldFrames, drop, hold, put_back_of, read_held
from core.outcomes.counting.increments import increments
from core.outcomes.counting.sums import are_same, changed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from sqlalchemy import Connection

    from core.audit.engine import Database

_log = logging.getLogger(__name__)

# What takes longer is kept in the database, so that the next one counts on from there.
dear_seconds: Final = 0.5
_schemas: Final = {
    **{name: known_schema(name) for name in ("known", *segments)},
    "applications": application_schema,
}


@dataclass(frozen=True, slots=True)
class RecordCounts:
    """The record in cells.

    Attributes:
        known: as `core.outcomes.counting.cells.known_cells` gives `known`, sorted by cell.
        segments: its other frames, by their names.
        applications: as `core.outcomes.counting.cells.application_cells` gives it.
    """

    known: pl.DataFrame
    segments: Mapping[str, pl.DataFrame]
    applications: pl.DataFrame


def counted(database: Database, made_for: str | None = None, *, keep_from: float = dear_seconds) -> RecordCounts:
    """The counts of the record as it is.

    Of everybody's decisions, those that were counted before are not counted again: the entries that came since then
    change what they are about, and nothing else. The result is that of counting everything.

    Args:
        made_for: the subject of the person whose decisions alone count; None: everybody's.
        keep_from: seconds of counting from which on the counts are kept for the next time.

    Raises:
        core.audit.writing.AuditUnavailable: where the record cannot be read.
    """
    with database.reached(), _snapshot(database) as connection:
        if made_for is not None:
            return _of_frames(_by_queries(connection, made_for))
        began, held = time.perf_counter(), read_held(connection, _schemas)
        frames = _counted_on(connection, held) if held else None
        made = _everything(database, connection) if frames is None else _made(connection, frames)
        took = time.perf_counter() - began
    if took >= keep_from and (held is None or held.head != made.head):
        try:
            hold(database, made)
        except AuditUnavailable as error:
            # Who reads meanwhile, or may not write, has counted right nevertheless.
            _log.info("the counts of the record are not kept: %s", error)
    return _of_frames(made.frames)


def dropped_as_wrong(database: Database) -> bool:
    """Whether the counts that are kept are not those of the record; then they are dropped.

    They are no part of the record, which does not prove them: who can write to the database can change them as well.

    Raises:
        core.audit.writing.AuditUnavailable: where the record cannot be read, or wrong counts cannot be dropped.
    """
    with database.reached(), _snapshot(database) as connection:
        held = read_held(connection, _schemas)
        frames = _counted_on(connection, held) if held else None
        if frames is None:
            # They would not be used.
            return False
        every = _at_once((connection,))
    if all(are_same(frame, every[name]) for name, frame in frames.items()):
        return False
    drop(database)
    return True


def _snapshot(database: Database) -> Connection:
    """A connection that sees the record as it was at one moment; SQLite's transactions always do."""
    connection = database.engine.connect()
    return connection if database.is_sqlite else connection.execution_options(isolation_level="REPEATABLE READ")


def _everything(database: Database, connection: Connection) -> HeldFrames:
    """All of the record, as it is by now: where two can read it at once, that is later than what a connection sees."""
    if not database.is_sqlite:
        return _made(connection, _by_queries(connection))
    with of_one_moment(database) as connections:
        return _made(connections[0], _at_once(connections))


def _made(connection: Connection, frames: Mapping[str, pl.DataFrame]) -> HeldFrames:
    """Counts of the record as a connection sees it."""
    return HeldFrames(head_of(connection), frames, put_back_of(connection))


def _at_once(connections: Sequence[Connection]) -> dict[str, pl.DataFrame]:
    """All of the record as connections see it, which are of one moment."""
    if connections[0].dialect.name != "sqlite":
        return _by_queries(connections[0])
    try:
        return counted_at_once(connections)
    except TooLarge as error:
        _log.info("the record is counted by queries: too large a %s", error)
        return _by_queries(connections[0])


def _by_queries(connection: Connection, made_for: str | None = None) -> dict[str, pl.DataFrame]:
    return {**known_cells(connection, made_for), "applications": application_cells(connection, made_for)}


def _counted_on(connection: Connection, held: HeldFrames) -> Mapping[str, pl.DataFrame] | None:
    """The frames with what came since; None where everything is to be counted anew."""
    with increments(connection, held.head) as parts:
        if parts is None:
            return None
        if not parts:
            return held.frames
        then, now = (
            {**known_cells(connection, part=part), "applications": application_cells(connection, part=part)}
            for part in parts
        )
    return {name: changed(frame, then[name], now[name]) for name, frame in held.frames.items()}


def _of_frames(frames: Mapping[str, pl.DataFrame]) -> RecordCounts:
    return RecordCounts(frames["known"], {name: frames[name] for name in segments}, frames["applications"])
