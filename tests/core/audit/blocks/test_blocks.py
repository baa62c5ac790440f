"""Decisions on a file's rows that are recorded as one entry answer, verify, age and come back as single ones do."""

from __future__ import annotations

import math
import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings, strategies
from sqlalchemy import text

from core.access.person import Person
from core.application import parse_application
from core.audit.blocks.content import PredictionBlock
from core.audit.blocks.recording import record_block
from core.audit.chain.verification import fault_text, verify
from core.audit.engine import Database
from core.audit.entries import Challenge, PredictionFilter, Together
from core.audit.log import AuditLog
from core.audit.traffic import decided_applications
from core.audit.upkeep.backup import BackupError, Copied, backup, restore
from core.audit.writing import AuditUnavailable
from core.columnar.applications import parse_alike
from core.decision import Decisions
from tests.core.audit.made import entry, file_rows
from tests.core.audit.tampering import unguarded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import URL

    from core.application import Application

everything = PredictionFilter()
created = datetime(2026, 11, 28, tzinfo=UTC)
numbers = range(1, 41)


def key(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012}"


def faults(database: Database) -> list[tuple[str, str | None]]:
    """What is wrong, and with which entry; each can be said."""
    found = verify(database).faults
    assert all(fault_text(fault) for fault in found)
    return [(fault.what, fault.entry_id) for fault in found]


@pytest.fixture
def recorded(database: Database, log: AuditLog) -> AuditLog:
    """A prediction, forty of a file in two blocks, and another prediction."""
    log.record(entry())
    assert record_block(database, created, *file_rows(numbers[:25])) == 25
    assert record_block(database, created, *file_rows(numbers[25:])) == 15
    log.record(entry())
    assert faults(database) == []
    return log


def test_each_is_answered_with_what_was_given_as_if_it_stood_alone(recorded: AuditLog) -> None:
    given = file_rows(numbers)[1].rows(named=True)
    expected = [{name: value for name, value in row.items() if value is not None} for row in given]
    found = [each for each in recorded.each(everything) if each.kind == "job"]
    assert [each.inputs for each in found] == expected
    assert [each.id for each in found] == [key(number) for number in numbers]
    one = recorded.prediction_with_inputs(key(30))
    assert one == found[29]
    assert recorded.prediction(key(30)) == replace(found[29], inputs=None)
    (by_client,) = recorded.predictions_with_inputs(PredictionFilter(client_id=30), 10).predictions
    assert by_client == one
    page = recorded.predictions_with_inputs(everything, 30, 5)
    assert page.total == 42
    assert [each.inputs for each in page.predictions] == expected[5:36][::-1][:30]


def test_a_block_of_before_there_were_fold_models_says_nothing_of_them() -> None:
    records, inputs = file_rows(numbers)
    block = PredictionBlock(records.drop("fold_agreement", "referral").with_columns(time=pl.lit("t")), inputs)
    read = PredictionBlock.read(block.content())
    assert read.records["fold_agreement"].null_count() == read.records["referral"].null_count() == 40
    assert read.records.select(block.records.columns).equals(block.records)
    assert read.inputs.equals(inputs)
    assert PredictionBlock.read(read.content()).records.equals(read.records)


def test_what_comes_again_is_recorded_once_however_it_is_cut(database: Database, recorded: AuditLog) -> None:
    assert record_block(database, created, *file_rows(numbers[:25])) == 0
    assert record_block(database, created, *file_rows(range(20, 45))) == 4
    assert record_block(database, created, *file_rows([])) == 0
    ids = [each.id for each in recorded.each(everything) if each.kind == "job"]
    assert ids == [key(number) for number in range(1, 45)]
    assert faults(database) == []


@pytest.mark.parametrize(
    ("change", "what", "named"),
    [
        ("UPDATE predictions SET probability = 0.5 WHERE client_id = 7", "changed", key(7)),
        ("UPDATE predictions SET inputs = '{\"A\": 1}' WHERE client_id = 7", "changed", key(7)),
        ("UPDATE predictions SET block = NULL WHERE client_id = 7", "changed", key(7)),
        ("DELETE FROM predictions WHERE client_id = 40", "removed", key(40)),
        ("UPDATE predictions SET id = '00000000-0000-7000-8000-000000000099' WHERE client_id = 30", "removed", key(30)),
    ],
)
def test_a_row_that_was_tampered_with_is_named(
    database: Database, recorded: AuditLog, change: str, what: str, named: str
) -> None:
    with unguarded(database) as connection:
        connection.execute(text(change))
    assert faults(database)[0] == (what, named)


def test_a_row_that_was_put_in_is_named(database: Database) -> None:
    record_block(database, created, *file_rows([1, 2, 5]))
    columns = "time, kind, request_id, caller, probability, threshold, decision, model_version, inputs, block"
    with database.engine.begin() as connection:
        # The guards let in what a block might hold; the chain does not.
        connection.execute(
            text(f"INSERT INTO predictions (id, {columns}) SELECT :id, {columns} FROM predictions WHERE client_id = 1"),  # noqa: S608
            {"id": key(3)},
        )
    assert faults(database) == [("inserted", key(3))]


def test_an_application_that_was_changed_within_a_block_is_named(database: Database, recorded: AuditLog) -> None:
    with database.engine.connect() as connection:
        block_id, content = connection.execute(text("SELECT id, content FROM prediction_blocks ORDER BY id")).all()[0]
    block = PredictionBlock.read(bytes(content))
    first = block.records["client_id"][0]
    for changed in (
        block.inputs.with_columns(AMT_CREDIT=pl.when(pl.int_range(pl.len()) == 3).then(1.5).otherwise("AMT_CREDIT")),
        block.inputs.with_columns(NAME_TYPE_SUITE=pl.when(pl.int_range(pl.len()) != 3).then("NAME_TYPE_SUITE")),
        block.inputs.with_columns(CNT_CHILDREN=pl.when(pl.int_range(pl.len()) == 3).then(0).otherwise("CNT_CHILDREN")),
    ):
        with unguarded(database) as connection:
            connection.execute(
                text("UPDATE prediction_blocks SET content = :content WHERE id = :id"),
                {"content": PredictionBlock(block.records, changed).content(), "id": block_id},
            )
        assert [each for each in faults(database) if each[1] != key(first + 3)] in ([], [("changed", block_id)])
        assert faults(database)


def test_a_block_that_is_none_any_more_is_named_and_not_answered(database: Database, recorded: AuditLog) -> None:
    with unguarded(database) as connection:
        block_id = connection.execute(text("SELECT min(id) FROM prediction_blocks")).scalar_one()
        connection.execute(
            text("UPDATE prediction_blocks SET content = :none WHERE id = :id"), {"none": b"x", "id": block_id}
        )
    assert faults(database) == [("changed", block_id)]
    with pytest.raises(AuditUnavailable):
        list(recorded.each(everything))
    with unguarded(database) as connection:
        connection.execute(text("DELETE FROM prediction_blocks WHERE id = :id"), {"id": block_id})
    assert faults(database)[0] == ("removed", block_id)


def test_the_retention_deletes_whole_blocks(database: Database, recorded: AuditLog) -> None:
    boundary = datetime.now(UTC)
    record_block(database, created, *file_rows(range(50, 60)))
    assert recorded.purge(boundary) == 42
    assert len(list(recorded.each(everything))) == 10
    found = verify(database)
    assert (found.fault_count, found.purged, found.counts["prediction"], found.blocks) == (0, 42, 52, 3)
    # What was deleted does not come back with a job that is begun anew.
    assert record_block(database, created, *file_rows(numbers[:25])) == 0
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM prediction_blocks")).scalar_one() == 1


def test_a_backup_holds_blocks_and_puts_them_back(
    database: Database, recorded: AuditLog, tmp_path: Path, sqlite_url: URL
) -> None:
    file = tmp_path / "copy.db"
    assert backup(database, file) == Copied(42, 0)
    before = list(recorded.each(everything))
    other = Database.open(sqlite_url.set(database=str(tmp_path / "other.db")))
    assert restore(other, file) == Copied(42, 0)
    assert list(AuditLog(other).each(everything)) == before
    assert faults(other) == []
    # Again, after some were lost.
    with unguarded(other) as connection:
        connection.execute(text("DELETE FROM predictions WHERE client_id IN (3, 30)"))
        connection.execute(text("DELETE FROM prediction_blocks WHERE id = (SELECT max(id) FROM prediction_blocks)"))
    assert restore(other, file) == Copied(2, 0)
    assert list(AuditLog(other).each(everything)) == before
    assert faults(other) == []
    other.close()


def test_a_backup_is_put_beside_what_a_job_recorded_anew(
    database: Database, recorded: AuditLog, tmp_path: Path, sqlite_url: URL
) -> None:
    file = tmp_path / "copy.db"
    backup(database, file)
    other = Database.open(sqlite_url.set(database=str(tmp_path / "other.db")))
    record_block(other, created, *file_rows(numbers[:30]))
    assert restore(other, file) == Copied(12, 0)
    ids = sorted(each.id for each in AuditLog(other).each(everything) if each.kind == "job")
    assert ids == [key(number) for number in numbers]
    assert faults(other) == []
    other.close()


def test_a_changed_backup_is_refused(database: Database, recorded: AuditLog, tmp_path: Path, sqlite_url: URL) -> None:
    file = tmp_path / "copy.db"
    backup(database, file)
    changed = Database.open(sqlite_url.set(database=str(file)))
    with unguarded(changed) as connection:
        connection.execute(text("UPDATE predictions SET decision = 'ACCEPTÉ' WHERE client_id = 30"))
    changed.close()
    other = Database.open(sqlite_url.set(database=str(tmp_path / "other.db")))
    with pytest.raises(BackupError):
        restore(other, file)
    other.close()


def test_drift_reads_what_blocks_hold(database: Database, recorded: AuditLog) -> None:
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    found = [each for chunk in decided_applications(database, now - hour, now + hour, 1000) for each in chunk]
    amounts = {row["AMT_CREDIT"] for row in file_rows(numbers)[1].iter_rows(named=True)}
    assert {each["AMT_CREDIT"] for each in found} == amounts | {600000.0}
    some = [each for chunk in decided_applications(database, now - hour, now + hour, 7) for each in chunk]
    assert len(some) == 7


def test_many_that_are_asked_for_together_are_one_entry(sqlite_url: URL) -> None:
    database = Database.open(sqlite_url)
    log, person = AuditLog(database), Person("u-1", "Alice")
    entries = [replace(entry(number or None, number / 200), person=person) for number in range(150)]
    keys = log.record_many(entries)
    found = verify(database)
    assert (found.head.sequence, found.blocks, found.counts["prediction"], found.fault_count) == (1, 1, 150, 0)
    recorded = list(log.each(everything))
    assert [each.id for each in recorded] == keys
    for each, asked in zip(recorded, entries, strict=True):
        assert each.inputs == asked.inputs
        assert (each.client_id, each.probability) == (asked.decision.client_id, asked.decision.probability)
        assert (each.history, each.portfolio, each.subject, each.person) == (
            asked.history,
            asked.portfolio,
            "u-1",
            "Alice",
        )
    # A column whose values are of several types is no column of a block: each is an entry of its own.
    mixed = [replace(entry(number), inputs={"A": number % 2 or "x"}) for number in range(150)]
    log.record_many(mixed)
    assert (verify(database).head.sequence, verify(database).fault_count) == (151, 0)
    database.close()


@pytest.mark.parametrize("count", [3, 150])
@pytest.mark.parametrize("is_alike", [True, False])
def test_what_one_request_asks_for_is_recorded_as_each_alone(sqlite_url: URL, count: int, is_alike: bool) -> None:
    rows = [
        {"SK_ID_CURR": 5 + number, "AMT_CREDIT": 1e5, "EXT_SOURCE_2": number % 2 or None} for number in range(count)
    ]
    applications: Sequence[Application] = [parse_application(row) for row in rows]
    if is_alike:
        alike = parse_alike(rows)
        assert alike is not None
        applications = alike
    decisions = Decisions(
        [5 + number for number in range(count)],
        [number / count for number in range(count)],
        0.1,
        [()] * count,
        [0.9] * count,
        [0.8] * count,
    )
    challenges = [Challenge("8", number / count, 0.2) if number % 3 else None for number in range(count)]
    person = Person("u-1", "Alice")
    together = Together("batch", "request-12345", "till", "7", person, applications, decisions, challenges)
    database = Database.open(sqlite_url)
    log = AuditLog(database)
    keys = log.record_many(together)
    found = verify(database)
    assert (found.counts["prediction"], found.fault_count, found.blocks) == (count, 0, int(count == 150))
    recorded = list(log.each(everything))
    assert [each.id for each in recorded] == keys
    for number, each in enumerate(recorded):
        assert each.inputs == {"AMT_CREDIT": 1e5} | ({"EXT_SOURCE_2": 1.0} if number % 2 else {})
        assert (each.kind, each.request_id, each.caller, each.model_version) == ("batch", "request-12345", "till", "7")
        assert (each.client_id, each.probability, each.threshold) == (5 + number, number / count, 0.1)
        assert each.decision == ("REFUSÉ" if number / count >= 0.1 else "ACCEPTÉ")
        assert (each.history, each.portfolio, each.application) == ("none", None, "sent")
        assert (each.subject, each.person) == ("u-1", "Alice")
        assert (each.fold_agreement, each.referral) == (0.8, "close_call")
    challenged = text("SELECT challenger_version, challenger_probability FROM predictions ORDER BY id")
    with database.engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(challenged)] == [
            (challenge.version, challenge.probability) if challenge else (None, None) for challenge in challenges
        ]
    database.close()


numbers_of_rows = strategies.lists(
    strategies.fixed_dictionaries(
        {
            "A": strategies.none() | strategies.floats(allow_nan=False, allow_infinity=False),
            "B": strategies.none() | strategies.integers(-(2**31), 2**31 - 1),
            "C": strategies.none() | strategies.text(strategies.characters(exclude_categories=["Cs"]), max_size=5),
        }
    ),
    min_size=1,
    max_size=5,
)


replacements: dict[str, float | int | str] = {"A": 0.125, "B": 7, "C": "other"}


@settings(max_examples=30)
@given(rows=numbers_of_rows, place=strategies.integers(0, 4), name=strategies.sampled_from("ABC"))
def test_what_a_block_holds_comes_back_to_the_bit(
    rows: list[dict[str, float | int | str | None]], place: int, name: str
) -> None:
    schema = {"A": pl.Float64(), "B": pl.Int32(), "C": pl.String()}
    records = file_rows(range(len(rows)))[0].with_columns(time=pl.lit("2026-11-28 09:30:00.000000"))
    block = PredictionBlock(records, pl.DataFrame(rows, schema=schema))
    found = PredictionBlock.read(block.content())
    given = found.inputs_of(found.ids)
    for row, found_row in zip(rows, given.values(), strict=True):
        expected = {column: value for column, value in sorted(row.items()) if value is not None}
        assert repr(found_row) == repr(expected)
    assert found.fingerprints().tolist() == block.fingerprints().tolist()
    # One value that is another changes the fingerprint of its row, and of no other.
    place %= len(rows)
    other = [dict(row) for row in rows]
    value = replacements[name]
    other[place][name] = None if rows[place][name] == value else value
    changed = PredictionBlock(records, pl.DataFrame(other, schema=schema)).fingerprints() != block.fingerprints()
    assert changed.tolist() == [row == place for row in range(len(rows))]


def value_bits(value: float | str | bool | None) -> int:
    """What stands for a value in a fingerprint, worked out by itself."""
    if value is None:
        return 0
    if isinstance(value, bool | str):
        text = str(value).lower() if isinstance(value, bool) else value
        return int.from_bytes(sha256(text.encode()).digest()[:8])
    return int.from_bytes(struct.pack(">d", value)) + 0x9E3779B97F4A7C15


@pytest.mark.parametrize("rows", [300, 1600])
def test_a_fingerprint_is_the_sum_of_its_values_as_stored_blocks_have_it(rows: int) -> None:
    inputs = pl.DataFrame(
        {
            "A": [None, math.nan, -0.0, 0.0, math.inf, *(number / 7 for number in range(rows - 5))],
            "B": pl.Series([None if number % 3 else number for number in range(rows)], dtype=pl.Int8, strict=False),
            # More of them than a byte counts.
            "C": [None if number % 50 == 1 else f"text {number} é" for number in range(rows)],
            "D": ["yes", None, *["no"] * (rows - 2)],
            "E": [number % 2 == 0 for number in range(rows)],
            "F": pl.Series([None] * rows, dtype=pl.String),
            "G": pl.Series([math.nan] * 2 + [1.5] * (rows - 2), dtype=pl.Float64),
        }
    )
    block = PredictionBlock(pl.DataFrame({"id": [key(number) for number in range(rows)]}), inputs)
    weights = {name: int.from_bytes(sha256(name.encode()).digest()[:8]) | 1 for name in inputs.columns}
    expected = [
        sum(value_bits(value) * weights[name] for name, value in row.items()) % 2**64
        for row in inputs.iter_rows(named=True)
    ]
    assert block.fingerprints().tolist() == expected
    nothing = PredictionBlock(block.records, pl.DataFrame(height=rows))
    assert nothing.fingerprints().tolist() == [0] * rows
