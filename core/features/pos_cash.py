"""Features of a client's point-of-sale and cash loans month by month."""

from __future__ import annotations

import polars as pl


def build(months: pl.LazyFrame) -> pl.LazyFrame:
    """One row a client.

    Args:
        months: the `pos_cash_balance` table, typed by the catalogue.

    Returns:
        `SK_ID_CURR` and a column per feature of the table `pos_cash_balance` in the catalogue.
    """
    late, recent = pl.col("SK_DPD") > 0, pl.col("MONTHS_BALANCE") >= -12
    by_loan = months.group_by("SK_ID_CURR", "SK_ID_PREV").agg(
        months=pl.len(),
        late=late.sum(),
        recent=recent.sum(),
        late_recent=(late & recent).sum(),
        worst=pl.col("SK_DPD").max(),
        worst_tolerated=pl.col("SK_DPD_DEF").max(),
        last=pl.col("MONTHS_BALANCE").max(),
        # The fewest payments ever left to make are those of the latest month.
        left=pl.col("CNT_INSTALMENT_FUTURE").min(),
        completed=(pl.col("NAME_CONTRACT_STATUS") == "Completed").any(),
    )
    running = pl.col("completed").not_()
    return (
        by_loan.group_by("SK_ID_CURR")
        .agg(
            POS_LOANS=pl.len(),
            POS_MONTHS=pl.col("months").sum(),
            POS_COMPLETED_SHARE=pl.col("completed").mean(),
            POS_PAYMENTS_LEFT=pl.col("left").filter(running).sum(),
            POS_LAST_MONTH=pl.col("last").max(),
            POS_DAYS_LATE_MAX=pl.col("worst").max(),
            POS_DAYS_LATE_TOLERATED_MAX=pl.col("worst_tolerated").max(),
            late=pl.col("late").sum(),
            recent=pl.col("recent").sum(),
            late_recent=pl.col("late_recent").sum(),
        )
        .with_columns(
            POS_LATE_SHARE=pl.col("late") / pl.col("POS_MONTHS"),
            POS_LATE_SHARE_LAST_YEAR=pl.when(pl.col("recent") > 0).then(pl.col("late_recent") / pl.col("recent")),
        )
        .drop("late", "recent", "late_recent")
    )
