"""The terms of synthetic earlier applications: what was asked for, what it cost a month, when it fell due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core.data.demo.rows import no_day, oldest_day

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.data.demo.products import Product

# Correlation of the date with the term and the amount: loans have grown over the years.
growth: Final = 0.35
_max_asked: Final = 2_250_000.0
# Interest a month by yield group.
_monthly_rates: Final = {"XNA": 0.0, "low_action": 0.004, "low_normal": 0.017, "middle": 0.03, "high": 0.052}
# Share of loans that are repaid early, by whether they run for a year and a half or longer.
_early: Final = 0.36
_early_if_long: Final = 0.6
_long: Final = 18
# Shares of loans on goods whose down payment, and whose yearly rates, are on record; of cards that were ever used.
_down_known: Final = 0.985
_rated: Final = 0.008
_drawn_cards: Final = 0.62
# RATE_DOWN_PAYMENT is this much above the plain share of the price (a constant in the real table).
_down_rate: Final = 1.0891


@dataclass(frozen=True, slots=True)
class Amounts:
    """One element an application: what was granted, a month's payment, the number of payments (0 for a card).

    `columns` are those of the table, NaN where nothing is stated.
    """

    credit: NDArray[np.float64]
    annuity: NDArray[np.float64]
    term: NDArray[np.int64]
    columns: dict[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Dates:
    """One element an application: the day of the first payment, and the number of the last one.

    `columns` are those of the table: 365243 where a day lies ahead, NaN where no loan was paid out.
    """

    first_due: NDArray[np.int64]
    last: NDArray[np.int64]
    columns: dict[str, NDArray[np.float64]]


def draw_amounts(
    kinds: tuple[Product, ...],
    kind: NDArray[np.int64],
    drawn: dict[str, pl.Series],
    stated: NDArray[np.bool_],
    recency: NDArray[np.float64],
    rng: np.random.Generator,
) -> Amounts:
    """What is asked for, granted and paid each month.

    Args:
        kinds, kind: the products, and the position of each application's among them.
        drawn: CNT_PAYMENT and NAME_YIELD_GROUP of each application, as text.
        stated: whether the application got as far as amounts.
        recency: how recent the decision is, standardised.
        rng: where chance comes from.
    """
    rows = len(kind)
    card, cash = (np.array([getattr(product, name) for product in kinds])[kind] for name in ("is_card", "is_cash"))
    mean, deviation = (np.array([getattr(product, name) for product in kinds])[kind] for name in ("amount", "spread"))
    grown = np.where(card, 0.0, growth)
    asked = np.exp(mean + deviation * (grown * recency + np.sqrt(1 - grown**2) * rng.standard_normal(rows)))
    step = np.where(card, 45_000.0, np.where(cash, np.where(rng.random(rows) < 0.6, 22_500.0, 4_500.0), 4.5))
    asked = np.where(stated, np.clip(np.round(asked / step) * step, step, _max_asked), 0.0)
    term = drawn["CNT_PAYMENT"].cast(pl.Int64).to_numpy()
    # Goods are paid in part at once; a cash loan often carries the price of its insurance.
    pays_down = ~card & ~cash & (rng.random(rows) < _down_known)
    down_rate = np.where(pays_down & (rng.random(rows) < 0.52), rng.beta(2.2, 12.0, rows), 0.0)
    down = np.round(asked * down_rate / 4.5) * 4.5
    added = np.where(cash & (rng.random(rows) < 0.62), rng.uniform(1.04, 1.24, rows), 1.0)
    added = np.where(~cash & ~card & (rng.random(rows) < 0.35), rng.uniform(1.02, 1.16, rows), added)
    credit = np.round((asked - down) * added / 4.5) * 4.5
    rate = drawn["NAME_YIELD_GROUP"].replace_strict(_monthly_rates, return_dtype=pl.Float64).to_numpy()
    rate = rate * np.exp(0.18 * rng.standard_normal(rows)) + 1e-9
    annuity = credit * rate / (1 - (1 + rate) ** -np.maximum(term, 1).astype(float))
    annuity = np.round(np.where(card, credit / 20, annuity) / 0.045) * 0.045
    rated = ~card & ~cash & (rng.random(rows) < _rated)
    primary = rng.normal(0.1884, 0.03, rows).clip(0.05, 0.6).round(6)
    privileged = rng.normal(0.8, 0.06, rows).clip(0.37, 1.0).round(6)
    known = {
        "AMT_GOODS_PRICE": (stated, asked),
        "AMT_ANNUITY": (stated, annuity),
        "CNT_PAYMENT": (stated, term),
        "AMT_DOWN_PAYMENT": (stated & pays_down, down),
        "RATE_DOWN_PAYMENT": (stated & pays_down, _down_rate * down / np.maximum(credit + down, 1.0)),
        "RATE_INTEREST_PRIMARY": (stated & rated, primary),
        "RATE_INTEREST_PRIVILEGED": (stated & rated, privileged),
    }
    columns = {name: np.where(where, value, np.nan) for name, (where, value) in known.items()}
    columns |= {"AMT_APPLICATION": asked, "AMT_CREDIT": credit}
    return Amounts(credit, annuity, np.where(card, 0, term), columns)


def draw_dates(
    decided: NDArray[np.int64],
    card: NDArray[np.bool_],
    paid_out: NDArray[np.bool_],
    term: NDArray[np.int64],
    rng: np.random.Generator,
) -> Dates:
    """When each payment falls due.

    Args:
        decided: day of the decision.
        card: whether it is a revolving credit.
        paid_out: whether there is anything to repay.
        term: number of payments agreed on; 0 for a card.
        rng: where chance comes from.
    """
    rows = len(decided)
    first_due = np.clip(decided + 30 + rng.integers(0, 4, rows), oldest_day, -1)
    early = (rng.random(rows) < np.where(term >= _long, _early_if_long, _early)) & (term > 3)
    last = np.where(early, np.minimum(2 + (term * rng.beta(1.3, 1.3, rows)).astype(np.int64), term), term)
    last = np.maximum(last, 1)
    ends = first_due + 30 * (last - 1)
    closed = ends + rng.integers(2, 12, rows)
    drawn = card & (rng.random(rows) < _drawn_cards)
    insured = rng.random(rows) < np.where(card, 0.0, np.where(term > 12, 0.52, 0.3))
    days = {
        "DAYS_FIRST_DRAWING": np.where(drawn, np.minimum(decided + rng.integers(5, 200, rows), -1), no_day),
        "DAYS_FIRST_DUE": np.where(card & ~drawn, no_day, first_due),
        "DAYS_LAST_DUE_1ST_VERSION": np.where(card, no_day, first_due + 30 * (term - 1)),
        "DAYS_LAST_DUE": np.where(~card & (ends < -1), ends, no_day),
        "DAYS_TERMINATION": np.where(~card & (closed < 0), closed, no_day),
        "NFLAG_INSURED_ON_APPROVAL": insured.astype(np.int64),
    }
    columns = {name: np.where(paid_out, value, np.nan) for name, value in days.items()}
    return Dates(first_due, last, columns)
