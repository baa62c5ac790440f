"""Features of point-of-sale and cash loans against plain Python, and the cases in which nothing can be said."""

from hypothesis import given

from core.features import pos_cash
from tests.core.features.side_rows import (
    Found,
    Row,
    agree,
    by_client,
    drawn,
    grouped,
    known,
    share,
    table,
    total,
    unhurried,
)

month: Row = {
    "SK_ID_PREV": 10,
    "SK_ID_CURR": 1,
    "MONTHS_BALANCE": -1,
    "CNT_INSTALMENT": 12,
    "CNT_INSTALMENT_FUTURE": 6,
    "NAME_CONTRACT_STATUS": "Active",
    "SK_DPD": 0,
    "SK_DPD_DEF": 0,
}


def built(rows: list[Row]) -> dict[int, Found]:
    return by_client(pos_cash.build(table("pos_cash_balance", rows)))


def expected(rows: list[Row]) -> Found:
    loans = list(grouped(rows, "SK_ID_PREV").values())
    completed = [any(row["NAME_CONTRACT_STATUS"] == "Completed" for row in loan) for loan in loans]
    running = [loan for loan, done in zip(loans, completed, strict=True) if not done]
    recent = [row for row in rows if row["MONTHS_BALANCE"] >= -12]
    return {
        "POS_LOANS": len(loans),
        "POS_MONTHS": len(rows),
        "POS_COMPLETED_SHARE": share(sum(completed), len(loans)),
        "POS_PAYMENTS_LEFT": total(
            min(known(row["CNT_INSTALMENT_FUTURE"] for row in loan), default=None) for loan in running
        ),
        "POS_LAST_MONTH": max(row["MONTHS_BALANCE"] for row in rows),
        "POS_DAYS_LATE_MAX": max(row["SK_DPD"] for row in rows),
        "POS_DAYS_LATE_TOLERATED_MAX": max(row["SK_DPD_DEF"] for row in rows),
        "POS_LATE_SHARE": share(sum(row["SK_DPD"] > 0 for row in rows), len(rows)),
        "POS_LATE_SHARE_LAST_YEAR": share(sum(row["SK_DPD"] > 0 for row in recent), len(recent)),
    }


@unhurried
@given(drawn("pos_cash_balance"))
def test_months_agree_with_plain_python(rows: list[Row]) -> None:
    agree(built(rows), {client: expected(own) for client, own in grouped(rows).items()})


def test_payments_left_are_those_of_the_latest_month_of_loans_that_run() -> None:
    found = built(
        [
            month | {"MONTHS_BALANCE": -3, "CNT_INSTALMENT_FUTURE": 8},
            month | {"MONTHS_BALANCE": -1, "CNT_INSTALMENT_FUTURE": 6},
            month | {"SK_ID_PREV": 11, "CNT_INSTALMENT_FUTURE": 4},
            month | {"SK_ID_PREV": 12, "CNT_INSTALMENT_FUTURE": 3, "NAME_CONTRACT_STATUS": "Completed"},
        ]
    )[1]
    assert found["POS_LOANS"] == 3
    assert found["POS_PAYMENTS_LEFT"] == 10


def test_without_a_month_of_the_past_year_its_share_is_not_known() -> None:
    found = built([month | {"MONTHS_BALANCE": -13, "SK_DPD": 9}])[1]
    assert found["POS_LATE_SHARE"] == 1
    assert found["POS_LATE_SHARE_LAST_YEAR"] is None


def test_the_twelfth_month_back_is_of_the_past_year() -> None:
    found = built([month | {"MONTHS_BALANCE": -12, "SK_DPD": 9}, month])[1]
    assert found["POS_LATE_SHARE_LAST_YEAR"] == 0.5


def test_payments_left_that_nobody_counted_are_none() -> None:
    assert built([month | {"CNT_INSTALMENT_FUTURE": None}])[1]["POS_PAYMENTS_LEFT"] == 0
