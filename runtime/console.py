"""The console: results to standard output, notes and errors to standard error, for the person at the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def table(lines: Sequence[tuple[str, str]]) -> None:
    """Writes names and values in two columns to standard output."""
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        sys.stdout.write(f"{name:<{width}}  {value}\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Writes a line about what is going on to standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def counted(count: int, one: str, many: str | None = None) -> str:
    """A number of things, as `1 row` or `1,860 rows`.

    Args:
        one: what a single one is called.
        many: what several are called; None: the same with an s.
    """
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def failed(text: str) -> int:
    """Writes why a command failed to standard error and returns its exit code."""
    note(f"Error: {text}")
    return 1
