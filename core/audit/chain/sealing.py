"""The sealing of rows that were recorded before there was a chain: each gets its link."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import inspect

from core.audit.chain.appending import Appending
from core.audit.chain.links import EntryTable, tables
from core.audit.chain.stored import pages_of
from core.audit.entries import new_ids

if TYPE_CHECKING:
    from sqlalchemy import Connection


def seal(connection: Connection) -> int:
    """Adds a link for each row of the record, oldest first in each table, then a statement that says how many.

    The chain proves nothing of what became of them before. A record without rows is left without links.

    Args:
        connection: in a transaction that is alone; the chain is empty.

    Returns:
        How many rows there were.
    """
    chain = Appending.within(connection)
    # Statements come last: what is said of all is one of them.
    for kind, table in tables.items():
        # Later migrations add tables and columns that this program knows already.
        if not inspect(connection).has_table(table.name):
            continue
        stored = {column["name"] for column in inspect(connection).get_columns(table.name)}
        entries = EntryTable(kind, table, connection.dialect, stored)
        for rows in pages_of(connection, entries):
            chain.link(kind, [(row[0], entries.content(row)) for row in rows])
    sealed = chain.head.sequence
    if sealed:
        now = datetime.now(UTC)
        row = entries.row({"id": new_ids(now, 1)[0], "time": now, "kind": "seal", "entries": sealed})
        chain.add(entries, [row], [entries.content(row)])
    return sealed
