"""The history tables that have a chained model, and how their rows become its variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.data.demo import bureau, cards, installments, pos_cash

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from core.data.demo.fitted.chained_model import Variable


@dataclass(frozen=True, slots=True)
class HistoryChain:
    """How a table's rows are measured.

    Attributes:
        variables: of its chain, in the order in which they are drawn.
        to_variables: typed rows of the table into those variables.
    """

    variables: tuple[Variable, ...]
    to_variables: Callable[[pl.DataFrame], pl.DataFrame]


history_chains: Final = {
    "bureau": HistoryChain(bureau.variables, bureau.to_variables),
    "pos_cash_balance": HistoryChain(pos_cash.variables, pos_cash.to_variables),
    "installments_payments": HistoryChain(installments.variables, installments.to_variables),
    "credit_card_balance": HistoryChain(cards.variables, cards.to_variables),
}
