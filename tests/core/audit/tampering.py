"""A record without its guards, as whoever owns the database can have it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.audit.chain import guards
from core.audit.writing import writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from core.audit.engine import Database


@contextmanager
def unguarded(database: Database) -> Iterator[Connection]:
    """A transaction that may change what it likes; the guards are there again once it ends."""
    with writing(database.engine) as connection:
        guards.drop(connection)
        yield connection
        guards.make(connection)
