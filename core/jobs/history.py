"""Adds to rows of a file what the portfolio knows of their clients, as it is added to a single application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from core.features import history_names

if TYPE_CHECKING:
    from core.batch.rows import Completion
    from core.portfolio import Portfolio


def completion(portfolio: Portfolio) -> Completion:
    """Gives typed applications the history of those clients that the portfolio knows; what the file says stays."""
    numbers = portfolio.index["SK_ID_CURR"].to_numpy()

    def complete(rows: pl.DataFrame) -> pl.DataFrame:
        if "SK_ID_CURR" not in rows.columns or not len(numbers):
            return rows
        clients = rows["SK_ID_CURR"].fill_null(-1).to_numpy()
        places = np.minimum(numbers.searchsorted(clients), len(numbers) - 1)
        known = numbers[places] == clients
        history = np.full((len(clients), len(history_names())), np.nan)
        history[known] = portfolio.history[places[known]]
        stored = pl.from_numpy(history, schema=list(history_names())).fill_nan(None)
        given = set(rows.columns)
        return rows.with_columns(
            pl.coalesce(pl.col(name), stored[name]).alias(name) if name in given else stored[name]
            for name in history_names()
        )

    return complete
