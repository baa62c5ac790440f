"""Bureau features against plain Python, and the cases in which nothing can be said."""

import pytest
from hypothesis import given

from core.features import bureau
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

loan: Row = {
    "SK_ID_CURR": 1,
    "SK_ID_BUREAU": 10,
    "CREDIT_ACTIVE": "Active",
    "CREDIT_CURRENCY": "currency 1",
    "DAYS_CREDIT": -100,
    "CREDIT_DAY_OVERDUE": 0,
    "CNT_CREDIT_PROLONG": 0,
    "AMT_CREDIT_SUM": 1000.0,
    "AMT_CREDIT_SUM_OVERDUE": 0.0,
    "CREDIT_TYPE": "Consumer credit",
    "DAYS_CREDIT_UPDATE": -5,
}


def built(loans: list[Row], months: list[Row] | None = None) -> dict[int, Found]:
    balance = None if months is None else table("bureau_balance", months)
    return by_client(bureau.build(table("bureau", loans), balance))


def expected_loans(rows: list[Row]) -> Found:
    active = [row for row in rows if row["CREDIT_ACTIVE"] == "Active"]
    closed = [row for row in rows if row["CREDIT_ACTIVE"] == "Closed"]
    debts = [row for row in active if row["AMT_CREDIT_SUM_DEBT"] is not None]
    debt = total(row["AMT_CREDIT_SUM_DEBT"] for row in debts)
    days = [row["DAYS_CREDIT"] for row in rows]
    return {
        "BUREAU_LOANS": len(rows),
        "BUREAU_ACTIVE_LOANS": len(active),
        "BUREAU_ACTIVE_SHARE": len(active) / len(rows),
        "BUREAU_LOANS_LAST_YEAR": sum(day >= -365 for day in days),
        "BUREAU_ACTIVE_LAST_YEAR": sum(row["DAYS_CREDIT"] >= -365 for row in active),
        "BUREAU_DAYS_SINCE_FIRST": min(days),
        "BUREAU_DAYS_SINCE_LAST": max(days),
        "BUREAU_DAYS_MEAN": mean(days),
        "BUREAU_CREDIT_TYPES": len({row["CREDIT_TYPE"] for row in rows}),
        "BUREAU_ACTIVE_CARDS": sum(row["CREDIT_TYPE"] == "Credit card" for row in active),
        "BUREAU_MICROLOANS": sum(row["CREDIT_TYPE"] == "Microloan" for row in rows),
        "BUREAU_MORTGAGES": sum(row["CREDIT_TYPE"] == "Mortgage" for row in rows),
        "BUREAU_ACTIVE_CREDIT": total(row["AMT_CREDIT_SUM"] for row in active),
        "BUREAU_ACTIVE_DEBT": debt if debts or not active else None,
        "BUREAU_DEBT_RATIO": share(debt, total(row["AMT_CREDIT_SUM"] for row in debts)),
        "BUREAU_CREDIT_MEAN": mean(row["AMT_CREDIT_SUM"] for row in rows),
        "BUREAU_CREDIT_MAX": largest(row["AMT_CREDIT_SUM"] for row in rows),
        "BUREAU_OVERDUE": total(row["AMT_CREDIT_SUM_OVERDUE"] for row in rows),
        "BUREAU_OVERDUE_MAX": largest(row["AMT_CREDIT_MAX_OVERDUE"] for row in rows),
        "BUREAU_DAYS_OVERDUE_MAX": largest(row["CREDIT_DAY_OVERDUE"] for row in rows),
        "BUREAU_PROLONGATIONS": total(row["CNT_CREDIT_PROLONG"] for row in rows),
        "BUREAU_ACTIVE_END": largest(row["DAYS_CREDIT_ENDDATE"] for row in active),
        "BUREAU_CLOSED_EARLY": mean(
            row["DAYS_CREDIT_ENDDATE"] - row["DAYS_ENDDATE_FACT"]
            for row in closed
            if row["DAYS_CREDIT_ENDDATE"] is not None and row["DAYS_ENDDATE_FACT"] is not None
        ),
        "BUREAU_DAYS_UPDATED": max(row["DAYS_CREDIT_UPDATE"] for row in rows),
    }


def expected_months(rows: list[Row]) -> Found:
    steps = [int(row["STATUS"]) if row["STATUS"].isdigit() else None for row in rows]
    late = [row for row, step in zip(rows, steps, strict=True) if step]
    return {
        "BUREAU_BALANCE_MONTHS": len(rows) or None,
        "BUREAU_BALANCE_LATE_SHARE": share(len(late), len(rows)),
        "BUREAU_BALANCE_LATE_LAST_YEAR": sum(row["MONTHS_BALANCE"] >= -12 for row in late) if rows else None,
        "BUREAU_BALANCE_WORST": largest(steps),
        "BUREAU_BALANCE_UNKNOWN_SHARE": share(sum(row["STATUS"] == "X" for row in rows), len(rows)),
    }


@unhurried
@given(drawn("bureau"))
def test_loans_agree_with_plain_python(rows: list[Row]) -> None:
    agree(built(rows), {client: expected_loans(own) for client, own in grouped(rows).items()})


@unhurried
@given(drawn("bureau"), drawn("bureau_balance"))
def test_months_agree_with_plain_python(rows: list[Row], months: list[Row]) -> None:
    # A loan is one row of the real table.
    loans = list({row["SK_ID_BUREAU"]: row for row in rows}.values())
    expected: dict[int, Found] = {}
    for client, own in grouped(loans).items():
        numbers = {row["SK_ID_BUREAU"] for row in own}
        followed = [month for month in months if month["SK_ID_BUREAU"] in numbers]
        expected[client] = expected_loans(own) | expected_months(followed)
    agree(built(loans, months), expected)


def test_amounts_written_by_hand() -> None:
    found = built(
        [
            loan | {"AMT_CREDIT_SUM_DEBT": 250.0, "DAYS_CREDIT": -365},
            loan | {"SK_ID_BUREAU": 11, "AMT_CREDIT_SUM": 3000.0, "DAYS_CREDIT": -366},
            loan | {"SK_ID_BUREAU": 12, "CREDIT_ACTIVE": "Closed", "DAYS_CREDIT_ENDDATE": 20, "DAYS_ENDDATE_FACT": -40},
        ]
    )[1]
    assert found["BUREAU_ACTIVE_CREDIT"] == 4000
    assert found["BUREAU_ACTIVE_DEBT"] == 250
    # The loan whose debt nobody reported says nothing about the share that is left.
    assert found["BUREAU_DEBT_RATIO"] == 0.25
    assert found["BUREAU_ACTIVE_LAST_YEAR"] == 1
    assert found["BUREAU_CLOSED_EARLY"] == 60


@pytest.mark.parametrize(
    ("change", "debt", "ratio"),
    [
        ({}, None, None),
        ({"CREDIT_ACTIVE": "Closed"}, 0.0, None),
        ({"AMT_CREDIT_SUM": 0.0, "AMT_CREDIT_SUM_DEBT": 10.0}, 10.0, None),
    ],
    ids=["debt unknown", "no running loan", "nothing borrowed"],
)
def test_debt_that_cannot_be_a_share(change: Row, debt: float | None, ratio: float | None) -> None:
    found = built([loan | change])[1]
    assert found["BUREAU_ACTIVE_DEBT"] == debt
    assert found["BUREAU_DEBT_RATIO"] == ratio


def test_closed_and_unknown_months_are_no_step_of_delay() -> None:
    months = [{"SK_ID_BUREAU": 10, "MONTHS_BALANCE": -month, "STATUS": code} for month, code in enumerate("CX")]
    found = built([loan], months)[1]
    assert found["BUREAU_BALANCE_WORST"] is None
    assert found["BUREAU_BALANCE_LATE_SHARE"] == 0
    assert found["BUREAU_BALANCE_UNKNOWN_SHARE"] == 0.5


def test_months_of_loans_that_no_client_has_are_left_out() -> None:
    found = built([loan], [{"SK_ID_BUREAU": 99, "MONTHS_BALANCE": -1, "STATUS": "5"}])
    assert known(value for name, value in found[1].items() if name.startswith("BUREAU_BALANCE")) == []
