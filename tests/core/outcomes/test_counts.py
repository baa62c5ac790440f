"""Counts that are carried on are those of counting everything, whatever came to the record, in both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import insert, select, update

from core.audit.chain.stored import head_of
from core.audit.chain.verification import verify
from core.audit.decisions import DecisionEntry
from core.audit.entries import PredictionFilter, new_ids
from core.audit.tables import CountsRow, put_back
from core.audit.upkeep.backup import backup, restore
from core.audit.upkeep.restoring import Restoring
from core.outcomes.counting import counts as counting
from core.outcomes.counting.counts import counted, dropped_as_wrong
from core.outcomes.counting.held import HeldFrames, hold, read_held
from core.outcomes.counting.sums import changed
from core.outcomes.entries import OutcomeEntry, OutcomeRefusal
from core.outcomes.log import OutcomeLog
from tests.core.audit.made import entry as made

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from core.audit.decisions import DecisionLog
    from core.audit.engine import Database
    from core.audit.log import AuditLog

_now = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.fixture
def recounts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A line for each time that everything is counted."""
    calls: list[Any] = []
    everything = counting._everything
    monkeypatch.setattr(counting, "_everything", lambda *given: calls.append(given) or everything(*given))  # type: ignore[func-returns-value]
    return calls


def test_counts_are_those_of_counting_everything(
    database: Database, log: AuditLog, decisions: DecisionLog, recounts: list[Any]
) -> None:
    random = np.random.default_rng(5)
    outcomes = OutcomeLog(database)
    keys: list[str] = []
    for step in range(6):
        delivered = []
        for _ in range(12):
            moment = datetime(2026, 1 + int(random.integers(3)), 1 + int(random.integers(28)), tzinfo=UTC)
            # Clients come again, also within a month; some have no number.
            client = int(random.integers(8)) or None
            kind = str(random.choice(["predict", "predict", "predict", "client", "simulate"]))
            delivered.append((new_ids(moment, 1)[0], moment, made(client, float(random.random()) * 0.2, kind)))  # type: ignore[arg-type]
        log.record_delivered(delivered)
        keys += [key for key, _, _ in delivered]
        if step == 2:
            # A block.
            keys += log.record_many([made(100 + number, number / 1000) for number in range(100)])
        for key in random.choice(keys, 5, replace=False):
            final = str(random.choice(["ACCEPTÉ", "REFUSÉ"]))
            decisions.record(DecisionEntry("C. Martin", final, "Un motif", str(key), None, "r", "bank"))  # type: ignore[arg-type]
        told = [
            # Later ones correct earlier ones.
            OutcomeEntry(str(key), None, None, bool(random.random() < 0.4), date(2026, 11, 27), 50.0 * step or None)
            for key in random.choice(keys, 8, replace=False)
        ]
        checked = [found for found in outcomes.check(told, _now) if not isinstance(found, OutcomeRefusal)]
        outcomes.record(checked, "r", "bank")
        _assert_same(database)
    assert len(recounts) == 1
    assert counted(database, keep_from=0).known["rows"].sum() > 0
    assert not dropped_as_wrong(database)
    # What is deleted changes what was: everything is counted again.
    assert log.purge(datetime(2026, 2, 10, tzinfo=UTC))
    before = len(recounts)
    _assert_same(database)
    assert len(recounts) == before + 1
    assert sum(1 for _ in log.each(PredictionFilter())) < len(keys)


def test_counts_that_do_not_belong_to_the_record_are_not_used(
    database: Database, log: AuditLog, recounts: list[Any]
) -> None:
    kept = select(CountsRow.sequence)
    log.record_many([made(number) for number in range(3)])
    counted(database, keep_from=60)
    with database.engine.connect() as connection:
        # What is counted at once is not kept.
        assert connection.execute(kept).all() == []
    counted(database, keep_from=0)
    counted(database, keep_from=0)
    assert len(recounts) == 2
    with database.engine.begin() as connection:
        rows = connection.execute(kept).all()
        assert {row.sequence for row in rows} == {3}
        connection.execute(update(CountsRow).values(digest=b"of another chain"))
    assert counted(database, keep_from=0).applications["rows"].sum() == 3
    with database.engine.begin() as connection:
        connection.execute(update(CountsRow).values(content=b"no frame"))
    assert counted(database, keep_from=0).applications["rows"].sum() == 3
    assert len(recounts) == 4


def test_what_a_restore_puts_back_is_counted(database: Database, log: AuditLog, tmp_path: Path) -> None:
    now, file = datetime.now(UTC), tmp_path / "backup.db"
    # A block, and predictions by themselves.
    log.record_many([made(number) for number in range(100)])
    log.record_many([made(number) for number in range(200, 210)])
    backup(database, file)
    assert log.purge(now + timedelta(days=1)) == 110
    log.record_many([made(number) for number in range(300, 305)])
    assert counted(database, keep_from=0).applications["rows"].sum() == 5
    table = CountsRow.__table__
    frames = select(*table.columns).where(CountsRow.name != put_back)
    with database.engine.connect() as connection:
        kept = [dict(row._mapping) for row in connection.execute(frames)]
    assert restore(database, file).predictions == 110
    assert verify(database).faults == []
    # A version that knows nothing of what was put back had begun to count before, and keeps that only now.
    with database.engine.begin() as connection:
        assert connection.execute(frames).all() == []
        connection.execute(insert(CountsRow), kept)
    assert counted(database, keep_from=0).applications["rows"].sum() == 115
    # Nothing is left to put back, and nothing is said of it.
    head = database.head()
    assert restore(database, file).predictions == 0
    assert database.head() == head
    # Who applies again in a month that came back.
    log.record_many([made(number) for number in (0, 201, 400)])
    _assert_same(database)


def test_a_restore_that_is_broken_off_leaves_no_wrong_counts(
    database: Database, log: AuditLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, file = datetime.now(UTC), tmp_path / "backup.db"
    log.record_many([made(number) for number in range(100)])
    backup(database, file)
    log.purge(now + timedelta(days=1))
    log.record_many([made(number) for number in range(300, 305)])
    head, before = database.head(), counted(database, keep_from=60)
    frames = {"known": before.known, **before.segments, "applications": before.applications}
    assert before.applications["rows"].sum() == 5
    # Before it says that it has put rows back.
    monkeypatch.setattr(Restoring, "_state", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        restore(database, file)
    assert database.head() == head
    # Who had begun to count before it, has done so only now.
    hold(database, HeldFrames(head, frames))
    assert counted(database, keep_from=60).applications["rows"].sum() == 105
    # What is counted after it is kept.
    counted(database, keep_from=0)
    with database.engine.connect() as connection:
        assert read_held(connection, counting._schemas) is not None
    _assert_same(database)


def test_kept_counts_that_are_not_of_the_record_are_dropped(database: Database, log: AuditLog) -> None:
    log.record_many([made(number, number / 7000) for number in range(300)])
    # None are kept; they are right; they are right when what came since is added.
    assert not dropped_as_wrong(database)
    counted(database, keep_from=0)
    assert not dropped_as_wrong(database)
    log.record_many([made(number) for number in range(20)])
    assert not dropped_as_wrong(database)
    right = counted(database, keep_from=0)
    assert not dropped_as_wrong(database)
    with database.engine.connect() as connection:
        head = head_of(connection)
    is_first = pl.int_range(pl.len()) == 0
    for name, wrong in (("rows", 1), ("probability", 0.0001), ("probability", float("nan"))):
        tampered = right.applications.with_columns(pl.when(is_first).then(pl.col(name) + wrong).otherwise(name))
        hold(database, HeldFrames(head, {"known": right.known, **right.segments, "applications": tampered}))
        assert dropped_as_wrong(database)
        assert not dropped_as_wrong(database)


def test_what_is_no_more_is_no_row() -> None:
    counts = pl.DataFrame({"month": ["a", "b"], "cell": [2, 1], "rows": [3, 1], "probability": [0.3, 0.1]})
    now = pl.DataFrame({"month": ["a"], "cell": [2], "rows": [1], "probability": [0.2]})
    found = changed(counts, counts[1:], now)
    assert found.rows() == [("a", 2, 4, pytest.approx(0.5))]
    assert changed(counts, counts[:0], counts[:0]) is counts


def _assert_same(database: Database) -> None:
    """What is carried on is what is counted at once."""
    carried = counted(database, keep_from=0)
    with database.engine.connect() as connection:
        anew = counting._of_frames(counting._by_queries(connection))
    assert carried.applications["rows"].sum() > 0
    frames = [(carried.known, anew.known), (carried.applications, anew.applications)]
    frames += [(carried.segments[name], anew.segments[name]) for name in anew.segments]
    for one, other in frames:
        assert_frame_equal(one, other, check_row_order=False)
