"""Live traffic: the applications that were decided in a period, each once, as drift compares them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import String, and_, cast, exists, func, or_, select

from core.audit.blocks.reading import BlockReader
from core.audit.entries import what_ifs
from core.audit.of_subject import is_made_for
from core.audit.tables import DecisionRow, PredictionRow
from core.audit.writing import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from core.audit.engine import Database
    from core.audit.entries import Kind
    from core.decision import Value

# What decides on an application. A client who is looked at (`client`), an explanation and a what-if decide on nothing;
# yet what an officer has decided on was an application, however it was shown, unless it is one as it could be.
deciding: Final[tuple[Kind, ...]] = ("predict", "batch", "job")
_read_at_once: Final = 2000
# An id, the client, and the block that the prediction is in.
_Decided = tuple[str, int | None, str | None]


def decided_applications(
    database: Database, since: datetime, until: datetime, most: int, made_for: str | None = None
) -> Iterator[list[Mapping[str, Value]]]:
    """What the model was given of each application that was decided in a period, some at a time.

    Of a client, only the last decision of the period counts; of applications without a client's number, those with the
    same values are one. Where there are more than `most`, they are drawn evenly, and always the same.

    Args:
        since, until: moments with a time zone; the second is not included.
        most: how many applications to give.
        made_for: the subject of the person whose applications alone are given; None: everybody's.

    Raises:
        core.audit.writing.AuditUnavailable: where they cannot be read.
    """
    seen: set[bytes] = set()
    left, start = most, 0
    every = _decided(database, since, until, made_for)
    while left > 0 and start < len(every):
        # As many as may be chosen; where some turn out to be the same, as many more.
        drawn = every[start : start + left]
        start += len(drawn)
        for batch in _given(database, drawn):
            # One that was purged meanwhile is gone.
            chosen = [inputs for client_id, inputs in batch if client_id is not None or _is_new(inputs, seen)]
            left -= len(chosen)
            if chosen:
                yield chosen


def _given(database: Database, decided: Sequence[_Decided]) -> Iterator[list[tuple[int | None, Mapping[str, Value]]]]:
    """The client and what the model was given of each, some at a time: block by block, where they are in one."""
    singles = [key for key, _, block_id in decided if block_id is None]
    for start in range(0, len(singles), _read_at_once):
        ids = singles[start : start + _read_at_once]
        rows = select(PredictionRow.client_id, PredictionRow.inputs).where(PredictionRow.id.in_(ids))
        with database.reached(), database.engine.connect() as connection:
            yield [(row.client_id, row.inputs) for row in connection.execute(rows)]
    by_block: dict[str, dict[str, int | None]] = defaultdict(dict)
    for key, client_id, block_id in decided:
        if block_id is not None:
            by_block[block_id][key] = client_id
    blocks = BlockReader()
    for block_id, clients in by_block.items():
        with database.reached(), database.engine.connect() as connection:
            inputs_by_id = blocks.inputs(connection, [(key, block_id) for key in clients])
        yield [(clients[key], inputs) for key, inputs in inputs_by_id.items()]


def _decided(database: Database, since: datetime, until: datetime, made_for: str | None) -> list[_Decided]:
    """The last decision on each client, and all decisions without one, shuffled by the digests of their ids.

    One pass over the index by time; no inputs are read, which are most of a row.
    """
    period = and_(PredictionRow.time >= since, PredictionRow.time < until, is_made_for(made_for))
    word = exists().where(DecisionRow.prediction_id == PredictionRow.id)
    # A client's number as a text cannot be an id: those without one are a group each.
    application = func.coalesce(cast(PredictionRow.client_id, String), PredictionRow.id)
    newest = (PredictionRow.time.desc(), PredictionRow.id.desc())
    decided = (
        select(
            PredictionRow.id,
            PredictionRow.client_id,
            PredictionRow.block,
            func.row_number().over(partition_by=application, order_by=newest).label("place"),
        )
        .where(period, or_(PredictionRow.kind.in_(deciding), and_(PredictionRow.kind.not_in(what_ifs), word)))
        .subquery()
    )
    query = select(decided.c.id, decided.c.client_id, decided.c.block).where(decided.c.place == 1)
    with database.reached(), database.engine.connect() as connection:
        return sorted((tuple(row) for row in connection.execute(query)), key=lambda row: _digest(row[0]))


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _is_new(inputs: Mapping[str, Any], seen: set[bytes]) -> bool:
    """Whether no application with the same values came before."""
    digest = _digest(json_text(dict(sorted(inputs.items()))))
    if digest in seen:
        return False
    seen.add(digest)
    return True
