"""What the API last said of the clients that it has on hand, so that nobody else is shown under their numbers."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

# A portfolio that was replaced is noticed after so long at the latest, once the API is asked for a client again.
_seconds_apart: Final = 60.0


class LastContact:
    """What one process last heard; it stays what it is while the API is away."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._portfolio: str | None = None
        self._heard: float | None = None

    def hear(self, portfolio: str | None) -> None:
        """Keeps what the API said: its portfolio as `core.provenance.Provenance` is written; None where it has none."""
        with self._lock:
            self._portfolio, self._heard = portfolio, self._clock()

    @property
    def is_due(self) -> bool:
        """Whether the API should be asked: it never said, or that is a while ago."""
        return self._heard is None or self._clock() - self._heard > _seconds_apart

    def has_same(self, portfolio: str) -> bool:
        """Whether these are the clients that the API had on hand; not where it never said."""
        return self._portfolio == portfolio
