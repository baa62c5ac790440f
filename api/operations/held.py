"""Answers that are dear to count: held for a while, counted aside one at a time, and waited for only so long."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from core.audit.writing import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Answer = TypeVar("Answer")

_most_held: Final = 64
# What was counted in less is counted anew as soon as it is out of date.
dear_seconds: Final = 1.0
# Of the time, at most one part in so many goes into counting again what is dear, however often it is out of date.
_times_as_long: Final = 10.0
# An answer is given in place of a new one at once only until it is so many times as old as one may be.
_times_as_old: Final = 10.0


class StillCounting(AuditUnavailable):
    """Nothing is counted yet that could be answered; it is being counted."""

    def __init__(self) -> None:
        super().__init__("locked", "counting")


@dataclass(frozen=True, slots=True)
class _Counted(Generic[Answer]):
    answer: Answer
    began: float
    took: float
    generation: int


class HeldCounts(Generic[Answer]):
    """The last answers of one process, each by its key."""

    def __init__(
        self,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        soon: float = float("inf"),
        at_first: float = float("inf"),
    ) -> None:
        """Counts nothing yet.

        Args:
            seconds: how long an answer is held at most before it is counted anew.
            clock: says the seconds.
            soon: how many seconds a new answer is waited for at most, where there is a last one that was dear and is
                less than ten times `seconds` old.
            at_first: how many seconds an answer is waited for at most where there is no last one.
        """
        self._seconds = seconds
        self._soon = soon
        self._at_first = at_first
        self._clock = clock
        self._answers: dict[Hashable, _Counted[Answer]] = {}
        self._counting: dict[Hashable, Future[_Counted[Answer]]] = {}
        self._generation = 0
        self._lock = threading.Lock()
        # Starts its thread at the first count: a process that is forked before has its own.
        self._counter = ThreadPoolExecutor(1, thread_name_prefix="counting")

    def get(self, key: Hashable, count: Callable[[], Answer], patience: float) -> Answer:
        """The answer of a key, counted anew where it is out of date.

        Args:
            count: counts it, in a thread of its own. What it raises is raised here.
            patience: seconds to wait for a new answer, fewer where the last one was dear and is not too old; then that
                is given, after all of the patience however old.

        Raises:
            StillCounting: it takes longer, and there is no last one.
        """
        with self._lock:
            held = self._answers.get(key)
            if held is not None and self._is_good(held):
                return held.answer
            generation, counting = self._generation, self._begun(key, count)
        try:
            counted = counting.result(min(patience, self._longest(held)))
            if counted.generation < generation and counted.took < dear_seconds:
                # It had begun before what the caller may look for was recorded.
                with self._lock:
                    newer = self._answers.get(key)
                    if newer is not None and self._is_good(newer):
                        return newer.answer
                    counting = self._begun(key, count)
                counted = counting.result(min(patience, self._longest(held)))
        except TimeoutError as error:
            if held is None:
                raise StillCounting from error
            return held.answer
        return counted.answer

    def outdate(self) -> None:
        """Makes what is held out of date: it is counted anew, where it is dear after a while."""
        with self._lock:
            self._generation += 1

    def _begun(self, key: Hashable, count: Callable[[], Answer]) -> Future[_Counted[Answer]]:
        """The count that is on its way, or a new one. To be called under the lock."""
        counting = self._counting.get(key)
        if counting is None:
            counting = self._counting[key] = self._counter.submit(self._count, key, count)
        return counting

    def _longest(self, held: _Counted[Answer] | None) -> float:
        """How long a new answer is waited for at most."""
        if held is None:
            return self._at_first
        return self._soon if self._will_do(held) else float("inf")

    def _is_good(self, held: _Counted[Answer]) -> bool:
        age = self._clock() - held.began
        if held.generation == self._generation:
            return age < self._seconds
        return held.took >= dear_seconds and age < min(self._seconds, held.took * _times_as_long)

    def _will_do(self, held: _Counted[Answer]) -> bool:
        """Whether an answer that is out of date is better than to wait for long."""
        return held.took >= dear_seconds and self._clock() - held.began < self._seconds * _times_as_old

    def _count(self, key: Hashable, count: Callable[[], Answer]) -> _Counted[Answer]:
        began, generation = self._clock(), self._generation
        try:
            answer = count()
            counted = _Counted(answer, began, self._clock() - began, generation)
            with self._lock:
                if len(self._answers) >= _most_held:
                    self._answers.clear()
                self._answers[key] = counted
        finally:
            with self._lock:
                del self._counting[key]
        return counted
