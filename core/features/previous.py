"""Features of a client's earlier applications at the bank: what was asked, granted, refused, and on what terms."""

from __future__ import annotations

from typing import Final

import polars as pl

# The value of the DAYS_ columns that stands for "not yet" or "not applicable".
sentinel: Final = 365243


def build(applications: pl.LazyFrame) -> pl.LazyFrame:
    """One row a client.

    Args:
        applications: the `previous_application` table, typed by the catalogue.

    Returns:
        `SK_ID_CURR` and a column per feature of the table `previous_application` in the catalogue.
    """
    status = pl.col("NAME_CONTRACT_STATUS")
    approved, refused = status == "Approved", status == "Refused"
    days = pl.col("DAYS_DECISION")
    recent = days >= -365
    return applications.group_by("SK_ID_CURR").agg(
        PREVIOUS_APPLICATIONS=pl.len(),
        PREVIOUS_LAST_YEAR=recent.sum(),
        PREVIOUS_APPROVED_SHARE=approved.mean(),
        PREVIOUS_REFUSED_SHARE=refused.mean(),
        PREVIOUS_CANCELED_SHARE=(status == "Canceled").mean(),
        PREVIOUS_REFUSED_LAST_YEAR=(refused & recent).sum(),
        PREVIOUS_LAST_REFUSED=refused.sort_by(days).last(),
        PREVIOUS_DAYS_SINCE_LAST=days.max(),
        PREVIOUS_DAYS_SINCE_FIRST=days.min(),
        PREVIOUS_DAYS_SINCE_REFUSED=days.filter(refused).max(),
        PREVIOUS_REJECTED_BY_SCORE=pl.col("CODE_REJECT_REASON").is_in(["SCO", "SCOFR", "HC"]).mean(),
        PREVIOUS_CREDIT_MEAN=pl.col("AMT_CREDIT").filter(approved).mean(),
        PREVIOUS_ANNUITY_MAX=pl.col("AMT_ANNUITY").filter(approved).max(),
        PREVIOUS_GRANTED_RATIO=_ratio(pl.col("AMT_CREDIT"), pl.col("AMT_APPLICATION")).filter(approved).mean(),
        PREVIOUS_DOWN_PAYMENT_RATE=pl.col("RATE_DOWN_PAYMENT").filter(approved).mean(),
        PREVIOUS_DURATION=pl.col("CNT_PAYMENT").filter(approved).mean(),
        PREVIOUS_INTEREST=_implied_interest().filter(approved).mean(),
        PREVIOUS_HIGH_YIELD_SHARE=(pl.col("NAME_YIELD_GROUP") == "high").mean(),
        PREVIOUS_CASH_SHARE=(pl.col("NAME_CONTRACT_TYPE") == "Cash loans").mean(),
        PREVIOUS_REVOLVING_SHARE=(pl.col("NAME_CONTRACT_TYPE") == "Revolving loans").mean(),
        PREVIOUS_INSURED_SHARE=pl.col("NFLAG_INSURED_ON_APPROVAL").mean(),
        PREVIOUS_RUNNING=(approved & (pl.col("DAYS_TERMINATION") == sentinel)).sum(),
        PREVIOUS_LAST_DUE=_known(pl.col("DAYS_LAST_DUE_1ST_VERSION")).filter(approved).max(),
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
