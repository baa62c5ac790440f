"""Features of instalments against plain Python, and the cases in which nothing can be said."""

import pytest
from hypothesis import given

from core.features import installments
from tests.core.features.side_rows import (
    Found,
    Row,
    agree,
    by_client,
    drawn,
    grouped,
    largest,
    mean,
    share,
    table,
    total,
    unhurried,
)

payment: Row = {
    "SK_ID_PREV": 10,
    "SK_ID_CURR": 1,
    "NUM_INSTALMENT_VERSION": 1,
    "NUM_INSTALMENT_NUMBER": 1,
    "DAYS_INSTALMENT": -100,
    "DAYS_ENTRY_PAYMENT": -100,
    "AMT_INSTALMENT": 100.0,
    "AMT_PAYMENT": 100.0,
}


def built(rows: list[Row]) -> dict[int, Found]:
    return by_client(installments.build(table("installments_payments", rows)))


def delays(rows: list[Row], since: int) -> list[int]:
    """Days late, negative where early, of what was due since that day and paid at all."""
    return [
        row["DAYS_ENTRY_PAYMENT"] - row["DAYS_INSTALMENT"]
        for row in rows
        if row["DAYS_ENTRY_PAYMENT"] is not None and row["DAYS_INSTALMENT"] >= since
    ]


def expected(rows: list[Row]) -> Found:
    paid_late, last_year, last_half = (delays(rows, since) for since in (-1_000_000, -365, -180))
    late = mean(delay > 0 for delay in paid_late)
    late_last_year = mean(delay > 0 for delay in last_year)
    return {
        "INSTALMENTS": len(rows),
        "INSTALMENT_LATE_SHARE": late,
        "INSTALMENT_DAYS_LATE_MEAN": mean(max(delay, 0) for delay in paid_late),
        "INSTALMENT_DAYS_LATE_MAX": largest(max(delay, 0) for delay in paid_late),
        "INSTALMENT_DAYS_EARLY_MEAN": mean(max(-delay, 0) for delay in paid_late),
        "INSTALMENT_LATE_SHARE_LAST_YEAR": late_last_year,
        "INSTALMENT_DAYS_LATE_LAST_YEAR": mean(max(delay, 0) for delay in last_year),
        "INSTALMENT_LATE_SHARE_LAST_HALF": mean(delay > 0 for delay in last_half),
        "INSTALMENT_LATE_TREND": None if late is None or late_last_year is None else late_last_year - late,
        "INSTALMENT_SHORT_SHARE": mean(
            (row["AMT_PAYMENT"] or 0) < 0.99 * row["AMT_INSTALMENT"]
            for row in rows
            if row["AMT_INSTALMENT"] is not None
        ),
        "INSTALMENT_PAID_SHARE": share(
            total(row["AMT_PAYMENT"] for row in rows), total(row["AMT_INSTALMENT"] for row in rows)
        ),
        "INSTALMENT_AMOUNT_MEAN": mean(row["AMT_INSTALMENT"] for row in rows),
        "INSTALMENT_DAYS_SINCE_LAST": largest(row["DAYS_ENTRY_PAYMENT"] for row in rows),
    }


@unhurried
@given(drawn("installments_payments"))
def test_payments_agree_with_plain_python(rows: list[Row]) -> None:
    agree(built(rows), {client: expected(own) for client, own in grouped(rows).items()})


def test_late_and_early_do_not_cancel_out() -> None:
    found = built([payment | {"DAYS_ENTRY_PAYMENT": -90}, payment | {"DAYS_ENTRY_PAYMENT": -110}])[1]
    assert found["INSTALMENT_DAYS_LATE_MEAN"] == 5
    assert found["INSTALMENT_DAYS_EARLY_MEAN"] == 5
    assert found["INSTALMENT_LATE_SHARE"] == 0.5


def test_a_payment_that_never_came_is_unpaid_but_neither_late_nor_early() -> None:
    found = built([payment | {"DAYS_ENTRY_PAYMENT": None, "AMT_PAYMENT": None}])[1]
    assert found["INSTALMENTS"] == 1
    assert found["INSTALMENT_PAID_SHARE"] == 0
    assert found["INSTALMENT_SHORT_SHARE"] == 1
    assert found["INSTALMENT_LATE_SHARE"] is None
    assert found["INSTALMENT_DAYS_LATE_MAX"] is None
    assert found["INSTALMENT_DAYS_SINCE_LAST"] is None


def test_delays_that_grow_have_a_positive_trend() -> None:
    before = payment | {"DAYS_INSTALMENT": -366, "DAYS_ENTRY_PAYMENT": -366}
    late = payment | {"DAYS_INSTALMENT": -365, "DAYS_ENTRY_PAYMENT": -300}
    found = built([before, late])[1]
    assert found["INSTALMENT_LATE_SHARE_LAST_YEAR"] == 1
    assert found["INSTALMENT_LATE_TREND"] == 0.5
    assert found["INSTALMENT_LATE_SHARE_LAST_HALF"] is None


def test_nothing_due_has_no_paid_share() -> None:
    assert built([payment | {"AMT_INSTALMENT": 0.0}])[1]["INSTALMENT_PAID_SHARE"] is None


@pytest.mark.parametrize(("paid", "short"), [(98.9, 1), (99.1, 0), (150.0, 0)])
def test_a_hundredth_missing_is_not_paying_short(paid: float, short: float) -> None:
    assert built([payment | {"AMT_PAYMENT": paid}])[1]["INSTALMENT_SHORT_SHARE"] == short
