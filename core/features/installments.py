"""Features of how a client paid the instalments of earlier loans: late or early, in full or in part."""

from __future__ import annotations

import polars as pl

from core.features.windows import last_half_year, last_year


def build(payments: pl.LazyFrame) -> pl.LazyFrame:
    """One row a client.

    Args:
        payments: the `installments_payments` table, typed by the catalogue.

    Returns:
        `SK_ID_CURR` and a column per feature of the table `installments_payments` in the catalogue.
    """
    return (
        _rows(payments)
        .group_by("SK_ID_CURR")
        .agg(
            INSTALMENTS=pl.len(),
            INSTALMENT_LATE_SHARE=pl.col("late").mean(),
            INSTALMENT_DAYS_LATE_MEAN=pl.col("days_late").mean(),
            INSTALMENT_DAYS_LATE_MAX=pl.col("days_late").max(),
            INSTALMENT_DAYS_EARLY_MEAN=pl.col("days_early").mean(),
            INSTALMENT_LATE_SHARE_LAST_YEAR=pl.col("late_last_year").mean(),
            INSTALMENT_DAYS_LATE_LAST_YEAR=pl.col("days_late_last_year").mean(),
            INSTALMENT_LATE_SHARE_LAST_HALF=pl.col("late_last_half").mean(),
            INSTALMENT_SHORT_SHARE=pl.col("short").mean(),
            INSTALMENT_AMOUNT_MEAN=pl.col("due").mean(),
            INSTALMENT_DAYS_SINCE_LAST=pl.col("paid_on").max(),
            paid=pl.col("paid").sum(),
            due=pl.col("due").sum(),
        )
        .with_columns(
            INSTALMENT_PAID_SHARE=pl.when(pl.col("due") > 0).then(pl.col("paid") / pl.col("due")),
            INSTALMENT_LATE_TREND=pl.col("INSTALMENT_LATE_SHARE_LAST_YEAR") - pl.col("INSTALMENT_LATE_SHARE"),
        )
        .drop("paid", "due")
    )


def _rows(payments: pl.LazyFrame) -> pl.LazyFrame:
    """What is aggregated, computed once a row: within the aggregates it would be computed again for each."""
    paid_on, due_on = pl.col("DAYS_ENTRY_PAYMENT"), pl.col("DAYS_INSTALMENT")
    due, paid = pl.col("AMT_INSTALMENT"), pl.col("AMT_PAYMENT").fill_null(0.0)
    # A payment that never came has no date: it is neither late nor early, but it is unpaid.
    late, days_late = paid_on > due_on, (paid_on - due_on).clip(lower_bound=0)
    in_last_year, in_last_half = due_on >= last_year, due_on >= last_half_year
    return payments.select(
        "SK_ID_CURR",
        late=late,
        late_last_year=pl.when(in_last_year).then(late),
        late_last_half=pl.when(in_last_half).then(late),
        days_late=days_late,
        days_late_last_year=pl.when(in_last_year).then(days_late),
        days_early=(due_on - paid_on).clip(lower_bound=0),
        short=paid < 0.99 * due,
        due=due,
        paid=paid,
        paid_on=paid_on,
    )
