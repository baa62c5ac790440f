"""The delivery of what was decided while the API was away, again and again until it is on record there.

Exactly once: an id is made with the decision, the API records an id once, and what is on record is then forgotten here.
"""

from __future__ import annotations

import fcntl
import json
import logging
import threading
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from dash_app.service.asking import Asker
from dash_app.service.away.spool import SpoolUnavailable
from dash_app.service.errors import Refused, Rejected, ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.access.person import Person
    from dash_app.service.away.spool import Spool, Spooled
    from dash_app.service.client import ApiClient

_log = logging.getLogger(__name__)

_at_once: Final = 50
_seconds_apart: Final = 5.0
_patience: Final = 20.0


class SpoolDelivery:
    """Delivers what a spool holds; of all workers that share it, one at a time does."""

    def __init__(
        self,
        spool: Spool,
        api: ApiClient,
        seconds_apart: float = _seconds_apart,
        asserted: Callable[[Person], str] | None = None,
    ) -> None:
        """Does nothing yet.

        Args:
            asserted: makes the assertion for the API that a person was signed in; None where nobody has to be.
        """
        self.spool = spool
        self._asserted = asserted
        self._api = api
        self._seconds_apart = seconds_apart
        self._lock = threading.Lock()
        self._following: threading.Thread | None = None

    def start(self) -> None:
        """Delivers in the background from now on. To be called in each worker: a thread does not survive a fork."""
        with self._lock:
            if self._following is None or not self._following.is_alive():
                self._following = threading.Thread(target=self._follow, name="delivery", daemon=True)
                self._following.start()

    def deliver(self) -> int:
        """Delivers what waits now; returns how many decisions are on record for it.

        Raises:
            dash_app.service.ServiceError: the API takes nothing now; what waits goes on waiting.
            SpoolUnavailable: the spool cannot be read or written.
        """
        if not self.spool.lock_file.exists():
            return 0
        delivered = 0
        with self.spool.lock_file.open("w") as turn:
            try:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return 0
            while waiting := self.spool.oldest(_at_once):
                # Who decided is said with the request: of each person those that follow each other.
                for _, of_person in groupby(waiting, key=lambda decision: decision.person):
                    delivered += self._hand_in(list(of_person))
        return delivered

    def _hand_in(self, waiting: Sequence[Spooled]) -> int:
        try:
            self._send([json.loads(decision.body) for decision in waiting], waiting[0].person)
        except (Rejected, Refused) as error:
            if len(waiting) > 1:
                # One of them is not taken; it is not to hold up the others.
                return sum(self._hand_in([decision]) for decision in waiting)
            _log.error("The API does not take decision %s: %s", waiting[0].key, error)
            self.spool.refuse([waiting[0].key])
            return 0
        self.spool.remove([decision.key for decision in waiting])
        return len(waiting)

    def _send(self, predictions: list[Any], person: Person | None) -> None:
        body = {"predictions": predictions}
        asker = Asker(person.subject, self._asserted(person) if self._asserted else None) if person else None
        headers = asker.headers if asker else None
        self._api.ask("POST", "/predictions", params={}, json=body, headers=headers, timeout=_patience)

    def _follow(self) -> None:
        pause = threading.Event()
        while True:
            try:
                if delivered := self.deliver():
                    _log.warning("%d decisions of the local model are on record now", delivered)
            except (ServiceError, SpoolUnavailable) as error:
                _log.info("Decisions of the local model wait: %s", error)
            except Exception:  # noqa: BLE001 (what waits is to be delivered, whatever went wrong once)
                _log.exception("Unexpected error while decisions were delivered")
            pause.wait(self._seconds_apart)
