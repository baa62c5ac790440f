"""Counts of the record that are kept in its database, with the end of the chain that they were made at."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from sqlalchemy import delete, insert, select

from core.audit.chain.links import Head
from core.audit.tables import CountsRow
from core.audit.writing import writing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.audit.engine import Database

_format: Final = 1


@dataclass(frozen=True, slots=True)
class HeldFrames:
    """Frames of counts, by name, and the end that the chain had when they were made."""

    head: Head
    frames: Mapping[str, pl.DataFrame]


def read_held(connection: Connection, schemas: Mapping[str, Mapping[str, Any]]) -> HeldFrames | None:
    """The counts that are kept; None where there are none, or of other columns than these.

    Args:
        schemas: the columns of each frame, by its name.
    """
    rows = {row.name: row for row in connection.execute(select(*CountsRow.__table__.columns))}
    heads = {(row.sequence, bytes(row.digest)) for row in rows.values()}
    if rows.keys() != schemas.keys() or len(heads) != 1 or any(row.format != _format for row in rows.values()):
        return None
    try:
        frames = {name: pl.read_ipc(io.BytesIO(bytes(row.content))) for name, row in rows.items()}
    except (pl.exceptions.PolarsError, OSError):
        return None
    if any(dict(frames[name].schema) != dict(schema) for name, schema in schemas.items()):
        return None
    ((sequence, digest),) = heads
    return HeldFrames(Head(sequence, digest), frames)


def hold(database: Database, made: HeldFrames) -> None:
    """Keeps counts in the place of those that were kept. Raises `AuditUnavailable`: those stay."""
    rows = [
        {
            "name": name,
            "format": _format,
            "sequence": made.head.sequence,
            "digest": made.head.digest,
            "content": _content(frame),
        }
        for name, frame in made.frames.items()
    ]
    with database.reached(), writing(database.engine) as connection:
        connection.execute(delete(CountsRow))
        connection.execute(insert(CountsRow), rows)


def drop(database: Database) -> None:
    """Keeps no counts any more. Raises `AuditUnavailable`: they stay."""
    with database.reached(), writing(database.engine) as connection:
        connection.execute(delete(CountsRow))


def _content(frame: pl.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.write_ipc(stream, compression="zstd")
    return stream.getvalue()
