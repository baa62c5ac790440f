"""Outcomes to be recorded, the decisions that they are about, and outcomes as they were recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from core.audit.entries import Kind, Outcome
    from core.portfolio.provenance import ApplicationSource

Status = Literal["recorded", "corrected", "known"]
"""What became of an outcome: recorded, recorded in the place of an earlier one, or recorded before as it is."""

RefusalReason = Literal[
    "outcome_of_no_decision",
    "outcome_of_several_clients",
    "outcome_of_a_what_if",
    "outcome_before_decision",
    "outcome_not_yet",
    "loss_without_default",
]
"""Why an outcome cannot be recorded: the key of the sentence that says so."""

OutcomeField = Literal["prediction_id", "client_id", "decided", "defaulted", "observed", "amount_lost"]

# The cost of a loan in any currency of the tables, and more.
largest_amount: Final = 1e12


@dataclass(frozen=True, slots=True)
class OutcomeEntry:
    """What became of a client after a decision.

    Attributes:
        prediction_id: of the decision, as it was answered; None: the last decision on `client_id` up to the end of the
            day `decided` (UTC), neither of which is then None.
        defaulted: whether the client defaulted.
        observed: the day on which that was known.
        amount_lost: in the currency of the loan, at least 0; None where it is not known.
    """

    prediction_id: str | None
    client_id: int | None
    decided: date | None
    defaulted: bool
    observed: date
    amount_lost: float | None = None


@dataclass(frozen=True, slots=True)
class OutcomeRefusal:
    """Why an outcome cannot be recorded, and the field that is to be looked at."""

    field: OutcomeField
    reason: RefusalReason


@dataclass(frozen=True, slots=True)
class DecidedApplication:
    """A decision of the model as an outcome repeats it, which outlives the retention of predictions.

    Attributes:
        decided: when.
        kind, probability, threshold, model_decision, model_version, application, portfolio: of the prediction, as in
            `core.audit.entries.RecordedPrediction`.
        contract_type, income_type, age_band: the segments of the applicant, as in `core.drift.measures.segments`; None
            where they were not given.
    """

    prediction_id: str
    client_id: int | None
    decided: datetime
    kind: Kind
    probability: float
    threshold: float
    model_decision: Outcome
    model_version: str
    application: ApplicationSource | None
    portfolio: str | None
    contract_type: str | None
    income_type: str | None
    age_band: str | None


@dataclass(frozen=True, slots=True)
class StoredOutcome:
    """An outcome as it was recorded, with the decision that it is about.

    Attributes:
        id, time: of the entry.
        request_id, caller: of the request that brought it, or of the import.
        defaulted: 1 or 0, as it is stored.
        observed: the day, as text of ISO 8601.
        corrects: the entry in whose place it stands; None for the first one on a decision.
    """

    id: str
    time: datetime
    request_id: str
    caller: str
    prediction_id: str
    client_id: int | None
    defaulted: int
    observed: str
    amount_lost: float | None
    corrects: str | None
    decided: datetime
    kind: Kind
    probability: float
    threshold: float
    model_decision: Outcome
    model_version: str
    application: ApplicationSource | None
    portfolio: str | None
    contract_type: str | None
    income_type: str | None
    age_band: str | None


class OutcomesRefused(ValueError):
    """Outcomes of which none is recorded.

    Attributes:
        refusals: each with the position of its outcome, from 0.
    """

    def __init__(self, *refusals: tuple[int, OutcomeRefusal]) -> None:
        super().__init__("outcomes that cannot be recorded")
        self.refusals = refusals


def refusal_of(entry: OutcomeEntry, now: datetime) -> OutcomeRefusal | None:
    """What is wrong with an outcome in itself; None: nothing.

    Args:
        now: the moment at which it comes; a day that has begun somewhere on Earth is not in the future.
    """
    if entry.observed > (now.astimezone(UTC) + timedelta(hours=14)).date():
        return OutcomeRefusal("observed", "outcome_not_yet")
    if entry.decided is not None and entry.observed < entry.decided:
        return OutcomeRefusal("observed", "outcome_before_decision")
    if entry.amount_lost and not entry.defaulted:
        return OutcomeRefusal("amount_lost", "loss_without_default")
    return None
