"""Linked amounts: the implied rate and the duration stay, and what leads comes back to where it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import catalogue
from core.recourse.actions import amount_step, annuity_step
from core.recourse.linked import amounts_around, duration, follow_credit, instalment

amounts = st.floats(20_000, 4_000_000)
months = st.integers(8, 45)
rates = st.floats(0.001, 0.03)
shares = st.floats(0.5, 1.5)


def paid(amount: float, rate: float, count: int) -> float:
    """The annuity formula."""
    return amount * rate / (1 - (1 + rate) ** -count)


@given(amounts, amounts, months, rates, shares)
def test_the_rate_the_duration_and_the_share_of_the_price_stay(
    before: float, after: float, count: int, rate: float, share: float
) -> None:
    values = {"AMT_CREDIT": before, "AMT_ANNUITY": paid(before, rate, count), "AMT_GOODS_PRICE": before * share}
    follow = follow_credit(values, after)
    # Down to the next whole step, and no further.
    assert -1e-3 <= paid(after, rate, count) - follow["AMT_ANNUITY"] < annuity_step + 1e-3
    assert -1e-3 <= after * share - follow["AMT_GOODS_PRICE"] < amount_step + 1e-3


@given(amounts, months)
def test_the_duration_and_the_instalment_lead_to_each_other(credit: float, count: int) -> None:
    annuity = instalment(credit, count)
    assert abs(annuity - credit / count) <= annuity_step / 2 + 1e-6
    found = duration({"AMT_CREDIT": credit, "AMT_ANNUITY": annuity})
    assert found == pytest.approx(count, rel=annuity_step / annuity)


@given(amounts, st.floats(500, 200_000), amounts)
def test_the_amount_as_it_was_brings_all_back(credit: float, annuity: float, price: float) -> None:
    values = {"AMT_CREDIT": credit, "AMT_ANNUITY": annuity, "AMT_GOODS_PRICE": price}
    assert follow_credit(values, credit) == {"AMT_ANNUITY": annuity, "AMT_GOODS_PRICE": price}


def test_what_is_not_known_does_not_follow() -> None:
    known = {"AMT_CREDIT": 100_000.0, "AMT_ANNUITY": 5_000.0, "AMT_GOODS_PRICE": 90_000.0}
    assert follow_credit(known | {"AMT_CREDIT": None}, 50_000) == {}
    assert follow_credit(known | {"AMT_GOODS_PRICE": None}, 50_000) == {"AMT_ANNUITY": 2_500}
    assert follow_credit(known, 0) == {}
    # A revolving credit has neither price nor duration.
    card = known | {"NAME_CONTRACT_TYPE": "Revolving loans"}
    assert follow_credit(card, 50_000) == {"AMT_ANNUITY": 2_500}
    assert duration(card) is None
    assert duration({"AMT_CREDIT": 100_000.0}) is None


def test_no_amount_of_a_curve_goes_beyond_what_is_admitted() -> None:
    values = {"AMT_CREDIT": 40_000_000.0, "AMT_ANNUITY": 2_000_000.0}
    highest = amounts_around(values)[-1]
    assert highest["AMT_CREDIT"] > values["AMT_CREDIT"]
    for name, amount in highest.items():
        most = catalogue.column(name).maximum
        assert most is not None
        assert amount <= most
