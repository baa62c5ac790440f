"""What keeps two sets of applications from being compared, and a report from being found."""

from __future__ import annotations


class NothingToCompare(ValueError):
    """A side without a row, or two sides without a common column."""


class UnknownFile(LookupError):
    """No file of that id is kept (any more)."""


class UnknownReport(LookupError):
    """No report of that name is kept."""
