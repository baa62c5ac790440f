"""A record that is read by columns, and counted in one pass, is counted as queries count it."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from core.audit.decisions import DecisionEntry, DecisionLog
from core.audit.engine import Database
from core.audit.entries import new_ids
from core.audit.log import AuditLog
from core.audit.of_portfolio import numbering, numbering_of
from core.audit.tables import PredictionRow
from core.outcomes.counting import counts
from core.outcomes.counting.by_columns import at_once
from core.outcomes.counting.by_columns.at_once import counted_at_once
from core.outcomes.counting.by_columns.columns import ColumnReader, TableReading
from core.outcomes.counting.by_columns.packing import Packing, TooLarge
from core.outcomes.counting.by_columns.side_by_side import done_by, of_one_moment
from core.outcomes.counting.counts import counted
from core.outcomes.entries import OutcomeEntry, OutcomeRefusal
from core.outcomes.log import OutcomeLog
from tests.core.audit.made import entry as made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL

    from core.outcomes.counting.by_columns.side_by_side import Reader

_now = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.fixture
def database(sqlite_url: URL) -> Iterator[Database]:
    """In a file: of a server the queries of `cells` are asked."""
    opened = Database.open(sqlite_url)
    yield opened
    opened.close()


@pytest.mark.parametrize("at_a_time", [3, 50_000])
def test_pieces_add_up_to_what_queries_count(
    database: Database, monkeypatch: pytest.MonkeyPatch, at_a_time: int
) -> None:
    monkeypatch.setattr(at_once, "_rows_at_once", at_a_time)
    random = np.random.default_rng(11)
    log, decisions, outcomes = AuditLog(database), DecisionLog(database), OutcomeLog(database)
    keys: list[str] = []
    for _ in range(60):
        moment = datetime(2026, 1 + int(random.integers(3)), 1 + int(random.integers(28)), tzinfo=UTC)
        kind = str(random.choice(["predict", "predict", "batch", "client", "explain", "simulate"]))
        client = int(random.integers(12)) or None
        keys += new_ids(moment, 1)
        # The ends of cells, and of the scale, among others.
        probability = float(random.choice([0.0, 0.0001, 0.0003, 0.29, 0.57, 1.0, float(random.random())]))
        log.record_delivered([(keys[-1], moment, made(client, probability, kind))])  # type: ignore[arg-type]
    for key in random.choice(keys, 40):
        final = str(random.choice(["ACCEPTÉ", "REFUSÉ"]))
        decisions.record(DecisionEntry("C. Martin", final, "Un motif", str(key), None, "r", "bank"))  # type: ignore[arg-type]
    for step in range(3):
        told = [
            OutcomeEntry(str(key), None, None, bool(random.random() < 0.5), date(2026, 11, 27), 12.345 * step or None)
            for key in random.choice(keys, 20, replace=False)
        ]
        checked = [found for found in outcomes.check(told, _now) if not isinstance(found, OutcomeRefusal)]
        outcomes.record(checked, "r", "bank")
        for key in random.choice(keys, 10):
            # Of whom the outcome is known, it decides nothing any more.
            decisions.record(DecisionEntry("A. Petit", "REFUSÉ", "Un motif", str(key), None, "r", "bank"))
        _assert_as_queries(database)
    assert log.purge(datetime(2026, 2, 10, tzinfo=UTC))
    _assert_as_queries(database)


def test_an_empty_record_has_no_cells(database: Database) -> None:
    with of_one_moment(database) as connections:
        assert {frame.height for frame in counted_at_once(connections).values()} == {0}
    _assert_as_queries(database)


def test_what_has_no_room_is_counted_by_queries(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    AuditLog(database).record_many([made(1 << 50, 0.3), made(1, 0.3)])
    with of_one_moment(database) as connections, pytest.raises(TooLarge, match="client"):
        counted_at_once(connections)
    with caplog.at_level(logging.INFO):
        assert counted(database).applications["rows"].sum() == 2
    assert "too large a client" in caplog.text


def test_cells_come_in_one_order(database: Database) -> None:
    """What is summed over them is then the same to the last bit, whoever has counted."""
    log = AuditLog(database)
    for month in range(1, 13):
        moment = datetime(2025, month, 2, tzinfo=UTC)
        log.record_delivered([(key, moment, made(1, 0.3, "predict")) for key in new_ids(moment, 3)])
    with of_one_moment(database) as connections:
        months = [counted_at_once(connections)["applications"]["month"].to_list() for _ in range(3)]
    assert months == [[f"2025-{month:02}" for month in range(1, 13)]] * 3


def test_who_writes_meanwhile_is_not_counted(database: Database) -> None:
    log = AuditLog(database)
    log.record_many([made(number) for number in range(4)])
    with of_one_moment(database) as connections:
        log.record_many([made(number) for number in range(10, 14)])
        assert counted_at_once(connections)["applications"]["rows"].sum() == 4
    assert counted(database).applications["rows"].sum() == 8


def test_a_task_that_fails_ends_the_others(database: Database) -> None:
    done = []

    def fail(reader: Reader) -> None:
        raise ValueError("of one")

    def note(reader: Reader) -> None:
        done.append(reader)

    with of_one_moment(database) as connections, pytest.raises(ValueError, match="of one"):
        done_by(connections, [fail, *[note] * 2000])
    assert len(done) < 2000


_words = st.one_of(st.none(), st.sampled_from(["a", "b'", "b''", "é", ""]))
_rows = st.lists(
    st.tuples(
        st.integers(-(1 << 63), (1 << 63) - 1),
        _words,
        st.dates(date(2024, 1, 1), date(2024, 4, 30)).map(str),
        st.text("abc-", min_size=1, max_size=36),
        st.one_of(st.none(), st.floats(-1e12, 1e12)),
    ),
    max_size=20,
)


@given(_rows, st.sets(st.integers(1, 20)))
def test_columns_are_those_of_the_table(rows: list[tuple[Any, ...]], gone: set[int]) -> None:
    reading = TableReading("t", "true", {"n": "n"}, {"word": "word", "day": "day"}, ("day",), ids="id", sparse="x")
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (n INTEGER, word TEXT, day DATETIME, id TEXT, x FLOAT)")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", rows)
        connection.executemany("DELETE FROM t WHERE rowid = ?", [(number,) for number in gone])
        reader = ColumnReader(connection.cursor(), reading)
        pieces = [reader.between(first, first + 6) for first in (1, 8, 15)]
    left = [(number, *row) for number, row in enumerate(rows, 1) if number not in gone]
    assert [int(number) for piece in pieces for number in piece.rowids] == [row[0] for row in left]
    assert [int(number) for piece in pieces for number in piece.numbers["n"]] == [row[1] for row in left]
    for name, column in {"word": [row[2] for row in left], "day": [row[3][:7] for row in left]}.items():
        assert [piece.values[name][place] for piece in pieces for place in piece.labels[name]] == column
    digests = [int(digest) for piece in pieces for digest in piece.digests]
    assert len(set(zip(digests, (row[4] for row in left), strict=True))) == len(set(digests)) <= len(left)
    assert len(set(digests)) == len({row[4] for row in left})
    found = [float(number) for piece in pieces for number in piece.sparse]
    assert found == pytest.approx([row[5] for row in left if row[5] is not None], rel=1e-14)


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, (1 << 60) - 1)), min_size=1))
def test_packed_numbers_come_back_and_keep_their_order(rows: list[tuple[int, int]]) -> None:
    packing = Packing({"few": 3, "many": 60})
    packed = packing.packed({"few": [row[0] for row in rows], "many": [row[1] for row in rows]})
    assert list(zip(*(column.to_list() for column in packing.columns(pl.Series(packed))), strict=True)) == rows
    assert [rows[place] for place in np.argsort(packed, kind="stable")] == sorted(rows)
    for name, wrong in (("few", 8), ("few", -1), ("many", 1 << 60)):
        with pytest.raises(TooLarge, match=name):
            packing.packed({"few": [0], "many": [0]} | {name: [wrong]})


def test_more_bits_than_a_number_has_are_no_packing() -> None:
    with pytest.raises(ValueError, match="63 bits"):
        Packing({"one": 32, "other": 32})


@pytest.mark.parametrize("portfolio", [None, "imported:3f9a", "synthetic:7", "Imported:3f9a"])
@pytest.mark.parametrize("application", [None, "sent", "on_file"])
def test_the_numbering_of_a_client_is_that_of_the_query(
    database: Database, application: str | None, portfolio: str | None
) -> None:
    named = dict(zip(("application", "portfolio"), (application, portfolio), strict=True))
    with database.engine.connect() as connection:
        query = str(
            numbering_of(PredictionRow).compile(dialect=database.engine.dialect, compile_kwargs={"literal_binds": True})
        )
        named_row = "SELECT :application AS application, :portfolio AS portfolio"
        found = connection.exec_driver_sql(f"SELECT {query} FROM ({named_row}) AS predictions", named).scalar_one()  # noqa: S608
    assert found == numbering(application, portfolio)


def _assert_as_queries(database: Database) -> None:
    with of_one_moment(database) as connections:
        assert len(connections) == 2
        found, wanted = counted_at_once(connections), counts._by_queries(connections[0])
    assert found.keys() == wanted.keys()
    for name, frame in wanted.items():
        assert_frame_equal(found[name], frame, check_row_order=False, rel_tol=1e-12, abs_tol=1e-12)
