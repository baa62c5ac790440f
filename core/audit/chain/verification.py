"""The verification of the record against its chain: what was changed, removed or inserted, from the first entry on."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from sqlalchemy import text

from core.audit.blocks.content import PredictionBlock
from core.audit.chain.links import Head, beginning, entry_table, link_digest, tables, version
from core.audit.chain.sequences import is_within, ranges_of
from core.audit.chain.stored import links_of, rows_between, rows_of
from core.audit.writing import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from core.audit.chain.links import EntryTable, Kind, Link
    from core.audit.chain.sequences import Range
    from core.audit.engine import Database

What = Literal["changed", "removed", "inserted", "link", "rewritten", "cut"]

_at_once: Final = 2000
_named_at_most: Final = 10
_head_pattern: Final = re.compile(r"\b([1-9][0-9]{0,17}):([0-9a-f]{64})\b")


class InvalidHead(ValueError):
    """A text in which no head of a chain stands."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that the record does not prove.

    Attributes:
        what: "changed": a row is not what was recorded; "removed": a row, or links with it, is not there and no
            statement of the retention names it; "inserted": a row has no link; "link": a link does not follow from
            the one before; "rewritten": what was published as a head is another; "cut": the chain ends before it.
        sequence: of the entry; None of one that has no link.
        kind, entry_id: of its row; None where they are gone with the link.
        until: the last of several that were removed with their links.
    """

    what: What
    sequence: int | None = None
    kind: str | None = None
    entry_id: str | None = None
    until: int | None = None


@dataclass(slots=True)
class Verification:
    """What the check of a record found.

    Attributes:
        counts: entries in the chain, by kind; of predictions, also those in blocks, which are one entry.
        blocks: how many blocks they are in.
        purged: how many of them the retention has deleted.
        sealed: how many were recorded before there was a chain, which says nothing of them until then.
        head: the end of the chain.
        faults: the first of them, in order; those without a link last.
        fault_count: how many there are.
    """

    counts: dict[str, int] = field(default_factory=lambda: {kind: 0 for kind in tables if kind != "block"})
    blocks: int = 0
    purged: int = 0
    sealed: int = 0
    head: Head = beginning
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0

    def add(self, fault: Fault) -> None:
        """Counts a fault, and keeps the first ones."""
        self.fault_count += 1
        if len(self.faults) < _named_at_most:
            self.faults.append(fault)


def fault_text(fault: Fault) -> str:
    """A fault as a sentence without the data of anybody."""
    last = fault.until if fault.until is not None and fault.until != fault.sequence else None
    entry = f"entries {fault.sequence} to {last}" if last else f"entry {fault.sequence}"
    named = f" ({fault.kind} {fault.entry_id})" if fault.entry_id else ""
    words: dict[What, str] = {
        "changed": f"{entry}{named} was changed",
        "removed": f"{entry}{named} {'were' if last else 'was'} removed",
        "inserted": f"{fault.kind} {fault.entry_id} was inserted: it has no link",
        "link": f"the link of {entry}{named} was changed: it does not follow from the one before",
        "rewritten": f"{entry} is not the one that was published: the chain was written anew",
        "cut": f"{entry} was published, and the chain ends before it",
    }
    return words[fault.what]


def published_heads(content: str) -> dict[int, bytes]:
    """The heads in a text, such as lines that `audit head` wrote, by their sequence. Raises `InvalidHead`."""
    heads = {int(sequence): bytes.fromhex(digest) for sequence, digest in _head_pattern.findall(content)}
    if not heads:
        raise InvalidHead
    return heads


def verify(database: Database, heads: Mapping[int, bytes] | None = None) -> Verification:
    """Checks every entry, as they are at one moment, few in memory at a time; others go on writing.

    Args:
        heads: published digests by their sequence: the chain has to go through them.

    Raises:
        core.audit.writing.AuditUnavailable: where the record cannot be read.
    """
    verification = Verification()
    with database.reached(), _one_moment(database) as connection:
        walk = _Walk(connection, database.dialect, verification, heads or {})
        for links in links_of(connection):
            walk.take(links)
        walk.end()
    return verification


class _Walk:
    """Goes along the chain, link by link."""

    def __init__(
        self, connection: Connection, dialect: Any, verification: Verification, heads: Mapping[int, bytes]
    ) -> None:
        self._connection = connection
        self._tables: dict[str, EntryTable] = {kind: entry_table(kind, dialect) for kind in tables}
        self._verification = verification
        self._heads = heads
        self._present: dict[str, int] = dict.fromkeys(tables, 0)

    def take(self, links: Sequence[Link]) -> None:
        """Checks the next links, and the rows that they stand for."""
        rows: dict[str, dict[str, tuple[Any, ...]]] = {}
        for kind, table in self._tables.items():
            rows[kind] = rows_of(self._connection, table, [link.entry_id for link in links if link.kind == kind])
        retained = _retained(self._connection, links[0].sequence, links[-1].sequence)
        for link in links:
            self._check_link(link)
            row = rows.get(link.kind, {}).get(link.entry_id)
            if link.kind == "block":
                self._check_block(link, row, retained)
            else:
                self._check_row(link, row, retained)
            self._verification.head = link.head

    def end(self) -> None:
        """Looks for what the chain does not reach: published heads after its end, and rows without a link."""
        for sequence in sorted(self._heads):
            if sequence > self._verification.head.sequence:
                self._verification.add(Fault("cut", sequence))
        for kind, table in self._tables.items():
            # Also a prediction that names a block which does not hold it.
            if self._count(f"SELECT count(*) FROM {table.name}") != self._present[kind]:  # noqa: S608
                for entry_id in self._unlinked(kind, table):
                    self._verification.add(Fault("inserted", None, kind, entry_id))
        sealed = self._connection.execute(text("SELECT entries FROM audit_statements WHERE kind = 'seal'")).scalar()
        self._verification.sealed = sealed or 0

    def _check_link(self, link: Link) -> None:
        before = self._verification.head
        if link.sequence != before.sequence + 1:
            self._verification.add(Fault("removed", before.sequence + 1, until=link.sequence - 1))
        else:
            digest = link_digest(before.digest, link.sequence, link.recorded, link.kind, link.entry_id, link.content)
            if digest != link.digest or link.version != version or link.kind not in self._tables:
                self._verification.add(Fault("link", link.sequence, link.kind, link.entry_id))
        for sequence in [head for head in self._heads if before.sequence < head <= link.sequence]:
            if sequence != link.sequence or self._heads[sequence] != link.digest:
                self._verification.add(Fault("rewritten", sequence, link.kind, link.entry_id))

    def _check_row(self, link: Link, row: tuple[Any, ...] | None, retained: Sequence[tuple[Range, ...]]) -> None:
        if link.kind not in self._tables:
            return
        self._verification.counts[link.kind] += 1
        if row is not None:
            self._present[link.kind] += 1
            if self._tables[link.kind].content(row) != link.content:
                self._verification.add(Fault("changed", link.sequence, link.kind, link.entry_id))
        elif link.kind == "prediction" and any(is_within(link.sequence, ranges) for ranges in retained):
            self._verification.purged += 1
        else:
            self._verification.add(Fault("removed", link.sequence, link.kind, link.entry_id))

    def _check_block(self, link: Link, row: tuple[Any, ...] | None, retained: Sequence[tuple[Range, ...]]) -> None:
        verification = self._verification
        verification.blocks += 1
        if row is None:
            purged = _purged_with(self._connection, link.sequence)
            if purged is not None and any(is_within(link.sequence, ranges) for ranges in retained):
                verification.purged += purged
                verification.counts["prediction"] += purged
            else:
                verification.add(Fault("removed", link.sequence, link.kind, link.entry_id))
            return
        self._present["block"] += 1
        is_changed = self._tables["block"].content(row) != link.content
        stored = dict(zip(self._tables["block"].columns, row, strict=True))
        is_named = self._check_rows_of_block(link, stored, is_changed=is_changed)
        if is_changed and not is_named:
            verification.add(Fault("changed", link.sequence, link.kind, link.entry_id))

    def _check_rows_of_block(self, link: Link, stored: Mapping[str, Any], *, is_changed: bool) -> bool:
        """Compares the predictions of a block with what it holds; whether one of them is named."""
        verification, predictions = self._verification, self._tables["prediction"]
        rows = rows_between(self._connection, predictions, str(stored["first_id"]), str(stored["last_id"]))
        place = predictions.columns.index("block")
        try:
            block = PredictionBlock.read(stored["content"])
        except AuditUnavailable:
            listed = [row for row in rows if row[place] == link.entry_id]
            verification.counts["prediction"] += len(listed)
            self._present["prediction"] += len(listed)
            return False
        expected, present = {row[0]: row for row in block.rows(link.entry_id)}, {row[0]: row for row in rows}
        verification.counts["prediction"] += len(expected)
        self._present["prediction"] += len(expected.keys() & present.keys())
        changed = _changed_inputs(block, stored["fingerprints"]) if is_changed else set()
        faults: list[tuple[str, What]] = []
        for key, row in expected.items():
            if key not in present:
                faults.append((key, "removed"))
            elif present[key] != row or key in changed:
                faults.append((key, "changed"))
        for key, row in present.items():
            if key not in expected and row[place] == link.entry_id:
                self._present["prediction"] += 1
                faults.append((key, "inserted"))
        for key, what in sorted(faults):
            verification.add(Fault(what, link.sequence if what != "inserted" else None, "prediction", key))
        return bool(faults)

    def _count(self, query: str) -> int:
        return int(self._connection.execute(text(query)).scalar_one())

    def _unlinked(self, kind: Kind | str, table: EntryTable) -> Iterator[str]:
        in_block = (
            "AND NOT EXISTS (SELECT 1 FROM prediction_blocks b JOIN audit_chain c ON c.entry_id = b.id "
            "WHERE b.id = r.block AND r.id BETWEEN b.first_id AND b.last_id) "
        )
        query = (
            f"SELECT id FROM {table.name} r WHERE NOT EXISTS "  # noqa: S608
            "(SELECT 1 FROM audit_chain c WHERE c.entry_id = r.id AND c.kind = :kind) "
            f"{in_block if kind == 'prediction' else ''}ORDER BY id"
        )
        with self._connection.execution_options(yield_per=_at_once).execute(text(query), {"kind": kind}) as ids:
            yield from ids.scalars()


def _retained(connection: Connection, first: int, last: int) -> list[tuple[Range, ...]]:
    """What the statements of the retention say of entries between two: those statements that have a link."""
    query = text(
        "SELECT s.sequences FROM audit_statements s JOIN audit_chain c ON c.entry_id = s.id "
        "WHERE s.kind = 'retention' AND s.first_entry <= :last AND s.last_entry >= :first AND s.last_entry < c.sequence"
    )
    return [ranges_of(sequences) for sequences in connection.execute(query, {"first": first, "last": last}).scalars()]


def _purged_with(connection: Connection, sequence: int) -> int | None:
    """How many predictions a statement of the retention names that is about a block; None where there is none."""
    query = text(
        "SELECT entries FROM audit_statements "
        "WHERE kind = 'retention' AND first_entry = :sequence AND last_entry = :sequence"
    )
    count: int | None = connection.execute(query, {"sequence": sequence}).scalar()
    return count


def _changed_inputs(block: PredictionBlock, stored: Any) -> set[str]:
    """The ids of predictions whose inputs are not those of which the fingerprints were taken, as far as these tell."""
    fingerprints = block.fingerprints()
    if not isinstance(stored, bytes) or len(stored) != fingerprints.nbytes:
        return set()
    differs = fingerprints != np.frombuffer(stored, dtype=">u8")
    return {key for key, is_other in zip(block.ids, differs.tolist(), strict=True) if is_other}


@contextmanager
def _one_moment(database: Database) -> Iterator[Connection]:
    isolation: Any = {} if database.is_sqlite else {"isolation_level": "REPEATABLE READ"}
    with database.engine.connect().execution_options(**isolation) as connection, connection.begin():
        yield connection
