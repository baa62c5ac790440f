"""What came to the record since it was counted: the decisions that it is about, as they were then and as they are now.

The entries of the record are never changed. What it was when its chain had a certain end is what has no later link.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Column, MetaData, String, Table, exists, func, insert, select, union

from core.audit.tables import BlockRow, DecisionRow, LinkRow, OutcomeRow, PredictionRow, StatementRow
from core.outcomes.counting.parts import RecordPart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Connection

    from core.audit.chain.links import Head

# With so many decisions to look at again, everything is counted as soon.
most_decisions: Final = 400_000
_about: Final = Table("counted_again", MetaData(), Column("id", String(36), primary_key=True), prefixes=["TEMPORARY"])
# What takes away predictions, or brings older ones.
_anew: Final = ("retention", "seal", "restore")


@contextmanager
def increments(connection: Connection, since: Head) -> Iterator[tuple[RecordPart, ...] | None]:
    """The part of the record that entries after the end of a chain are about, as it was then and as it is now.

    It is whole: what one of its decisions counts for depends on no decision outside of it, as all decisions on a client
    are in it.

    Args:
        connection: of a transaction; a table that is only there for it is made and dropped.

    Yields:
        Both; nothing where nothing came since. None where everything is to be counted: the chain is another one,
        predictions were deleted, or too many came.
    """
    link = connection.execute(select(LinkRow.digest).where(LinkRow.sequence == since.sequence)).scalar()
    if link is None or bytes(link) != since.digest or _is_anew(connection, since):
        yield None
        return
    _about.create(connection)
    try:
        _note_decisions(connection, since)
        count = connection.execute(select(func.count()).select_from(_about)).scalar_one()
        if count > most_decisions:
            yield None
        else:
            yield (_part(since), _part(None)) if count else ()
    finally:
        _about.drop(connection)


def _is_anew(connection: Connection, since: Head) -> bool:
    stated = select(StatementRow.id).join(LinkRow, LinkRow.entry_id == StatementRow.id)
    query = stated.where(LinkRow.sequence > since.sequence, StatementRow.kind.in_(_anew)).limit(1)
    return connection.execute(query).first() is not None


def _note_decisions(connection: Connection, since: Head) -> None:
    """Notes the predictions that later entries are, or are about, and all others on their clients."""
    later = LinkRow.sequence > since.sequence
    in_block = (PredictionRow.id.between(BlockRow.first_id, BlockRow.last_id)) & (PredictionRow.block == BlockRow.id)
    of_entries = union(
        select(PredictionRow.id).join(LinkRow, LinkRow.entry_id == PredictionRow.id).where(later),
        select(PredictionRow.id).join(BlockRow, in_block).join(LinkRow, LinkRow.entry_id == BlockRow.id).where(later),
        select(DecisionRow.prediction_id).join(LinkRow, LinkRow.entry_id == DecisionRow.id).where(later),
        select(OutcomeRow.prediction_id).join(LinkRow, LinkRow.entry_id == OutcomeRow.id).where(later),
    )
    connection.execute(insert(_about).from_select(["id"], of_entries))
    noted = select(_about.c.id)
    clients = union(
        select(PredictionRow.client_id).where(PredictionRow.id.in_(noted)),
        select(OutcomeRow.client_id).where(OutcomeRow.prediction_id.in_(noted)),
    )
    others = union(
        select(PredictionRow.id).where(PredictionRow.client_id.in_(clients)),
        select(OutcomeRow.prediction_id).where(OutcomeRow.client_id.in_(clients)),
    ).subquery()
    is_new = others.c[0].not_in(noted)
    connection.execute(insert(_about).from_select(["id"], select(others.c[0]).where(is_new)))


def _part(until: Head | None) -> RecordPart:
    """The decisions that are noted, with all that is about them; up to an end of the chain, or as it is."""

    def was_there(entry_id: Any) -> list[ColumnElement[bool]]:
        if until is None:
            return []
        return [~exists().where(LinkRow.entry_id == entry_id, LinkRow.sequence > until.sequence)]

    noted = select(_about.c.id)
    return RecordPart(
        of_predictions=lambda row: [row.id.in_(noted), *was_there(func.coalesce(row.block, row.id))],
        of_decisions=lambda row: [row.prediction_id.in_(noted), *was_there(row.id)],
        of_outcomes=lambda row: [row.prediction_id.in_(noted), *was_there(row.id)],
    )
