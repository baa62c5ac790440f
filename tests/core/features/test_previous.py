"""Features of earlier applications against plain Python, and the cases in which nothing can be said."""

import pytest
from hypothesis import given

from core.features import previous
from tests.core.features.side_rows import (
    Found,
    Row,
    agree,
    by_client,
    drawn,
    grouped,
    largest,
    mean,
    table,
    unhurried,
)

application: Row = {
    "SK_ID_PREV": 10,
    "SK_ID_CURR": 1,
    "NAME_CONTRACT_TYPE": "Cash loans",
    "NAME_CONTRACT_STATUS": "Approved",
    "NAME_YIELD_GROUP": "middle",
    "CODE_REJECT_REASON": "XAP",
    "DAYS_DECISION": -100,
    "AMT_APPLICATION": 1000.0,
    "AMT_CREDIT": 1200.0,
    "AMT_ANNUITY": 110.0,
    "CNT_PAYMENT": 12,
    "DAYS_TERMINATION": 365243,
}


def built(rows: list[Row]) -> dict[int, Found]:
    return by_client(previous.build(table("previous_application", rows)))


def interest(row: Row) -> float | None:
    payments, annuity, credit = row["CNT_PAYMENT"], row["AMT_ANNUITY"], row["AMT_CREDIT"]
    if payments is None or annuity is None or credit is None or payments <= 0 or credit <= 0:
        return None
    paid_above: float = payments * annuity / credit - 1
    years: float = payments / 12
    return paid_above / years


def expected(rows: list[Row]) -> Found:
    approved = [row for row in rows if row["NAME_CONTRACT_STATUS"] == "Approved"]
    refused = [row for row in rows if row["NAME_CONTRACT_STATUS"] == "Refused"]
    days = [row["DAYS_DECISION"] for row in rows]
    last_dues = [row["DAYS_LAST_DUE_1ST_VERSION"] for row in approved]

    def part(column: str, *codes: str) -> float | None:
        return mean(row[column] in codes for row in rows)

    return {
        "PREVIOUS_APPLICATIONS": len(rows),
        "PREVIOUS_LAST_YEAR": sum(day >= -365 for day in days),
        "PREVIOUS_APPROVED_SHARE": part("NAME_CONTRACT_STATUS", "Approved"),
        "PREVIOUS_REFUSED_SHARE": part("NAME_CONTRACT_STATUS", "Refused"),
        "PREVIOUS_CANCELED_SHARE": part("NAME_CONTRACT_STATUS", "Canceled"),
        "PREVIOUS_REFUSED_LAST_YEAR": sum(row["DAYS_DECISION"] >= -365 for row in refused),
        "PREVIOUS_LAST_REFUSED": any(row["DAYS_DECISION"] == max(days) for row in refused),
        "PREVIOUS_DAYS_SINCE_LAST": max(days),
        "PREVIOUS_DAYS_SINCE_FIRST": min(days),
        "PREVIOUS_DAYS_SINCE_REFUSED": largest(row["DAYS_DECISION"] for row in refused),
        "PREVIOUS_REJECTED_BY_SCORE": part("CODE_REJECT_REASON", "SCO", "SCOFR", "HC"),
        "PREVIOUS_CREDIT_MEAN": mean(row["AMT_CREDIT"] for row in approved),
        "PREVIOUS_ANNUITY_MAX": largest(row["AMT_ANNUITY"] for row in approved),
        "PREVIOUS_GRANTED_RATIO": mean(
            row["AMT_CREDIT"] / row["AMT_APPLICATION"]
            for row in approved
            if row["AMT_APPLICATION"] and row["AMT_CREDIT"] is not None
        ),
        "PREVIOUS_DOWN_PAYMENT_RATE": mean(row["RATE_DOWN_PAYMENT"] for row in approved),
        "PREVIOUS_DURATION": mean(row["CNT_PAYMENT"] for row in approved),
        "PREVIOUS_INTEREST": mean(interest(row) for row in approved),
        "PREVIOUS_HIGH_YIELD_SHARE": part("NAME_YIELD_GROUP", "high"),
        "PREVIOUS_CASH_SHARE": part("NAME_CONTRACT_TYPE", "Cash loans"),
        "PREVIOUS_REVOLVING_SHARE": part("NAME_CONTRACT_TYPE", "Revolving loans"),
        "PREVIOUS_INSURED_SHARE": mean(row["NFLAG_INSURED_ON_APPROVAL"] for row in rows),
        "PREVIOUS_RUNNING": sum(row["DAYS_TERMINATION"] == 365243 for row in approved),
        "PREVIOUS_LAST_DUE": largest(due for due in last_dues if due != 365243),
    }


@unhurried
@given(drawn("previous_application"))
def test_applications_agree_with_plain_python(rows: list[Row]) -> None:
    agree(built(rows), {client: expected(own) for client, own in grouped(rows).items()})


def test_implied_interest_is_what_is_paid_above_the_credit_a_year() -> None:
    # 12 x 110 = 1320 for 1200 lent, over a year; 24 x 110 = 2640 for 2400, over two.
    assert built([application])[1]["PREVIOUS_INTEREST"] == pytest.approx(0.1)
    longer = application | {"CNT_PAYMENT": 24, "AMT_CREDIT": 2400.0}
    assert built([longer])[1]["PREVIOUS_INTEREST"] == pytest.approx(0.05)


def test_only_what_was_granted_tells_of_amounts() -> None:
    refused = application | {"NAME_CONTRACT_STATUS": "Refused", "AMT_CREDIT": 9e6, "AMT_ANNUITY": 9e5}
    found = built([application, refused])[1]
    assert found["PREVIOUS_CREDIT_MEAN"] == 1200
    assert found["PREVIOUS_ANNUITY_MAX"] == 110
    assert found["PREVIOUS_GRANTED_RATIO"] == pytest.approx(1.2)
    assert built([refused])[1]["PREVIOUS_CREDIT_MEAN"] is None


@pytest.mark.parametrize("change", [{"AMT_APPLICATION": 0.0}, {"AMT_CREDIT": 0.0, "AMT_APPLICATION": 0.0}])
def test_nothing_asked_gives_no_ratio(change: Row) -> None:
    assert built([application | change])[1]["PREVIOUS_GRANTED_RATIO"] is None


@pytest.mark.parametrize("change", [{"CNT_PAYMENT": 0}, {"CNT_PAYMENT": None}, {"AMT_CREDIT": 0.0}])
def test_without_payments_or_credit_there_is_no_interest(change: Row) -> None:
    assert built([application | change])[1]["PREVIOUS_INTEREST"] is None


def test_the_sentinel_is_no_day() -> None:
    dues = [365243, -50]
    found = built([application | {"DAYS_LAST_DUE_1ST_VERSION": due} for due in dues])[1]
    assert found["PREVIOUS_LAST_DUE"] == -50
    assert found["PREVIOUS_RUNNING"] == 2
    assert built([application | {"DAYS_LAST_DUE_1ST_VERSION": 365243}])[1]["PREVIOUS_LAST_DUE"] is None


def test_of_several_decisions_on_the_last_day_one_refusal_is_enough() -> None:
    refused = application | {"NAME_CONTRACT_STATUS": "Refused"}
    for rows in ([application, refused], [refused, application]):
        assert built(rows)[1]["PREVIOUS_LAST_REFUSED"] == 1
    later = application | {"DAYS_DECISION": -10}
    assert built([refused, later])[1]["PREVIOUS_LAST_REFUSED"] == 0
    assert built([application])[1]["PREVIOUS_LAST_REFUSED"] == 0


@pytest.mark.parametrize(("reason", "share"), [("SCO", 0.5), ("SCOFR", 0.5), ("HC", 0.5), ("LIMIT", 0), ("XAP", 0)])
def test_rejected_for_risk(reason: str, share: float) -> None:
    rejected = application | {"NAME_CONTRACT_STATUS": "Refused", "CODE_REJECT_REASON": reason}
    assert built([application, rejected])[1]["PREVIOUS_REJECTED_BY_SCORE"] == share
