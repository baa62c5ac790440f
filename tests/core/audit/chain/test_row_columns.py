"""Rows that come column by column are stored as if each came alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import polars as pl
import pytest

from core.audit.blocks.content import PredictionBlock
from core.audit.blocks.recording import NewBlock
from core.audit.chain.links import entry_table
from core.audit.chain.row_columns import RowColumns, rows_at_once
from core.audit.engine import Database
from tests.core.audit.made import file_rows

table = entry_table("statement", "sqlite")


def columns_of(count: int) -> RowColumns:
    own = {"head": [f"h{row}" for row in range(count)], "id": [f"{row:03}" for row in range(count)]}
    return RowColumns(count, dict.fromkeys(table.columns) | {"kind": "seal", "entries": 3}, own)


@pytest.mark.parametrize("count", [1, rows_at_once - 1, rows_at_once, 4 * rows_at_once, 4 * rows_at_once + 3])
def test_several_in_a_statement_are_what_each_alone_is(count: int) -> None:
    given = columns_of(count)
    statements = list(given.statements(table))
    assert len(statements) == count // rows_at_once
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE {table.name} ({', '.join(table.columns)})")
        for text, values in statements:
            connection.execute(text, values)
        connection.executemany(table.insert_text, given.rows(table.columns, given.whole))
        stored = connection.execute(f"SELECT * FROM {table.name} ORDER BY id").fetchall()  # noqa: S608
    assert stored == given.rows(table.columns)
    assert [row[table.columns.index("head")] for row in stored] == [f"h{row}" for row in range(count)]


def test_rows_that_are_alike_in_everything_come_one_by_one() -> None:
    given = RowColumns(60, dict.fromkeys(table.columns), {})
    assert not list(given.statements(table))
    assert len(given.rows(table.columns, given.whole)) == 60


def test_a_block_says_once_what_its_predictions_have_alike(database: Database) -> None:
    records, inputs = file_rows(range(1, 41))
    block = PredictionBlock(records.with_columns(time=pl.lit("2026-11-28 09:30:00.000000")), inputs)
    new = NewBlock(block, datetime(2026, 11, 28, tzinfo=UTC), database)
    assert list(block.row_columns(new.key).own) == [
        "id",
        "client_id",
        "probability",
        "decision",
        "fold_agreement",
        "referral",
    ]
    assert block.row_columns(new.key).alike["request_id"] == "j"
