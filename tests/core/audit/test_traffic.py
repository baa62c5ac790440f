"""Of what was asked in a period, the applications that were decided, each once; in both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, get_args

import pytest

from core.audit.decisions import DecisionEntry, DecisionLog
from core.audit.entries import Kind, what_ifs
from core.audit.log import AuditLog
from core.audit.traffic import decided_applications, deciding
from tests.core.audit.made import entry

if TYPE_CHECKING:
    from core.audit.engine import Database
    from core.decision import Value

_hour = timedelta(hours=1)


def credits_of(database: Database, most: int = 100, since: datetime | None = None) -> list[Value]:
    now = datetime.now(UTC)
    chunks = decided_applications(database, since or now - _hour, now + _hour, most)
    return sorted(row["AMT_CREDIT"] for chunk in chunks for row in chunk)  # type: ignore[type-var]


def record(log: AuditLog, credit: float, client_id: int | None, kind: Kind = "predict") -> str:
    return log.record(replace(entry(client_id, kind=kind), inputs={"AMT_CREDIT": credit, "CODE_GENDER": "F"}))


def draft(prediction_id: str) -> DecisionEntry:
    return DecisionEntry(
        officer="C. Martin",
        decision="REFUSÉ",
        reason="Revenus non justifiés",
        prediction_id=prediction_id,
        client_id=None,
        request_id="request-54321",
        caller="office",
    )


@pytest.mark.parametrize("kind", get_args(Kind))
def test_what_decides_on_an_application_counts(log: AuditLog, database: Database, kind: Kind) -> None:
    record(log, 1.0, 900001, kind)
    assert credits_of(database) == ([1.0] if kind in deciding else [])


@pytest.mark.parametrize("kind", get_args(Kind))
def test_what_an_officer_decided_on_counts_unless_it_was_a_what_if(
    log: AuditLog, decisions: DecisionLog, database: Database, kind: Kind
) -> None:
    decisions.record(draft(record(log, 1.0, None, kind)))
    assert credits_of(database) == ([] if kind in what_ifs else [1.0])


def test_of_a_client_the_last_decision_counts(log: AuditLog, database: Database) -> None:
    for credit in (1.0, 2.0, 3.0):
        record(log, credit, 900001)
    record(log, 4.0, 900001, "client")
    record(log, 5.0, 900002)
    assert credits_of(database) == [3.0, 5.0]


def test_without_a_number_the_same_values_are_one_application(log: AuditLog, database: Database) -> None:
    for credit in (1.0, 1.0, 2.0):
        record(log, credit, None)
    # The order in which values were sent tells nothing.
    log.record(replace(entry(None), inputs={"CODE_GENDER": "F", "AMT_CREDIT": 2.0}))
    record(log, 1.0, 900001)
    assert credits_of(database) == [1.0, 1.0, 2.0]


def test_a_period_ends_before_its_end(log: AuditLog, database: Database) -> None:
    record(log, 1.0, None)
    assert credits_of(database, since=datetime.now(UTC) + _hour / 2) == []


def test_of_many_some_are_drawn_evenly_and_always_the_same(log: AuditLog, database: Database) -> None:
    for first in range(0, 3000, 100):
        log.record_many(
            [replace(entry(900001 + each), inputs={"AMT_CREDIT": float(each)}) for each in range(first, first + 100)]
        )
    drawn = credits_of(database, 600)
    assert drawn == credits_of(database, 600)
    assert len(drawn) == 600
    thirds = [sum(third <= each // 1000 < third + 1 for each in drawn) for third in range(3)]  # type: ignore[operator]
    # Four standard deviations of a draw without replacement.
    assert max(abs(third - 200) for third in thirds) < 4 * (600 * 2 / 9 * 0.8) ** 0.5
    assert len(credits_of(database, 10_000)) == 3000
