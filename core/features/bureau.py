"""Features of a client's loans at other lenders, as the credit bureau reports them, with their monthly status."""

from __future__ import annotations

from typing import Final

import polars as pl

days_per_year: Final = 365

# Monthly status codes: 0 to 5 are steps of days past due, C is closed, X unknown.
_late_statuses: Final = ("1", "2", "3", "4", "5")


def build(loans: pl.LazyFrame, months: pl.LazyFrame | None) -> pl.LazyFrame:
    """One row a client with bureau features.

    Args:
        loans: the `bureau` table, typed by the catalogue.
        months: the `bureau_balance` table; None where there is none.

    Returns:
        `SK_ID_CURR` and a column per feature of the tables `bureau` and `bureau_balance` in the catalogue.
    """
    summed = loans.group_by("SK_ID_CURR").agg(**_loan_aggregates())
    ratios = summed.with_columns(
        BUREAU_ACTIVE_SHARE=pl.col("BUREAU_ACTIVE_LOANS") / pl.col("BUREAU_LOANS"),
        BUREAU_DEBT_RATIO=_ratio(pl.col("BUREAU_ACTIVE_DEBT"), pl.col("BUREAU_ACTIVE_CREDIT")),
    )
    if months is None:
        return ratios
    return ratios.join(_months(loans, months), on="SK_ID_CURR", how="left")


def _loan_aggregates() -> dict[str, pl.Expr]:
    active, closed = pl.col("CREDIT_ACTIVE") == "Active", pl.col("CREDIT_ACTIVE") == "Closed"
    days, credit, debt = pl.col("DAYS_CREDIT"), pl.col("AMT_CREDIT_SUM"), pl.col("AMT_CREDIT_SUM_DEBT")
    return {
        "BUREAU_LOANS": pl.len(),
        "BUREAU_ACTIVE_LOANS": active.sum(),
        "BUREAU_LOANS_LAST_YEAR": (days >= -days_per_year).sum(),
        "BUREAU_ACTIVE_LAST_YEAR": (active & (days >= -days_per_year)).sum(),
        "BUREAU_DAYS_SINCE_FIRST": days.min(),
        "BUREAU_DAYS_SINCE_LAST": days.max(),
        "BUREAU_DAYS_MEAN": days.mean(),
        "BUREAU_CREDIT_TYPES": pl.col("CREDIT_TYPE").n_unique(),
        "BUREAU_ACTIVE_CARDS": (active & (pl.col("CREDIT_TYPE") == "Credit card")).sum(),
        "BUREAU_MICROLOANS": (pl.col("CREDIT_TYPE") == "Microloan").sum(),
        "BUREAU_MORTGAGES": (pl.col("CREDIT_TYPE") == "Mortgage").sum(),
        "BUREAU_ACTIVE_CREDIT": credit.filter(active).sum(),
        "BUREAU_ACTIVE_DEBT": debt.filter(active).sum(),
        "BUREAU_CREDIT_MEAN": credit.mean(),
        "BUREAU_CREDIT_MAX": credit.max(),
        "BUREAU_OVERDUE": pl.col("AMT_CREDIT_SUM_OVERDUE").sum(),
        "BUREAU_OVERDUE_MAX": pl.col("AMT_CREDIT_MAX_OVERDUE").max(),
        "BUREAU_DAYS_OVERDUE_MAX": pl.col("CREDIT_DAY_OVERDUE").max(),
        "BUREAU_PROLONGATIONS": pl.col("CNT_CREDIT_PROLONG").sum(),
        "BUREAU_ACTIVE_END": pl.col("DAYS_CREDIT_ENDDATE").filter(active).max(),
        "BUREAU_CLOSED_EARLY": (pl.col("DAYS_CREDIT_ENDDATE") - pl.col("DAYS_ENDDATE_FACT")).filter(closed).mean(),
        "BUREAU_DAYS_UPDATED": pl.col("DAYS_CREDIT_UPDATE").max(),
    }


def _months(loans: pl.LazyFrame, months: pl.LazyFrame) -> pl.LazyFrame:
    """Monthly status by client: first by loan, where most rows go away, then by client."""
    late = pl.col("STATUS").is_in(_late_statuses)
    severity = pl.col("STATUS").cast(pl.Int8, strict=False)
    by_loan = months.group_by("SK_ID_BUREAU").agg(
        months=pl.len(),
        late=late.sum(),
        late_last_year=(late & (pl.col("MONTHS_BALANCE") >= -12)).sum(),
        worst=severity.max(),
        unknown=(pl.col("STATUS") == "X").sum(),
    )
    by_client = (
        loans.select("SK_ID_CURR", "SK_ID_BUREAU")
        .join(by_loan, on="SK_ID_BUREAU")
        .group_by("SK_ID_CURR")
        .agg(
            BUREAU_BALANCE_MONTHS=pl.col("months").sum(),
            late=pl.col("late").sum(),
            BUREAU_BALANCE_LATE_LAST_YEAR=pl.col("late_last_year").sum(),
            BUREAU_BALANCE_WORST=pl.col("worst").max(),
            unknown=pl.col("unknown").sum(),
        )
    )
    return by_client.select(
        "SK_ID_CURR",
        "BUREAU_BALANCE_MONTHS",
        "BUREAU_BALANCE_LATE_LAST_YEAR",
        "BUREAU_BALANCE_WORST",
        BUREAU_BALANCE_LATE_SHARE=pl.col("late") / pl.col("BUREAU_BALANCE_MONTHS"),
        BUREAU_BALANCE_UNKNOWN_SHARE=pl.col("unknown") / pl.col("BUREAU_BALANCE_MONTHS"),
    )


def _ratio(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    return pl.when(denominator != 0).then(numerator / denominator)
