"""The least pace of a client: never still for long, and at least so many bytes a second on the whole."""

from __future__ import annotations

import time
from typing import Final

# Any line has it; a file of 100 MB may then take more than an hour.
slowest_bytes_a_second: Final = 20_000


class Pace:
    """What a client sends, or takes in, since a moment.

    Args:
        patience: seconds in which nothing at all has to happen.

    Attributes:
        began: that moment, on the monotonic clock.
    """

    __slots__ = ("_bytes", "_moved", "_patience", "began")

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self.start()

    def start(self) -> None:
        """Begins anew."""
        self.began = self._moved = time.monotonic()
        self._bytes = 0

    def add(self, count: int) -> None:
        """So many bytes went over the line."""
        self._bytes += count
        self._moved = time.monotonic()

    def is_late(self, now: float) -> bool:
        """Whether the client is slower than is borne; `now` is the time of the monotonic clock."""
        on_the_whole = self.began + self._patience + self._bytes / slowest_bytes_a_second
        return now > min(on_the_whole, self._moved + self._patience)
