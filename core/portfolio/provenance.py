"""Provenance of stored clients, and of the history that an application was decided with.

A history of somebody else turns a decision into one about nobody: whoever answers, records or shows a decision says
with it whose history it rests on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Origin = Literal["synthetic", "imported"]
# `sent`: it came with the application. `portfolio`: it is what is stored of the client of that number.
HistorySource = Literal["sent", "portfolio", "none"]
# `on_file`: that of a client on hand, who was named, with what was sent over it; `sent`: any other, whose number may be
# a client's, as a row of a file has it, and whose history may be stored.
ApplicationSource = Literal["on_file", "sent"]
# What a caller can ask for, where it is not to follow from the portfolio.
HistoryChoice = Literal["portfolio", "none"]

_written: Final = re.compile("(?P<origin>synthetic|imported):(?P<fingerprint>[0-9a-f]{16})")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which stored clients: drawn or imported, and a fingerprint that is the same for the same content.

    Attributes:
        fingerprint: 16 hexadecimal digits of a SHA-256 over applications and history (`core.portfolio.fingerprint`).
    """

    origin: Origin
    fingerprint: str

    @classmethod
    def parse(cls, text: str) -> Provenance:
        """What `str` wrote. Raises `ValueError` for any other text."""
        match = _written.fullmatch(text)
        if match is None:
            raise ValueError("not a provenance")
        return cls(match["origin"], match["fingerprint"])  # type: ignore[arg-type]

    def __str__(self) -> str:
        """As answers and the record write it: `synthetic:0123456789abcdef`."""
        return f"{self.origin}:{self.fingerprint}"

    @property
    def is_synthetic(self) -> bool:
        """Whether the clients were drawn: none of them is a person."""
        return self.origin == "synthetic"


def joins(choice: HistoryChoice | None, portfolio: Provenance) -> bool:
    """Whether applications get the stored history of the client whose number they bear.

    Args:
        choice: what was asked for; None: only where the stored clients are real, since a number that a synthetic client
            has by chance is somebody else's.
        portfolio: whose history is stored.
    """
    return not portfolio.is_synthetic if choice is None else choice == "portfolio"
