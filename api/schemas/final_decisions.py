"""Schemas of the final decision on an application: the officer's, and which one counts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.schemas.decisions import Identifier, PredictionLine
from core.audit.decisions import DecisionKind
from core.audit.entries import Outcome
from core.contract.answer import Answer
from core.contract.final_decision import deciders

# As the core lists them; a type checker cannot follow.
DecidedBy: Any = Literal[deciders]


class FinalDecisionAnswer(Answer):
    """The last decision that an officer recorded; its reason, and those before it, are in `/decisions`."""

    id: str
    time: datetime
    decision: Outcome
    kind: DecisionKind = Field(description="`confirm` where the officer decided as the model did, else `override`.")
    officer: str
    prediction_id: str = Field(description="The prediction that it is about.")
    model_decision: Outcome = Field(description="What the model had said in that prediction.")


Final = Annotated[
    FinalDecisionAnswer | None,
    Field(description="The last one of an officer; null where there is none, or `current_decision` is null."),
]
Current = Annotated[
    Outcome | None,
    Field(
        description="The decision that counts: the officer's where there is one, else the model's; null where the "
        "record of officers' decisions cannot be read."
    ),
]


class PredictionPath(BaseModel):
    """The recorded prediction that an address names."""

    prediction_id: Identifier = Field(description="As the prediction was answered.")


class PredictionDetail(PredictionLine):
    """A prediction as it was recorded, with what the model was given, and the final decision on it."""

    final_decision: Final
    current_decision: Current
