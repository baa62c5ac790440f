"""The supervisor of several programs: started together, each again where it dies, stopped together, nothing left."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

from launcher.logs import CombinedLog, last_lines
from launcher.processes import Terminated
from launcher.program import Running, Turn, signals_to_stop, uninterrupted
from launcher.restarts import Restarts
from launcher.terminal import Failure, complain, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import FrameType

    from launcher.program import Program

_poll: Final = 0.05
_seconds_between_questions: Final = 0.1


@dataclass(frozen=True)
class Patience:
    """How long things may take, in seconds.

    Attributes:
        start: from the start until healthy.
        reminder: between two lines that say what is still awaited.
        stop: from the request to stop until programs are killed.
        pause: after a first death, before the program is started again.
    """

    start: float = 300.0
    reminder: float = 20.0
    stop: float = 25.0
    pause: float = 1.0


def supervise(
    programs: Sequence[Program],
    when_ready: Callable[[float, Sequence[str]], None],
    patience: Patience | None = None,
    combined: Path | None = None,
    prepare: Callable[[], None] | None = None,
) -> int:
    """Runs programs until a signal asks to stop, then stops them all; one that dies meanwhile is started again.

    A program that dies time and again is given up, and the others go on (`launcher.restarts`).

    Args:
        programs: what to run, each started in its turn; none is awaited before all of a turn are started.
        when_ready: called once nothing more is awaited, with the seconds since all was prepared and the names of
            programs that do not do their work.
        patience: how long to wait for what.
        combined: the file that gets the lines of all logs, each with the name of its program.
        prepare: makes what programs need. Those whose turn comes before run meanwhile, and are stopped where it raises.

    Returns:
        0 when asked to stop; signals are ignored from then on, for the process is to end.

    Raises:
        Failure: a program is not there, or all of them were given up or did not become healthy.
    """
    patience = patience or Patience()
    kept: list[_Kept] = []
    asked = _Asked(kept)
    # A hang-up that is ignored was so by `nohup`, on purpose; an interrupt, by any script that ends a line with `&`.
    is_hang_up_ignored = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    heard = [number for number in signals_to_stop if not (number == signal.SIGHUP and is_hang_up_ignored)]
    previous = {number: signal.signal(number, asked) for number in heard}
    log = CombinedLog(combined, {program.name: program.log for program in programs if program.log is not None})
    try:
        _start(programs, Turn.BEFORE_PREPARATION, kept, patience)
        if prepare is not None:
            prepare()
        begun = time.monotonic()
        _start(programs, Turn.PREPARED, kept, patience)

        def ready(seconds: float, absent: Sequence[str]) -> None:
            when_ready(seconds, absent)
            _start(programs, Turn.LAST, kept, patience)

        _keep_running(kept, log, ready, begun, patience)
    except (KeyboardInterrupt, Terminated):
        return 0
    finally:
        was_asked, asked.already = asked.already, True
        _stop(kept, patience.stop)
        log.close()
        for number, handler in previous.items():
            # Somebody who asked, and perhaps asks again, is not to meet a half-ended interpreter.
            signal.signal(number, signal.SIG_IGN if was_asked else handler)


def _start(programs: Sequence[Program], turn: Turn, kept: list[_Kept], patience: Patience) -> None:
    for program in [program for program in programs if program.turn is turn]:
        with uninterrupted():
            kept.append(_Kept(program, Restarts(first_pause=patience.pause)))


def _keep_running(
    kept: Sequence[_Kept],
    log: CombinedLog,
    when_ready: Callable[[float, Sequence[str]], None],
    begun: float,
    patience: Patience,
) -> NoReturn:
    """Looks after the programs, for ever."""
    announced, reminder, asked = False, begun + patience.reminder, begun
    while True:
        for program in kept:
            program.attend()
        log.follow()
        if all(program.is_given_up for program in kept):
            raise Failure("All services have ended: see above why.")
        now = time.monotonic()
        if now > asked:
            for program in kept:
                program.ask()
            asked = now + _seconds_between_questions
        if not announced:
            awaited = [program for program in kept if not (program.is_ready or program.is_given_up)]
            names = ", ".join(program.program.title for program in awaited)
            if now > begun + patience.start:
                _say_unhealthy(kept, awaited, names, patience)
                awaited = []
            if not awaited:
                # Who listens and does not answer yet has held up the question: the time is another than before it.
                when_ready(time.monotonic() - begun, [program.program.name for program in kept if not program.is_ready])
                announced = True
            elif now > reminder:
                say(f"Still waiting for: {names} ...")
                reminder = now + patience.reminder
        time.sleep(_poll)


def _say_unhealthy(kept: Sequence[_Kept], awaited: Sequence[_Kept], names: str, patience: Patience) -> None:
    """Says which programs run without doing their work. Raises `Failure` where no other does."""
    tails = "\n".join(_tail(process.program) for process in awaited)
    text = f"Not healthy after {patience.start:.0f} s: {names}\n{tails}".rstrip()
    if not any(process.is_ready for process in kept):
        raise Failure(text)
    complain(text)


class _Kept:
    """A program that is kept running: its process, or the moment when it is started again."""

    def __init__(self, program: Program, restarts: Restarts) -> None:
        """Starts it. Raises `Failure` where it cannot be."""
        self.program = program
        self.restarts = restarts
        self.is_ready = False
        self.is_given_up = False
        self._was_ready = False
        self._began = time.monotonic()
        self._due: float | None = None
        try:
            self._running = Running(program, again=False)
        except OSError as error:
            raise Failure(f"{program.title} cannot be started: {error}") from error

    def attend(self) -> None:
        """Takes note of a death, and starts the program again when it is time to."""
        now = time.monotonic()
        if self.is_given_up:
            self._running.is_gone()
        elif self._due is None:
            code = self._running.process.poll()
            if code is not None:
                self._mourn("was killed by signal" if code < 0 else "stopped by itself with exit code", abs(code), now)
        elif now >= self._due:
            self._start_again(now)

    def ask(self) -> None:
        """Finds out whether the program does its work, where that is not known."""
        if self._due is not None or self.is_given_up or self.is_ready:
            return
        if self._running.is_healthy(ran=time.monotonic() - self._began):
            self.is_ready = True
            if self._was_ready or self.restarts.count:
                self._say(f"is back after {time.monotonic() - self._began:.1f} s.")
            self._was_ready = True

    def tell(self, number: int) -> None:
        """Sends a signal to the program and all that it started."""
        self._running.tell(number)

    def is_gone(self) -> bool:
        """Whether neither the process nor any that it started is left."""
        return self._running.is_gone()

    def _mourn(self, how: str, code: int, now: float) -> None:
        self.is_ready = False
        pause = self.restarts.died(now, ran=now - self._began)
        # What it started may hold its port; it gets the pause to end.
        self.tell(signal.SIGTERM)
        self._complain(f"{how} {code}.", _tail(self.program))
        if pause is None:
            self.is_given_up = True
            self.tell(signal.SIGKILL)
            self._complain(
                f"died {self.restarts.most} times within {self.restarts.within:.0f} s and is given up;"
                f" the others go on. `python3 run.py {self.program.name}` starts it alone."
            )
            return
        self._complain(f"is started again in {pause:.0f} s.")
        self._due = now + pause

    def _start_again(self, now: float) -> None:
        if not self._running.is_gone():
            self.tell(signal.SIGKILL)
            self._due = now + _poll
            return
        self._due, self._began = None, now
        try:
            with uninterrupted():
                self._running = Running(self.program, again=True)
        except OSError as error:
            self._mourn(f"cannot be started ({error.strerror}): error", error.errno or 0, now)

    def _say(self, text: str) -> None:
        say(f"{self.program.title} {text}")

    def _complain(self, *texts: str) -> None:
        complain(f"{self.program.title} " + "\n".join(text for text in texts if text))


class _Asked:
    """What a signal does: the first asks to stop, any further one means at once."""

    def __init__(self, running: Sequence[_Kept]) -> None:
        self.already = False
        self._running = running

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        if self.already:
            _kill(self._running)
            return
        self.already = True
        # Of an interrupt the terminal has told what is run to prepare (`launcher.processes.call`), and of nothing else.
        raise KeyboardInterrupt if number == signal.SIGINT else Terminated


def _tail(program: Program) -> str:
    if program.log is None:
        return ""
    excerpt = "\n".join(f"  {program.name} | {line}" for line in last_lines(program.log))
    return f"Its last lines, from {program.log}:\n{excerpt}" if excerpt else f"It wrote nothing to {program.log}"


def _stop(running: Sequence[_Kept], patience: float) -> None:
    deadline = time.monotonic() + patience
    asking = [process for process in running if process.program.asks_others]
    for process in asking:
        process.tell(signal.SIGTERM)
    # What they have under way may still need the others, which keep half of the time for themselves.
    _left(asking, patience / 2)
    for process in running:
        if process not in asking:
            process.tell(signal.SIGTERM)
    if left := _left(running, deadline - time.monotonic()):
        complain(f"Killing what does not stop: {', '.join(process.program.title for process in left)}")
        _kill(left)
        _left(left, patience)


def _left(running: Sequence[_Kept], patience: float) -> list[_Kept]:
    """Those that are still there once all are gone or patience is at an end."""
    deadline = time.monotonic() + patience
    while (left := [process for process in running if not process.is_gone()]) and time.monotonic() < deadline:
        time.sleep(_poll)
    return left


def _kill(running: Sequence[_Kept]) -> None:
    for process in running:
        process.tell(signal.SIGKILL)
