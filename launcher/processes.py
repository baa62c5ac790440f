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


def call_together(
    commands: Sequence[Sequence[str]], environment: Mapping[str, str], folder: Path | None = None, *, at_once: int
) -> Iterator[Ended]:
    """Runs programs beside each other, without standard input, and gives how each ended, in the order of `commands`.

    Args:
        commands: what is run; the next one starts when another has ended.
        environment: the environment of all of them.
        folder: where they run.
        at_once: how many run at the same time, at most.
    """
    running: set[subprocess.Popen[str]] = set()

    def run(command: Sequence[str]) -> Ended:
        begun = time.monotonic()
        with subprocess.Popen(  # noqa: S603
            command,
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            running.add(process)
            output = process.communicate()[0]
            running.discard(process)
        return Ended(process.returncode, output, time.monotonic() - begun)

    with ThreadPoolExecutor(at_once) as pool:
        try:
            for ended in [pool.submit(run, command) for command in commands]:
                yield ended.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in tuple(running):
                process.send_signal(signal.SIGINT)
            raise


def _terminated(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated
