"""Features of a client's credit cards month by month: how much of the limit is used, drawn in cash, paid back."""

from __future__ import annotations

import polars as pl


def build(months: pl.LazyFrame) -> pl.LazyFrame:
    """One row a client.

    Args:
        months: the `credit_card_balance` table, typed by the catalogue.

    Returns:
        `SK_ID_CURR` and a column per feature of the table `credit_card_balance` in the catalogue.
    """
    month = pl.col("MONTHS_BALANCE")
    limit = pl.col("AMT_CREDIT_LIMIT_ACTUAL")
    used = pl.when(limit > 0).then(pl.col("AMT_BALANCE") / limit)
    minimum = pl.col("AMT_INST_MIN_REGULARITY")
    repaid = pl.when(minimum > 0).then(pl.col("AMT_PAYMENT_CURRENT").fill_null(0.0) / minimum)
    late = pl.col("SK_DPD") > 0
    drawn, cash = pl.col("AMT_DRAWINGS_CURRENT"), pl.col("AMT_DRAWINGS_ATM_CURRENT").fill_null(0.0)
    return (
        months.group_by("SK_ID_CURR")
        .agg(
            CARDS=pl.col("SK_ID_PREV").n_unique(),
            CARD_MONTHS=pl.len(),
            CARD_LIMIT_MAX=limit.max(),
            CARD_UTILISATION_MEAN=used.mean(),
            CARD_UTILISATION_MAX=used.max(),
            CARD_UTILISATION_LAST_QUARTER=used.filter(month >= month.max() - 2).mean(),
            CARD_UTILISATION_BEFORE=used.filter(month < month.max() - 2).mean(),
            CARD_DRAWN_MEAN=drawn.mean(),
            CARD_DRAWING_MONTHS_SHARE=(drawn > 0).mean(),
            CARD_LATE_SHARE=late.mean(),
            CARD_LATE_LAST_YEAR=(late & (month >= -12)).sum(),
            CARD_DAYS_LATE_MAX=pl.col("SK_DPD").max(),
            CARD_REPAID_RATIO=repaid.median(),
            cash=cash.sum(),
            drawn=drawn.sum(),
        )
        .with_columns(
            CARD_CASH_SHARE=pl.when(pl.col("drawn") > 0).then(pl.col("cash") / pl.col("drawn")),
            CARD_UTILISATION_TREND=pl.col("CARD_UTILISATION_LAST_QUARTER") - pl.col("CARD_UTILISATION_BEFORE"),
        )
        .drop("cash", "drawn", "CARD_UTILISATION_BEFORE")
    )
