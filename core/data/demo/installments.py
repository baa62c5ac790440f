"""Synthetic instalments: what was due and what was paid, one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core.data.demo.fitted.chained_model import number, steered
from core.data.demo.rows import mixed, oldest_day, spread, standardised, typed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.data.demo.fitted.chained_model import ChainedModel
    from core.data.demo.previous import Loans

variables: Final = (
    number("NUM_INSTALMENT_VERSION"),
    number("NUM_INSTALMENT_NUMBER"),
    number("LATE"),
    number("PAID_SHARE", 0.001),
)
_weights: Final = {"LATE": 0.24, "PAID_SHARE": -0.37}
# How much of a client's habits of paying is the client's risk.
_risk_in_habits: Final = 0.35
# A share of payments stays unrecorded, and of those that fall short, half are the first of two.
_unrecorded: Final = 0.0002
_second: Final = 0.5
_repaid_early: Final = 0.88
# Payments that are many times what is due are those of next to nothing.
_max_paid: Final = 2.0


@dataclass(frozen=True, slots=True)
class Dues:
    """What is due, one element an instalment.

    Attributes:
        owner: position of the client in the block.
        loan: SK_ID_PREV.
        version: NUM_INSTALMENT_VERSION; 0 for a card.
        number: NUM_INSTALMENT_NUMBER.
        day: DAYS_INSTALMENT.
        amount: AMT_INSTALMENT.
    """

    owner: NDArray[np.int64]
    loan: NDArray[np.int64]
    version: NDArray[np.int64]
    number: NDArray[np.int64]
    day: NDArray[np.int64]
    amount: NDArray[np.float64]


def to_variables(frame: pl.DataFrame) -> pl.DataFrame:
    """The variables of typed rows of the table."""
    derived = {
        "LATE": pl.col("DAYS_ENTRY_PAYMENT") - pl.col("DAYS_INSTALMENT"),
        "PAID_SHARE": (pl.col("AMT_PAYMENT") / pl.col("AMT_INSTALMENT")).round(3),
    }
    return frame.select(
        derived.get(variable.name, pl.col(variable.name)).cast(pl.Float64).alias(variable.name)
        for variable in variables
    )


def loan_dues(loans: Loans, rng: np.random.Generator) -> Dues:
    """What was due until today on the loans that are not cards; early repayment makes the last one large."""
    kept = np.flatnonzero(~loans.card)
    due = np.clip((-1 - loans.first_due[kept]) // 30 + 1, 0, None)
    row, place = spread(np.minimum(loans.last[kept], due))
    loan = kept[row]
    ends = (place + 1 == loans.last[loan]) & (loans.last[loan] < loans.term[loan])
    left = (loans.term[loan] - loans.last[loan]) * loans.annuity[loan] * _repaid_early
    changed = np.where(rng.random(len(loans.owner)) < 0.13, rng.geometric(0.45, len(loans.owner)), 0)
    return Dues(
        owner=loans.owner[loan],
        loan=loans.number[loan],
        version=1 + changed[loan] * (place > loans.term[loan] // 3) + ends,
        number=place + 1,
        day=np.maximum(loans.first_due[loan] + 30 * place, oldest_day),
        amount=np.round(loans.annuity[loan] + np.where(ends, left, 0.0), 3),
    )


def draw(
    chain: ChainedModel, clients: pl.DataFrame, dues: Dues, risk: NDArray[np.float64], rng: np.random.Generator
) -> pl.DataFrame:
    """A row for each payment; an instalment that is paid in two parts has two."""
    rows = len(dues.owner)
    known_columns = {
        "NUM_INSTALMENT_VERSION": pl.Series(dues.version.astype(float)),
        "NUM_INSTALMENT_NUMBER": pl.Series(dues.number.astype(float)),
    }
    habits = mixed(standardised(risk), _risk_in_habits, rng)
    drawn = chain.draw(rows, rng, steered(rng, habits[dues.owner], _weights), known_columns)
    share, late = (
        drawn["PAID_SHARE"].fill_null(1.0).clip(0.0, _max_paid).to_numpy(),
        drawn["LATE"].fill_null(0.0).to_numpy(),
    )
    short = share < 0.9995
    whole = short & (rng.random(rows) < _second)
    again = np.flatnonzero(short & ~whole)
    share = np.where(whole, 1.0, share)
    due = np.concatenate([np.arange(rows), again])
    paid_share = np.concatenate([share, 1.0 - share[again]])
    paid_on = np.concatenate([late, late[again] + rng.geometric(0.12, len(again))])
    day = dues.day[due]
    recorded = rng.random(len(due)) >= _unrecorded
    frame = pl.DataFrame(
        {
            "SK_ID_PREV": dues.loan[due],
            "SK_ID_CURR": clients["SK_ID_CURR"].to_numpy()[dues.owner[due]],
            "NUM_INSTALMENT_VERSION": dues.version[due],
            "NUM_INSTALMENT_NUMBER": dues.number[due],
            "DAYS_INSTALMENT": day,
            "DAYS_ENTRY_PAYMENT": np.where(recorded, np.minimum(day + paid_on, -1), np.nan),
            "AMT_INSTALMENT": dues.amount[due],
            "AMT_PAYMENT": np.where(recorded, np.round(dues.amount[due] * paid_share, 3), np.nan),
        }
    )
    return typed(frame, "installments_payments")
