"""A worker at work is seen, however long a part of it takes; one that hangs is not, for as long as it does."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from core.jobs.job import Job
from core.jobs.running import activity, heartbeat, scoring
from core.jobs.running import worker as worker_module
from core.jobs.running.activity import Activity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from core.batch.rows import Scored
    from core.jobs.running.worker import Worker
    from core.jobs.store import JobStore
    from tests.core.jobs.conftest import Sender

patience = 30
one_row = "SK_ID_CURR,AMT_INCOME_TOTAL,AMT_CREDIT,NAME_INCOME_TYPE,EXT_SOURCE_2\n1,202500,406597.5,Working,0.26"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def seen(store: JobStore) -> datetime | None:
    beat = heartbeat.last_beat(store.root)
    return beat.seen if beat else None


@pytest.fixture
def clock(worker: Worker) -> Clock:
    found = Clock()
    worker.activity = Activity(found)
    return found


@pytest.fixture
def beating(worker: Worker, store: JobStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Semaphore]:
    """A worker whose heart beats often; what is yielded is released after each turn, whether it beat or not."""
    turns = threading.Semaphore(0)

    class Turns(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            assert timeout == heartbeat.seconds_between
            turns.release()
            return super().wait(0.005)

    monkeypatch.setattr(worker, "stopping", Turns())
    store.root.mkdir(parents=True, exist_ok=True)
    thread = threading.Thread(target=worker.beat)
    thread.start()
    yield turns
    worker.stopping.set()
    thread.join(patience)


def after_some_turns(turns: threading.Semaphore) -> None:
    while turns.acquire(blocking=False):
        pass
    for _ in range(4):
        assert turns.acquire(timeout=patience)


@pytest.mark.parametrize("stuck", ["round", "batch"])
def test_what_takes_long_does_not_look_like_death_and_what_hangs_does(
    worker: Worker,
    store: JobStore,
    send: Sender,
    clock: Clock,
    beating: threading.Semaphore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    stuck: str,
) -> None:
    entered, leave = threading.Event(), threading.Event()

    def stands(*_: Any) -> int:
        entered.set()
        assert leave.wait(patience)
        return 0

    if stuck == "round":
        monkeypatch.setattr(worker_module, "_seconds_between_rounds", heartbeat.seconds_between)
        monkeypatch.setattr(worker.store, "tidy", stands)
        work = threading.Thread(target=worker.go_round)
    else:
        worker._record = stands
        work = threading.Thread(target=worker.run, args=(send(one_row).id,))
    work.start()
    assert entered.wait(patience)
    # Whoever does the work has come to where it waits for what stands.
    for _ in range(10):
        after_some_turns(beating)

    clock.now += activity.patience_seconds
    before = seen(store)
    after_some_turns(beating)
    during = seen(store)
    assert during != before, "a round or a batch may take its time"

    clock.now += 1
    after_some_turns(beating)
    last = seen(store)
    after_some_turns(beating)
    assert seen(store) == last, "what hangs is not at work"
    assert caplog.text.count("no heartbeat") == 1

    leave.set()
    if stuck == "batch":
        work.join(patience)
    while seen(store) == last:
        after_some_turns(beating)
    worker.stopping.set()
    work.join(patience)


def test_each_batch_shows_that_a_job_gets_on(
    worker: Worker, send: Sender, csv_file: bytes, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.tables.csv.lines._size_for_rows", lambda *_: 50_000)
    monkeypatch.setattr(scoring, "_min_seconds_between_updates", 0.0)
    hung: list[str | None] = []

    def slowly(_: Job, __: Scored) -> int:
        clock.now += activity.patience_seconds * 0.9
        hung.append(worker.activity.hanging)
        return 0

    worker._record = slowly
    worker.run(send(csv_file).id)
    assert len(hung) > 5
    assert set(hung) == {None}
    # Nothing is under way any more, which can hang no longer.
    clock.now += 10 * activity.patience_seconds
    assert worker.activity.hanging is None
