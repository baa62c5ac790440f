"""Schemas of the final decision on an application: the officer's, and which one counts."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.schemas.record.decisions import Identifier, PredictionLine
from core.contract.final_decision import CurrentDecisionField, FinalDecisionField, deciders

# As the core lists them; a type checker cannot follow.
DecidedBy: Any = Literal[deciders]


class PredictionPath(BaseModel):
    """The recorded prediction that an address names."""

    prediction_id: Identifier = Field(description="As the prediction was answered.")


class PredictionDetail(PredictionLine):
    """A prediction as it was recorded, with what the model was given, and the final decision on it."""

    final_decision: FinalDecisionField
    current_decision: CurrentDecisionField
