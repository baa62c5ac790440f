"""What the figures of performance and coverage are made of: the record, counted in cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.outcomes.counting.cells import application_cells, known_cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from core.audit.engine import Database


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


def counted(database: Database, made_for: str | None = None) -> RecordCounts:
    """The counts of the record as it is.

    Args:
        made_for: the subject of the person whose decisions alone count; None: everybody's.

    Raises:
        core.audit.writing.AuditUnavailable: where the record cannot be read.
    """
    with database.reached(), database.engine.connect() as connection:
        frames = known_cells(connection, made_for)
        return RecordCounts(frames.pop("known"), frames, application_cells(connection, made_for))
