"""Runs several programs as one: started together, healthy together, stopped together, nothing left behind."""

from __future__ import annotations

import ctypes
import http.client
import os
import signal
import subprocess
import sys
import time
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from launcher.terminal import Failure, complain, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import FrameType

_poll: Final = 0.05
_asked_by: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_libc: Final = ctypes.CDLL(None) if sys.platform == "linux" else None
_pr_set_pdeathsig: Final = 1  # linux/prctl.h


@dataclass(frozen=True)
class Program:
    """A program to keep running.

    Attributes:
        title: as shown to a person.
        command: program and arguments.
        environment: the whole environment that it gets.
        folder: its working directory.
        health: the address that answers 200 once the program does its work; None for one that listens nowhere.
        log: the file that gets its output; None leaves it on the terminal.
        asks_others: whether it needs the others to answer, and so ends before they do.
    """

    title: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    health: str | None
    log: Path | None = None
    asks_others: bool = False


@dataclass(frozen=True)
class Patience:
    """How long things may take, in seconds.

    Attributes:
        start: from the start until healthy.
        reminder: between two lines that say what is still awaited.
        stop: from the request to stop until programs are killed.
    """

    start: float = 300.0
    reminder: float = 20.0
    stop: float = 25.0


class _Stop(Exception):
    """Somebody asked to stop."""


def supervise(
    programs: Sequence[Program], when_ready: Callable[[float], None], patience: Patience | None = None
) -> int:
    """Runs programs until one ends or a signal asks to stop, then stops them all.

    Args:
        programs: what to run; all are started before any is awaited.
        when_ready: called once all are healthy, with the seconds it took.
        patience: how long to wait for what.

    Returns:
        0 when asked to stop; signals are ignored from then on, for the process is to end.

    Raises:
        Failure: a program ended by itself, or did not become healthy.
    """
    patience = patience or Patience()
    running: list[_Running] = []
    asked = _Asked(running)
    # A hang-up that is ignored was so by `nohup`, on purpose; an interrupt, by any script that ends a line with `&`.
    heard = [each for each in _asked_by if each != signal.SIGHUP or signal.getsignal(each) != signal.SIG_IGN]
    previous = {each: signal.signal(each, asked) for each in heard}
    try:
        begun = time.monotonic()
        for program in programs:
            with _uninterrupted():
                running.append(_Running(program))
        _wait_until_healthy(running, patience)
        when_ready(time.monotonic() - begun)
        while True:
            _check(running)
            time.sleep(_poll)
    except _Stop:
        return 0
    finally:
        was_asked, asked.already = asked.already, True
        _stop(running, patience.stop)
        for number, handler in previous.items():
            # Somebody who asked, and perhaps asks again, is not to meet a half-ended interpreter.
            signal.signal(number, signal.SIG_IGN if was_asked else handler)


class _Running:
    """A program with its process, which leads a process group of its own."""

    def __init__(self, program: Program) -> None:
        self.program = program
        if program.log is not None:
            program.log.parent.mkdir(parents=True, exist_ok=True)
        parent = os.getpid()
        try:
            with program.log.open("wb") if program.log is not None else nullcontext() as output:
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
        except OSError as error:
            raise Failure(f"{program.title} cannot be started: {error}") from error

    def is_healthy(self) -> bool:
        """Whether the program answers that it does its work; one that listens nowhere need only run."""
        if self.program.health is None:
            return self.process.poll() is None
        address = urlsplit(self.program.health)
        with closing(http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)) as connection:
            try:
                connection.request("GET", address.path)
                return connection.getresponse().status == http.HTTPStatus.OK
            except (OSError, http.client.HTTPException):
                return False

    def tell(self, number: int) -> None:
        """Sends a signal to the program and all that it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    def is_gone(self) -> bool:
        """Whether neither the process nor any that it started is left."""
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


class _Asked:
    """What a signal does: the first asks to stop, any further one means at once."""

    def __init__(self, running: Sequence[_Running]) -> None:
        self.already = False
        self._running = running

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        if self.already:
            _kill(self._running)
            return
        self.already = True
        raise _Stop


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Holds signals back, so that no process is started without being known here."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _asked_by)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _asked_by)


def _prepare_child(parent: int) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _asked_by)
    if _libc is not None:
        # Even a kill -9 of this process leaves nothing behind. Other systems have nothing like it.
        _libc.prctl(_pr_set_pdeathsig, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)


def _wait_until_healthy(running: Sequence[_Running], patience: Patience) -> None:
    begun = time.monotonic()
    awaited, reminder = list(running), begun + patience.reminder
    while True:
        _check(running)
        awaited = [each for each in awaited if not each.is_healthy()]
        if not awaited:
            return
        now = time.monotonic()
        names = ", ".join(each.program.title for each in awaited)
        if now > begun + patience.start:
            logs = "\n".join(_last_lines(each.program) for each in awaited)
            raise Failure(f"Not healthy after {patience.start:.0f} s: {names}\n{logs}".rstrip())
        if now > reminder:
            say(f"Still waiting for: {names} ...")
            reminder = now + patience.reminder
        time.sleep(_poll)


def _check(running: Sequence[_Running]) -> None:
    for each in running:
        code = each.process.poll()
        if code is not None:
            how = f"was killed by signal {-code}" if code < 0 else f"stopped by itself with exit code {code}"
            raise Failure(f"{each.program.title} {how}.\n{_last_lines(each.program)}".rstrip())


def _last_lines(program: Program, lines: int = 15) -> str:
    if program.log is None:
        return ""
    text = program.log.read_text(encoding="utf-8", errors="replace").splitlines()
    said = "\n".join(f"  {line}" for line in text[-lines:])
    return f"Its last lines, from {program.log}:\n{said}" if said else f"It wrote nothing to {program.log}"


def _stop(running: Sequence[_Running], patience: float) -> None:
    deadline = time.monotonic() + patience
    asking = [each for each in running if each.program.asks_others]
    for each in asking:
        each.tell(signal.SIGTERM)
    # What they have under way may still need the others, which keep half of the time for themselves.
    _left(asking, patience / 2)
    for each in running:
        if each not in asking:
            each.tell(signal.SIGTERM)
    if left := _left(running, deadline - time.monotonic()):
        complain(f"Killing what does not stop: {', '.join(each.program.title for each in left)}")
        _kill(left)
        _left(left, patience)


def _left(running: Sequence[_Running], patience: float) -> list[_Running]:
    """Those that are still there once all are gone or patience is at an end."""
    deadline = time.monotonic() + patience
    while (left := [each for each in running if not each.is_gone()]) and time.monotonic() < deadline:
        time.sleep(_poll)
    return left


def _kill(running: Sequence[_Running]) -> None:
    for each in running:
        each.tell(signal.SIGKILL)
