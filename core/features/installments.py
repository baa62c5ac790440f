"""Features of how a client paid the instalments of earlier loans: late or early, in full or in part."""

from __future__ import annotations

import polars as pl


def build(payments: pl.LazyFrame) -> pl.LazyFrame:
    """One row a client.

    Args:
        payments: the `installments_payments` table, typed by the catalogue.

    Returns:
        `SK_ID_CURR` and a column per feature of the table `installments_payments` in the catalogue.
    """
    # A payment that never came has no date: it is neither late nor early, but it is unpaid.
    delay = pl.col("DAYS_ENTRY_PAYMENT") - pl.col("DAYS_INSTALMENT")
    due, paid = pl.col("AMT_INSTALMENT"), pl.col("AMT_PAYMENT").fill_null(0.0)
    recent, half = pl.col("DAYS_INSTALMENT") >= -365, pl.col("DAYS_INSTALMENT") >= -180
    late = delay > 0
    short = paid < 0.99 * due
    return (
        payments.group_by("SK_ID_CURR")
        .agg(
            INSTALMENTS=pl.len(),
            INSTALMENT_LATE_SHARE=late.mean(),
            INSTALMENT_DAYS_LATE_MEAN=delay.clip(lower_bound=0).mean(),
            INSTALMENT_DAYS_LATE_MAX=delay.clip(lower_bound=0).max(),
            INSTALMENT_DAYS_EARLY_MEAN=(-delay).clip(lower_bound=0).mean(),
            INSTALMENT_LATE_SHARE_LAST_YEAR=late.filter(recent).mean(),
            INSTALMENT_DAYS_LATE_LAST_YEAR=delay.filter(recent).clip(lower_bound=0).mean(),
            INSTALMENT_LATE_SHARE_LAST_HALF=late.filter(half).mean(),
            INSTALMENT_SHORT_SHARE=short.mean(),
            INSTALMENT_AMOUNT_MEAN=due.mean(),
            INSTALMENT_DAYS_SINCE_LAST=pl.col("DAYS_ENTRY_PAYMENT").max(),
            paid=paid.sum(),
            due=due.sum(),
        )
        .with_columns(
            INSTALMENT_PAID_SHARE=pl.when(pl.col("due") > 0).then(pl.col("paid") / pl.col("due")),
            INSTALMENT_LATE_TREND=pl.col("INSTALMENT_LATE_SHARE_LAST_YEAR") - pl.col("INSTALMENT_LATE_SHARE"),
        )
        .drop("paid", "due")
    )
