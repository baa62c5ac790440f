"""The record proves itself: whatever is done to it behind the program's back is named, and where it was done first."""

# ruff: noqa: S608 - the tables are those named here
from __future__ import annotations

import hashlib
import random
import signal
import struct
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies
from sqlalchemy import text

from core.audit import log as log_module
from core.audit.blocks.recording import record_block
from core.audit.chain.links import Head, entry_table, link_digest, tables
from core.audit.chain.sequences import is_within, ranges_of, ranges_text
from core.audit.chain.stored import head_before, head_of, links_of
from core.audit.chain.verification import Fault, InvalidHead, fault_text, published_heads, verify
from core.audit.decisions import DecisionEntry, DecisionLog
from core.audit.engine import Database
from core.audit.entries import PredictionEntry, PredictionFilter
from core.audit.log import AuditLog
from core.decision import Decision
from tests.core.audit.made import entry, file_rows
from tests.core.audit.tampering import unguarded

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection

    from core.audit.chain.verification import What

word = DecisionEntry("C. Martin", "REFUSÉ", "Dossier incomplet", None, 900001, "request-1", "office")
total = 12


def faults(database: Database, heads: dict[int, bytes] | None = None) -> list[tuple[What, int | None]]:
    found = verify(database, heads)
    assert found.fault_count == len(found.faults)
    assert all(fault_text(fault) for fault in found.faults)
    return [(fault.what, fault.sequence) for fault in found.faults]


def end_of(database: Database) -> Head:
    return database.head()


def ids(database: Database) -> list[str]:
    """By their place in the chain, from 0 on."""
    with database.engine.connect() as connection:
        return [link.entry_id for links in links_of(connection) for link in links]


@pytest.fixture
def recorded(database: Database, log: AuditLog, decisions: DecisionLog) -> list[str]:
    """Twelve entries: predictions alone and together, and after each two a decision; their ids."""
    for _ in range(2):
        log.record(entry())
        log.record(entry(2))
        decisions.record(word)
        log.record_many([entry(3), entry(4)])
        decisions.record(word)
    assert faults(database) == []
    return ids(database)


def table_of(sequence: int) -> str:
    return "officer_decisions" if sequence % 3 == 0 else "predictions"


def test_a_whole_record_is_found_whole(database: Database, recorded: list[str]) -> None:
    found = verify(database)
    assert found.counts == {"prediction": 8, "decision": 4, "outcome": 0, "statement": 0}
    assert (found.purged, found.sealed, found.fault_count) == (0, 0, 0)
    assert found.head == end_of(database)
    assert found.head.sequence == len(recorded) == total


def test_an_empty_record_is_whole(database: Database) -> None:
    assert faults(database) == []
    assert end_of(database) == Head(0, bytes(32))


def test_the_digests_are_what_the_documentation_says(database: Database, log: AuditLog) -> None:
    """Made anew from the words of `core.audit.chain.links`, and not by its code."""
    log.record(PredictionEntry("predict", "request-é", "till", {"A": 1.5}, Decision(7, 0.2, 0.1), "v1"))
    (row,) = log.each(PredictionFilter())
    values: dict[str, Any] = {
        "caller": b"s4:till",
        "client_id": b"i1:7",
        "decision": "s7:REFUSÉ".encode(),
        "id": f"s36:{row.id}".encode(),
        "inputs": b's9:{"A":1.5}',
        "kind": b"s7:predict",
        "model_version": b"s2:v1",
        "probability": b"f16:" + struct.pack(">d", 0.2).hex().encode(),
        "request_id": "s10:request-é".encode(),
        "threshold": b"f16:" + struct.pack(">d", 0.1).hex().encode(),
        "time": f"s26:{row.time:%Y-%m-%d %H:%M:%S.%f}".encode(),
    }
    fields = b"".join(name.encode() + b" " + value + b"\n" for name, value in sorted(values.items()))
    content = hashlib.sha256(b"home-credit record 1 predictions\n" + fields).digest()
    with database.engine.connect() as connection:
        ((link,),) = links_of(connection)
    assert link.content == content
    said = f"1 {link.recorded} 1 prediction {row.id}".encode()
    assert link.digest == hashlib.sha256(bytes(32) + content + said).digest()
    assert abs(link.recorded / 1e6 - row.time.timestamp()) < 60


@pytest.mark.parametrize("sequence", [1, 5, 6, 12])
def test_a_changed_value_is_named(database: Database, recorded: list[str], sequence: int) -> None:
    table, key = table_of(sequence), {"id": recorded[sequence - 1]}
    changes = {"probability": "probability + 1e-15", "client_id": "NULL", "caller": "caller || ' '", "threshold": "0"}
    if table == "predictions":
        changes["inputs"] = """'{"AMT_CREDIT": 1}'"""
    for column, value in changes.items():
        with unguarded(database) as connection:
            before = connection.execute(text(f"SELECT {column} FROM {table} WHERE id = :id"), key).scalar_one()
            connection.execute(text(f"UPDATE {table} SET {column} = {value} WHERE id = :id"), key)
        assert faults(database) == [("changed", sequence)], column
        put_back = before if column != "inputs" else entry_text(before)
        with unguarded(database) as connection:
            connection.execute(text(f"UPDATE {table} SET {column} = :v WHERE id = :id"), key | {"v": put_back})
        assert faults(database) == [], column


def entry_text(inputs: object) -> object:
    """JSON as it was stored: PostgreSQL's driver has read it."""
    from core.audit.writing import json_text

    return inputs if isinstance(inputs, str) else json_text(inputs)


@pytest.mark.parametrize("value", ["'yesterday'", "x'00ff'", "time || '+00:00'", "0"])
def test_what_is_no_value_is_named_as_well(sqlite_url: URL, value: str) -> None:
    """SQLite stores anything in any column."""
    database = Database.open(sqlite_url)
    AuditLog(database).record(entry())
    for column in ("time", "probability"):
        with unguarded(database) as connection:
            connection.exec_driver_sql(f"UPDATE predictions SET {column} = {value}")
        assert faults(database) == [("changed", 1)]
    database.close()


@pytest.mark.parametrize("sequence", [1, 6, 12])
@pytest.mark.parametrize("with_link", [False, True])
def test_a_removed_entry_is_named(database: Database, recorded: list[str], sequence: int, with_link: bool) -> None:
    head = end_of(database)
    with unguarded(database) as connection:
        connection.execute(text(f"DELETE FROM {table_of(sequence)} WHERE id = :id"), {"id": recorded[sequence - 1]})
        if with_link:
            connection.execute(text("DELETE FROM audit_chain WHERE sequence = :n"), {"n": sequence})
    if with_link and sequence == total:
        # Nothing in the record says that there was more: a head that was published does.
        assert faults(database) == []
        assert faults(database, {head.sequence: head.digest}) == [("cut", 12)]
    else:
        assert faults(database) == [("removed", sequence)]


def test_several_that_were_removed_are_named_together(database: Database, recorded: list[str]) -> None:
    with unguarded(database) as connection:
        for table in ("predictions", "officer_decisions"):
            gone = "SELECT entry_id FROM audit_chain WHERE sequence BETWEEN 4 AND 7"
            connection.execute(text(f"DELETE FROM {table} WHERE id IN ({gone})"))
        connection.execute(text("DELETE FROM audit_chain WHERE sequence BETWEEN 4 AND 7"))
    assert verify(database).faults == [Fault("removed", 4, until=7)]


def copied_row(connection: Connection, table: str, sample: str, key: str) -> None:
    columns = list(connection.execute(text(f"SELECT * FROM {table} LIMIT 0")).keys())
    others = ", ".join(name for name in columns if name not in ("id", "idempotency_key"))
    put = f"INSERT INTO {table} (id, {others}) SELECT :key, {others} FROM {table} WHERE id = :sample"
    connection.execute(text(put), {"key": key, "sample": sample})


def test_an_inserted_row_is_named(database: Database, recorded: list[str]) -> None:
    with unguarded(database) as connection:
        copied_row(connection, "predictions", recorded[0], "inserted-prediction")
        copied_row(connection, "officer_decisions", recorded[2], "inserted-decision")
    assert [(fault.what, fault.kind, fault.entry_id) for fault in verify(database).faults] == [
        ("inserted", "prediction", "inserted-prediction"),
        ("inserted", "decision", "inserted-decision"),
    ]


def test_an_inserted_row_with_a_link_of_its_own_is_named(database: Database, recorded: list[str]) -> None:
    head = end_of(database)
    with unguarded(database) as connection:
        copied_row(connection, "predictions", recorded[0], "inserted")
        connection.execute(
            text(
                "INSERT INTO audit_chain SELECT 13, recorded, version, kind, 'inserted', content, digest "
                "FROM audit_chain WHERE sequence = 1"
            )
        )
    assert faults(database, {head.sequence: head.digest}) == [("link", 13), ("changed", 13)]


def test_rows_that_were_swapped_are_named(database: Database, recorded: list[str]) -> None:
    first, second = recorded[0], recorded[6]
    with unguarded(database) as connection:
        for old, new in ((first, "aside"), (second, first), ("aside", second)):
            connection.execute(text("UPDATE predictions SET id = :new WHERE id = :old"), {"new": new, "old": old})
    assert faults(database) == [("changed", 1), ("changed", 7)]


def test_links_that_were_swapped_are_named(database: Database, recorded: list[str]) -> None:
    with unguarded(database) as connection:
        for old, new in ((2, 99), (5, 2), (99, 5)):
            connection.execute(
                text("UPDATE audit_chain SET sequence = :new WHERE sequence = :old"), {"new": new, "old": old}
            )
    assert faults(database)[0] == ("link", 2)


@pytest.mark.parametrize(
    "change", ["recorded = recorded - 1", "version = 2", "kind = 'decision'", "kind = 'other'", "entry_id = 'another'"]
)
def test_a_changed_link_is_named(database: Database, recorded: list[str], change: str) -> None:
    with unguarded(database) as connection:
        connection.execute(text(f"UPDATE audit_chain SET {change} WHERE sequence = 4"))
    assert faults(database)[0] == ("link", 4)


def rewritten_from(connection: Connection, dialect: Any, sequence: int) -> None:
    """Makes the chain anew from a link on, as whoever knows how it is made can."""
    digest = bytes(32)
    links = [link for part in links_of(connection) for link in part]
    stored: dict[str, bytes] = {}
    for kind in tables:
        table = entry_table(kind, dialect)
        stored |= {row[0]: table.content(row) for row in connection.exec_driver_sql(table.select_text)}
    for link in links:
        if link.sequence >= sequence:
            content = stored[link.entry_id]
            digest = link_digest(digest, link.sequence, link.recorded, link.kind, link.entry_id, content)
            connection.execute(
                text("UPDATE audit_chain SET content = :content, digest = :digest WHERE sequence = :sequence"),
                {"content": content, "digest": digest, "sequence": link.sequence},
            )
        else:
            digest = link.digest


def test_a_chain_that_was_rewritten_is_seen_by_a_published_head(database: Database, recorded: list[str]) -> None:
    heads = {}
    with database.engine.connect() as connection:
        for links in links_of(connection, 4):
            heads[links[-1].sequence] = links[-1].digest
    assert list(heads) == [4, 8, 12]
    assert faults(database, heads) == []
    with unguarded(database) as connection:
        connection.execute(text("UPDATE predictions SET probability = 0.05 WHERE id = :id"), {"id": recorded[4]})
        rewritten_from(connection, database.dialect, 5)
    assert faults(database) == []
    assert faults(database, heads) == [("rewritten", 8), ("rewritten", 12)]


def test_the_retention_leaves_a_proof(
    database: Database, log: AuditLog, recorded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "purged_at_once", 3)
    head = end_of(database)
    boundary = datetime.now(UTC)
    log.record(entry())
    assert log.purge(boundary) == 8
    found = verify(database, {head.sequence: head.digest})
    assert (found.purged, found.fault_count) == (8, 0)
    assert found.counts == {"prediction": 9, "decision": 4, "outcome": 0, "statement": 3}
    # What is no prediction, or not named, is not excused by it.
    with unguarded(database) as connection:
        connection.execute(text("DELETE FROM officer_decisions WHERE id = :id"), {"id": recorded[2]})
        connection.execute(text("DELETE FROM predictions"))
    assert faults(database) == [("removed", 3), ("removed", 13)]


def test_a_statement_that_excuses_a_removal_needs_a_link(database: Database, recorded: list[str]) -> None:
    with unguarded(database) as connection:
        connection.execute(text("DELETE FROM predictions WHERE id = :id"), {"id": recorded[3]})
        connection.execute(
            text(
                "INSERT INTO audit_statements (id, time, kind, entries, sequences, first_entry, last_entry) "
                "VALUES ('forged', '2026-11-28 00:00:00.000000', 'retention', 1, '4', 4, 4)"
            )
        )
    assert faults(database) == [("removed", 4), ("inserted", None)]


@pytest.mark.usefixtures("made_step_by_step")
def test_a_record_without_links_is_taken_into_the_chain(url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a program before the chain left it: with the columns of its time."""
    from alembic import command as alembic

    from core.audit import migrations
    from core.audit.chain import guards
    from core.audit.engine import _prepare_file
    from core.audit.writing import writing

    upgrade = alembic.upgrade
    database = Database(url)
    if database.is_sqlite:
        _prepare_file(str(url.database))
    with monkeypatch.context() as patch:
        patch.setattr(alembic, "upgrade", lambda configuration, _: upgrade(configuration, "0001"))
        patch.setattr(guards, "make", lambda _: None)
        migrations.upgrade(database.engine)
    row = (
        "INSERT INTO predictions (id, time, kind, request_id, caller, client_id, probability, threshold, decision, "
        "model_version, inputs) VALUES (:id, '2026-01-01 00:00:00.000000', 'predict', 'r', 'c', 1, 0.5, 0.1, "
        "'REFUSÉ', '1', '{\"A\": 1.50}')"
    )
    with writing(database.engine) as connection:
        connection.execute(text(row), [{"id": f"old-{number:05}"} for number in range(4001)])
    database.close()
    opened = Database.open(url)
    AuditLog(opened).record(entry())
    found = verify(opened)
    assert (found.sealed, found.fault_count) == (4001, 0)
    assert found.counts == {"prediction": 4002, "decision": 0, "outcome": 0, "statement": 1}
    opened.close()


purging_without_end = """
import sys
from datetime import UTC, datetime
from sqlalchemy import make_url
from core.audit import log
from core.audit.engine import Database
from tests.core.audit.made import entry

log.purged_at_once = 3
record = log.AuditLog(Database.open(make_url(sys.argv[1])))
while True:
    record.record_many([entry()] * 7)
    print(record.purge(datetime.now(UTC)), flush=True)
"""


def test_a_purge_that_is_killed_leaves_a_whole_chain(url: URL) -> None:
    from core.settings import root

    Database.open(url).close()
    address = url.render_as_string(hide_password=False)
    victim = subprocess.Popen(
        [sys.executable, "-c", purging_without_end, address], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert victim.stdout is not None
    with closing(victim.stdout):
        for _ in range(4):
            victim.stdout.readline()
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    database = Database.open(url)
    found = verify(database)
    assert found.fault_count == 0
    assert found.purged > 0
    database.close()


values = strategies.one_of(
    strategies.floats(allow_nan=False, allow_infinity=False),
    strategies.integers(-(2**53), 2**53),
    strategies.text(strategies.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20),
    strategies.booleans(),
    strategies.none(),
)
operations = strategies.lists(
    strategies.one_of(
        strategies.tuples(
            strategies.just("record"),
            strategies.lists(
                strategies.tuples(
                    strategies.dictionaries(strategies.sampled_from("ABCDE"), values),
                    strategies.one_of(strategies.just(-0.0), strategies.floats(0, 1)),
                ),
                min_size=1,
                max_size=4,
            ),
        ),
        strategies.tuples(strategies.just("rows"), strategies.lists(strategies.integers(0, 9), max_size=6)),
        strategies.tuples(strategies.just("decide"), strategies.text('aé’\n\u2028😀"\\', max_size=5)),
        strategies.tuples(strategies.just("purge"), strategies.none()),
        strategies.tuples(strategies.just("reopen"), strategies.none()),
    ),
    max_size=12,
)


@example(steps=[("rows", [0]), ("purge", None), ("rows", [0, 1]), ("reopen", None)], chance=random.Random(1))  # noqa: S311
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=operations, chance=strategies.randoms(use_true_random=False))
def test_whatever_is_recorded_verifies_and_whatever_is_changed_does_not(
    steps: list[tuple[str, Any]], chance: random.Random, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from sqlalchemy import make_url

    url = make_url("sqlite://").set(database=str(tmp_path_factory.mktemp("kept") / "audit.db"))
    database = Database.open(url)
    for step, given_values in steps:
        log = AuditLog(database)
        if step == "record":
            log.record_many(
                [
                    PredictionEntry("predict", "r", "c", inputs, Decision(1, value, 0.1), "7")
                    for inputs, value in given_values
                ]
            )
        elif step == "rows":
            record_block(database, datetime(2026, 11, 28, tzinfo=UTC), *file_rows(given_values))
        elif step == "decide" and log.latest(1) is not None:
            DecisionLog(database).record(DecisionEntry("C. Martin", "REFUSÉ", given_values, None, 1, "r", "c"))
        elif step == "purge":
            log.purge(datetime.now(UTC))
        elif step == "reopen":
            database.close()
            database = Database.open(url)
    assert faults(database) == []
    with database.engine.connect() as connection:
        there = {
            name: connection.execute(text(f"SELECT id FROM {name}")).scalars().all()
            for name in ("predictions", "prediction_blocks", "officer_decisions", "audit_statements")
        }
    table = chance.choice(sorted(there))
    if there[table]:
        key = chance.choice(sorted(there[table]))
        change = chance.choice(["DELETE FROM {}", "UPDATE {} SET time = '2020-01-01 00:00:00.000000'"])
        with unguarded(database) as connection:
            connection.execute(text(f"{change.format(table)} WHERE id = :id"), {"id": key})
        found = verify(database)
        assert (found.faults[0].entry_id, found.faults[0].what) in (
            (key, "removed"),
            (key, "changed"),
        ) or (table, change[:6]) == ("audit_statements", "DELETE")
    database.close()


def test_the_head_of_a_day(database: Database, recorded: list[str]) -> None:
    with unguarded(database) as connection:
        for sequence in range(1, total + 1):
            moment = int(datetime(2026, 11, 20 + sequence // 4, 12, tzinfo=UTC).timestamp()) * 1_000_000
            connection.execute(
                text("UPDATE audit_chain SET recorded = :at WHERE sequence = :n"), {"at": moment, "n": sequence}
            )
    heads = []
    with database.engine.connect() as connection:
        for day in range(19, 25):
            end = datetime(2026, 11, day, tzinfo=UTC) + timedelta(days=1)
            heads.append(head_before(connection, int(end.timestamp()) * 1_000_000).sequence)
        assert head_of(connection).sequence == total
    assert heads == [0, 3, 7, 11, 12, 12]


def test_heads_are_found_in_what_was_published() -> None:
    first, second = Head(7, bytes(range(32))), Head(1234, bytes(32))
    content = f"# heads\n2026-11-27 {first}\nRecord of decisions, end of 2026-11-28 {second}.\n"
    assert published_heads(content) == {7: first.digest, 1234: second.digest}
    for wrong in ("", "7", str(first)[:-1], f"0:{first.digest.hex()}", f"{first}0"):
        with pytest.raises(InvalidHead):
            published_heads(wrong)


@given(numbers=strategies.sets(strategies.integers(1, 300)))
def test_ranges_are_read_as_they_were_written(numbers: set[int]) -> None:
    if numbers:
        ranges = ranges_of(ranges_text(sorted(numbers)))
        assert {number for number in range(302) if is_within(number, ranges)} == numbers


def test_later_columns_have_to_be_null_in_the_rows_that_are_there() -> None:
    """What version 1 covers is what had to be given when it came. Whatever is later is null in older rows, or a reason
    for version 2."""
    given_always = {
        "predictions": "id time kind request_id caller probability threshold decision model_version inputs",
        "officer_decisions": "id time request_id caller officer decision kind reason prediction_id model_decision "
        "model_version probability threshold",
        "outcomes": "id time request_id caller prediction_id defaulted observed decided kind probability threshold "
        "model_decision model_version",
        "audit_statements": "id time kind entries",
        "prediction_blocks": "id time first_id last_id predictions format fingerprints content",
    }
    for table in tables.values():
        assert {column.name for column in table.columns if not column.nullable} == set(given_always[table.name].split())
