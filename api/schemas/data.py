"""Schemas of the portfolio as data."""

from __future__ import annotations

from pydantic import Field

from core.contract.answer import Answer
from core.contract.clients.lists import Dataset
from core.contract.prediction import Portfolio


class DataDescriptionAnswer(Answer):
    """The portfolio column by column."""

    n_rows: int
    n_columns: int
    describe: dict[str, dict[str, float | None]] = Field(
        description="count, mean, std, min, quartiles and max by column."
    )
    missing: dict[str, int] = Field(description="How many clients lack the column.")
    target_distribution: dict[str, int]
    summary: Dataset
    portfolio: Portfolio = Field(
        description="Which clients these are: drawn or imported, and a fingerprint of what is stored of them."
    )
