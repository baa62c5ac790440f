"""Synthetic monthly balances of credit cards, and the instalments that follow from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core.data.demo.fitted.chained_model import category, number, steered
from core.data.demo.installments import Dues
from core.data.demo.rows import mixed, month, oldest_day, oldest_month, spread, standardised, typed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.data.demo.fitted.chained_model import ChainedModel
    from core.data.demo.previous import Loans

_drawings: Final = ("ATM", "POS", "OTHER")
variables: Final = (
    number("MONTHS_BALANCE", cells=60),
    number("AMT_CREDIT_LIMIT_ACTUAL", 4500.0),
    category("NAME_CONTRACT_STATUS"),
    number("UTILISATION", 0.0005),
    number("CNT_DRAWINGS_ATM_CURRENT"),
    *(number(f"CNT_DRAWINGS_{kind}_CURRENT", only_if="CNT_DRAWINGS_ATM_CURRENT") for kind in _drawings[1:]),
    number("AMT_DRAWINGS_ATM_CURRENT", 450.0, "CNT_DRAWINGS_ATM_CURRENT"),
    number("AMT_DRAWINGS_POS_CURRENT", 0.045, "CNT_DRAWINGS_ATM_CURRENT"),
    number("AMT_DRAWINGS_OTHER_CURRENT", 450.0, "CNT_DRAWINGS_ATM_CURRENT"),
    number("AMT_INST_MIN_REGULARITY", 0.045),
    number("AMT_PAYMENT_CURRENT", 0.045),
    number("PAYMENT_COUNTED", 0.001),
    number("PRINCIPAL_SHARE", 0.001),
    number("RECEIVABLE_SHARE", 0.001),
    number("CREDITED", 0.01),
    number("CNT_INSTALMENT_MATURE_CUM"),
    number("SK_DPD"),
    number("SK_DPD_DEF"),
)
_use: Final = {"UTILISATION": 0.88}
_habits: Final = {"CNT_DRAWINGS_ATM_CURRENT": 0.4, "AMT_PAYMENT_CURRENT": -0.3, "SK_DPD": 0.8}
# Shares of a balance or a payment; those far beyond belong to balances of next to nothing.
_shares: Final = (-0.2, 1.5)
# How much of what sets the use of one card apart from another's, and the habits of its owner, is the owner's risk.
_owner_in_use: Final = 0.35
_owner_in_habits: Final = 0.25
_payments_a_month: Final = 1.95


def to_variables(frame: pl.DataFrame) -> pl.DataFrame:
    """The variables of typed rows of the table."""
    balance, limit = pl.col("AMT_BALANCE"), pl.col("AMT_CREDIT_LIMIT_ACTUAL")
    owed, paid = pl.col("AMT_TOTAL_RECEIVABLE"), pl.col("AMT_PAYMENT_CURRENT")
    derived = {
        "UTILISATION": pl.when(limit > 0).then(balance / limit).otherwise(0.0).round(4),
        "PAYMENT_COUNTED": pl.when(paid > 0).then(pl.col("AMT_PAYMENT_TOTAL_CURRENT") / paid).round(3),
        "PRINCIPAL_SHARE": pl.when(balance > 0).then(pl.col("AMT_RECEIVABLE_PRINCIPAL") / balance).round(3),
        "RECEIVABLE_SHARE": pl.when(balance > 0).then(owed / balance).round(3),
        "CREDITED": pl.when(balance == 0).then(owed),
    }
    return frame.select(
        derived.get(variable.name, pl.col(variable.name))
        .cast(pl.String if variable.kind == "category" else pl.Float64)
        .alias(variable.name)
        for variable in variables
    )


def draw(
    chain: ChainedModel, clients: pl.DataFrame, loans: Loans, risk: NDArray[np.float64], rng: np.random.Generator
) -> tuple[pl.DataFrame, Dues]:
    """The months of each card from its opening on, and what was due on it."""
    card = np.flatnonzero(loans.card)
    start = np.maximum((loans.decided[card] / month).astype(np.int64), oldest_month)
    row, place = spread(np.clip(-start, 0, None))
    limit = _limits(chain, loans.credit[card], rng)
    owner_risk = standardised(risk[loans.owner[card]])
    use = steered(rng, mixed(owner_risk, _owner_in_use, rng)[row], _use)
    habits = steered(rng, mixed(owner_risk, _owner_in_habits, rng)[row], _habits)
    known_columns = {
        "MONTHS_BALANCE": pl.Series((start[row] + place).astype(float)),
        "AMT_CREDIT_LIMIT_ACTUAL": pl.Series(limit[row]),
    }
    drawn = chain.draw(len(row), rng, lambda name: use(name) if name in _use else habits(name), known_columns)
    number_ = pl.Series(loans.number[card][row])
    frame = typed(drawn, "credit_card_balance", _columns(number_, clients["SK_ID_CURR"].gather(loans.owner[card][row])))
    return frame, _dues(frame, loans.owner[card][row], rng)


def _limits(chain: ChainedModel, credit: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """The limit of each card: none for some months' worth of cards, else drawn by rank of what was granted."""
    order = np.argsort(np.argsort(credit + rng.random(len(credit))))
    uniform = 0.7 * (order + 0.5) / max(len(credit), 1) + 0.3 * rng.random(len(credit))
    ranks = (np.argsort(np.argsort(uniform)) + 0.5) / max(len(credit), 1)

    def uniforms(name: str) -> NDArray[np.float64]:
        return ranks if name == "AMT_CREDIT_LIMIT_ACTUAL" else rng.random(len(credit))

    return chain.draw(len(credit), rng, uniforms)["AMT_CREDIT_LIMIT_ACTUAL"].to_numpy()


def _columns(numbers: pl.Series, owners: pl.Series) -> dict[str, pl.Expr]:
    balance = (pl.col("AMT_CREDIT_LIMIT_ACTUAL") * pl.col("UTILISATION")).round(3)
    owed = (
        pl.when(balance > 0)
        .then(balance * pl.col("RECEIVABLE_SHARE").fill_null(1.0).clip(*_shares))
        .otherwise(pl.col("CREDITED").fill_null(0.0))
    )
    counts = [f"CNT_DRAWINGS_{kind}_CURRENT" for kind in _drawings]
    # No amount without a drawing, no drawing without an amount.
    amounts = {kind: _amount(kind) for kind in _drawings}
    return {
        "SK_ID_PREV": pl.lit(numbers),
        "SK_ID_CURR": pl.lit(owners),
        "AMT_BALANCE": balance,
        "AMT_RECIVABLE": owed.round(3),
        "AMT_TOTAL_RECEIVABLE": owed.round(3),
        "AMT_RECEIVABLE_PRINCIPAL": (balance * pl.col("PRINCIPAL_SHARE").fill_null(0.0).clip(*_shares)).round(3),
        "AMT_PAYMENT_TOTAL_CURRENT": (
            pl.col("AMT_PAYMENT_CURRENT").fill_null(0.0) * pl.col("PAYMENT_COUNTED").fill_null(0.0).clip(*_shares)
        ).round(3),
        "AMT_DRAWINGS_CURRENT": pl.sum_horizontal(amounts.values()),
        "CNT_DRAWINGS_CURRENT": pl.sum_horizontal(counts),
        "SK_DPD_DEF": pl.min_horizontal("SK_DPD", "SK_DPD_DEF"),
    } | {f"AMT_DRAWINGS_{kind}_CURRENT": amount for kind, amount in amounts.items()}


def _amount(kind: str) -> pl.Expr:
    count, amount = pl.col(f"CNT_DRAWINGS_{kind}_CURRENT"), pl.col(f"AMT_DRAWINGS_{kind}_CURRENT")
    return pl.when(count == 0).then(0.0).otherwise(amount)


def _dues(frame: pl.DataFrame, owner: NDArray[np.int64], rng: np.random.Generator) -> Dues:
    """Each month with a minimum payment is settled in one or several parts."""
    least = frame["AMT_INST_MIN_REGULARITY"].fill_null(0.0).to_numpy()
    paid = frame["AMT_PAYMENT_CURRENT"].fill_null(0.0).to_numpy()
    due = np.flatnonzero(least > 0)
    parts = 1 + rng.poisson(_payments_a_month, len(due))
    row, place = spread(parts)
    month_row = due[row]
    loan = frame["SK_ID_PREV"].to_numpy()[month_row]
    starts = np.ones(len(loan), dtype=bool)
    starts[1:] = loan[1:] != loan[:-1]
    position = np.arange(len(loan))
    number_ = position - np.maximum.accumulate(np.where(starts, position, 0))
    day = (frame["MONTHS_BALANCE"].to_numpy()[month_row] * month).astype(np.int64) + 5 + 2 * place
    share = rng.gamma(0.6, 1.0, len(row)) + 0.02
    total = np.bincount(row, share, minlength=len(due))
    return Dues(
        owner=owner[month_row],
        loan=loan,
        version=np.zeros(len(row), dtype=np.int64),
        number=1 + number_ * 4 // 5,
        day=np.clip(day, oldest_day, -1),
        amount=np.round(np.maximum(least, paid)[month_row] * share / total[row], 3).clip(0.045),
    )
