"""The history features as the product builds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from core.features.history import build_history

if TYPE_CHECKING:
    from pathlib import Path

tables = (
    "bureau",
    "bureau_balance",
    "previous_application",
    "pos_cash_balance",
    "installments_payments",
    "credit_card_balance",
)


def build(folder: Path) -> pl.DataFrame:
    """The history features of the clients and tables that `side_tables.write` wrote in `folder`."""
    scans = {name: pl.scan_parquet(folder / name / "*.parquet") for name in tables}
    return build_history(pl.read_parquet(folder / "clients.parquet"), scans)


def write(features: pl.DataFrame, result: Path) -> None:
    """Writes what `build` made as Parquet."""
    features.write_parquet(result)
