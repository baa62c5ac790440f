"""Approvals of models on record, and when the model in use is to be reviewed next."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field, PositiveInt

from core.contract.answer import Answer


class ModelApproval(Answer):
    """Who put which version into use, and why."""

    time: datetime
    officer: str | None = Field(description="Who approved it; null for visitors of a public demonstration.")
    reason: str | None = Field(description="Why, in their words; null as `officer` is.")
    model_version: str = Field(description="The version, and its number in the registry.")
    config_sha256: str = Field(description="Of `model_config.json`, which names the digests of the other files.")
    checks: str = Field(description="What was checked before, with the figures; in English, as recorded.")
    in_use: bool = Field(description="Whether it is of the model in use.")


class NextReview(Answer):
    """When the model in use is to be reviewed."""

    basis: Literal["approval", "training"] = Field(
        description="What it is counted from: the last approval of the model in use, or its training without one."
    )
    since: date = Field(description="The day of that, UTC.")
    months: PositiveInt = Field(description="Between two reviews: `MODEL_REVIEW_MONTHS`.")
    due: date
    overdue: bool = Field(description="Whether that day is over.")


class ModelApprovals(Answer):
    """The approvals on record, newest first, and the next review."""

    model_version: str = Field(description="Of the model in use.")
    approvals: list[ModelApproval]
    next_review: NextReview
