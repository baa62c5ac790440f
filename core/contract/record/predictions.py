"""Predictions as they are on record, for those who review them."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from core.audit.entries import Kind, Outcome
from core.contract.answer import Answer
from core.contract.record.officer_decisions import CurrentDecisionField, FinalDecisionField
from core.portfolio.provenance import ApplicationSource, HistorySource


class PredictionLine(Answer):
    """A prediction as it was recorded."""

    id: str
    time: datetime
    kind: Kind
    request_id: str
    caller: str
    client_id: int | None
    probability: float = Field(ge=0, le=1)
    threshold: float = Field(ge=0, le=1)
    decision: Outcome
    model_version: str
    inputs: dict[str, float | int | str | None] | None = Field(
        description="What the model was given, by name; null where it was not asked for."
    )
    history: HistorySource | None = Field(
        description="Where the history comes from, as in `/predict`; null in what was recorded before that was kept."
    )
    portfolio: str | None = Field(description="The clients on hand that stored values were taken from; null: none.")
    subject: str | None = Field(
        description="For whom the caller asked, as their identity provider knows them; null: for itself."
    )
    person: str | None = Field(description="The name of that person.")
    application: ApplicationSource | None = Field(
        description="`on_file`: that of a client on hand, who was named; `sent`: any other, also with a client's "
        "number or stored history; null in what was recorded before that was kept."
    )
    fold_agreement: float | None = Field(
        default=None, description="As in `/predict`; null in what was recorded before that was kept."
    )
    referral: str | None = Field(
        default=None,
        description="Why the application was for a person to look at: codes as in `referral_reasons` of `/predict`,"
        " with a space between; null where it was not, or was recorded before that was kept.",
    )


class PredictionDetail(PredictionLine):
    """A prediction as it was recorded, with what the model was given, and the final decision on it."""

    final_decision: FinalDecisionField
    current_decision: CurrentDecisionField
