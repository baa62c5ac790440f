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
    return (
        _rows(months)
        .group_by("SK_ID_CURR")
        .agg(
            CARDS=pl.col("SK_ID_PREV").n_unique(),
            CARD_MONTHS=pl.len(),
            CARD_LIMIT_MAX=pl.col("limit").max(),
            CARD_UTILISATION_MEAN=pl.col("used").mean(),
            CARD_UTILISATION_MAX=pl.col("used").max(),
            CARD_UTILISATION_LAST_QUARTER=pl.col("used_last_quarter").mean(),
            CARD_DRAWN_MEAN=pl.col("drawn").mean(),
            CARD_DRAWING_MONTHS_SHARE=(pl.col("drawn") > 0).mean(),
            CARD_LATE_SHARE=pl.col("late").mean(),
            CARD_LATE_LAST_YEAR=pl.col("late_last_year").sum(),
            CARD_DAYS_LATE_MAX=pl.col("SK_DPD").max(),
            used_before=pl.col("used_before").mean(),
            cash=pl.col("cash").sum(),
            drawn=pl.col("drawn").sum(),
            repaid=pl.col("repaid").sum(),
            minimum=pl.col("minimum").sum(),
        )
        .with_columns(
            CARD_REPAID_RATIO=_ratio("repaid", "minimum"),
            CARD_CASH_SHARE=_ratio("cash", "drawn"),
            CARD_UTILISATION_TREND=pl.col("CARD_UTILISATION_LAST_QUARTER") - pl.col("used_before"),
        )
        .drop("used_before", "cash", "drawn", "repaid", "minimum")
    )


def _rows(months: pl.LazyFrame) -> pl.LazyFrame:
    """What is aggregated, computed once a row: within the aggregates it would be computed again for each."""
    limit, minimum = pl.col("AMT_CREDIT_LIMIT_ACTUAL"), pl.col("AMT_INST_MIN_REGULARITY")
    used = pl.when(limit > 0).then(pl.col("AMT_BALANCE") / limit)
    last_quarter = pl.col("MONTHS_BALANCE") >= -3
    late = pl.col("SK_DPD") > 0
    return months.select(
        "SK_ID_CURR",
        "SK_ID_PREV",
        "SK_DPD",
        limit=limit,
        used=used,
        used_last_quarter=pl.when(last_quarter).then(used),
        used_before=pl.when(last_quarter.not_()).then(used),
        drawn=pl.col("AMT_DRAWINGS_CURRENT"),
        cash=pl.col("AMT_DRAWINGS_ATM_CURRENT"),
        # Where no payment is asked for, what is paid says nothing about paying as asked.
        repaid=pl.when(minimum > 0).then(pl.col("AMT_PAYMENT_CURRENT")),
        minimum=pl.when(minimum > 0).then(minimum),
        late=late,
        late_last_year=late & (pl.col("MONTHS_BALANCE") >= -12),
    )


def _ratio(numerator: str, denominator: str) -> pl.Expr:
    return pl.when(pl.col(denominator) > 0).then(pl.col(numerator) / pl.col(denominator))
