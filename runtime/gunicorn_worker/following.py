"""Following requests: a thread that has answered takes the next one of the same connection itself.

It is then not handed from thread to thread, which takes 0.1 ms of each request of a caller that asks again at once.
"""

from __future__ import annotations

import time
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Final

from runtime.gunicorn_worker.client_connection import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.gunicorn_worker.client_connection import Connection

# Seconds in which it comes, and, once it has begun, in which the rest of it does.
_follows_soon: Final = 0.05
_comes_whole: Final = 0.002


class Following:
    """Who waits for a next request: a quarter of the threads at most, none of fewer than four."""

    def __init__(self, threads: int) -> None:
        self._may_wait = BoundedSemaphore(threads // 4)

    def is_followed(self, connection: Connection, may_wait: Callable[[], bool]) -> bool:
        """Whether another request comes soon; of one that does not come whole, the first thread awaits the rest.

        Args:
            connection: one that was answered. Its step is `begun` afterwards where only a part has come.
            may_wait: whether nothing needs the thread more urgently; asked before each wait.

        Raises:
            Exception: what follows is no request (`Incoming.feed`).
        """
        if connection.held_bytes or connection.out.waiting_bytes or not self._may_wait.acquire(blocking=False):
            return False
        try:
            return self._comes(connection, may_wait)
        finally:
            self._may_wait.release()

    @staticmethod
    def _comes(connection: Connection, may_wait: Callable[[], bool]) -> bool:
        request = connection.incoming
        connection.next()
        if request.has_begun:
            # It was sent without waiting for the answer.
            return False
        ends = time.monotonic() + _follows_soon
        while not request.is_whole:
            left = ends - time.monotonic()
            waits = left > 0 and may_wait() and not request.awaits_an_answer
            data = request.receive_within(left) if waits else None
            if not data:
                return False
            if connection.step is Step.answer:
                connection.step = Step.begun
                request.pace.start()
                ends = time.monotonic() + _comes_whole
            request.feed(data)
        connection.step = Step.answer
        return True
