"""Activity of a worker's threads, so that one that hangs does not pass for one at work."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A batch takes seconds, the end of a large file or a round on a slow disk a minute.
patience_seconds: Final = 300.0


class Activity:
    """Tasks that are under way, each with the moment at which it was last seen to get on."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is under way yet."""
        self._clock = clock
        self._moved: dict[str, float] = {}

    @contextmanager
    def at(self, task: str) -> Iterator[None]:
        """For as long as a task is under way."""
        self._moved[task] = self._clock()
        try:
            yield
        finally:
            del self._moved[task]

    def gets_on(self, task: str) -> None:
        """Says that a task has done another part; of no effect where it is not under way."""
        if task in self._moved:
            self._moved[task] = self._clock()

    @property
    def hanging(self) -> str | None:
        """A task that has not got on for `patience_seconds`; None where all do."""
        now = self._clock()
        # A copy: other threads begin and end tasks meanwhile.
        return next((task for task, moved in list(self._moved.items()) if now - moved > patience_seconds), None)
