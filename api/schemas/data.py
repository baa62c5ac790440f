"""Schemas of the portfolio as data."""

from __future__ import annotations

from pydantic import Field

from core.contract.answer import Answer
from core.contract.prediction import Portfolio


class Spread(Answer):
    """A number over all clients who have it."""

    mean: float
    median: float
    p5: float
    p95: float
    minimum: float
    maximum: float
    missing: float = Field(description="Share of the clients who do not have it.")


class Dataset(Answer):
    """The portfolio in a few numbers."""

    n_clients: int
    n_columns: int
    default_rate: float | None
    income: Spread
    credit: Spread
    age: Spread
    children: Spread
    ext_source_1: Spread
    ext_source_2: Spread
    ext_source_3: Spread
    gender: dict[str, float]
    synthetic: bool = Field(description="True where the clients were drawn, not observed.")


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
