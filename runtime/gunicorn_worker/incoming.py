"""Incoming requests: collected without a thread until they are whole, or read by one as they come."""

from __future__ import annotations

import io
import select
import tempfile
import time
from typing import IO, TYPE_CHECKING, Any, Final

from gunicorn.http.body import ChunkedReader  # type: ignore[import-untyped]
from gunicorn.http.errors import LimitRequestHeaders, NoMoreData  # type: ignore[import-untyped]

from runtime.gunicorn_worker.pace import Pace
from runtime.gunicorn_worker.parsing import Parser

if TYPE_CHECKING:
    import socket

# Seconds for the head, and for the body to begin to come at the pace that is asked for.
patience: Final = 10.0
# A body up to this is collected before a thread is taken; of it, this much in memory and the rest in a file.
max_collected_bytes: Final = 16_000_000
_max_in_memory: Final = 1_000_000
_max_head_bytes: Final = 64 * 1024
_part: Final = 64 * 1024
_end_of_head: Final = b"\r\n\r\n"


class Incoming:
    """The request that a connection brings at present, and what has come of the next one.

    Attributes:
        request: gunicorn's; None until its head is whole.
        pace: how fast the head comes, and then the body.
    """

    def __init__(self, cfg: Any, sock: socket.socket, client: Any) -> None:
        self._cfg, self._sock, self._client = cfg, sock, client
        self._received = bytearray()
        self._looked_at = 0
        self._body: IO[bytes] | None = None
        self._missing: int | None = 0
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        self.request: Any = None
        self.pace = Pace(patience)

    @property
    def is_whole(self) -> bool:
        """Whether head and body are all there."""
        return self.request is not None and self._missing == 0

    @property
    def is_stream(self) -> bool:
        """Whether the body is one that nobody collects: larger than that, or of a length that is not declared."""
        return self._missing is None or self._body is None

    @property
    def collected_bytes(self) -> int:
        """How much of the body is there, where it is collected."""
        return 0 if self._body is None else self._body.tell()

    @property
    def has_begun(self) -> bool:
        """Whether something of a request is there."""
        return self.request is not None or bool(self._received)

    @property
    def expects_continue(self) -> bool:
        """Whether the client sends the body once it is told to (RFC 9110, 10.1.1)."""
        return bool(self.request._expected_100_continue)  # noqa: SLF001 (gunicorn's)

    @property
    def awaits_an_answer(self) -> bool:
        """Whether its head is there, and its body is not going to follow before it is asked about."""
        return self.request is not None and (self.is_stream or self.expects_continue)

    def receive(self) -> bytes | None:
        """What is there to be read at once: None where nothing is, empty where the client sends no more."""
        try:
            return self._sock.recv(_part)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            return b""

    def receive_within(self, seconds: float) -> bytes | None:
        """What comes before so many seconds are over, else as `receive`. For a thread: the first one waits for all."""
        return self.receive() if self._poll.poll(seconds * 1000) else None

    def feed(self, data: bytes) -> None:
        """Takes what came.

        Raises:
            gunicorn.http.errors.ParseException: it is no request, or one whose head is too large.
            StopIteration: there is nothing more to come by gunicorn's rules.
        """
        self.pace.add(len(data))
        if self.request is None:
            self._received += data
            self._look_for_a_head()
        elif self._body is not None and self._missing is not None:
            self._take(data)
        else:
            self._received += data

    def body(self) -> IO[bytes]:
        """The body, to be read by the application: what is collected, or what a thread waits for."""
        if self._body is not None:
            self._body.seek(0)
            return self._body
        if self._missing is None:
            body: IO[bytes] = self.request.body
            return body
        return io.BufferedReader(_Declared(_Awaited(self._sock, self._received, self.pace), self._missing), _part)

    def next(self) -> None:
        """Forgets the request that was answered."""
        if self._body is not None:
            self._body.close()
        self.request, self._body, self._missing, self._looked_at = None, None, 0, 0

    def _look_for_a_head(self) -> None:
        end = self._received.find(_end_of_head, max(0, self._looked_at - len(_end_of_head)))
        self._looked_at = len(self._received)
        if end < 0 and len(self._received) <= _max_head_bytes:
            return
        source = _Source(bytes(self._received))
        parser = Parser(self._cfg, source, self._client)
        try:
            request = next(parser)
        except NoMoreData:
            raise LimitRequestHeaders("max buffer headers") from None
        self.request = request
        self.pace.start()
        self._received.clear()
        reader = request.body.reader
        if isinstance(reader, ChunkedReader):
            # The parser goes on where it is, and waits for the rest in a thread.
            source.awaited = _Awaited(self._sock, self._received, self.pace)
            self._missing = None
            return
        rest, self._missing = parser.unreader.take_buffered(), int(reader.length)
        if self._missing > max_collected_bytes:
            self._received += rest
            return
        in_memory = self._missing <= _max_in_memory
        # Closed by `next`.
        self._body = io.BytesIO() if in_memory else tempfile.SpooledTemporaryFile(_max_in_memory)  # noqa: SIM115
        self._take(rest)

    def _take(self, data: bytes) -> None:
        if self._body is None or self._missing is None:
            return
        ours = data[: self._missing] if len(data) > self._missing else data
        self._body.write(ours)
        self._missing -= len(ours)
        # What comes after it belongs to the next request.
        self._received += data[len(ours) :]


def late_body() -> IO[bytes]:
    """A body that does not come in time: whoever reads it learns of that, by a `TimeoutError`."""
    return io.BufferedReader(_Late())


class _Late(io.RawIOBase):
    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: Any) -> int:
        raise TimeoutError


class _Source:
    """What gunicorn's parser reads from: the bytes that are there, then, where a thread waits, those that come."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.awaited: _Awaited | None = None

    def recv(self, size: int) -> bytes:
        if self._data:
            data, self._data = self._data, b""
            return data
        return self.awaited.recv(size) if self.awaited else b""


class _Awaited:
    """Bytes that a thread waits for, as long as they come at the pace that is asked for."""

    def __init__(self, sock: socket.socket, received: bytearray, pace: Pace) -> None:
        self._sock, self._received, self._pace = sock, received, pace

    def recv(self, size: int) -> bytes:
        """At least a byte, none at the end. Raises `TimeoutError` where the client is too slow."""
        if self._received:
            data = bytes(self._received[:size])
            del self._received[:size]
            return data
        while True:
            try:
                data = self._sock.recv(size)
            except (BlockingIOError, InterruptedError):
                poll = select.poll()
                poll.register(self._sock, select.POLLIN)
                poll.poll(1000)
                if self._pace.is_late(time.monotonic()):
                    raise TimeoutError from None
            else:
                self._pace.add(len(data))
                return data


class _Declared(io.RawIOBase):
    """A body of a declared length."""

    def __init__(self, awaited: _Awaited, length: int) -> None:
        super().__init__()
        self._awaited, self._left = awaited, length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), self._left)
        data = self._awaited.recv(size) if size else b""
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)
