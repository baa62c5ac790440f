"""Performance estimated before outcomes are known: an estimate, with how far such estimates were off."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from core.contract.answer import Answer

EstimateState = Literal["estimated", "not_recalibrated", "no_evaluation", "nothing_waits"]


class EstimatedFigures(Answer):
    """What decisions that wait for their outcome would come to, were the probabilities of the model true."""

    month: str = Field(description="Of the decisions, `2026-11`; empty for all.")
    rows: NonNegativeInt = Field(description="Accepted, decided by the model in use, and without an outcome so far.")
    default_rate: float
    auc: float | None = Field(description="Null where fewer than 10 defaults, or 10 others, are to be expected.")
    cost: float = Field(description="Per decision.")


class EstimateError(Answer):
    """How far such estimates were off in past months of the same model: estimate less truth; months count alike."""

    months: PositiveInt = Field(description="No longer early, and with at least 10 defaults and 10 others.")
    rows: NonNegativeInt = Field(description="Decisions of these months whose outcome is known.")
    default_rate: float = Field(description="Mean difference: above 0, estimates were too high.")
    default_rate_spread: float = Field(description="Root mean square of the differences.")
    auc: float
    auc_spread: float
    cost: float
    cost_spread: float


class PerformanceEstimate(Answer):
    """An estimate, and no result: only of a model whose probabilities were recalibrated on real outcomes."""

    state: EstimateState = Field(
        description="`estimated`; or why there is none: `not_recalibrated` on outcomes of real clients, "
        "`no_evaluation` that would say so, `nothing_waits` of what the model in use decided."
    )
    model_version: str
    recalibrated_on: NonNegativeInt | None = Field(description="Real clients with outcomes; null where it was not.")
    figures: list[EstimatedFigures] = Field(description="Of all, then by month; empty where there is no estimate.")
    error: EstimateError | None = Field(
        description="Null where it is not known: no month that this model decided on has enough outcomes yet."
    )
