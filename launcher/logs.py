"""The logs of several programs as one file, each line with the name of its program."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from launcher.terminal import complain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from io import FileIO
    from pathlib import Path

_block: Final = 1 << 16
_seconds_between: Final = 0.25
# A line that never ends is written as far as it goes.
_longest_line: Final = 1 << 20


class CombinedLog:
    """Follows the logs of programs, which write each to a file of its own.

    They are followed, and not read from pipes: a program never waits for its launcher, and outlives it unharmed.
    """

    def __init__(self, path: Path | None, logs: Mapping[str, Path]) -> None:
        """Begins at the start of each log.

        Args:
            path: the file to write, made anew; None writes none.
            logs: the log of each program, by the name that its lines are to begin with; may not be there yet.
        """
        self._due = 0.0
        width = max((len(name) for name in logs), default=0)
        self._followed = [_Followed(log, f"{name:<{width}} | ".encode()) for name, log in logs.items()]
        self._stream: FileIO | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = path.open("wb", buffering=0)

    def follow(self) -> None:
        """Adds the lines that came since the last time, where that was not a moment ago."""
        if time.monotonic() >= self._due:
            self._write(b"".join(followed.new_lines() for followed in self._followed))
            self._due = time.monotonic() + _seconds_between

    def close(self) -> None:
        """Adds what is left, half a line too, and closes the file."""
        while lines := b"".join(followed.new_lines() for followed in self._followed):
            self._write(lines)
        self._write(b"".join(followed.rest() for followed in self._followed))
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _write(self, content: bytes) -> None:
        if self._stream is None or not content:
            return
        try:
            self._stream.write(content)
        except OSError as error:
            # The disk is full, most likely: the programs go on, and so does their launcher.
            complain(f"{self._stream.name} is not written any more: {error.strerror}")
            self._stream.close()
            self._stream = None


class _Followed:
    """One log, as far as it was read."""

    def __init__(self, path: Path, prefix: bytes) -> None:
        self._path, self._prefix = path, prefix
        self._read = 0
        self._half = b""

    def new_lines(self) -> bytes:
        try:
            with self._path.open("rb") as stream:
                stream.seek(self._read)
                block = stream.read(_block)
        except OSError:
            # Not there yet, or moved away by somebody: it is looked for again.
            return b""
        self._read += len(block)
        *lines, self._half = (self._half + block).split(b"\n")
        if len(self._half) > _longest_line:
            lines, self._half = [*lines, self._half], b""
        return b"".join(self._prefix + line + b"\n" for line in lines)

    def rest(self) -> bytes:
        return self._prefix + self._half + b"\n" if self._half else b""


def last_lines(path: Path, lines: int = 15) -> list[str]:
    """The end of a log; empty where there is none."""
    try:
        with path.open("rb") as stream:
            stream.seek(0, 2)
            stream.seek(max(0, stream.tell() - _block))
            text = stream.read()
    except OSError:
        return []
    return text.decode("utf-8", errors="replace").splitlines()[-lines:]
