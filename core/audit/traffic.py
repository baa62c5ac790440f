"""Live traffic: the applications that were decided in a period, each once, as drift compares them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import String, and_, cast, exists, func, or_, select

from core.audit.entries import what_ifs
from core.audit.of_subject import is_made_for
from core.audit.tables import DecisionRow, PredictionRow
from core.audit.writing import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from core.audit.engine import Database
    from core.audit.entries import Kind
    from core.decision import Value

# What decides on an application. A client who is looked at (`client`), an explanation and a what-if decide on nothing;
# yet what an officer has decided on was an application, however it was shown, unless it is one as it could be.
deciding: Final[tuple[Kind, ...]] = ("predict", "batch", "job")
_read_at_once: Final = 2000


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
    left = most
    every = _ids(database, since, until, made_for)
    for start in range(0, len(every), _read_at_once):
        ids = every[start : start + _read_at_once]
        rows = select(PredictionRow.id, PredictionRow.client_id, PredictionRow.inputs).where(PredictionRow.id.in_(ids))
        with database.reached(), database.engine.connect() as connection:
            by_id = {row.id: row for row in connection.execute(rows)}
        chosen: list[Mapping[str, Value]] = []
        for key in ids:
            # One that was purged meanwhile is gone.
            row = by_id.get(key)
            if row is not None and (row.client_id is not None or _is_new(row.inputs, seen)):
                chosen.append(row.inputs)
        if chosen:
            yield chosen[:left]
        left -= len(chosen)
        if left <= 0:
            return


def _ids(database: Database, since: datetime, until: datetime, made_for: str | None) -> list[str]:
    """The ids of the last decision on each client, and of all decisions without one, shuffled by their digests.

    One pass over the index by time; no inputs are read, which are most of a row.
    """
    period = and_(PredictionRow.time >= since, PredictionRow.time < until, is_made_for(made_for))
    word = exists().where(DecisionRow.prediction_id == PredictionRow.id)
    # A client's number as a text cannot be an id: those without one are a group each.
    application = func.coalesce(cast(PredictionRow.client_id, String), PredictionRow.id)
    newest = (PredictionRow.time.desc(), PredictionRow.id.desc())
    decided = (
        select(PredictionRow.id, func.row_number().over(partition_by=application, order_by=newest).label("place"))
        .where(period, or_(PredictionRow.kind.in_(deciding), and_(PredictionRow.kind.not_in(what_ifs), word)))
        .subquery()
    )
    query = select(decided.c.id).where(decided.c.place == 1)
    with database.reached(), database.engine.connect() as connection:
        return sorted(connection.execute(query).scalars(), key=_digest)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _is_new(inputs: Mapping[str, Any], seen: set[bytes]) -> bool:
    """Whether no application with the same values came before."""
    digest = _digest(json_text(dict(sorted(inputs.items()))))
    if digest in seen:
        return False
    seen.add(digest)
    return True
