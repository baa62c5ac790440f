"""The final decision on an application: the last one that an officer recorded, beside what the model says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from core.audit.entries import Outcome
from core.contract.answer import Answer

DecidedBy = Literal["officer", "model"]
"""Whose decision counts: the officer's where there is one, else the model's."""

DecisionKind = Literal["confirm", "override"]
"""What an officer does: decide as the model did, or otherwise."""

deciders: Final[tuple[DecidedBy, ...]] = get_args(DecidedBy)


@dataclass(frozen=True, slots=True)
class FinalDecision:
    """What an officer decided last on an application, or on a client's.

    Attributes:
        id: of the recorded decision, in whose record the reason is.
        time: when it was recorded; with a time zone.
        decision: `ACCEPTÉ` or `REFUSÉ`.
        kind: `confirm` where the officer decided as the model did, else `override`.
        officer: by name.
        prediction_id: the prediction that it is about.
        model_decision: what the model had said in that prediction.
    """

    id: str
    time: datetime
    decision: str
    kind: str
    officer: str
    prediction_id: str
    model_decision: str


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
