"""Errors of drift: why two sets of applications cannot be compared, or a report not be found."""

from __future__ import annotations


class NothingToCompare(ValueError):
    """A side without a row, or two sides without a common column."""


class TooFewRows(ValueError):
    """A side with so few rows that a report would tell of single ones.

    Attributes:
        side: "reference" or "current".
        minimum: how many it needs.
    """

    def __init__(self, side: str, minimum: int) -> None:
        super().__init__(side)
        self.side = side
        self.minimum = minimum


class UnknownFile(LookupError):
    """No file of that id is kept (any more)."""


class UnknownReport(LookupError):
    """No report of that name is kept."""
