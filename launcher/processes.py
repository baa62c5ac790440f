"""Child processes, run to their end, and stopped with this one."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import FrameType


class Terminated(BaseException):
    """Somebody asked this process to end: a `KeyboardInterrupt` without a keyboard."""


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


def _terminated(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated
