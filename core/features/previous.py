"""Features of a client's earlier applications at the bank: what was asked, granted, refused, and on what terms."""

from __future__ import annotations

from typing import Final

import polars as pl

from core.features.windows import last_year

# The value of the DAYS_ columns that stands for "not yet" or "not applicable".
sentinel: Final = 365243


def build(applications: pl.LazyFrame) -> pl.LazyFrame:
    """One row a client.

    Args:
        applications: the `previous_application` table, typed by the catalogue.

    Returns:
        `SK_ID_CURR` and a column per feature of the table `previous_application` in the catalogue.
    """
    return (
        _rows(applications)
        .group_by("SK_ID_CURR")
        .agg(
            PREVIOUS_APPLICATIONS=pl.len(),
            PREVIOUS_LAST_YEAR=pl.col("recent").sum(),
            PREVIOUS_APPROVED_SHARE=pl.col("approved").mean(),
            PREVIOUS_REFUSED_SHARE=pl.col("refused").mean(),
            PREVIOUS_CANCELED_SHARE=pl.col("canceled").mean(),
            PREVIOUS_REFUSED_LAST_YEAR=(pl.col("refused") & pl.col("recent")).sum(),
            PREVIOUS_DAYS_SINCE_LAST=pl.col("days").max(),
            PREVIOUS_DAYS_SINCE_FIRST=pl.col("days").min(),
            PREVIOUS_DAYS_SINCE_REFUSED=pl.col("refused_days").max(),
            PREVIOUS_REJECTED_BY_SCORE=pl.col("by_score").mean(),
            PREVIOUS_CREDIT_MEAN=pl.col("credit").mean(),
            PREVIOUS_ANNUITY_MAX=pl.col("annuity").max(),
            PREVIOUS_GRANTED_RATIO=pl.col("granted").mean(),
            PREVIOUS_DOWN_PAYMENT_RATE=pl.col("down_payment").mean(),
            PREVIOUS_DURATION=pl.col("payments").mean(),
            PREVIOUS_INTEREST=pl.col("interest").mean(),
            PREVIOUS_HIGH_YIELD_SHARE=pl.col("high_yield").mean(),
            PREVIOUS_CASH_SHARE=pl.col("cash").mean(),
            PREVIOUS_REVOLVING_SHARE=pl.col("revolving").mean(),
            PREVIOUS_INSURED_SHARE=pl.col("insured").mean(),
            PREVIOUS_RUNNING=pl.col("running").sum(),
            PREVIOUS_LAST_DUE=pl.col("last_due").max(),
        )
        .with_columns(
            # Where several were decided on the last day, one refusal among them is enough.
            PREVIOUS_LAST_REFUSED=pl.col("PREVIOUS_DAYS_SINCE_REFUSED").eq_missing(pl.col("PREVIOUS_DAYS_SINCE_LAST")),
        )
    )


def _rows(applications: pl.LazyFrame) -> pl.LazyFrame:
    """What is aggregated, computed once a row: within the aggregates it would be computed again for each."""
    status, contract = pl.col("NAME_CONTRACT_STATUS"), pl.col("NAME_CONTRACT_TYPE")
    approved, refused, days = status == "Approved", status == "Refused", pl.col("DAYS_DECISION")
    granted = {
        "credit": pl.col("AMT_CREDIT"),
        "annuity": pl.col("AMT_ANNUITY"),
        "granted": _ratio(pl.col("AMT_CREDIT"), pl.col("AMT_APPLICATION")),
        "down_payment": pl.col("RATE_DOWN_PAYMENT"),
        "payments": pl.col("CNT_PAYMENT"),
        "interest": _implied_interest(),
        "last_due": _known(pl.col("DAYS_LAST_DUE_1ST_VERSION")),
    }
    return applications.select(
        "SK_ID_CURR",
        days=days,
        recent=days >= last_year,
        approved=approved,
        refused=refused,
        canceled=status == "Canceled",
        refused_days=pl.when(refused).then(days),
        by_score=pl.col("CODE_REJECT_REASON").is_in(["SCO", "SCOFR", "HC"]),
        high_yield=pl.col("NAME_YIELD_GROUP") == "high",
        cash=contract == "Cash loans",
        revolving=contract == "Revolving loans",
        insured=pl.col("NFLAG_INSURED_ON_APPROVAL"),
        running=approved & (pl.col("DAYS_TERMINATION") == sentinel),
        **{name: pl.when(approved).then(value) for name, value in granted.items()},
    )


def _implied_interest() -> pl.Expr:
    """What is paid above the credit, a year: (payments x annuity / credit - 1) / years."""
    payments, credit = pl.col("CNT_PAYMENT"), pl.col("AMT_CREDIT")
    total = payments * pl.col("AMT_ANNUITY")
    return pl.when((credit > 0) & (payments > 0)).then((total / credit - 1) * 12 / payments)


def _known(days: pl.Expr) -> pl.Expr:
    return pl.when(days != sentinel).then(days)


def _ratio(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    return pl.when(denominator != 0).then(numerator / denominator)
