"""Counts of the record that are kept in its database, with the end of the chain that they were made at."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from sqlalchemy import delete, insert, select

from core.audit.chain.links import Head
from core.audit.tables import CountsRow, put_back
from core.audit.writing import writing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.audit.engine import Database

_format: Final = 1
_is_frame: Final = CountsRow.name != put_back


@dataclass(frozen=True, slots=True)
class HeldFrames:
    """Frames of counts, by name, and of what they were made.

    Attributes:
        head: the end that the chain had.
        frames: by name.
        put_back: as `put_back_of` gave it.
    """

    head: Head
    frames: Mapping[str, pl.DataFrame]
    put_back: bytes = b""


def read_held(connection: Connection, schemas: Mapping[str, Mapping[str, Any]]) -> HeldFrames | None:
    """The counts that are kept; None where there are none, or of other columns than these.

    Args:
        schemas: the columns of each frame, by its name.
    """
    columns = CountsRow.__table__.columns
    rows = {row.name: row for row in connection.execute(select(*columns).where(_is_frame))}
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
    return HeldFrames(Head(sequence, digest), frames, put_back_of(connection))


def put_back_of(connection: Connection) -> bytes:
    """What tells the record from what it was before a restore put rows back under links that were there.

    The chain does not: its end stays the same until the restore has come to its own.
    """
    return bytes(connection.execute(select(CountsRow.content).where(CountsRow.name == put_back)).scalar() or b"")


def hold(database: Database, made: HeldFrames) -> None:
    """Keeps counts in the place of those that were kept; nothing where rows were put back since they were made.

    Raises:
        core.audit.writing.AuditUnavailable: those that were kept stay.
    """
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
        if put_back_of(connection) == made.put_back:
            connection.execute(delete(CountsRow).where(_is_frame))
            connection.execute(insert(CountsRow), rows)


def drop(database: Database) -> None:
    """Keeps no counts any more. Raises `AuditUnavailable`: they stay."""
    with database.reached(), writing(database.engine) as connection:
        connection.execute(delete(CountsRow).where(_is_frame))


def _content(frame: pl.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.write_ipc(stream, compression="zstd")
    return stream.getvalue()
