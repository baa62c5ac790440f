"""Credit, instalment, price and duration as they go together: what follows where one of them is changed.

At the implied rate of a credit and for its duration, the instalment is in proportion to the amount: that of `n` months
at the monthly rate `r` is `amount * r / (1 - (1 + r) ** -n)` (the annuity formula; Brealey, Myers and Allen,
"Principles of Corporate Finance", chapter 2), whose factor after the amount is the credit's own ratio of instalment to
amount. No rate has to be known to keep both. An application does not say its duration; as everywhere here
(`bounds["duration"]`) it is amount by instalment, interest not counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core import catalogue
from core.recourse.actions import Amount, amount_step, annuity_step, bounds, revolving

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.decision import Value

_credit: Final = "AMT_CREDIT"
_annuity: Final = "AMT_ANNUITY"
_price: Final = "AMT_GOODS_PRICE"
_steps: Final = {_annuity: annuity_step, _price: amount_step}


def follow_credit(values: Mapping[str, Value], credit: float) -> dict[str, float]:
    """The instalment and the price that go with another amount, as shares of it that stay as they were.

    Args:
        values: the application whose ratios are kept, in raw columns; what is absent or None is not known.
        credit: the other amount.

    Returns:
        The columns that follow, in whole steps, down to the next, as recourse says them; exactly as they were for the
        amount as it was. What is not known does not follow, nor the price of a revolving credit, which has none.

    >>> follow_credit({"AMT_CREDIT": 450000, "AMT_ANNUITY": 24300, "AMT_GOODS_PRICE": 405000}, 300000)
    {'AMT_ANNUITY': 16200.0, 'AMT_GOODS_PRICE': 270000.0}
    """
    before = positive(values, _credit)
    if before is None or credit <= 0:
        return {}
    names = (_annuity,) if values.get("NAME_CONTRACT_TYPE") == revolving else (_annuity, _price)
    share = np.array([credit / before])
    return {
        name: amount if credit == before else float(Amount(name, amount, _steps[name]).rounded(share)[0])
        for name in names
        if (amount := positive(values, name)) is not None
    }


def amounts_around(values: Mapping[str, Value], count: int = 40) -> list[dict[str, float]]:
    """The credit at amounts evenly apart, from the least to the most that recourse would ask for, and as it is.

    Returns:
        The linked columns at each amount, the lowest first; none where the amount is not known. The ends are
        `bounds["amount_share"]` of the amount asked for, which is among them, as far as no column goes beyond what the
        catalogue admits.

    >>> [round(each["AMT_CREDIT"]) for each in amounts_around({"AMT_CREDIT": 1000}, 3)]
    [200, 1000, 1600, 3000]
    """
    asked = positive(values, _credit)
    if asked is None:
        return []
    shares = bounds["amount_share"]
    admitted = [
        most / amount
        for name in (_credit, _annuity, _price)
        if (most := catalogue.column(name).maximum) is not None and (amount := positive(values, name)) is not None
    ]
    highest = max(min(shares.highest, *admitted), 1.0)
    amounts = {*np.linspace(asked * shares.lowest, asked * highest, count).tolist(), asked}
    return [{_credit: amount, **follow_credit(values, amount)} for amount in sorted(amounts)]


def duration(values: Mapping[str, Value]) -> float | None:
    """The months in which the instalments make up the amount; None where that is not known, or the credit revolves.

    >>> duration({"AMT_CREDIT": 450000, "AMT_ANNUITY": 22500})
    20.0
    """
    credit, annuity = positive(values, _credit), positive(values, _annuity)
    if credit is None or annuity is None or values.get("NAME_CONTRACT_TYPE") == revolving:
        return None
    return credit / annuity


def instalment(credit: float, months: float) -> float:
    """The instalment of an amount over that duration, in whole steps, to the nearest.

    >>> instalment(450000, 24)
    18750.0
    """
    return max(round(credit / months / annuity_step), 1) * annuity_step


def positive(values: Mapping[str, Value], name: str) -> float | None:
    """The amount of that column; None where it is missing, no number, or 0."""
    value = values.get(name)
    return float(value) if isinstance(value, int | float) and value > 0 else None
