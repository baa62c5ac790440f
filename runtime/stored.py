"""What a process has loaded from files: loaded again when they change, used on for a while where they are not valid."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)

Thing = TypeVar("Thing")


class Stored(Generic[Thing]):
    """Something loaded from files, as they are now.

    Files that change are loaded again at the next use. Files that are not valid may be about to be: what was loaded
    before is used on for a while, and then every use fails until they are.
    """

    def __init__(
        self,
        load: Callable[[], Thing],
        fingerprint: Callable[[], object],
        failures: tuple[type[Exception], ...],
        patience: float = 0.0,
    ) -> None:
        """Loads nothing yet.

        Args:
            load: reads the files; raises one of `failures` where they are missing or not valid.
            fingerprint: something cheap that differs when the files do.
            patience: seconds for which files that are not valid count as being replaced.
        """
        self._load = load
        self._fingerprint = fingerprint
        self._failures = failures
        self._patience = patience
        self._lock = threading.Lock()
        self._seen: object = self
        self._tried: object = self
        self._outcome: tuple[Thing | None, Exception | None] = None, None
        self._failure: Exception | None = None
        self._wrong_since: float | None = None

    def get(self) -> Thing:
        """The thing. Raises what `load` raised where the files are not valid."""
        if self.is_outdated():
            with self._lock:
                self._refresh()
        return self.held()

    def is_outdated(self) -> bool:
        """Whether `get` would look at the files: they have changed since they were loaded, or are not valid."""
        return self._fingerprint() != self._seen or self._wrong_since is not None

    def held(self) -> Thing:
        """The thing as it was loaded last, whatever its files are now; raises as `get`.

        It has to have been asked for once.
        """
        # Taken once: another thread may find out meanwhile that there is none any more.
        thing, failure = self._outcome
        if thing is None:
            if failure is None:
                raise LookupError("nothing was loaded to its end")
            # Without its traceback, which would grow with each raise.
            raise failure.with_traceback(None)
        return thing

    def failure(self) -> Exception | None:
        """Why there is nothing to get; None where there is."""
        try:
            self.get()
        except self._failures as failure:
            return failure
        return None

    def _refresh(self) -> None:
        # Taken before the files are read: one that changes meanwhile is read again at the next use.
        now = self._fingerprint()
        if now == self._seen:
            # Also where they were wrong for a while: what was loaded is put back.
            self._wrong_since = None
            return
        if now != self._tried:
            self._tried = now
            try:
                self._outcome = self._load(), None
            except self._failures as failure:
                self._failure = failure
            else:
                self._seen, self._wrong_since = now, None
                return
        if self._is_being_replaced():
            return
        self._outcome, self._seen, self._wrong_since = (None, self._failure), now, None
        _log.error("%s: %s", type(self._failure).__name__, self._failure)

    def _is_being_replaced(self) -> bool:
        if self._outcome[0] is None:
            return False
        if self._wrong_since is None:
            self._wrong_since = time.monotonic()
        return time.monotonic() - self._wrong_since < self._patience
