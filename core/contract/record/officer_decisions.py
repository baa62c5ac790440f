"""Decisions of officers: those that are recorded, and the final one, the last on an application or a client."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from core.audit.entries import Outcome
from core.contract.answer import Answer
from core.portfolio.provenance import ApplicationSource, HistorySource

DecidedBy = Literal["officer", "model"]
"""Whose decision counts: the officer's where there is one, else the model's."""

DecisionKind = Literal["confirm", "override"]
"""What an officer does: decide as the model did, or otherwise."""

deciders: Final[tuple[DecidedBy, ...]] = get_args(DecidedBy)


class FinalDecisionAnswer(Answer):
    """The last decision that an officer recorded; its reason, and those before it, are in `/decisions`."""

    id: str
    time: datetime
    decision: Outcome
    kind: DecisionKind = Field(description="`confirm` where the officer decided as the model did, else `override`.")
    officer: str
    prediction_id: str = Field(description="The prediction that it is about.")
    model_decision: Outcome = Field(description="What the model had said in that prediction.")


FinalDecisionField = Annotated[
    FinalDecisionAnswer | None,
    Field(description="The last one of an officer; null where there is none, or `current_decision` is null."),
]
CurrentDecisionField = Annotated[
    Outcome | None,
    Field(
        description="The decision that counts: the officer's where there is one, else the model's; null where the "
        "record of officers' decisions cannot be read."
    ),
]


class RecordedDecision(Answer):
    """An officer's decision as it is recorded, with the prediction that it is about."""

    id: str
    time: datetime
    client_id: int | None
    decision: Outcome
    kind: DecisionKind = Field(description="`confirm` where the officer decides as the model did, else `override`.")
    reason: str
    officer: str
    caller: str = Field(description="Name of the key with which it was sent.")
    prediction_id: str
    model_decision: Outcome
    probability: float = Field(ge=0, le=1)
    threshold: float = Field(ge=0, le=1)
    model_version: str
    request_id: str
    history: HistorySource | None = Field(description="Of the prediction, as in `/predictions`.")
    portfolio: str | None = Field(description="Of the prediction, as in `/predictions`.")
    subject: str | None = Field(
        description="Who decided, as their identity provider knows them; null where nobody was signed in."
    )
    application: ApplicationSource | None = Field(description="Of the prediction, as in `/predictions`.")


OfficerDecision = FinalDecisionAnswer | RecordedDecision
"""What an officer decided, when, and on what, whichever answer says it."""
