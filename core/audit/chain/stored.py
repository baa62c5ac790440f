"""The record as it is stored, few rows in memory at a time: links in the order of the chain, rows by ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from core.audit.chain.links import Head, Link, beginning, blocks_at_once, link_columns
from core.audit.writing import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from core.audit.chain.links import EntryTable

_at_once: Final = 2000
_links: Final = f"SELECT {', '.join(link_columns)} FROM audit_chain"  # noqa: S608


def head_of(connection: Connection) -> Head:
    """The end of the chain."""
    last = _fetched(connection, f"{_links} ORDER BY sequence DESC LIMIT 1", ())
    return _link(last[0]).head if last else beginning


def head_before(connection: Connection, moment: int) -> Head:
    """The end that the chain had at a moment, in microseconds since 1970: before whatever was added at it or later."""
    # The links are in the order of their times, which have no index: a search by halves.
    low, high = 0, head_of(connection).sequence
    while low < high:
        middle = (low + high + 1) // 2
        rows = _fetched(connection, f"{_links} WHERE sequence <= ? ORDER BY sequence DESC LIMIT 1", (middle,))
        if rows and _link(rows[0]).recorded >= moment:
            high = middle - 1
        else:
            low = middle
    rows = _fetched(connection, f"{_links} WHERE sequence <= ? ORDER BY sequence DESC LIMIT 1", (low,))
    return _link(rows[0]).head if rows else beginning


def links_of(connection: Connection, at_once: int = _at_once) -> Iterator[list[Link]]:
    """The links, in order, some at a time, and with them few blocks, which are large."""
    after = 0
    while True:
        rows = _fetched(connection, f"{_links} WHERE sequence > ? ORDER BY sequence LIMIT ?", (after, at_once))
        if rows:
            yield from _with_few_blocks([_link(row) for row in rows])
            after = rows[-1][0]
        if len(rows) < at_once:
            return


def _with_few_blocks(links: list[Link]) -> Iterator[list[Link]]:
    begin, blocks = 0, 0
    for end, link in enumerate(links, 1):
        blocks += link.kind == "block"
        if blocks == blocks_at_once:
            yield links[begin:end]
            begin, blocks = end, 0
    if begin < len(links):
        yield links[begin:]


def rows_of(connection: Connection, table: EntryTable, ids: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """The rows of these ids that are there."""
    query = f"{table.select_text} WHERE id IN {keys_within(connection.dialect.name)}"
    return {row[0]: tuple(row) for row in _fetched(connection, query, (json_text(list(ids)),))}


def pages_of(connection: Connection, table: EntryTable) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a table in the order of their ids, some at a time."""
    after, at_once = "", table.read_at_once
    while True:
        rows = _fetched(connection, f"{table.select_text} WHERE id > ? ORDER BY id LIMIT ?", (after, at_once))
        if rows:
            yield rows
            after = rows[-1][0]
        if len(rows) < at_once:
            return


def rows_between(connection: Connection, table: EntryTable, first: str, last: str) -> list[tuple[Any, ...]]:
    """The rows whose ids are from `first` to `last`, in their order."""
    return _fetched(connection, f"{table.select_text} WHERE id BETWEEN ? AND ? ORDER BY id", (first, last))


def keys_within(dialect: str) -> str:
    """A list for IN of any number of keys, given as one text of JSON."""
    if dialect == "sqlite":
        return "(SELECT value FROM json_each(?))"
    return "(SELECT json_array_elements_text(CAST(? AS json)))"


def _fetched(connection: Connection, query: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """What the driver gives, without SQLAlchemy's reading of it: what stands in the place of a time may be none."""
    driver: Any = connection.connection
    cursor = driver.cursor()
    cursor.execute(query if connection.dialect.name == "sqlite" else query.replace("?", "%s"), parameters)
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    cursor.close()
    return rows


def _link(row: tuple[Any, ...]) -> Link:
    sequence, recorded, version, kind, entry_id, content, digest = row
    return Link(sequence, recorded, version, kind, entry_id, bytes(content), bytes(digest))
