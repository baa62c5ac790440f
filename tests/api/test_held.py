"""What is dear to count is held, counted once for all who ask, and not waited for where there is an older one."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from api.operations.held import HeldCounts, StillCounting


class Clock:
    """Says what it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Record:
    """Counts how often it is counted, each time in so many seconds of the clock."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self.clock, self.seconds, self.counted = clock, seconds, 0

    def count(self) -> int:
        self.clock.now += self.seconds
        self.counted += 1
        return self.counted


@pytest.mark.parametrize(("seconds", "after_an_outcome"), [(0.01, 2), (2.0, 1)])
def test_what_is_cheap_is_new_after_an_outcome_and_what_is_dear_soon(seconds: float, after_an_outcome: int) -> None:
    clock = Clock()
    record, held = Record(clock, seconds), HeldCounts[int](60.0, clock)
    assert [held.get("all", record.count, 5), held.get("all", record.count, 5)] == [1, 1]
    held.outdate()
    assert held.get("all", record.count, 5) == after_an_outcome
    clock.now += 25
    assert held.get("all", record.count, 5) == 2
    clock.now += 61
    assert held.get("all", record.count, 5) == 3
    assert held.get("another", record.count, 5) == 4


def test_those_who_ask_at_once_share_a_count_and_the_impatient_get_the_last() -> None:
    clock, go_on, began = Clock(), threading.Event(), threading.Event()
    held = HeldCounts[str](60.0, clock)
    counted: list[str] = []

    def slowly() -> str:
        began.set()
        assert go_on.wait(60)
        counted.append("new")
        return "new"

    with ThreadPoolExecutor(2) as others:
        first = others.submit(held.get, "all", slowly, 60)
        assert began.wait(60)
        with pytest.raises(StillCounting):
            held.get("all", slowly, 0)
        go_on.set()
        assert first.result(60) == "new"
        clock.now += 61
        go_on.clear()
        assert held.get("all", slowly, 0) == "new"
        second = others.submit(held.get, "all", slowly, 60)
        go_on.set()
        assert second.result(60) == "new"
    assert len(counted) == 2


@pytest.mark.parametrize(("seconds", "given"), [(0.01, "after"), (2.0, "before")])
def test_a_count_that_began_before_an_outcome_is_no_answer_to_who_asks_after_it(seconds: float, given: str) -> None:
    """Where it is cheap: a dear one is new soon."""
    clock, go_on, began = Clock(), threading.Event(), threading.Event()
    held = HeldCounts[str](60.0, clock)
    recorded = "before"

    def count() -> str:
        found = recorded
        began.set()
        assert go_on.wait(60)
        clock.now += seconds
        return found

    with ThreadPoolExecutor(3) as others:
        first = others.submit(held.get, "all", count, 60)
        assert began.wait(60)
        recorded = "after"
        held.outdate()
        later = [others.submit(held.get, "all", count, 60) for _ in range(2)]
        # Time to join the count that is on its way.
        time.sleep(0.2)
        go_on.set()
        assert first.result(60) == "before"
        assert [each.result(60) for each in later] == [given] * 2


def test_what_cannot_be_counted_is_said_and_tried_again() -> None:
    held = HeldCounts[int](60.0)

    def fails() -> int:
        raise OSError("away")

    for _ in range(2):
        with pytest.raises(OSError, match="away"):
            held.get("all", fails, 5)
    assert held.get("all", lambda: 1, 5) == 1


def test_a_new_answer_is_not_waited_for_where_the_last_one_was_dear() -> None:
    clock, go_on = Clock(), threading.Event()
    record, held = Record(clock, 2.0), HeldCounts[int](60.0, clock, soon=0.01)
    assert held.get("all", record.count, 60) == 1
    clock.now += 61

    def slowly() -> int:
        assert go_on.wait(60)
        return record.count()

    assert held.get("all", slowly, 60) == 1
    go_on.set()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(held, "_soon", 60)
        assert held.get("all", slowly, 60) == 2


@pytest.mark.parametrize(("age", "given"), [(599, 1), (600, 2)])
def test_an_answer_ten_times_too_old_is_not_given_at_once(age: float, given: int) -> None:
    clock, go_on = Clock(), threading.Event()
    record, held = Record(clock, 2.0), HeldCounts[int](60.0, clock, soon=0.01)
    began = clock.now
    assert held.get("all", record.count, 60) == 1
    clock.now = began + age

    def slowly() -> int:
        assert go_on.wait(60)
        return record.count()

    later = threading.Timer(0.3, go_on.set)
    later.start()
    assert held.get("all", slowly, 60) == given
    later.join()


def test_the_first_answer_is_waited_for_no_longer_than_is_said_and_goes_on() -> None:
    go_on, counted = threading.Event(), threading.Event()
    held = HeldCounts[bool](60.0, at_first=0.01)

    def slowly() -> bool:
        assert go_on.wait(60)
        counted.set()
        return True

    with pytest.raises(StillCounting):
        held.get("all", slowly, 60)
    go_on.set()
    assert counted.wait(60)
    until = time.monotonic() + 60
    found = None
    while found is None and time.monotonic() < until:
        with suppress(StillCounting):
            found = held.get("all", pytest.fail, 60)
    assert found is True
