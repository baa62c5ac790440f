"""Features of credit cards against plain Python, and the cases in which nothing can be said."""

import pytest
from hypothesis import given

from core.features import credit_card
from tests.core.features.side_rows import (
    Found,
    Row,
    agree,
    by_client,
    drawn,
    grouped,
    known,
    largest,
    mean,
    share,
    table,
    total,
    unhurried,
)

month: Row = {
    "SK_ID_PREV": 10,
    "SK_ID_CURR": 1,
    "MONTHS_BALANCE": -1,
    "AMT_BALANCE": 500.0,
    "AMT_CREDIT_LIMIT_ACTUAL": 1000.0,
    "AMT_DRAWINGS_CURRENT": 200.0,
    "AMT_DRAWINGS_ATM_CURRENT": 50.0,
    "AMT_INST_MIN_REGULARITY": 100.0,
    "AMT_PAYMENT_CURRENT": 100.0,
    "SK_DPD": 0,
}


def built(rows: list[Row]) -> dict[int, Found]:
    return by_client(credit_card.build(table("credit_card_balance", rows)))


def used(rows: list[Row]) -> list[float]:
    return [
        row["AMT_BALANCE"] / row["AMT_CREDIT_LIMIT_ACTUAL"]
        for row in rows
        if row["AMT_BALANCE"] is not None and (row["AMT_CREDIT_LIMIT_ACTUAL"] or 0) > 0
    ]


def expected(rows: list[Row]) -> Found:
    asked = [row for row in rows if (row["AMT_INST_MIN_REGULARITY"] or 0) > 0]
    now = mean(used([row for row in rows if row["MONTHS_BALANCE"] >= -3]))
    before = mean(used([row for row in rows if row["MONTHS_BALANCE"] < -3]))
    late = [row for row in rows if row["SK_DPD"] > 0]
    drawings = known(row["AMT_DRAWINGS_CURRENT"] for row in rows)
    return {
        "CARDS": len({row["SK_ID_PREV"] for row in rows}),
        "CARD_MONTHS": len(rows),
        "CARD_LIMIT_MAX": largest(row["AMT_CREDIT_LIMIT_ACTUAL"] for row in rows),
        "CARD_UTILISATION_MEAN": mean(used(rows)),
        "CARD_UTILISATION_MAX": largest(used(rows)),
        "CARD_UTILISATION_LAST_QUARTER": now,
        "CARD_UTILISATION_TREND": None if now is None or before is None else now - before,
        "CARD_DRAWN_MEAN": mean(drawings),
        "CARD_DRAWING_MONTHS_SHARE": mean(amount > 0 for amount in drawings),
        "CARD_CASH_SHARE": share(total(row["AMT_DRAWINGS_ATM_CURRENT"] for row in rows), sum(drawings)),
        "CARD_LATE_SHARE": share(len(late), len(rows)),
        "CARD_LATE_LAST_YEAR": sum(row["MONTHS_BALANCE"] >= -12 for row in late),
        "CARD_DAYS_LATE_MAX": max(row["SK_DPD"] for row in rows),
        "CARD_REPAID_RATIO": share(
            total(row["AMT_PAYMENT_CURRENT"] for row in asked), total(row["AMT_INST_MIN_REGULARITY"] for row in asked)
        ),
    }


@unhurried
@given(drawn("credit_card_balance"))
def test_months_agree_with_plain_python(rows: list[Row]) -> None:
    agree(built(rows), {client: expected(own) for client, own in grouped(rows).items()})


def test_utilisation_that_rises_has_a_positive_trend() -> None:
    found = built([month, month | {"MONTHS_BALANCE": -4, "AMT_BALANCE": 100.0}])[1]
    assert found["CARD_UTILISATION_LAST_QUARTER"] == 0.5
    assert found["CARD_UTILISATION_TREND"] == pytest.approx(0.4)


def test_a_card_without_a_limit_is_not_used_by_any_share() -> None:
    found = built([month | {"AMT_CREDIT_LIMIT_ACTUAL": 0.0}])[1]
    assert found["CARD_LIMIT_MAX"] == 0
    assert found["CARD_UTILISATION_MEAN"] is None
    assert found["CARD_UTILISATION_MAX"] is None


def test_a_card_that_is_never_used_has_no_share_of_cash() -> None:
    found = built([month | {"AMT_DRAWINGS_CURRENT": 0.0, "AMT_DRAWINGS_ATM_CURRENT": None}])[1]
    assert found["CARD_DRAWING_MONTHS_SHARE"] == 0
    assert found["CARD_CASH_SHARE"] is None


@pytest.mark.parametrize("minimum", [0.0, None])
def test_where_no_payment_is_asked_for_paying_says_nothing(minimum: float | None) -> None:
    found = built([month | {"AMT_INST_MIN_REGULARITY": minimum}])[1]
    assert found["CARD_REPAID_RATIO"] is None
    both = built([month, month | {"AMT_INST_MIN_REGULARITY": minimum, "AMT_PAYMENT_CURRENT": 9000.0}])[1]
    assert both["CARD_REPAID_RATIO"] == 1


def test_a_payment_that_is_missing_is_none() -> None:
    assert built([month, month | {"AMT_PAYMENT_CURRENT": None}])[1]["CARD_REPAID_RATIO"] == 0.5


def test_a_lost_card_that_was_replaced_counts_as_two() -> None:
    found = built([month, month | {"SK_ID_PREV": 11}, month | {"SK_ID_PREV": 11, "MONTHS_BALANCE": -2}])[1]
    assert found["CARDS"] == 2
    assert found["CARD_MONTHS"] == 3
