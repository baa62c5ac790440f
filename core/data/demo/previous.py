"""Synthetic earlier applications of each client with this lender, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core.data.demo.fitted.chained_model import leaning
from core.data.demo.previous_terms import draw_amounts, draw_dates, growth
from core.data.demo.products import Choices, Product, products
from core.data.demo.rows import first_of_each, mixed, oldest_day, pick, spread, standardised, typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

# Applications of all but a few clients: 1 and a negative binomial of this mean and shape (real: 4.93, spread 4.2).
_has_history: Final = 0.951
_more: Final = 3.93
_shape: Final = 1.13
_first_id: Final = 1_000_000
# How strongly a refusal leans with the habits of the client, how much of these is the client's risk, and how strongly
# a recent date leans towards risky clients.
_refusal: Final = 0.42
_risk_in_habits: Final = 0.5
_recency: Final = 0.12
# Days before the application at which these shares of decisions lie (published quantiles of the real table).
_day_shares: Final = (0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1.0)
_days: Final = (-2922.0, -2560.0, -2240.0, -1300.0, -581.0, -280.0, -140.0, -75.0, -2.0)
# The order of outcomes from the best client's to the worst's.
_outcomes: Final = ("Approved", "Unused offer", "Canceled", "Refused")
_reasons: Final = Choices(
    ("HC", "LIMIT", "SCO", "SCOFR", "XNA", "VERIF", "SYSTEM"), (0.603, 0.192, 0.129, 0.044, 0.018, 0.012, 0.002)
)
_weekdays: Final = Choices(
    ("TUESDAY", "WEDNESDAY", "MONDAY", "FRIDAY", "THURSDAY", "SATURDAY", "SUNDAY"),
    (0.1526, 0.1525, 0.1518, 0.1509, 0.1491, 0.1441, 0.099),
)
_company: Final = Choices(
    ("Unaccompanied", "Family", "Spouse, partner", "Children", "Other_B", "Other_A", "Group of people"),
    (0.5989, 0.251, 0.0789, 0.0371, 0.0207, 0.0107, 0.0027),
)
# Shares of clients who were new at their first application and later; of the others, those who came back after a while.
_new_at_first: Final = 0.74
_new_later: Final = 0.035
_refreshed: Final = 0.098
_alone_unsaid: Final = {"Cash loans": 0.72, "Consumer loans": 0.24, "Revolving loans": 0.55}
# A date's random number is raised to the product's age times this: what was granted is older than what was not, and
# cards that were opened are kept, not repaid.
_granted_age: Final = 1.15
_refused_age: Final = 0.7
_card_age: Final = 1.3
_ancient_cards: Final = 0.08
_ancient_day: Final = -2300
# Nobody applies again in the first months of a loan.
_settling: Final = 170
# Share of what was granted that was also paid out.
_paid_out: Final = 0.965


@dataclass(frozen=True, slots=True)
class Loans:
    """The approved loans of a block of clients, one element a loan.

    Attributes:
        owner: position of the client in the block.
        number: SK_ID_PREV.
        card: whether it is a revolving credit.
        first_due: day of the first instalment.
        term: instalments agreed on; 0 for a card.
        last: the instalment with which it ends, below `term` where it is repaid early.
        annuity, credit: amounts.
        decided: day of the decision.
    """

    owner: NDArray[np.int64]
    number: NDArray[np.int64]
    card: NDArray[np.bool_]
    first_due: NDArray[np.int64]
    term: NDArray[np.int64]
    last: NDArray[np.int64]
    annuity: NDArray[np.float64]
    credit: NDArray[np.float64]
    decided: NDArray[np.int64]


def draw(
    clients: pl.DataFrame, risk: NDArray[np.float64], first: int, rng: np.random.Generator
) -> tuple[pl.DataFrame, Loans]:
    """The previous applications of a block of clients, and the loans among them that were paid out.

    Args:
        clients: their applications.
        risk: how risky each client is, standard normal.
        first: how many previous applications the blocks before this one have, so that SK_ID_PREV is unique.
        rng: where chance comes from.
    """
    count = rng.poisson(_more * rng.gamma(_shape, 1 / _shape, clients.height)) + 1
    owner, _ = spread(np.where(rng.random(clients.height) < _has_history, count, 0))
    rows = len(owner)
    kinds = products()
    kind = pick(_shares([product.share for product in kinds]), rng.random(rows))
    habits = mixed(standardised(risk), _risk_in_habits, rng)
    status = pick(np.array([_in_order(product) for product in kinds])[kind], leaning(rng, habits[owner], _refusal))
    approved = status == 0
    card = np.array([product.is_card for product in kinds])[kind]
    decided = _decision_days(risk[owner], np.array([product.age for product in kinds])[kind], approved, card, rng)
    recency = standardised(decided.astype(float))
    drawn = _described(kinds, kind, recency, rng)
    # Who gives up, or asks for no product in particular, is on record without amounts.
    stated = (status != 2) & np.array([product.amount > 0 for product in kinds])[kind]
    amounts = draw_amounts(kinds, kind, drawn, stated, recency, rng)
    paid = approved & (rng.random(rows) < _paid_out)
    dates = draw_dates(decided, card, paid, amounts.term, rng)
    labels = _labels(kinds, kind, status, stated, _oldest(owner, decided), rng)
    frame = pl.DataFrame(
        {
            "SK_ID_PREV": _first_id + first + np.arange(rows),
            "SK_ID_CURR": clients["SK_ID_CURR"].to_numpy()[owner],
            **drawn,
            **labels,
            **amounts.columns,
            **dates.columns,
            "DAYS_DECISION": decided,
            "HOUR_APPR_PROCESS_START": np.clip(np.round(rng.normal(12.48, 3.33, rows)), 0, 23),
        },
        strict=False,
    )
    loans = Loans(
        owner=owner[paid],
        number=_first_id + first + np.flatnonzero(paid),
        card=card[paid],
        first_due=dates.first_due[paid],
        term=amounts.term[paid],
        last=dates.last[paid],
        annuity=amounts.annuity[paid],
        credit=amounts.credit[paid],
        decided=decided[paid],
    )
    return typed(frame, "previous_application"), loans


def _shares(values: list[float]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = np.asarray(values) / sum(values)
    return shares


def _in_order(product: Product) -> list[float]:
    approved, refused, canceled, unused = product.outcomes
    return [approved, unused, canceled, refused]


def _decision_days(
    push: NDArray[np.float64],
    age: NDArray[np.float64],
    approved: NDArray[np.bool_],
    card: NDArray[np.bool_],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    opened, lent = approved & card, approved & ~card
    power = np.where(opened, _card_age, age * np.where(approved, _granted_age, _refused_age))
    days = np.interp(leaning(rng, push, _recency) ** power, _day_shares, _days)
    ancient = opened & (rng.random(len(age)) < _ancient_cards)
    days = np.where(ancient, rng.integers(oldest_day, _ancient_day, len(age)), days)
    days = np.where(lent, np.where(days < oldest_day + 2 * _settling, days, days - _settling), days)
    return np.round(days).astype(np.int64)


def _oldest(owner: NDArray[np.int64], decided: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each application is the first that its client made."""
    starts = first_of_each(owner)
    own = np.flatnonzero(starts == np.arange(len(owner)))
    if not len(own):
        return np.zeros(0, dtype=bool)
    earliest = np.minimum.reduceat(decided, own)
    oldest: NDArray[np.bool_] = decided == np.repeat(earliest, np.diff(np.append(own, len(owner))))
    return oldest


def _described(
    kinds: tuple[Product, ...], kind: NDArray[np.int64], recency: NDArray[np.float64], rng: np.random.Generator
) -> dict[str, pl.Series]:
    """The columns that a product chooses by itself, and the term, which has grown over the years."""
    choices: dict[str, Callable[[Product], Choices]] = {
        "NAME_CASH_LOAN_PURPOSE": lambda product: product.purposes,
        "NAME_YIELD_GROUP": lambda product: product.yields,
        "CHANNEL_TYPE": lambda product: product.channels,
        "NAME_SELLER_INDUSTRY": lambda product: product.sellers,
        "NAME_GOODS_CATEGORY": lambda product: product.goods,
    }
    drawn = {
        name: _chosen([choose(product) for product in kinds], kind, rng.random(len(kind)))
        for name, choose in choices.items()
    }
    terms = _chosen([product.terms for product in kinds], kind, leaning(rng, recency, growth))
    return drawn | {"CNT_PAYMENT": terms}


def _chosen(choices: list[Choices], kind: NDArray[np.int64], uniform: NDArray[np.float64]) -> pl.Series:
    values = sorted({value for choice in choices for value in choice.values}, key=lambda value: (len(value), value))
    shares = np.array(
        [[dict(zip(choice.values, choice.shares, strict=True)).get(v, 0.0) for v in values] for choice in choices]
    )
    return pl.Series(values).gather(pick(shares[kind], uniform))


def _of(choices: Choices, rows: int, rng: np.random.Generator) -> pl.Series:
    return pl.Series(list(choices.values)).gather(pick(np.asarray(choices.shares), rng.random(rows)))


def _labels(
    kinds: tuple[Product, ...],
    kind: NDArray[np.int64],
    status: NDArray[np.int64],
    stated: NDArray[np.bool_],
    oldest: NDArray[np.bool_],
    rng: np.random.Generator,
) -> dict[str, pl.Series]:
    """The columns that are words or flags."""
    rows = len(kind)
    contract, combination, portfolio, product = (
        pl.Series([getattr(entry, field) for entry in kinds], dtype=pl.String).gather(kind)
        for field in ("contract", "combination", "portfolio", "product")
    )
    unstated, refused, unused = pl.Series(~stated), pl.Series(status == 3), pl.Series(status == 1)
    unsaid = contract.replace_strict(_alone_unsaid, return_dtype=pl.Float64).to_numpy()
    by_bank = stated & (rng.random(rows) < np.where(portfolio == "Cards", 0.05, 0.86))
    new = np.where(oldest, _new_at_first, _new_later)
    known = np.stack([new, (1 - new) * _refreshed, (1 - new) * (1 - _refreshed)], axis=1)
    area = np.exp(rng.normal(4.0, 1.35, rows)).clip(0, 9_999)
    return {
        "NAME_CONTRACT_TYPE": contract,
        "PRODUCT_COMBINATION": combination,
        "NAME_PORTFOLIO": portfolio.set(unstated, "XNA"),
        "NAME_PRODUCT_TYPE": product.set(unstated, "XNA"),
        "NAME_CONTRACT_STATUS": pl.Series(_outcomes).gather(status),
        "CODE_REJECT_REASON": _of(_reasons, rows, rng).set(~refused, "XAP").set(unused, "CLIENT"),
        "NAME_CLIENT_TYPE": pl.Series(("New", "Refreshed", "Repeater")).gather(pick(known, rng.random(rows))),
        "NAME_PAYMENT_TYPE": pl.Series(("XNA", "Cash through the bank")).gather(by_bank.astype(np.int64)),
        "NAME_TYPE_SUITE": _of(_company, rows, rng).set(pl.Series(rng.random(rows) < unsaid), None),
        "WEEKDAY_APPR_PROCESS_START": _of(_weekdays, rows, rng),
        "FLAG_LAST_APPL_PER_CONTRACT": pl.Series(("Y", "N")).gather((rng.random(rows) < 0.005).astype(np.int64)),
        "NFLAG_LAST_APPL_IN_DAY": pl.Series(rng.random(rows) < 0.9965),
        "SELLERPLACE_AREA": pl.Series(np.where(contract == "Consumer loans", area, -1.0)),
    }
