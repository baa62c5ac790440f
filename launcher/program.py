"""A program and its process: started as the leader of a process group, asked for its health, stopped with its group."""

from __future__ import annotations

import ctypes
import http.client
import os
import signal
import subprocess
import sys
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

signals_to_stop: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What somebody sends who wants all programs to stop."""
# What dies of its settings does so before.
_seconds_without_health: Final = 2.0
_libc: Final = ctypes.CDLL(None) if sys.platform == "linux" else None
_pr_set_pdeathsig: Final = 1  # linux/prctl.h


class Turn(Enum):
    """When a program is started."""

    BEFORE_PREPARATION = "at once, while what the others need is prepared"
    PREPARED = "once all that is needed is prepared"
    LAST = "once the others are ready, which have the processor until then"


@dataclass(frozen=True)
class Program:
    """A program to keep running.

    Attributes:
        title: as shown to a person.
        name: what its lines in the combined log begin with.
        command: program and arguments.
        environment: the whole environment that it gets.
        folder: its working directory.
        health: the address that answers 200 once the program does its work; None for one that listens nowhere.
        log: the file that gets its output; None leaves it on the terminal.
        asks_others: whether it needs the others to answer, and so ends before they do.
        turn: when it is started.
    """

    title: str
    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    health: str | None
    log: Path | None = None
    asks_others: bool = False
    turn: Turn = Turn.PREPARED


class Running:
    """A program with its process, which leads a process group of its own."""

    def __init__(self, program: Program, *, again: bool) -> None:
        """Starts it, with what it says after what it said `again`. Raises `OSError`."""
        self.program = program
        self._gone = False
        if program.log is not None:
            program.log.parent.mkdir(parents=True, exist_ok=True)
        parent = os.getpid()
        with program.log.open("ab" if again else "wb") if program.log is not None else nullcontext() as output:
            self.process = subprocess.Popen(  # noqa: S603
                program.command,
                env=dict(program.environment),
                cwd=program.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output is not None else None,
                start_new_session=True,
                preexec_fn=lambda: _prepare_child(parent),  # noqa: PLW1509 - no thread runs here
            )

    def is_healthy(self, ran: float) -> bool:
        """Whether the program answers that it does its work; one that listens nowhere has to have run for a while."""
        if self.program.health is None:
            return self.process.poll() is None and ran >= _seconds_without_health
        address = urlsplit(self.program.health)
        with closing(http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)) as connection:
            try:
                connection.request("GET", address.path)
                return connection.getresponse().status == http.HTTPStatus.OK
            except (OSError, http.client.HTTPException):
                return False

    def tell(self, number: int) -> None:
        """Sends a signal to the program and all that it started."""
        # Once all are gone, the number may be that of somebody else's processes.
        if not self._gone:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def is_gone(self) -> bool:
        """Whether neither the process nor any that it started is left."""
        self._gone = self._gone or self._is_group_empty()
        return self._gone

    def _is_group_empty(self) -> bool:
        self.process.poll()
        with suppress(ChildProcessError):
            # Where this is the first process of a container, orphans become its children, to be taken note of.
            os.waitpid(-self.process.pid, os.WNOHANG)
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            # macOS says so of a group in which only processes that have ended are left.
            return self.process.returncode is not None
        return False


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Holds signals back, so that no process is started without being known here."""
    signal.pthread_sigmask(signal.SIG_BLOCK, signals_to_stop)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals_to_stop)


def _prepare_child(parent: int) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals_to_stop)
    if _libc is not None:
        # Even a kill -9 of this process leaves nothing behind. Other systems have nothing like it.
        _libc.prctl(_pr_set_pdeathsig, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)
