"""The hash chain of the record: what the digest of an entry is made of, and how entries are added to the chain.

Each entry of the record (a prediction, a block of them, an officer's decision, an outcome, a statement on the record)
has a link in `audit_chain`:

    content(n) = SHA-256(serialisation of all columns of the row)
    digest(n)  = SHA-256(digest(n-1) + content(n) + "n recorded version kind id" in ASCII); digest(0) is 32 zero bytes

so that a digest stands for its row and for all before it. A link stays when the retention deletes its row: the chain
is whole without it. `docs/decisions/0004-the-record-proves-itself.md` says what that proves, and what it does not.

Version 1 of the serialisation is `home-credit record 1`, a space, the name of the table and a line feed; then for each
column that is not null, in the order of their names: the name, a space, a letter for the type, the length of the value
in bytes, a colon, the value, a line feed. Values: `s`, text in UTF-8, JSON as it is stored, moments in UTC as
`2026-11-28 09:30:00.000000`; `i`, whole numbers and truth values in decimal; `f`, the eight bytes of a double, highest
first, in hexadecimal, with no sign on zero; `b`, bytes as they are. What is null says nothing, so that a column that
is added later changes no digest that is there: it has to be null in the rows before it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from sqlalchemy import JSON, DateTime, Float, Table, TypeDecorator, insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg

from core.audit.tables import BlockRow, DecisionRow, OutcomeRow, PredictionRow, StatementRow
from core.audit.writing import json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sqlalchemy import Column, Dialect

Kind = Literal["block", "prediction", "decision", "outcome", "statement"]
link_columns: Final = ("sequence", "recorded", "version", "kind", "entry_id", "content", "digest")
version: Final = 1
_rows_at_once: Final = 2000
blocks_at_once: Final = 4
_pack: Final = struct.Struct(">d").pack


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the chain, as it is stored.

    Attributes:
        sequence: its place, from 1 on without gaps.
        recorded: when it was added, in microseconds since 1970 (UTC); never less than that of the link before.
        version: of the serialisation.
        kind, entry_id: which row it stands for.
        content: digest of the row.
        digest: of the chain up to here.
    """

    sequence: int
    recorded: int
    version: int
    kind: str
    entry_id: str
    content: bytes
    digest: bytes

    @property
    def head(self) -> Head:
        """What stands for the chain up to here."""
        return Head(self.sequence, self.digest)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: how many links, and the digest that covers them all."""

    sequence: int
    digest: bytes

    def __str__(self) -> str:
        """As it is published: `1234:` and 64 hexadecimal digits."""
        return f"{self.sequence}:{self.digest.hex()}"


beginning: Final = Head(0, bytes(32))


def link_digest(before: bytes, sequence: int, recorded: int, kind: str, entry_id: str, content: bytes) -> bytes:
    """The digest of a link of the version in use, after the digest of the one before it."""
    return sha256(before + content + f"{sequence} {recorded} {version} {kind} {entry_id}".encode()).digest()


class EntryTable:
    """A table of the record, as the chain sees it.

    Attributes:
        kind: of its entries.
        name: of the table.
        columns: their names, in the order in which rows are given and read.
        insert_text: the statement that adds a row, for the driver.
        select_text: the statement that reads rows as they are stored: whatever is in the place of a number or a time.
        read_at_once: how many rows are held in memory at a time; a block is as large as thousands of others.
    """

    def __init__(self, kind: Kind, table: Table, dialect: Dialect, stored: Collection[str] | None = None) -> None:
        """Args:
        stored: names of the columns that the database has by now; None: all.
        """
        columns = [column for column in table.columns if stored is None or column.name in stored]
        is_sqlite = dialect.name == "sqlite"
        self.kind = kind
        self.name = table.name
        self.columns = tuple(column.name for column in columns)
        self.read_at_once = blocks_at_once if kind == "block" else _rows_at_once
        # The text once, and not the machinery of a statement for each row: it took half of the 0.1 ms that a row takes.
        self.insert_text = str(insert(table).compile(dialect=dialect, column_keys=list(self.columns)))
        read = ", ".join(column.name if is_sqlite else _as_stored(column) for column in columns)
        self.select_text = f"SELECT {read} FROM {table.name}"  # noqa: S608
        self._converters = {column.name: _converters.get(_family(column)) for column in columns}
        self._head = f"home-credit record {version} {table.name}\n".encode()
        self._in_order = [
            (f"{name} ".encode(), self.columns.index(name), _family(table.c[name]) is Float)
            for name in sorted(self.columns)
        ]

    def row(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """A row as the driver takes it, of values by the name of their column; what is not there is null."""
        row = []
        for name, converter in self._converters.items():
            value = values.get(name)
            row.append(value if value is None or converter is None else converter(value))
        return tuple(row)

    def content(self, row: Sequence[Any]) -> bytes:
        """The digest of a row, whether it is to be stored or was read by `select_text`."""
        parts = [self._head]
        for name, place, is_float in self._in_order:
            value = row[place]
            if value is None:
                continue
            if is_float and isinstance(value, int):
                # As it is when it comes back.
                value = float(value)
            kind = type(value)
            if kind is str:
                data = value.encode()
                parts.append(b"%bs%d:%b\n" % (name, len(data), data))
            elif kind is float:
                parts.append(b"%bf16:%b\n" % (name, _pack(value + 0.0).hex().encode()))
            elif kind is int or kind is bool:
                data = b"%d" % value
                parts.append(b"%bi%d:%b\n" % (name, len(data), data))
            else:
                # The content of a block, and what somebody put by hand where only SQLite takes it.
                data = bytes(value)
                parts.append(b"%bb%d:%b\n" % (name, len(data), data))
        return sha256(b"".join(parts)).digest()


# In the order in which they are written: a prediction of a block follows the block.
tables: Final[Mapping[Kind, Table]] = {
    "block": cast("Table", BlockRow.__table__),
    "prediction": cast("Table", PredictionRow.__table__),
    "decision": cast("Table", DecisionRow.__table__),
    "outcome": cast("Table", OutcomeRow.__table__),
    "statement": cast("Table", StatementRow.__table__),
}


@cache
def entry_table(kind: Kind, dialect: str) -> EntryTable:
    """The table of a kind of entries in a database of "sqlite" or "postgresql", as this program knows it."""
    return EntryTable(kind, tables[kind], _dialects[dialect])


def moment_text(moment: datetime) -> str:
    """A time in UTC as SQLite stores it and the chain takes it; PostgreSQL reads it so in sessions of the engine."""
    # A tenth of the time of `strftime`; the zone, which is UTC, is left out.
    return moment.isoformat(" ", "microseconds")[:26]


def _family(column: Column[Any]) -> Any:
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    return next((family for family in (DateTime, JSON, Float) if isinstance(kind, family)), str)


def _as_stored(column: Column[Any]) -> str:
    """Reads a column of PostgreSQL as it is stored, in the words of SQLite."""
    forms = {
        DateTime: "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
        JSON: "CAST({0} AS text)",
    }
    return forms.get(_family(column), "{0}").format(column.name)


# Parameters by position in both, as `core.audit.engine` has them.
_dialects: Final = {"sqlite": sqlite.dialect(), "postgresql": psycopg.dialect(paramstyle="format")}  # type: ignore[no-untyped-call]
_converters: Final[Mapping[Any, Callable[[Any], Any]]] = {
    DateTime: lambda moment: moment_text(moment.astimezone(UTC)),
    JSON: json_text,
    Float: float,
}
