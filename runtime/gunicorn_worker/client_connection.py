"""The connection of a client to a worker: what comes, what goes, and where it stands."""

from __future__ import annotations

import enum
import socket
from typing import Any

from runtime.gunicorn_worker.incoming import Incoming
from runtime.gunicorn_worker.outgoing import Outgoing


class Step(enum.Enum):
    """What a thread is to do with a request."""

    admit = enum.auto()
    answer = enum.auto()
    stream = enum.auto()
    late = enum.auto()
    busy = enum.auto()
    # Not to be done, but left: the thread that answered took in the begin of another request.
    begun = enum.auto()


class Connection:
    """A connection.

    Attributes:
        socket: of the client; nobody blocks on it.
        out: to which answers are written, also as `sock`, the name that gunicorn knows.
        client, server: the addresses of both ends.
        place: with which others the worker keeps it; None while a thread has it.
        watched: the event that is waited for, and what is called then; a thread may have the connection meanwhile.
        expires: when it is ended, on the monotonic clock, where it is idle, queued or leaving.
        ends: when it is ended even if the client goes on sending, where it is leaving.
        step: what a thread is to do, or just did.
        is_admitted: whether the application was asked about the head, and would take the body.
        keep: whether another request may follow.
        held_bytes: how much of its body counts as held.
    """

    def __init__(self, cfg: Any, accepted: socket.socket, client: Any, server: Any) -> None:
        self.socket = accepted
        self.incoming = Incoming(cfg, accepted, client)
        self.out = self.sock = Outgoing(accepted, self)
        self.client, self.server = client, server
        self.place: dict[Connection, None] | None = None
        self.watched: tuple[int, Any] | None = None
        self.expires = self.ends = 0.0
        self.step = Step.answer
        self.is_admitted = False
        self.keep = False
        self.held_bytes = 0

    def next(self) -> None:
        """Makes it ready for another request."""
        self.incoming.next()
        self.out.next()
        self.is_admitted = False

    def shut_down(self) -> None:
        """Tells the client that nothing more comes. Raises `OSError` where it is gone."""
        self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Ends it."""
        self.incoming.next()
        self.socket.close()
