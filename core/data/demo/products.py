"""The products that clients applied for before: how common each is and how it ends, from published frequencies.

The real sample holds 59 rows of previous applications, too few to measure anything on; `products.csv` states what the
competition's public notebooks counted over the whole table.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

statuses: Final = ("Approved", "Refused", "Canceled", "Unused offer")


@dataclass(frozen=True, slots=True)
class Choices:
    """Values and the share of each; the shares add up to one."""

    values: tuple[str, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """One product combination.

    Attributes:
        combination: PRODUCT_COMBINATION.
        contract: NAME_CONTRACT_TYPE.
        share: of all previous applications.
        outcomes: how they end, in the order of `statuses`.
        portfolio, product: NAME_PORTFOLIO and NAME_PRODUCT_TYPE.
        purposes, yields, channels, sellers, goods: NAME_CASH_LOAN_PURPOSE, NAME_YIELD_GROUP, CHANNEL_TYPE,
            NAME_SELLER_INDUSTRY and NAME_GOODS_CATEGORY.
        terms: CNT_PAYMENT, as text.
        age: the random number of a date is raised to this power: above 1 its applications are older than others.
        amount, spread: mean and standard deviation of the logarithm of the amount asked for; 0 where none is stated.
    """

    combination: str
    contract: str
    share: float
    outcomes: tuple[float, ...]
    portfolio: str
    product: str
    purposes: Choices
    yields: Choices
    channels: Choices
    sellers: Choices
    goods: Choices
    terms: Choices
    amount: float
    spread: float
    age: float

    @property
    def is_card(self) -> bool:
        """Whether it is a revolving credit."""
        return self.contract == "Revolving loans"

    @property
    def is_cash(self) -> bool:
        """Whether money is lent, and not the price of goods."""
        return self.contract == "Cash loans"


@cache
def products() -> tuple[Product, ...]:
    """All products, the most common first."""
    text = files(__package__).joinpath("products.csv").read_text(encoding="utf-8")
    return tuple(_product(row) for row in csv.DictReader(text.splitlines()))


def _product(row: dict[str, str]) -> Product:
    return Product(
        combination=row["combination"],
        contract=row["contract"],
        share=float(row["share"]),
        outcomes=tuple(float(row[outcome]) for outcome in ("approved", "refused", "canceled", "unused")),
        portfolio=row["portfolio"],
        product=row["product"],
        purposes=_choices(row["purpose"]),
        yields=_choices(row["yields"]),
        channels=_choices(row["channels"]),
        sellers=_choices(row["sellers"]),
        goods=_choices(row["goods"]),
        terms=_choices(row["terms"]),
        amount=float(row["amount"]),
        spread=float(row["spread"]),
        age=float(row["age"]),
    )


def _choices(text: str) -> Choices:
    """`a:0.7|b:0.3`, or one value alone; a colon may be part of a value."""
    parts = [part.rpartition(":") for part in text.split("|")]
    if len(parts) == 1 and not parts[0][0]:
        return Choices((text,), (1.0,))
    weights = [float(share) for _, _, share in parts]
    total = sum(weights)
    return Choices(tuple(value for value, _, _ in parts), tuple(weight / total for weight in weights))
