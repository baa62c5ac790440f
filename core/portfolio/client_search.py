"""The search among clients: filters and sorting over the index of a portfolio."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal, get_args

import polars as pl

from core.catalogue.ages import days_per_year
from core.decision import RiskCategory, accepted, risk_bands

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from core.contract.record.officer_decisions import DecidedBy

SortKey = Literal["client_id", "probability", "age", "income", "credit", "annuity"]
sort_keys: Final[tuple[SortKey, ...]] = get_args(SortKey)
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
        decision: `ACCEPTÉ` or `REFUSÉ`, of the model at the threshold of the portfolio, whatever officers decided.
        current_decision: the same of the decision that counts: the last one of an officer, else the model's.
        decided_by: whose decision that is.
        risk_category: one of `core.decision.RiskCategory`.
        contract_type, income_type: a code of `NAME_CONTRACT_TYPE`, of `NAME_INCOME_TYPE`.
        age_min, age_max: completed years, both included.
        income_min, income_max, credit_min, credit_max: amounts, both included.
    """

    prefix: str = ""
    decision: str | None = None
    current_decision: str | None = None
    decided_by: DecidedBy | None = None
    risk_category: RiskCategory | None = None
    contract_type: str | None = None
    income_type: str | None = None
    age_min: int | None = None
    age_max: int | None = None
    income_min: float | None = None
    income_max: float | None = None
    credit_min: float | None = None
    credit_max: float | None = None

    @property
    def needs_officers(self) -> bool:
        """Whether it cannot be answered without knowing what officers decided."""
        return self.current_decision is not None or self.decided_by is not None

    def expressions(self, threshold: float, officers: Mapping[int, str] | None = None) -> list[pl.Expr]:
        """The conditions over the index of a portfolio with that threshold; all are to hold.

        Args:
            officers: what an officer decided last, by the client's number, where an officer decided.
        """
        probability = pl.col("probability")
        conditions: list[pl.Expr] = []
        if self.prefix:
            conditions.append(pl.col("SK_ID_CURR").cast(pl.String).str.starts_with(self.prefix))
        if self.decision is not None:
            conditions.append(_model_decides(self.decision, threshold))
        conditions += self._current(threshold, officers or {})
        if self.risk_category is not None:
            low, high = _band(self.risk_category)
            conditions.append((probability >= low * threshold) & (probability < high * threshold))
        for name, code in (("NAME_CONTRACT_TYPE", self.contract_type), ("NAME_INCOME_TYPE", self.income_type)):
            if code is not None:
                conditions.append(pl.col(name) == code)
        years = (-pl.col("DAYS_BIRTH") / days_per_year).floor()
        for value, least, most in (
            (years, self.age_min, self.age_max),
            (pl.col("AMT_INCOME_TOTAL"), self.income_min, self.income_max),
            (pl.col("AMT_CREDIT"), self.credit_min, self.credit_max),
        ):
            conditions += [value >= least] if least is not None else []
            conditions += [value <= most] if most is not None else []
        return conditions

    def _current(self, threshold: float, officers: Mapping[int, str]) -> list[pl.Expr]:
        """The conditions on the decision that counts, and on whose it is."""
        decided = _is_one_of(officers)
        conditions = [decided if self.decided_by == "officer" else ~decided] if self.decided_by is not None else []
        if self.current_decision is not None:
            so_decided = _is_one_of(
                [client for client, decision in officers.items() if decision == self.current_decision]
            )
            conditions.append(so_decided | (~decided & _model_decides(self.current_decision, threshold)))
        return conditions


def select(
    index: pl.DataFrame,
    threshold: float,
    client_filter: ClientFilter,
    by: SortKey,
    order: str,
    officers: Mapping[int, str] | None = None,
) -> pl.DataFrame:
    """The rows of an index that a filter asks for.

    Args:
        index: the columns of `core.portfolio.clients.Portfolio.index`, by ascending number.
        threshold: of the portfolio.
        client_filter: what they have in common.
        by: what to sort by; clients that lack it come last, ties stay by number.
        order: `asc` or `desc`.
        officers: what an officer decided last, by the client's number; for a filter that asks for it.
    """
    conditions = client_filter.expressions(threshold, officers)
    rows = index.filter(conditions) if conditions else index
    if by == "client_id" and order == "asc":
        return rows
    return rows.sort(_sorted_by[by], descending=order == "desc", nulls_last=True, maintain_order=True)


def _model_decides(decision: str, threshold: float) -> pl.Expr:
    probability = pl.col("probability")
    return probability < threshold if decision == accepted else probability >= threshold


def _is_one_of(client_ids: Collection[int]) -> pl.Expr:
    return pl.col("SK_ID_CURR").is_in(pl.Series(list(client_ids), dtype=pl.Int64).implode())


def _band(category: RiskCategory) -> tuple[float, float]:
    for (low, _), (high, name) in pairwise([(0.0, None), *risk_bands]):
        if name == category:
            return low, high
    raise KeyError(category)
