"""An answer that is the same for all readers, held in the process while it stays what it is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Answer = TypeVar("_Answer")
_held_seconds: Final = 60.0


class Held(Generic[_Answer]):
    """The last answer to a question; asked anew after a minute, and as soon as what it is about is another one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Holds nothing yet."""
        self._clock = clock
        self._last: tuple[str, float, _Answer] | None = None

    def get(self, about: str | None, ask: Callable[[], _Answer]) -> _Answer:
        """The answer, asked for where none is held.

        Args:
            about: tells one state of what is asked about from another, such as the version of a model; None where it is
                not known, and nothing can be held.
        """
        last, now = self._last, self._clock()
        if last is not None and last[0] == about and now < last[1]:
            return last[2]
        answer = ask()
        self._last = None if about is None else (about, now + _held_seconds, answer)
        return answer
