"""The ids of the page Model."""

from __future__ import annotations

from typing import Final

opened: Final = "model-opened"
report: Final = "model-report"
verdict: Final = "model-verdict"
summary: Final = "model-summary"
description: Final = "model-description"
approvals: Final = "model-approvals"
health: Final = "model-health"
coverage: Final = "model-coverage"
performance: Final = "model-performance"
challenger: Final = "model-challenger"
officers: Final = "model-officers"
drift: Final = "model-drift"


def body(section: str) -> str:
    """Where the content of a section stands."""
    return f"{section}-body"


def checks(part: str) -> str:
    """What was found in the part that is loaded under that name."""
    return f"model-checks-{part}"


# What is asked for by itself, each as soon as the page is there; a summary is made of what they find.
parts: Final = ("description", "approvals", "health", "coverage", "performance", "drift")
drawn: Final = ("coverage", "performance")
"""The parts that have figures."""
