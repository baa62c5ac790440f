"""Appending to the record: each row with its link in the chain, in one transaction, one writer at a time."""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final

from core.audit.chain.links import Head, beginning, link_columns, link_digest, version
from core.audit.writing import record_lock, stand_alone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from core.audit.chain.links import EntryTable, Link
    from core.audit.chain.row_columns import RowColumns
    from core.audit.engine import Database

_last_link: Final = "SELECT sequence, recorded, digest FROM audit_chain ORDER BY sequence DESC LIMIT 1"
_insert_in_sqlite: Final = f"INSERT INTO audit_chain ({', '.join(link_columns)}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
# As many links as there are, in one statement.
_insert_in_postgresql: Final = (
    f"INSERT INTO audit_chain ({', '.join(link_columns)}) "  # noqa: S608
    "SELECT * FROM unnest(CAST(%s AS bigint[]), CAST(%s AS bigint[]), CAST(%s AS smallint[]), "
    "CAST(%s AS text[]), CAST(%s AS text[]), CAST(%s AS bytea[]), CAST(%s AS bytea[]))"
)


class Appending:
    """A transaction that is alone in adding to the record: `appending` begins one, `within` takes one that has begun.

    Attributes:
        cursor: of the driver, for what else belongs to the transaction.
        head: the end of the chain, with what was added so far.
    """

    def __init__(self, cursor: Any, *, is_sqlite: bool) -> None:
        """Reads the end of the chain."""
        self.cursor = cursor
        self._is_sqlite = is_sqlite
        cursor.execute(_last_link)
        self._recorded = 0
        self.head = beginning
        # All of it: a statement that is not read to its end keeps a file in use.
        for sequence, recorded, digest in cursor.fetchall():
            self.head, self._recorded = Head(sequence, bytes(digest)), recorded

    @classmethod
    def within(cls, connection: Connection) -> Appending:
        """Of the transaction of a connection, which is alone from here on to its end."""
        stand_alone(connection)
        driver: Any = connection.connection
        return cls(driver.cursor(), is_sqlite=connection.dialect.name == "sqlite")

    def add(self, table: EntryTable, rows: Sequence[Sequence[Any]], contents: Sequence[bytes]) -> None:
        """Adds rows that are not there yet, in order.

        Args:
            rows: as the driver takes them.
            contents: the digest of each, by `table.content`: made beforehand, so that others wait less.
        """
        self.link(table.kind, [(row[0], content) for row, content in zip(rows, contents, strict=True)])
        self.put(table, rows)

    def link(self, kind: str, entries: Sequence[tuple[str, bytes]]) -> None:
        """Adds links alone, for entries of these ids and contents."""
        # Clocks of several machines differ, and may be set back.
        recorded = self._recorded = max(self._recorded, time.time_ns() // 1000)
        sequence, digest = self.head.sequence, self.head.digest
        links = []
        for entry_id, content in entries:
            sequence += 1
            digest = link_digest(digest, sequence, recorded, kind, entry_id, content)
            links.append((sequence, recorded, version, kind, entry_id, content, digest))
        self.head = Head(sequence, digest)
        self._insert(links)

    def put(self, table: EntryTable, rows: Sequence[Sequence[Any]]) -> None:
        """Adds rows whose links are there."""
        _each(self.cursor, table.insert_text, rows)

    def put_columns(self, table: EntryTable, rows: RowColumns) -> None:
        """The same of rows that come column by column."""
        if self._is_sqlite:
            for text, values in rows.statements(table):
                self.cursor.execute(text, values)
        left = rows.rows(table.columns, rows.whole if self._is_sqlite else 0)
        if left:
            self.put(table, left)

    def copy(self, links: Sequence[Link]) -> None:
        """Adds links of another record as they are, which go on where this one ends."""
        self._insert([tuple(getattr(link, name) for name in link_columns) for link in links])
        self.head, self._recorded = links[-1].head, links[-1].recorded

    def _insert(self, links: Sequence[tuple[Any, ...]]) -> None:
        if self._is_sqlite:
            _each(self.cursor, _insert_in_sqlite, links)
        else:
            self.cursor.execute(_insert_in_postgresql, [list(values) for values in zip(*links, strict=True)])


def _each(cursor: Any, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Executes a statement with each row."""
    if len(rows) == 1:
        cursor.execute(statement, rows[0])
    else:
        cursor.executemany(statement, rows)


@contextmanager
def appending(database: Database) -> Iterator[Appending]:
    """A transaction that adds to the record, committed at the end: nobody else adds meanwhile.

    Raises:
        AuditUnavailable: nothing of it is stored.
    """
    with database.reached():
        if database.is_sqlite:
            with database.sqlite_writer() as cursor:
                yield Appending(cursor, is_sqlite=True)
        else:
            with closing(database.engine.raw_connection()) as connection:
                # What is not committed is rolled back by the pool.
                driver: Any = connection.driver_connection
                # What is asked goes to the server together, until an answer is needed.
                with driver.pipeline():
                    cursor = connection.cursor()
                    cursor.execute(f"SELECT pg_advisory_xact_lock({record_lock})")
                    yield Appending(cursor, is_sqlite=False)
                    connection.commit()
