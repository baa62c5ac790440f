"""The last decision of an officer counts: on a client, on a prediction, on a page of clients in one query."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text

from core.audit.chain.verification import verify
from core.audit.decisions import DecisionEntry, DecisionFilter
from core.audit.final_decisions import FinalDecisions
from core.portfolio.provenance import Provenance
from tests.core.audit.made import entry

if TYPE_CHECKING:
    from typing import Any

    from core.audit.decisions import DecisionLog
    from core.audit.engine import Database
    from core.audit.entries import Outcome
    from core.audit.log import AuditLog
    from core.portfolio.provenance import ApplicationSource


# As the invented predictions name it.
on_hand = Provenance("imported", "0123456789abcdef")


def draft(prediction_id: str, decision: Outcome, officer: str = "C. Martin") -> DecisionEntry:
    return DecisionEntry(officer, decision, "Justificatifs reçus", prediction_id, None, "request-54321", "office")


def test_a_correction_counts_and_the_trail_keeps_all(database: Database, log: AuditLog, decisions: DecisionLog) -> None:
    first, second, other = log.record_many([entry(1, 0.2), entry(1, 0.2), entry(2, 0.05)])
    decisions.record(draft(first, "ACCEPTÉ"))
    last = decisions.record(draft(second, "REFUSÉ", "D. Petit")).decision
    decisions.record(draft(other, "ACCEPTÉ"))
    final = FinalDecisions(database)
    found = final.of_clients(on_hand, [1, 2, 3])
    assert sorted(found) == [1, 2]
    assert (found[1].id, found[1].time, found[1].officer, found[1].decision) == (
        last.id,
        last.time,
        "D. Petit",
        "REFUSÉ",
    )
    assert (found[1].kind, found[1].model_decision, found[1].prediction_id) == ("confirm", "REFUSÉ", second)
    assert final.outcomes(on_hand) == {1: "REFUSÉ", 2: "ACCEPTÉ"}
    of_first = final.of_prediction(first)
    assert of_first is not None
    assert of_first.decision == "ACCEPTÉ"
    assert final.of_clients(on_hand, []) == {}
    assert final.of_prediction("none") is None
    assert decisions.decisions(DecisionFilter(client_id=1), 10).total == 2


def test_an_application_without_a_number_is_found_by_its_prediction_alone(
    database: Database, log: AuditLog, decisions: DecisionLog
) -> None:
    (key,) = log.record_many([entry(None)])
    decisions.record(draft(key, "ACCEPTÉ"))
    final = FinalDecisions(database)
    found = final.of_prediction(key)
    assert found is not None
    assert found.decision == "ACCEPTÉ"
    assert final.outcomes(on_hand) == {}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["ACCEPTÉ", "REFUSÉ"])), max_size=6))
def test_it_is_the_last_whatever_the_order(
    database: Database, log: AuditLog, decisions: DecisionLog, recorded: list[Any]
) -> None:
    for client_id, outcome in recorded:
        (key,) = log.record_many([entry(client_id)])
        decisions.record(draft(key, outcome))
    # Of all that was ever recorded, counted by hand from the trail.
    expected: dict[int, str] = {}
    for decision in decisions.each(DecisionFilter()):
        if decision.client_id is not None:
            expected.setdefault(decision.client_id, decision.decision)
    final = FinalDecisions(database)
    assert final.outcomes(on_hand) == expected
    assert {client: found.decision for client, found in final.of_clients(on_hand, [1, 2, 3, 4]).items()} == expected


# Of what was recorded before the column nobody can tell.
@pytest.mark.parametrize(("application", "counts"), [("on_file", True), (None, True), ("sent", False)])
def test_an_application_that_took_a_history_is_not_the_clients(
    database: Database, log: AuditLog, decisions: DecisionLog, application: ApplicationSource | None, counts: bool
) -> None:
    final = FinalDecisions(database)
    own, other = log.record_many([entry(1), replace(entry(1), application=application)])
    decisions.record(draft(own, "REFUSÉ"))
    said = decisions.record(draft(other, "ACCEPTÉ")).decision
    recorded = log.prediction(other)
    assert recorded is not None
    assert said.application == recorded.application == application
    assert final.outcomes(on_hand) == {1: "ACCEPTÉ" if counts else "REFUSÉ"}
    assert decisions.decisions(DecisionFilter(client_id=1, portfolio=on_hand), 10).total == 1 + counts
    assert verify(database).faults == []


@pytest.mark.parametrize(
    ("recorded", "portfolio", "counts"),
    [
        ("imported:0123456789abcdef", on_hand, True),
        # Imported again, with more rows: the same clients.
        ("imported:fedcba9876543210", on_hand, True),
        ("synthetic:0123456789abcdef", on_hand, False),
        (None, on_hand, False),
        ("synthetic:0123456789abcdef", Provenance("synthetic", "0123456789abcdef"), True),
        # Drawn again: other clients.
        ("synthetic:fedcba9876543210", Provenance("synthetic", "0123456789abcdef"), False),
        ("imported:0123456789abcdef", Provenance("synthetic", "0123456789abcdef"), False),
    ],
)
def test_only_what_was_decided_on_the_clients_on_hand_counts(
    database: Database,
    log: AuditLog,
    decisions: DecisionLog,
    recorded: str | None,
    portfolio: Provenance,
    counts: bool,
) -> None:
    final = FinalDecisions(database)
    own, other = log.record_many([replace(entry(1), portfolio=str(portfolio)), replace(entry(1), portfolio=recorded)])
    decisions.record(draft(own, "REFUSÉ"))
    # Later: where it is of others, the earlier one still counts.
    decisions.record(draft(other, "ACCEPTÉ"))
    expected = "ACCEPTÉ" if counts else "REFUSÉ"
    assert final.of_clients(portfolio, [1])[1].decision == expected
    assert final.outcomes(portfolio) == {1: expected}
    assert decisions.decisions(DecisionFilter(client_id=1, portfolio=portfolio), 10).total == 1 + counts
    assert decisions.decisions(DecisionFilter(client_id=1), 10).total == 2


@pytest.mark.parametrize("portfolio", [on_hand, Provenance("synthetic", "0123456789abcdef")], ids=str)
def test_a_page_takes_one_query_that_an_index_answers(
    database: Database, log: AuditLog, decisions: DecisionLog, portfolio: Provenance
) -> None:
    keys = log.record_many([replace(entry(number), portfolio=str(portfolio)) for number in range(40)])
    for key in keys[::2]:
        decisions.record(draft(key, "ACCEPTÉ"))
    said: list[tuple[str, Any]] = []
    event.listen(
        database.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, parameters, *_: said.append((statement, parameters)),
    )
    assert len(FinalDecisions(database).of_clients(portfolio, range(40))) == 20
    ((statement, parameters),) = [each for each in said if "officer_decisions" in each[0]]
    if database.is_sqlite:
        with database.engine.connect() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        steps = " ".join(str(step[-1]) for step in plan)
        assert "SCAN officer_decisions" not in steps
        assert steps.count("ix_officer_decisions_client_last") == 2
    else:
        with database.engine.begin() as connection:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).all()
        assert "ix_officer_decisions_client_last" in str(plan)
