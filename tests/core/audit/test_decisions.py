"""An officer's decision stands beside the prediction that it is about, and nobody takes it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.audit import decisions as decisions_module
from core.audit.decisions import (
    DecisionEntry,
    DecisionFilter,
    DecisionLog,
    PredictionOfAnotherClient,
    UnknownPrediction,
)
from core.audit.engine import Database
from core.audit.log import AuditLog
from tests.core.audit.made import entry

everything = DecisionFilter()
draft = DecisionEntry(
    officer="C. Martin",
    decision="REFUSÉ",
    reason="Revenus non justifiés",
    prediction_id=None,
    client_id=900001,
    request_id="request-54321",
    caller="office",
)


def test_a_decision_repeats_what_it_is_about(log: AuditLog, decisions: DecisionLog) -> None:
    key = log.record(entry(probability=0.25))
    before = datetime.now(UTC)
    said = decisions.record(draft).decision
    assert before <= said.time <= datetime.now(UTC)
    assert (said.kind, said.decision, said.model_decision) == ("confirm", "REFUSÉ", "REFUSÉ")
    assert (said.prediction_id, said.client_id, said.probability, said.threshold) == (key, 900001, 0.25, 0.1)
    assert (said.officer, said.caller, said.request_id) == ("C. Martin", "office", "request-54321")
    assert (said.history, said.portfolio) == ("portfolio", "imported:0123456789abcdef")
    assert decisions.decisions(everything, 10).decisions == (said,)


def test_a_decision_repeats_the_segments_of_the_applicant(
    log: AuditLog, decisions: DecisionLog, database: Database
) -> None:
    # The first hundred are one entry, which holds their inputs.
    many = [replace(entry(number), inputs={"CODE_GENDER": "M", "DAYS_BIRTH": -9000.0}) for number in range(100)]
    for key in (log.record_many(many)[7], log.record(entry())):
        decisions.record(replace(draft, client_id=None, prediction_id=key))
    kept = text("SELECT contract_type, age_band, gender, model_reason FROM officer_decisions ORDER BY id")
    with database.engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(kept)]
    assert rows == [(None, "< 30", "M", None), (None, None, "F", None)]


def test_deciding_otherwise_is_an_override(log: AuditLog, decisions: DecisionLog) -> None:
    key = log.record(entry(client_id=None))
    said = decisions.record(replace(draft, client_id=None, prediction_id=key, decision="ACCEPTÉ")).decision
    assert (said.kind, said.client_id) == ("override", None)


def test_a_later_decision_stands_beside_an_earlier_one(log: AuditLog, decisions: DecisionLog) -> None:
    log.record(entry())
    first = decisions.record(draft).decision
    second = decisions.record(
        replace(draft, decision="ACCEPTÉ", officer="D. Petit", reason="Justificatifs reçus")
    ).decision
    page = decisions.decisions(DecisionFilter(client_id=900001), 10)
    assert page.decisions == (second, first)
    assert page.total == 2


def test_a_decision_is_about_something(log: AuditLog, decisions: DecisionLog) -> None:
    with pytest.raises(UnknownPrediction):
        decisions.record(draft)
    key = log.record(entry())
    with pytest.raises(UnknownPrediction):
        decisions.record(replace(draft, prediction_id="00000000-0000-7000-8000-000000000000"))
    with pytest.raises(PredictionOfAnotherClient):
        decisions.record(replace(draft, prediction_id=key, client_id=900002))
    with pytest.raises(ValueError, match="about a prediction or a client"):
        decisions.record(replace(draft, client_id=None))
    assert decisions.decisions(everything, 10).total == 0


def test_a_decision_outlives_its_prediction(log: AuditLog, decisions: DecisionLog) -> None:
    log.record(entry())
    said = decisions.record(draft).decision
    assert log.purge(datetime.now(UTC) + timedelta(days=1)) == 1
    assert decisions.decisions(everything, 10).decisions == (said,)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE officer_decisions SET reason = 'another'",
        "UPDATE officer_decisions SET id = id",
        "DELETE FROM officer_decisions",
        "TRUNCATE officer_decisions",
    ],
)
def test_the_database_refuses_to_change_a_decision(
    database: Database, log: AuditLog, decisions: DecisionLog, statement: str
) -> None:
    if database.is_sqlite and statement.startswith("TRUNCATE"):
        pytest.skip("SQLite has no TRUNCATE")
    log.record(entry())
    said = decisions.record(draft).decision
    with (
        pytest.raises(DBAPIError, match="officer decisions are never changed or deleted"),
        database.engine.begin() as c,
    ):
        c.execute(text(statement))
    assert decisions.decisions(everything, 10).decisions == (said,)


@pytest.mark.parametrize(
    ("wanted", "reasons"),
    [
        (everything, ["third", "second", "first"]),
        (DecisionFilter(officer="D. Petit"), ["third"]),
        (DecisionFilter(client_id=900001), ["second", "first"]),
        (DecisionFilter(kind="override"), ["second"]),
        (DecisionFilter(kind="confirm", client_id=2), ["third"]),
    ],
)
def test_filters(log: AuditLog, decisions: DecisionLog, wanted: DecisionFilter, reasons: list[str]) -> None:
    log.record_many([entry(), entry(2)])
    decisions.record(replace(draft, reason="first"))
    decisions.record(replace(draft, reason="second", decision="ACCEPTÉ"))
    last = decisions.record(replace(draft, reason="third", client_id=2, officer="D. Petit")).decision
    page = decisions.decisions(wanted, 10)
    assert [decision.reason for decision in page.decisions] == reasons
    assert page.total == len(reasons)
    assert decisions.decisions(replace(wanted, since=last.time), 10).total == reasons.count("third")
    assert decisions.decisions(replace(wanted, until=last.time), 10).total == len(reasons) - reasons.count("third")
    assert decisions.decisions(DecisionFilter(prediction_id=last.prediction_id), 10).decisions == (last,)


def test_each_reads_all_in_parts(log: AuditLog, decisions: DecisionLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions_module, "read_at_once", 2)
    log.record(entry())
    said = [decisions.record(replace(draft, reason=f"word {number}")).decision for number in range(5)]
    assert list(decisions.each(everything)) == said[::-1]
    page = decisions.decisions(everything, 2, 1)
    assert page.decisions == (said[3], said[2])
