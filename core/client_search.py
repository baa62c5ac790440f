"""Which clients a list shows, and in which order: filters and sorting over the index of a portfolio."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, get_args

import polars as pl

from core.decision import RiskCategory, accepted, risk_bands

SortKey = Literal["client_id", "probability", "age", "income", "credit", "annuity"]
sort_keys: Final[tuple[SortKey, ...]] = get_args(SortKey)
_days_per_year: Final = 365.25
# Age grows as DAYS_BIRTH falls.
_sorted_by: Final[dict[SortKey, pl.Expr]] = {
    "client_id": pl.col("SK_ID_CURR"),
    "probability": pl.col("probability"),
    "age": -pl.col("DAYS_BIRTH"),
    "income": pl.col("AMT_INCOME_TOTAL"),
    "credit": pl.col("AMT_CREDIT"),
    "annuity": pl.col("AMT_ANNUITY"),
}


@dataclass(frozen=True, slots=True)
class ClientFilter:
    """What the clients of a list have in common; None and an empty prefix ask for nothing.

    Attributes:
        prefix: first digits of the client's number.
        decision: `ACCEPTÉ` or `REFUSÉ`, at the threshold of the portfolio.
        risk_category: one of `core.decision.RiskCategory`.
        contract_type, income_type: a code of `NAME_CONTRACT_TYPE`, of `NAME_INCOME_TYPE`.
        age_min, age_max: completed years, both included.
        income_min, income_max, credit_min, credit_max: amounts, both included.
    """

    prefix: str = ""
    decision: str | None = None
    risk_category: RiskCategory | None = None
    contract_type: str | None = None
    income_type: str | None = None
    age_min: int | None = None
    age_max: int | None = None
    income_min: float | None = None
    income_max: float | None = None
    credit_min: float | None = None
    credit_max: float | None = None

    def expressions(self, threshold: float) -> list[pl.Expr]:
        """The conditions over the index of a portfolio with that threshold; all are to hold."""
        probability = pl.col("probability")
        found: list[pl.Expr] = []
        if self.prefix:
            found.append(pl.col("SK_ID_CURR").cast(pl.String).str.starts_with(self.prefix))
        if self.decision is not None:
            found.append(probability < threshold if self.decision == accepted else probability >= threshold)
        if self.risk_category is not None:
            low, high = _band(self.risk_category)
            found.append((probability >= low * threshold) & (probability < high * threshold))
        for name, code in (("NAME_CONTRACT_TYPE", self.contract_type), ("NAME_INCOME_TYPE", self.income_type)):
            if code is not None:
                found.append(pl.col(name) == code)
        years = (-pl.col("DAYS_BIRTH") / _days_per_year).floor()
        for value, least, most in (
            (years, self.age_min, self.age_max),
            (pl.col("AMT_INCOME_TOTAL"), self.income_min, self.income_max),
            (pl.col("AMT_CREDIT"), self.credit_min, self.credit_max),
        ):
            found += [value >= least] if least is not None else []
            found += [value <= most] if most is not None else []
        return found


def select(index: pl.DataFrame, threshold: float, wanted: ClientFilter, by: SortKey, order: str) -> pl.DataFrame:
    """The rows of an index that a filter asks for.

    Args:
        index: the columns of `core.portfolio.Portfolio.index`, by ascending number.
        threshold: of the portfolio.
        wanted: what they have in common.
        by: what to sort by; clients that lack it come last, ties stay by number.
        order: `asc` or `desc`.
    """
    conditions = wanted.expressions(threshold)
    found = index.filter(conditions) if conditions else index
    if by == "client_id" and order == "asc":
        return found
    return found.sort(_sorted_by[by], descending=order == "desc", nulls_last=True, maintain_order=True)


def _band(category: RiskCategory) -> tuple[float, float]:
    for (low, _), (high, name) in pairwise([(0.0, None), *risk_bands]):
        if name == category:
            return low, high
    raise KeyError(category)
