"""The history tables of a portfolio, from the side tables: few columns, sorted by client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from core.catalogue.ages import days_per_month
from core.features.previous import sentinel
from core.portfolio.client_history import applications_file, cards_file, history_folder, loans_file, payments_file
from core.tables.sources import tables

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# A client has tens of rows: a group of this size is read in under a millisecond.
_row_group_size: Final = 4000


def history_files() -> tuple[str, ...]:
    """The files of a portfolio that `store_history` may write, as paths within its folder."""
    return tuple(f"{history_folder}/{file_name}" for file_name, _ in _stored.values())


def store_history(tables_dir: Path, portfolio_dir: Path, clients: pl.Series) -> None:
    """Writes what `core.portfolio.client_history` reads.

    Args:
        tables_dir: holds the side tables as Parquet; one that is absent leaves its part empty.
        portfolio_dir: where a portfolio is written; nothing of another is there.
        clients: `SK_ID_CURR` of its clients.
    """
    folder = portfolio_dir / history_folder
    folder.mkdir(parents=True, exist_ok=True)
    client_ids = pl.LazyFrame({"SK_ID_CURR": clients})
    stems = {table: stem for stem, table in tables.items()}
    for table, (file_name, prepared) in _stored.items():
        source = tables_dir / f"{stems[table]}.parquet"
        if source.is_file():
            rows = pl.scan_parquet(source).join(client_ids, on="SK_ID_CURR", how="semi")
            history = prepared(rows).collect(engine="streaming")
            history.write_parquet(folder / file_name, row_group_size=_row_group_size, compression="zstd")


def _applications(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.select(
        "SK_ID_CURR",
        days_before=-pl.col("DAYS_DECISION"),
        contract_type="NAME_CONTRACT_TYPE",
        status="NAME_CONTRACT_STATUS",
        reject_reason="CODE_REJECT_REASON",
        asked="AMT_APPLICATION",
        granted="AMT_CREDIT",
        annuity="AMT_ANNUITY",
        payments=pl.col("CNT_PAYMENT").cast(pl.Int32),
    ).sort("SK_ID_CURR", "days_before", "asked", "granted", nulls_last=True)


def _loans(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.select(
        "SK_ID_CURR",
        days_before=-pl.col("DAYS_CREDIT"),
        credit_type="CREDIT_TYPE",
        status="CREDIT_ACTIVE",
        amount="AMT_CREDIT_SUM",
        debt="AMT_CREDIT_SUM_DEBT",
        overdue="AMT_CREDIT_SUM_OVERDUE",
        days_overdue=pl.col("CREDIT_DAY_OVERDUE").cast(pl.Int32),
        days_to_end=pl.col("DAYS_CREDIT_ENDDATE").cast(pl.Int32),
    ).sort("SK_ID_CURR", "days_before", "amount", nulls_last=True)


def _payments(rows: pl.LazyFrame) -> pl.LazyFrame:
    due_on, paid_on = pl.col("DAYS_INSTALMENT"), pl.col("DAYS_ENTRY_PAYMENT")
    late = (paid_on - due_on).clip(lower_bound=0)
    return (
        rows.filter(due_on != sentinel)
        .group_by("SK_ID_CURR", month=(due_on / days_per_month).floor().cast(pl.Int32))
        .agg(
            due=pl.col("AMT_INSTALMENT").sum(),
            paid=pl.col("AMT_PAYMENT").sum(),
            instalments=pl.len().cast(pl.Int32),
            late=(late > 0).sum().cast(pl.Int32),
            days_late=late.max().fill_null(0).cast(pl.Int32),
        )
        .sort("SK_ID_CURR", "month")
    )


def _cards(rows: pl.LazyFrame) -> pl.LazyFrame:
    return (
        rows.group_by("SK_ID_CURR", month="MONTHS_BALANCE")
        .agg(
            balance=pl.col("AMT_BALANCE").sum(),
            limit=pl.col("AMT_CREDIT_LIMIT_ACTUAL").sum().cast(pl.Float64),
            days_late=pl.col("SK_DPD").max().fill_null(0).cast(pl.Int32),
        )
        .sort("SK_ID_CURR", "month")
    )


_stored: Final[dict[str, tuple[str, Callable[[pl.LazyFrame], pl.LazyFrame]]]] = {
    "previous_application": (applications_file, _applications),
    "bureau": (loans_file, _loans),
    "installments_payments": (payments_file, _payments),
    "credit_card_balance": (cards_file, _cards),
}
