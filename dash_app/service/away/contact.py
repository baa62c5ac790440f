"""The last contact with the API: which clients it has on hand, so that nobody else is shown under their numbers."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Final

from core import outputs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_log = logging.getLogger(__name__)

# A portfolio that was replaced is noticed after so long at the latest, once the API is asked for a client again.
_seconds_apart: Final = 60.0


class LastContact:
    """What was last heard; it stays what it is while the API is away, and where the dashboard starts meanwhile.

    Args:
        kept: the file that outlives the process, and that all workers share; None keeps nothing.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, kept: Path | None = None) -> None:
        self._clock = clock
        self._kept = kept
        self._lock = threading.Lock()
        self._portfolio: str | None = None
        self._heard: float | None = None

    def hear(self, portfolio: str | None) -> None:
        """Keeps what the API said: its portfolio as `Provenance` is written; None where it has none."""
        with self._lock:
            news = self._heard is None or portfolio != self._portfolio
            self._portfolio, self._heard = portfolio, self._clock()
            if news and self._kept is not None:
                self._keep(self._kept, portfolio or "")

    @property
    def is_due(self) -> bool:
        """Whether the API should be asked: it never said, or that is a while ago."""
        return self._heard is None or self._clock() - self._heard > _seconds_apart

    def has_same(self, portfolio: str) -> bool:
        """Whether these are the clients that the API had on hand; not where it never said."""
        if self._heard is None and self._kept is not None and self._kept.is_file():
            return self._kept.read_text(encoding="utf-8").strip() == portfolio
        return self._portfolio == portfolio

    @staticmethod
    def _keep(path: Path, portfolio: str) -> None:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            outputs.write(path, f"{portfolio}\n".encode())
        except OSError as error:
            # Clients are then shown as long as this process lives.
            _log.warning("What clients the API has cannot be kept in %s: %s", path.name, error.strerror or error)
