"""Features of a client's history, gathered from the six side tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from core.features import bureau, credit_card, installments, pos_cash, previous
from core.features.assembly import history_names

if TYPE_CHECKING:
    from collections.abc import Mapping


def build_history(clients: pl.DataFrame, tables: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """The history features of the given clients.

    Args:
        clients: a frame with `SK_ID_CURR`.
        tables: the side tables at hand by their catalogue name, typed by the catalogue; an absent one is fine.

    Returns:
        `SK_ID_CURR` and every feature of `history_names()` as Float64, one row a client in the order given; null
        where a client has no row in the table, or the table is absent. A count is then null too: nothing is known.
    """
    keys = clients.select("SK_ID_CURR")
    parts = [keys]
    for aggregated in aggregates(tables).values():
        # One table at a time: together they would have to be in memory together.
        features = aggregated.with_columns(pl.exclude("SK_ID_CURR").cast(pl.Float64)).collect(engine="streaming")
        parts.append(keys.join(features, on="SK_ID_CURR", how="left", maintain_order="left").drop("SK_ID_CURR"))
    known = pl.concat(parts, how="horizontal")
    unknown = [pl.lit(None, pl.Float64).alias(name) for name in history_names() if name not in known.columns]
    return known.with_columns(unknown).select("SK_ID_CURR", *history_names())


def aggregates(tables: Mapping[str, pl.LazyFrame]) -> dict[str, pl.LazyFrame]:
    """The features of each table by themselves, not computed yet; `bureau` with its balance where that is given.

    Args:
        tables: as for `build_history`.

    Returns:
        By catalogue name, frames of `SK_ID_CURR` and the table's features, one row a client that has any.
    """
    builders = {
        "previous_application": previous.build,
        "pos_cash_balance": pos_cash.build,
        "installments_payments": installments.build,
        "credit_card_balance": credit_card.build,
    }
    by_table = {name: build(tables[name]) for name, build in builders.items() if name in tables}
    if "bureau" in tables:
        by_table["bureau"] = bureau.build(tables["bureau"], tables.get("bureau_balance"))
    return by_table
