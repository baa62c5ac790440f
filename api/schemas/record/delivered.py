"""Schemas of predictions that were made elsewhere while the API was away."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, Field

from api.schemas.base import WithApplications
from api.schemas.record.decisions import ClientId
from core.application import ApplicationFeatures
from core.contract.answer import Answer
from core.portfolio.provenance import ApplicationSource, HistorySource

max_delivered: Final = 100
# UUID version 7 of the years 2022 to 2039.
_made_then: Final = r"^01[89a-f][0-9a-f]{5}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
Number = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]


class LocalPredictionFacts(BaseModel):
    """A prediction that was made elsewhere, without what the model was given."""

    model_config = {"protected_namespaces": ()}

    id: Annotated[str, Field(strict=True, min_length=36, max_length=36, pattern=_made_then)] = Field(
        description="UUID version 7, made with the decision: begins with its time, and is recorded once."
    )
    client_id: ClientId | None = Field(default=None, description="`SK_ID_CURR` where known.")
    probability: Number = Field(description="Of default.")
    threshold: Number = Field(description="From which on an application is refused.")
    model_version: Annotated[str, Field(strict=True, min_length=1, max_length=128, pattern=r"^[!-~]+$")]
    history: HistorySource = Field(description="Where the history among the inputs comes from.")
    portfolio: (
        Annotated[str, Field(strict=True, max_length=26, pattern=r"^(synthetic|imported):[0-9a-f]{16}$")] | None
    ) = Field(default=None, description="The clients on hand that stored values were taken from.")
    application: ApplicationSource | None = Field(
        default=None, description="Whether it is that of a client on hand, who was named, or any other."
    )
    fold_agreement: Number | None = Field(default=None, description="As `/predict` answers it; null: not known.")


class LocalPrediction(WithApplications, LocalPredictionFacts):
    """A prediction that was made elsewhere."""

    inputs: ApplicationFeatures = Field(  # type: ignore[valid-type]
        description="What the model was given, by name."
    )


class DeliveryRequest(WithApplications):
    """Predictions that were made while the API was away."""

    predictions: list[LocalPrediction] = Field(min_length=1, max_length=max_delivered)


class Delivery(Answer):
    """What became of predictions that were handed in; all of them are on record."""

    recorded: int = Field(description="How many were put on record now.")
    known: int = Field(description="How many were on record already.")
