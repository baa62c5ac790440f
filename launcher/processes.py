"""Child processes, run to their end, and stopped with this one."""

from __future__ import annotations

import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path
    from types import FrameType


class Terminated(BaseException):
    """Somebody asked this process to end: a `KeyboardInterrupt` without a keyboard."""


@dataclass(frozen=True)
class Ended:
    """A program that came to its end: exit code, what it said on either output, and after how many seconds."""

    code: int
    said: str
    seconds: float


def listen_for_termination() -> None:
    """Makes SIGTERM raise `Terminated`, where it would end this process and leave its children running."""
    signal.signal(signal.SIGTERM, _terminated)


def call(command: Sequence[str], environment: Mapping[str, str], folder: Path | None = None) -> int:
    """Runs a program on this terminal without standard input, and returns its exit code."""
    with subprocess.Popen(  # noqa: S603
        command, env=dict(environment), cwd=folder, stdin=subprocess.DEVNULL
    ) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # The terminal told the program as well, which may need a moment to tidy up.
            process.wait()
            raise
        except BaseException:
            process.send_signal(signal.SIGINT)
            process.wait()
            raise


class Programs:
    """Programs that run beside each other, without standard input, for as long as a block of `with` lasts.

    What runs at the end of the block is stopped, and what has not begun by then never does.
    """

    def __init__(
        self,
        commands: Sequence[Sequence[str]],
        environment: Mapping[str, str],
        folder: Path | None = None,
        *,
        at_once: int,
        niceness: int = 0,
    ) -> None:
        """Starts nothing yet.

        Args:
            commands: what is run; the next one starts when another has ended.
            environment: the environment of all of them.
            folder: where they run.
            at_once: how many run at the same time, at most.
            niceness: how far they stand behind everything else, 19 at most: then they have what the others leave.
        """
        self._commands = [["nice", "-n", str(niceness), *command] if niceness else command for command in commands]
        self._environment = dict(environment)
        self._folder = folder
        self._pool = ThreadPoolExecutor(at_once)
        self._running: set[subprocess.Popen[str]] = set()
        self._stopping = False
        self._outcomes: list[Future[Ended]] = []

    def __enter__(self) -> Programs:
        self._outcomes = [self._pool.submit(self._run, command) for command in self._commands]
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in tuple(self._running):
            process.send_signal(signal.SIGINT)
        self._pool.shutdown()

    def ended(self) -> Iterator[Ended]:
        """Waits for each, and gives how it ended, in the order of `commands`."""
        for outcome in self._outcomes:
            yield outcome.result()

    def _run(self, command: Sequence[str]) -> Ended:
        begun = time.monotonic()
        with subprocess.Popen(  # noqa: S603
            command,
            env=self._environment,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            self._running.add(process)
            if self._stopping:
                # It began while the others were told.
                process.send_signal(signal.SIGINT)
            output = process.communicate()[0]
            self._running.discard(process)
        return Ended(process.returncode, output, time.monotonic() - begun)


def _terminated(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated
