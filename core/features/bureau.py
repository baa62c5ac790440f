"""Features of a client's loans at other lenders, as the credit bureau reports them, with their monthly status."""

from __future__ import annotations

import polars as pl

from core.features.windows import last_year


def build(loans: pl.LazyFrame, months: pl.LazyFrame | None) -> pl.LazyFrame:
    """One row a client with bureau features.

    Args:
        loans: the `bureau` table, typed by the catalogue.
        months: the `bureau_balance` table; None where there is none.

    Returns:
        `SK_ID_CURR` and a column per feature of the tables `bureau` and `bureau_balance` in the catalogue.
    """
    summed = _rows(loans).group_by("SK_ID_CURR").agg(**_loan_aggregates())
    # The debt of somebody with running loans of which none is known is unknown, not nothing.
    debt = pl.when((pl.col("known_debts") > 0) | (pl.col("BUREAU_ACTIVE_LOANS") == 0)).then(pl.col("debt"))
    features = summed.with_columns(
        BUREAU_ACTIVE_SHARE=pl.col("BUREAU_ACTIVE_LOANS") / pl.col("BUREAU_LOANS"),
        BUREAU_ACTIVE_DEBT=debt,
        BUREAU_DEBT_RATIO=pl.when(pl.col("credit_of_debts") > 0).then(pl.col("debt") / pl.col("credit_of_debts")),
    ).drop("debt", "known_debts", "credit_of_debts")
    return features if months is None else features.join(_months(loans, months), on="SK_ID_CURR", how="left")


def _loan_aggregates() -> dict[str, pl.Expr]:
    return {
        "BUREAU_LOANS": pl.len(),
        "BUREAU_ACTIVE_LOANS": pl.col("active").sum(),
        "BUREAU_LOANS_LAST_YEAR": pl.col("recent").sum(),
        "BUREAU_ACTIVE_LAST_YEAR": (pl.col("active") & pl.col("recent")).sum(),
        "BUREAU_DAYS_SINCE_FIRST": pl.col("days").min(),
        "BUREAU_DAYS_SINCE_LAST": pl.col("days").max(),
        "BUREAU_DAYS_MEAN": pl.col("days").mean(),
        "BUREAU_CREDIT_TYPES": pl.col("type").n_unique(),
        "BUREAU_ACTIVE_CARDS": pl.col("active_card").sum(),
        "BUREAU_MICROLOANS": pl.col("microloan").sum(),
        "BUREAU_MORTGAGES": pl.col("mortgage").sum(),
        "BUREAU_ACTIVE_CREDIT": pl.col("active_credit").sum(),
        "BUREAU_CREDIT_MEAN": pl.col("credit").mean(),
        "BUREAU_CREDIT_MAX": pl.col("credit").max(),
        "BUREAU_OVERDUE": pl.col("AMT_CREDIT_SUM_OVERDUE").sum(),
        "BUREAU_OVERDUE_MAX": pl.col("AMT_CREDIT_MAX_OVERDUE").max(),
        "BUREAU_DAYS_OVERDUE_MAX": pl.col("CREDIT_DAY_OVERDUE").max(),
        "BUREAU_PROLONGATIONS": pl.col("CNT_CREDIT_PROLONG").sum(),
        "BUREAU_ACTIVE_END": pl.col("active_end").max(),
        "BUREAU_CLOSED_EARLY": pl.col("closed_early").mean(),
        "BUREAU_DAYS_UPDATED": pl.col("DAYS_CREDIT_UPDATE").max(),
        "debt": pl.col("active_debt").sum(),
        "known_debts": pl.col("active_debt").count(),
        "credit_of_debts": pl.col("credit_of_debt").sum(),
    }


def _rows(loans: pl.LazyFrame) -> pl.LazyFrame:
    """What is aggregated, computed once a row: within the aggregates it would be computed again for each."""
    active, closed = pl.col("CREDIT_ACTIVE") == "Active", pl.col("CREDIT_ACTIVE") == "Closed"
    kind, days, end = pl.col("CREDIT_TYPE"), pl.col("DAYS_CREDIT"), pl.col("DAYS_CREDIT_ENDDATE")
    credit, debt = pl.col("AMT_CREDIT_SUM"), pl.col("AMT_CREDIT_SUM_DEBT")
    return loans.select(
        "SK_ID_CURR",
        "AMT_CREDIT_SUM_OVERDUE",
        "AMT_CREDIT_MAX_OVERDUE",
        "CREDIT_DAY_OVERDUE",
        "CNT_CREDIT_PROLONG",
        "DAYS_CREDIT_UPDATE",
        days=days,
        recent=days >= last_year,
        active=active,
        # Numbers are counted twice as fast as text.
        type=kind.cast(pl.Categorical).to_physical(),
        active_card=active & (kind == "Credit card"),
        microloan=kind == "Microloan",
        mortgage=kind == "Mortgage",
        credit=credit,
        active_credit=pl.when(active).then(credit),
        active_debt=pl.when(active).then(debt),
        credit_of_debt=pl.when(active & debt.is_not_null()).then(credit),
        active_end=pl.when(active).then(end),
        closed_early=pl.when(closed).then(end - pl.col("DAYS_ENDDATE_FACT")),
    )


def _months(loans: pl.LazyFrame, months: pl.LazyFrame) -> pl.LazyFrame:
    """Monthly status by client: first by loan, where most rows go away, then by client."""
    # Steps of days past due are 0 to 5; C (closed) and X (unknown) are none, and become null.
    step, in_last_year = pl.col("STATUS").cast(pl.Int8, strict=False), pl.col("MONTHS_BALANCE") >= -12
    by_loan = (
        months.select("SK_ID_BUREAU", "STATUS", step=step, last_year=in_last_year)
        .group_by("SK_ID_BUREAU")
        .agg(
            months=pl.len(),
            late=(pl.col("step") > 0).sum(),
            late_last_year=((pl.col("step") > 0) & pl.col("last_year")).sum(),
            worst=pl.col("step").max(),
            unknown=(pl.col("STATUS") == "X").sum(),
        )
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
