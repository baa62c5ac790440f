"""Features of a client's history, gathered from the six side tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from core import catalogue
from core.features import bureau, credit_card, installments, pos_cash, previous

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_builders: Final[dict[str, Callable[[pl.LazyFrame], pl.LazyFrame]]] = {
    "previous_application": previous.build,
    "pos_cash_balance": pos_cash.build,
    "installments_payments": installments.build,
    "credit_card_balance": credit_card.build,
}


def build_history(clients: pl.DataFrame, tables: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """The history features of the given clients.

    Args:
        clients: a frame with `SK_ID_CURR`.
        tables: the side tables at hand by their catalogue name, typed by the catalogue; an absent one is fine.

    Returns:
        `SK_ID_CURR` and every history feature of the catalogue as Float64, one row a client in the order given; null
        where a client has no row in the table, or the table is absent. A count is then null too: nothing is known.
    """
    found = clients.lazy().select("SK_ID_CURR")
    for table, aggregated in _aggregates(tables).items():
        names = [each.name for each in catalogue.features() if each.table.startswith(table)]
        present = set(aggregated.collect_schema().names())
        chosen = aggregated.select("SK_ID_CURR", *(pl.col(name).cast(pl.Float64) for name in names if name in present))
        # One table at a time: together they would have to be in memory together.
        found = found.join(
            chosen.collect(engine="streaming").lazy(), on="SK_ID_CURR", how="left", maintain_order="left"
        )
    present = set(found.collect_schema().names())
    names = [each.name for each in catalogue.features() if each.table != "application"]
    return found.select(
        "SK_ID_CURR", *(pl.col(name) if name in present else pl.lit(None, pl.Float64).alias(name) for name in names)
    ).collect()


def _aggregates(tables: Mapping[str, pl.LazyFrame]) -> dict[str, pl.LazyFrame]:
    found = {name: build(tables[name]) for name, build in _builders.items() if name in tables}
    if "bureau" in tables:
        found["bureau"] = bureau.build(tables["bureau"], tables.get("bureau_balance"))
    return found
