"""How fast a client has to be: a while at its own pace, then at least so many bytes a second on the whole."""

from __future__ import annotations

import time
from typing import Final

# Any line has it; a file of 100 MB may then take more than an hour.
slowest_bytes_a_second: Final = 20_000


class Pace:
    """What a client sends, or takes in, since a moment.

    Args:
        patience: seconds in which nothing at all has to happen.
    """

    __slots__ = ("_bytes", "_patience", "began")

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self.start()

    def start(self, patience: float | None = None) -> None:
        """Begins anew, with another patience where one is given."""
        if patience is not None:
            self._patience = patience
        self.began = time.monotonic()
        self._bytes = 0

    def add(self, count: int) -> None:
        """So many bytes went over the line."""
        self._bytes += count

    def is_late(self, now: float) -> bool:
        """Whether the client is slower than is borne; `now` is the time of the monotonic clock."""
        return now - self.began > self._patience + self._bytes / slowest_bytes_a_second
