"""Schemas of outcomes that are handed in and listed."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.schemas.record.decisions import ClientId, Identifier, PeriodQuery
from core.contract.answer import Answer
from core.contract.record.outcomes import RecordedOutcome
from core.outcomes.entries import largest_amount
from core.outcomes.log import OutcomeFilter

max_outcomes: Final = 1000
_day: Final = re.compile(r"\d{4}-\d\d-\d\d")
_most_listed: Final = 500


def _as_day(value: object) -> object:
    if isinstance(value, str) and _day.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("not_a_day", "not a day")


def _as_truth(value: object) -> object:
    # As TARGET has it in the tables.
    return bool(value) if value in (0, 1) and isinstance(value, int | float) else value


Day = Annotated[date, BeforeValidator(_as_day), WithJsonSchema({"type": "string", "format": "date"})]


class SentOutcome(BaseModel):
    """The outcome of a decision: that of `prediction_id`, else the last one on `client_id` up to the day `decided`."""

    model_config = {
        "json_schema_extra": {
            "anyOf": [
                {"required": ["prediction_id"], "properties": {"prediction_id": {"type": "string"}}},
                {
                    "required": ["client_id", "decided"],
                    "properties": {"client_id": {"type": "integer"}, "decided": {"type": "string"}},
                },
            ],
        }
    }

    prediction_id: Identifier | None = Field(
        default=None, description="As the decision was answered; of a row of a file, as `/jobs/{id}/rows/{row}` has it."
    )
    client_id: ClientId | None = Field(default=None, description="`SK_ID_CURR`, with the day of the decision.")
    decided: Day | None = Field(
        default=None, description="The day of the decision (UTC), or a later one before the next decision."
    )
    defaulted: Annotated[bool, Field(strict=True), BeforeValidator(_as_truth)] = Field(
        description="Whether the client defaulted: true or 1, false or 0."
    )
    observed: Day = Field(description="The day on which that was known.")
    amount_lost: Annotated[float, Field(strict=True, ge=0, le=largest_amount, allow_inf_nan=False)] | None = Field(
        default=None, description="In the currency of the loan, where known."
    )


class OutcomesRequest(BaseModel):
    """Outcomes that are handed in, all or none."""

    outcomes: list[SentOutcome] = Field(min_length=1, max_length=max_outcomes)


class OutcomesQuery(PeriodQuery):
    """Parameters of a list of outcomes; `since` and `until` are about when they were recorded."""

    prediction_id: Identifier | None = Field(default=None, description="Which decision they are about.")
    limit: int = Field(default=50, ge=1, le=_most_listed, description="How many outcomes.")
    offset: int = Field(default=0, ge=0, le=2**31 - 1, description="How many to skip.")

    def wanted(self) -> OutcomeFilter:
        """The filter that the parameters say."""
        return OutcomeFilter(self.prediction_id, self.client_id, self.since, self.until)


class OutcomeList(Answer):
    """A page of outcomes, newest first, corrected ones as well."""

    outcomes: list[RecordedOutcome]
    total: int = Field(description="How many there are in all.")
    limit: int
    offset: int
