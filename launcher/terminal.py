"""The terminal of the front door: what it says to the person there."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Final

# Erases the line that the cursor is on.
_clear: Final = "\r\x1b[K"


class Failure(Exception):
    """Something that stops the command, said in words that the person at the terminal can act on."""


def say(text: str = "") -> None:
    """Writes one line to standard output at once. Nobody who reads is no reason to stop what runs."""
    with suppress(OSError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def complain(text: str) -> None:
    """Writes one line to standard error at once, as `say`."""
    with suppress(OSError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


class Progress:
    """One line that changes in place on a terminal, and stays silent elsewhere."""

    def __init__(self) -> None:
        self._shows = sys.stdout.isatty()

    def show(self, text: str) -> None:
        """Replaces the line."""
        if self._shows:
            sys.stdout.write(f"{_clear}{text[:100]}")
            sys.stdout.flush()

    def clear(self) -> None:
        """Takes the line away."""
        if self._shows:
            sys.stdout.write(_clear)
            sys.stdout.flush()
