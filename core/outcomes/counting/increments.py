"""What came to the record since it was counted: the decisions that it is about, as they were then and as they are now.

The entries of the record are never changed. What it was when its chain had a certain end is what has no later link.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Column, MetaData, String, Table, exists, func, insert, select, union

from core.audit.chain.stored import head_of
from core.audit.tables import BlockRow, DecisionRow, LinkRow, OutcomeRow, PredictionRow, StatementRow
from core.outcomes.counting.parts import RecordPart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Connection, Select

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
    if head_of(connection) == since:
        yield ()
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
    # The few later links come first: a join would let the database begin with the millions of rows.
    later = select(LinkRow.entry_id).where(LinkRow.sequence > since.sequence)
    _note(connection, select(PredictionRow.id).where(PredictionRow.id.in_(later)))
    blocks = select(BlockRow.id, BlockRow.first_id, BlockRow.last_id).where(BlockRow.id.in_(later))
    for key, first, last in connection.execute(blocks).all():
        _note(
            connection,
            select(PredictionRow.id).where(PredictionRow.id.between(first, last), PredictionRow.block == key),
        )
    for entry in (DecisionRow, OutcomeRow):
        _note(connection, select(entry.prediction_id).where(entry.id.in_(later)))
    noted = select(_about.c.id)
    clients = union(
        select(PredictionRow.client_id).where(PredictionRow.id.in_(noted)),
        select(OutcomeRow.client_id).where(OutcomeRow.prediction_id.in_(noted)),
    )
    _note(connection, select(PredictionRow.id).where(PredictionRow.client_id.in_(clients)))
    _note(connection, select(OutcomeRow.prediction_id).where(OutcomeRow.client_id.in_(clients)))


def _note(connection: Connection, ids: Select[Any]) -> None:
    """Notes ids that are not noted yet."""
    found = ids.distinct().subquery()
    is_new = found.c[0].not_in(select(_about.c.id))
    connection.execute(insert(_about).from_select(["id"], select(found.c[0]).where(is_new)))


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
