"""Synthetic monthly balances of point-of-sale and cash loans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core.data.demo.fitted.chained_model import category, leaning, number, steered
from core.data.demo.rows import mixed, month, oldest_month, spread, standardised, typed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.data.demo.fitted.chained_model import ChainedModel
    from core.data.demo.previous import Loans

variables: Final = (
    category("NAME_CONTRACT_STATUS"),
    number("MONTHS_BALANCE"),
    number("CNT_INSTALMENT_FUTURE"),
    number("SK_DPD"),
    number("SK_DPD_DEF"),
)
_weights: Final = {"SK_DPD": 0.75}
# How much of a client's habits of paying is the client's risk.
_risk_in_habits: Final = 0.4
# Share of loans that go on after their last instalment, because something is still owed, and for how many months.
_overrunning: Final = 0.08
_overrun: Final = 0.17
# In its first month a loan may only be signed, or the goods go back; of a few months the counts are not known.
_first_statuses: Final = ("Active", "Signed", "Returned to the store", "Approved")
_first_shares: Final = (0.9, 0.086, 0.007, 1.0)
_unknown_count: Final = 0.003


def to_variables(frame: pl.DataFrame) -> pl.DataFrame:
    """The variables of typed rows of the table."""
    return frame.select(
        pl.col(variable.name).cast(pl.String if variable.kind == "category" else pl.Float64) for variable in variables
    )


def draw(
    chain: ChainedModel, clients: pl.DataFrame, loans: Loans, risk: NDArray[np.float64], rng: np.random.Generator
) -> pl.DataFrame:
    """The months of the loans that are not cards, from the first due date until they end or today."""
    kept = np.flatnonzero(~loans.card)
    start = np.maximum(np.floor(loans.first_due[kept] / month).astype(np.int64) - 1, oldest_month)
    push = mixed(standardised(risk), _risk_in_habits, rng)[loans.owner]
    overruns = leaning(rng, push, 0.5) > 1 - _overrunning
    last = loans.last + np.where(overruns, rng.geometric(_overrun, len(push)), 0)
    months = np.clip(np.minimum(last[kept] + 1, -start), 0, None)
    row, place = spread(months)
    loan = kept[row]
    ends = place == last[loan]
    left = np.where(place >= loans.last[loan], 0, loans.term[loan] - place)
    first = pl.Series(_first_statuses).gather(
        np.where(place == 0, np.searchsorted(np.cumsum(_first_shares[:-1]), rng.random(len(row))), 0)
    )
    known_columns = {
        "NAME_CONTRACT_STATUS": first.set(pl.Series(ends), "Completed"),
        "MONTHS_BALANCE": pl.Series((start[row] + place).astype(float)),
        "CNT_INSTALMENT_FUTURE": pl.Series(left.astype(float)),
    }
    drawn = chain.draw(len(row), rng, steered(rng, push[loan], _weights), known_columns)
    known = pl.Series(rng.random(len(row)) >= _unknown_count)
    columns = {
        "SK_ID_PREV": pl.lit(pl.Series(loans.number[loan])),
        "SK_ID_CURR": pl.lit(clients["SK_ID_CURR"].gather(loans.owner[loan])),
        "CNT_INSTALMENT": pl.when(known).then(pl.lit(pl.Series(np.where(ends, loans.last[loan], loans.term[loan])))),
        "CNT_INSTALMENT_FUTURE": pl.when(known).then("CNT_INSTALMENT_FUTURE"),
        "SK_DPD_DEF": pl.min_horizontal("SK_DPD", "SK_DPD_DEF"),
    }
    return typed(drawn, "pos_cash_balance", columns)
