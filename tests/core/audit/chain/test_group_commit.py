"""Callers that record at once are stored together, and each learns what became of its own."""

from __future__ import annotations

import itertools
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from core.audit.chain.appending import appending
from core.audit.chain.group_commit import GroupCommit
from core.audit.chain.links import entry_table
from core.audit.chain.stored import links_of
from core.audit.chain.verification import verify
from core.audit.entries import PredictionFilter, new_ids
from core.audit.log import AuditLog
from core.audit.writing import AuditUnavailable, busy_seconds
from tests.core.audit.made import entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from core.audit.chain.appending import Appending
    from core.audit.engine import Database

callers = 12


def stored(database: Database) -> set[str]:
    return {each.id for each in AuditLog(database).each(PredictionFilter())}


def at_once(database: Database, work: Callable[[], object]) -> None:
    """Does the work in several threads that all have come before any of them can write."""
    threads = [threading.Thread(target=work) for _ in range(callers)]
    with appending(database):
        for thread in threads:
            thread.start()
        time.sleep(busy_seconds / 6)
    for thread in threads:
        thread.join()


def test_callers_that_come_at_once_share_a_transaction(database: Database, log: AuditLog) -> None:
    said: list[str] = []
    at_once(database, lambda: said.append(log.record(entry())))
    assert stored(database) == set(said)
    assert len(set(said)) == callers
    assert verify(database).fault_count == 0
    with database.engine.connect() as connection:
        moments = {link.recorded for links in links_of(connection) for link in links}
    # One for the first to come, one for all others; a thread that starts late may have its own.
    assert len(moments) <= callers // 2


def test_a_caller_whose_rows_are_refused_fails_alone(database: Database, log: AuditLog) -> None:
    there = log.record(entry())
    table = entry_table("prediction", database.dialect)
    group = GroupCommit(database, table)
    keys = [there, *new_ids(datetime.now(UTC), callers - 1)]
    waiting = iter(keys)
    failures: list[tuple[str, str]] = []

    def add() -> None:
        key = next(waiting)
        row = table.row(fields | {"id": key})
        try:
            group.add([row], [table.content(row)])
        except AuditUnavailable as error:
            failures.append((key, error.reason))

    (first,) = log.each(PredictionFilter())
    fields = {name: getattr(first, name, None) for name in table.columns}
    at_once(database, add)
    assert failures == [(there, "refused")]
    assert stored(database) == set(keys)
    assert verify(database).fault_count == 0


def test_so_does_one_whose_rows_the_driver_does_not_take(database: Database, log: AuditLog) -> None:
    """SQLite's driver raises no error of its own for a number that is too large, but Python's."""
    log.record(entry())
    (known,) = log.each(PredictionFilter())
    table = entry_table("prediction", database.dialect)
    fields = {name: getattr(known, name, None) for name in table.columns}
    group = GroupCommit(database, table)
    keys = new_ids(datetime.now(UTC), callers)
    too_large, waiting = keys[-1], iter(keys)
    failed: list[str] = []

    def add() -> None:
        key = next(waiting)
        row = table.row(fields | {"id": key} | ({"client_id": 2**70} if key == too_large else {}))
        try:
            group.add([row], [table.content(row)])
        except (AuditUnavailable, OverflowError):
            failed.append(key)

    at_once(database, add)
    assert failed == [too_large]
    assert stored(database) == {known.id, *keys} - {too_large}
    assert verify(database).fault_count == 0


def test_callers_that_wait_for_too_long_learn_that_nothing_is_stored(database: Database, log: AuditLog) -> None:
    reasons: list[str] = []

    def record() -> None:
        with pytest.raises(AuditUnavailable) as refused:
            log.record(entry())
        reasons.append(refused.value.reason)

    threads = [threading.Thread(target=record) for _ in range(3)]
    with appending(database):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert reasons == ["locked"] * 3
    assert not stored(database)
    assert stored(database) | {log.record(entry())} == stored(database)


def test_what_breaks_off_a_transaction_is_told_to_all_who_wait(
    database: Database, log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken: list[type[BaseException]] = []

    class Unforeseen(Exception):
        """What nobody expects."""

    def breaks(_: Database) -> AbstractContextManager[Iterator[object]]:
        raise Unforeseen

    def record() -> None:
        try:
            log.record(entry())
        except (AuditUnavailable, Unforeseen) as error:
            broken.append(type(error))

    monkeypatch.setattr("core.audit.chain.group_commit.appending", breaks)
    at_once(database, record)
    assert len(broken) == callers
    monkeypatch.undo()
    assert not stored(database)


def test_nobody_takes_silence_for_success(database: Database, log: AuditLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread is ended while it stores, one by one, what was refused together: those after it are told."""
    numbers = itertools.count()
    said: list[str] = []
    failed: list[type[BaseException]] = []

    class Ended(BaseException):
        """As `SystemExit`."""

    @contextmanager
    def ends(database: Database) -> Iterator[Appending]:
        with appending(database) as record:
            number = next(numbers)
            if number == 1:
                raise AuditUnavailable("refused")
            if number == 2:
                raise Ended
            yield record

    def add() -> None:
        try:
            said.append(log.record(entry()))
        except (AuditUnavailable, Ended) as error:
            failed.append(type(error))

    monkeypatch.setattr("core.audit.chain.group_commit.appending", ends)
    at_once(database, add)
    monkeypatch.undo()
    assert len(said) + len(failed) == callers
    assert Ended in failed
    assert AuditUnavailable in failed
    assert stored(database) == set(said)
