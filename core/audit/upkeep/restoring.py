"""The restoring of a backup: rows that a database lacks are put back without breaking its chain."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from core.audit.blocks.content import PredictionBlock
from core.audit.blocks.recording import block_row
from core.audit.chain.appending import appending
from core.audit.chain.links import beginning, entry_table, tables
from core.audit.chain.stored import head_of, keys_within, links_of, rows_between, rows_of
from core.audit.entries import new_ids
from core.audit.tables import put_back
from core.audit.writing import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from core.audit.chain.appending import Appending
    from core.audit.chain.links import EntryTable, Head, Kind, Link
    from core.audit.engine import Database

Rows = dict[str, tuple[Any, ...]]

_at_once: Final = 1000
# One writes at a time in SQLite, which gives those who wait a turn only when they look.
_turn: Final = 0.02


class ForeignRow(ValueError):
    """A row of the backup that is not what the chain of the database says of it."""


class Restoring:
    """Adds to a database what a backup has and it has not.

    While the chain of the database is the beginning of the backup's, links are taken over as they are. Where the two
    have parted, or part meanwhile, rows get links of their own at the end, after a statement that names the backup's
    head. A row whose link is there is put back where it was; since that moves no head, a statement at the end says so,
    and counts of the record that are kept, or being made (`core.outcomes.counting`), are dropped with each of them.

    Attributes:
        added: how many rows, by their kind.
    """

    def __init__(self, database: Database) -> None:
        """Reads and writes nothing yet."""
        self.added: dict[str, int] = dict.fromkeys(tables, 0)
        self._database = database
        self._tables: dict[str, EntryTable] = {kind: entry_table(kind, database.dialect) for kind in tables}
        self._is_stated = False
        # Whether rows went under links that were there, and no statement came after them.
        self._is_unstated = False
        # The predictions of the blocks at hand, by the block.
        self._members: dict[str, list[tuple[Any, ...]]] = {}

    def take(self, source: Connection) -> None:
        """Takes all that a backup holds, some at a time so that others can write in between.

        Args:
            source: to a backup with a chain, in SQLite.

        Raises:
            ForeignRow: what was added until then stays.
            core.audit.writing.AuditUnavailable: the same.
        """
        whole, before = head_of(source), beginning
        own = {kind: entry_table(kind, "sqlite") for kind in tables}
        for links in links_of(source, _at_once):
            rows: Rows = {}
            for kind, table in own.items():
                rows |= rows_of(source, table, [link.entry_id for link in links if link.kind == kind])
            self._members = {
                link.entry_id: _members(source, own, rows[link.entry_id])
                for link in links
                if link.kind == "block" and link.entry_id in rows
            }
            with appending(self._database) as record:
                self._take(record, before, links, rows, whole)
            before = links[-1].head
            if self._database.is_sqlite:
                time.sleep(_turn)
        if self._is_unstated:
            # At the very end: before it, the links that are taken over would not go on where this chain ends.
            with appending(self._database) as record:
                self._state(record, whole)

    def _take(self, record: Appending, before: Head, links: Sequence[Link], rows: Rows, whole: Head) -> None:
        known, following = _parted(record.head, before, links)
        self._put_back(record, known, rows)
        if following:
            record.copy(following)
            self._put(record, [(link, rows[link.entry_id]) for link in following if link.entry_id in rows])
            return
        self._append(record, known, rows, whole)

    def _put_back(self, record: Appending, links: Sequence[Link], rows: Rows) -> None:
        """Puts rows back whose links are there."""
        contents, before = self._contents(record, links), sum(self.added.values())
        missing = []
        for kind, table in self._tables.items():
            ids = [link.entry_id for link in links if link.kind == kind and link.entry_id in rows]
            present = self._ids(record, f"SELECT id FROM {table.name} WHERE id IN", ids)  # noqa: S608
            missing += [entry_id for entry_id in ids if entry_id not in present and entry_id in contents]
        by_id = {link.entry_id: link for link in links}
        for entry_id in missing:
            if by_id[entry_id].content != contents[entry_id]:
                raise ForeignRow(entry_id)
        self._put(record, [(by_id[entry_id], rows[entry_id]) for entry_id in missing])
        for entry_id in self._members.keys() & contents.keys():
            # Of a block that is there, those that are not.
            if by_id[entry_id].content == contents[entry_id]:
                self._put_members(record, entry_id)
        if sum(self.added.values()) > before:
            _forget_counts(record, self._database.dialect)
            self._is_unstated = True

    def _append(self, record: Appending, links: Sequence[Link], rows: Rows, whole: Head) -> None:
        """Adds rows that have no link here. What the backup states of itself is about a chain that is another."""
        contents = self._contents(record, links)
        lacking = [link for link in links if link.entry_id not in contents and link.entry_id in rows]
        for kind, table in self._tables.items():
            new = {link.entry_id: rows[link.entry_id] for link in lacking if link.kind == kind}
            if kind == "statement" or not new:
                continue
            for entry_id in self._ids(record, f"SELECT id FROM {table.name} WHERE id IN", list(new)):  # noqa: S608
                del new[entry_id]
            if kind == "decision":
                new = _not_decided_anew(record, table, self._database.dialect, new)
            if new and not self._is_stated:
                self._state(record, whole)
            if kind == "block":
                for entry_id, row in new.items():
                    self._append_block(record, entry_id, row)
            elif new:
                record.add(table, list(new.values()), [table.content(row) for row in new.values()])
                self.added[kind] += len(new)

    def _append_block(self, record: Appending, block_id: str, row: tuple[Any, ...]) -> None:
        """Adds a block with its predictions, or with those that are not there: a job may have been done anew."""
        table, predictions = self._tables["block"], self._tables["prediction"]
        members = self._members[block_id]
        present = self._present(record, members)
        if present:
            left = PredictionBlock.read(row[table.columns.index("content")]).without(sorted(present))
            if not left.records.height:
                return
            (block_id,) = new_ids(datetime.now(UTC), 1)
            row, members = block_row(block_id, left, self._database.dialect), left.rows(block_id)
        record.add(table, [row], [table.content(row)])
        record.put(predictions, members)
        self.added["prediction"] += len(members)

    def _put_members(self, record: Appending, block_id: str) -> None:
        """Adds the predictions of a block that are not there."""
        members = self._members[block_id]
        present = self._present(record, members)
        missing = [row for row in members if row[0] not in present]
        if missing:
            record.put(self._tables["prediction"], missing)
            self.added["prediction"] += len(missing)

    def _present(self, record: Appending, predictions: Sequence[tuple[Any, ...]]) -> set[str]:
        return self._ids(record, "SELECT id FROM predictions WHERE id IN", [row[0] for row in predictions])

    def _state(self, record: Appending, whole: Head) -> None:
        now, table = datetime.now(UTC), self._tables["statement"]
        fields = {"id": new_ids(now, 1)[0], "time": now, "kind": "restore", "entries": whole.sequence}
        row = table.row(fields | {"head": str(whole)})
        record.add(table, [row], [table.content(row)])
        self._is_stated, self._is_unstated = True, False

    def _put(self, record: Appending, entries: Sequence[tuple[Link, tuple[Any, ...]]]) -> None:
        for kind, table in self._tables.items():
            rows = [row for link, row in entries if link.kind == kind]
            if rows:
                record.put(table, rows)
                self.added[kind] += len(rows)
            if kind == "block":
                for row in rows:
                    self._put_members(record, row[0])

    def _contents(self, record: Appending, links: Sequence[Link]) -> dict[str, bytes]:
        """What the chain of the database says of these entries, by their ids."""
        query = f"SELECT entry_id, content FROM audit_chain WHERE entry_id IN {self._keys}"  # noqa: S608
        record.cursor.execute(query, (json_text([link.entry_id for link in links]),))
        return {entry_id: bytes(content) for entry_id, content in record.cursor.fetchall()}

    def _ids(self, record: Appending, query: str, ids: Sequence[str]) -> set[str]:
        record.cursor.execute(f"{query} {self._keys}", (json_text(list(ids)),))
        return {entry_id for (entry_id,) in record.cursor.fetchall()}

    @property
    def _keys(self) -> str:
        return _keys(self._database.dialect)


def _forget_counts(record: Appending, dialect: str) -> None:
    """Drops counts that are kept, and those that somebody makes meanwhile of what was there before.

    The statement at the end says it as well, but comes later, and never where a restore is broken off.
    """
    record.cursor.execute("DELETE FROM outcome_counts")
    insert = "INSERT INTO outcome_counts (name, format, sequence, digest, content) VALUES (?, 0, ?, ?, ?)"
    row = (put_back, record.head.sequence, record.head.digest, secrets.token_bytes(16))
    record.cursor.execute(insert if dialect == "sqlite" else insert.replace("?", "%s"), row)


def _members(source: Connection, own: Mapping[Kind, EntryTable], block: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """The predictions of a block in a backup."""
    first, last = (block[own["block"].columns.index(name)] for name in ("first_id", "last_id"))
    place = own["prediction"].columns.index("block")
    return [row for row in rows_between(source, own["prediction"], first, last) if row[place] == block[0]]


def _parted(head: Head, before: Head, links: Sequence[Link]) -> tuple[Sequence[Link], Sequence[Link]]:
    """Links of a backup up to the end of a chain, and those that follow it; all and none where they follow not."""
    if head == before:
        return (), links
    for place, link in enumerate(links[:-1]):
        if link.head == head:
            return links[: place + 1], links[place + 1 :]
    return links, ()


def _not_decided_anew(record: Appending, table: EntryTable, dialect: str, rows: Mapping[str, Any]) -> Rows:
    """Decisions without those that were sent again, under the key that they have, after the database was lost."""
    caller, key = (table.columns.index(name) for name in ("caller", "idempotency_key"))
    query = f"SELECT caller, idempotency_key FROM officer_decisions WHERE idempotency_key IN {_keys(dialect)}"  # noqa: S608
    record.cursor.execute(query, (json_text([row[key] for row in rows.values() if row[key] is not None]),))
    taken = {tuple(row) for row in record.cursor.fetchall()}
    return {entry_id: row for entry_id, row in rows.items() if (row[caller], row[key]) not in taken}


def _keys(dialect: str) -> str:
    keys = keys_within(dialect)
    return keys if dialect == "sqlite" else keys.replace("?", "%s")
