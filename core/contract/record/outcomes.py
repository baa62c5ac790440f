"""Outcomes of decisions: what became of those that were handed in, the record of them, and its coverage by month."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, NonNegativeInt

from core.audit.entries import Outcome
from core.contract.answer import Answer
from core.outcomes.entries import Status


class OutcomeResult(Answer):
    """What became of an outcome that was handed in."""

    prediction_id: str = Field(description="The decision that it is about.")
    status: Status = Field(
        description="`recorded`: the first one of its decision; `corrected`: put in the place of an earlier one, which "
        "stays on record; `known`: on record before, exactly as it is."
    )


class HandedIn(Answer):
    """What became of outcomes that were handed in, in their order; all of them are on record."""

    outcomes: list[OutcomeResult]
    recorded: NonNegativeInt
    corrected: NonNegativeInt
    known: NonNegativeInt
    warnings: list[str] = Field(description="What was not used of the request: names, never values.")


class RecordedOutcome(Answer):
    """An outcome as it is recorded, with the decision that it is about."""

    id: str
    time: datetime
    prediction_id: str
    client_id: int | None
    defaulted: bool
    observed: str = Field(description="The day on which it was known.")
    amount_lost: float | None = Field(description="In the currency of the loan; null where it is not known.")
    corrects: str | None = Field(description="The outcome in whose place it stands; null for the first one.")
    caller: str = Field(description="Name of the key with which it was sent; `import` for a file of outcomes.")
    request_id: str
    decided: datetime = Field(description="When the decision was made.")
    probability: float = Field(ge=0, le=1)
    threshold: float = Field(ge=0, le=1)
    model_decision: Outcome
    model_version: str


class MonthCoverage(Answer):
    """The decisions of a month, and how many of them have their outcome."""

    month: str = Field(description="Of the decisions, in UTC, as `2026-11`.")
    decisions: NonNegativeInt = Field(
        description="Applications decided; of a client who was decided on several times in a month, one."
    )
    with_outcome: NonNegativeInt
    waiting: NonNegativeInt = Field(description="Accepted, and without an outcome so far.")
    refused: NonNegativeInt = Field(
        description="Refused, and without an outcome: what would have become of them stays unknown."
    )


class OutcomeCoverage(Answer):
    """The coverage of each month in which something was decided, oldest first, and of all together."""

    months: list[MonthCoverage]
    decisions: NonNegativeInt
    with_outcome: NonNegativeInt
    waiting: NonNegativeInt
    refused: NonNegativeInt


def total_coverage(months: list[MonthCoverage]) -> OutcomeCoverage:
    """The coverage of months with their sums."""
    names = ("decisions", "with_outcome", "waiting", "refused")
    sums = {name: sum(getattr(month, name) for month in months) for name in names}
    return OutcomeCoverage(months=months, **sums)
