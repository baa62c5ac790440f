"""Outgoing answers: what a client does not take in at once waits here, and keeps no thread."""

from __future__ import annotations

import select
import time
from typing import IO, TYPE_CHECKING, Final

from runtime.gunicorn_worker.pace import Pace

if TYPE_CHECKING:
    import socket

# Seconds in which a client need not take in anything.
patience: Final = 30.0
# So much waits for a client; a thread that has more to say waits with it.
_max_waiting_bytes: Final = 2_000_000
_part: Final = 256 * 1024


class Outgoing:
    """The side of a connection to which gunicorn writes an answer.

    Attributes:
        connection: of which it is a side; whoever wrote to it finds the rest by this.
        has_begun: whether something of an answer was written.
        pace: how fast the client takes in what waits for it.
    """

    def __init__(self, sock: socket.socket, connection: object) -> None:
        self._sock = sock
        self.connection = connection
        self._waiting = bytearray()
        self.has_begun = False
        self.pace = Pace(patience)

    @property
    def waiting_bytes(self) -> int:
        """How much the client has yet to take in."""
        return len(self._waiting)

    def next(self) -> None:
        """Begins with another answer."""
        self.has_begun = False

    def sendall(self, data: bytes) -> None:
        """Sends, or keeps for later; raises `OSError` where the client is gone, or takes in too little.

        What comes first, the head, goes with what comes second.
        """
        if not self._waiting:
            self.pace.start()
        self._waiting += data
        if not self.has_begun:
            self.has_begun = True
            return
        self.push()
        while len(self._waiting) > _max_waiting_bytes:
            poll = select.poll()
            poll.register(self._sock, select.POLLOUT)
            poll.poll(1000)
            if self.pace.is_late(time.monotonic()):
                raise TimeoutError
            self.push()

    def sendfile(self, file: IO[bytes], offset: int = 0, count: int | None = None) -> int:
        """Sends a file from `offset` on, `count` bytes of it."""
        file.seek(offset)
        sent = 0
        while part := file.read(_part if count is None else min(_part, count - sent)):
            self.sendall(part)
            sent += len(part)
        return sent

    def push(self) -> None:
        """Sends what the client takes in at once. Raises `OSError` where it is gone."""
        while self._waiting:
            try:
                with memoryview(self._waiting) as waiting:
                    sent = self._sock.send(waiting)
            except (BlockingIOError, InterruptedError):
                return
            self.pace.add(sent)
            del self._waiting[:sent]
