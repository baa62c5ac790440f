"""The restart policy: when a program that died is started again, and when it is given up."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

_longest_pause: Final = 30.0


@dataclass
class Restarts:
    """The deaths of one program.

    The pause doubles from death to death, and is short again after a program has run for `within` seconds: what dies at
    once needs something that is not there, perhaps not yet; what dies now and then is to be back soon.

    Attributes:
        most: deaths within `within` seconds after which a program is given up.
        first_pause: seconds before it is started again after a first death.
        count: deaths since it last ran for so long.
    """

    most: int = 5
    within: float = 60.0
    first_pause: float = 1.0
    count: int = 0
    _moments: deque[float] = field(default_factory=deque)

    def died(self, now: float, ran: float) -> float | None:
        """Takes note of a death.

        Args:
            now: when, in seconds of any clock that runs on.
            ran: how many seconds it had run.

        Returns:
            The seconds to wait before it is started again; None where it is given up.
        """
        self.count = 1 if ran >= self.within else self.count + 1
        self._moments.append(now)
        while self._moments[0] <= now - self.within:
            self._moments.popleft()
        if len(self._moments) >= self.most:
            return None
        return float(min(_longest_pause, self.first_pause * 2.0 ** (self.count - 1)))
