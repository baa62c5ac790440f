"""Outcomes are recorded once, corrected by later ones, about a decision of the record, and in its chain."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.engine import make_url

from core.audit.blocks.recording import record_block
from core.audit.chain.verification import fault_text, verify
from core.audit.decisions import DecisionEntry, DecisionLog
from core.audit.engine import Database
from core.audit.entries import new_ids
from core.audit.tables import OutcomeRow
from core.audit.upkeep.backup import Copied, backup, restore
from core.outcomes.backtesting import performance
from core.outcomes.entries import OutcomeEntry, OutcomeRefusal
from core.outcomes.log import OutcomeFilter, OutcomeLog
from core.outcomes.month_coverage import coverage
from tests.core.audit.made import entry, file_rows
from tests.core.audit.tampering import unguarded
from tests.core.audit.test_older_tables import version_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from core.audit.entries import Kind, Outcome
    from core.audit.log import AuditLog
    from core.outcomes.entries import Status
    from core.scoring import Scorer

january, march = datetime(2026, 1, 15, 9, 30, tzinfo=UTC), datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)
now = datetime(2026, 11, 28, tzinfo=UTC)
known = date(2026, 9, 30)


def decide(
    log: AuditLog, moment: datetime, client_id: int | None = 900001, probability: float = 0.2, kind: Kind = "predict"
) -> str:
    (key,) = new_ids(moment, 1)
    given = replace(
        entry(client_id, probability, kind),
        inputs={"NAME_CONTRACT_TYPE": "Cash loans", "NAME_INCOME_TYPE": "Working", "DAYS_BIRTH": -12_000},
    )
    log.record_delivered([(key, moment, given)])
    return key


def of(
    prediction_id: str, *, defaulted: bool = True, observed: date = known, lost: float | None = None
) -> OutcomeEntry:
    return OutcomeEntry(prediction_id, None, None, defaulted, observed, lost)


def of_client(client_id: int, decided: date) -> OutcomeEntry:
    return OutcomeEntry(None, client_id, decided, defaulted=True, observed=known)


def hand_in(outcomes: OutcomeLog, *entries: OutcomeEntry) -> Sequence[Status]:
    checked = outcomes.check(entries, now)
    assert not any(isinstance(found, OutcomeRefusal) for found in checked), checked
    return outcomes.record(checked, "request-1", "bank")  # type: ignore[arg-type]


@pytest.fixture
def outcomes(database: Database) -> OutcomeLog:
    return OutcomeLog(database)


def test_an_outcome_is_recorded_once_and_corrected_by_another(
    log: AuditLog, outcomes: OutcomeLog, database: Database
) -> None:
    key = decide(log, january)
    assert hand_in(outcomes, of(key)) == ["recorded"]
    assert hand_in(outcomes, of(key)) == ["known"]
    assert hand_in(outcomes, of(key, lost=1234.5), of(key, lost=1234.5)) == ["corrected", "known"]
    # What was corrected does not come back because an old file is sent again.
    assert hand_in(outcomes, of(key)) == ["known"]
    page = outcomes.outcomes(OutcomeFilter(), 10)
    assert [(stored.amount_lost, stored.corrects) for stored in page.outcomes] == [
        (1234.5, page.outcomes[1].id),
        (None, None),
    ]
    assert page.total == 2
    assert list(outcomes.each()) == list(reversed(page.outcomes))
    stored = page.outcomes[0]
    assert (stored.prediction_id, stored.client_id, stored.decided) == (key, 900001, january)
    assert (stored.defaulted, stored.observed, stored.caller) == (1, "2026-09-30", "bank")
    assert (stored.probability, stored.threshold, stored.model_decision) == (0.2, 0.1, "REFUSÉ")
    assert (stored.contract_type, stored.income_type, stored.age_band) == ("Cash loans", "Working", "30-39")
    found = verify(database)
    assert (found.faults, found.counts["outcome"]) == ([], 2)


def test_a_client_and_a_day_name_the_last_decision_until_then(log: AuditLog, outcomes: OutcomeLog) -> None:
    first, last = decide(log, january), decide(log, march)
    decide(log, march, kind="client")
    decide(log, march, kind="simulate")
    for day, key in ((january.date(), first), (date(2026, 3, 30), first), (march.date(), last), (date.max, last)):
        (checked,) = outcomes.check([replace(of_client(900001, day), observed=max(day, known))], now)
        if day == date.max:
            assert checked == OutcomeRefusal("observed", "outcome_not_yet")
        else:
            assert not isinstance(checked, OutcomeRefusal)
            assert checked[1].prediction_id == key
    (before, other) = outcomes.check([of_client(900001, date(2026, 1, 14)), of_client(900002, known)], now)
    assert before == other == OutcomeRefusal("client_id", "outcome_of_no_decision")


def test_what_an_officer_decided_on_has_an_outcome(log: AuditLog, outcomes: OutcomeLog, decisions: DecisionLog) -> None:
    viewed = decide(log, january, kind="client")
    (refusal,) = outcomes.check([of_client(900001, known)], now)
    assert isinstance(refusal, OutcomeRefusal)
    decisions.record(DecisionEntry("C. Martin", "ACCEPTÉ", "Garant solide", viewed, None, "request-1", "office"))
    (checked,) = outcomes.check([of_client(900001, known)], now)
    assert not isinstance(checked, OutcomeRefusal)
    assert checked[1].prediction_id == viewed


def test_what_contradicts_the_record_is_named(log: AuditLog, outcomes: OutcomeLog) -> None:
    key, what_if = decide(log, march), decide(log, march, kind="recourse")
    viewed, local = decide(log, march, kind="client"), decide(log, march, kind="local")
    entries = [
        of("01900000-0000-7000-8000-000000000000"),
        of(what_if),
        of(key, observed=date(2026, 3, 29)),
        of(key, observed=date(2026, 11, 30)),
        of(key, defaulted=False, lost=1.0),
        replace(of(key), client_id=900002),
        of(viewed),
        of(local),
        replace(of(key), decided=date(2026, 3, 29)),
    ]
    assert outcomes.check(entries, now) == [
        OutcomeRefusal("prediction_id", "outcome_of_no_decision"),
        OutcomeRefusal("prediction_id", "outcome_of_a_what_if"),
        OutcomeRefusal("observed", "outcome_before_decision"),
        OutcomeRefusal("observed", "outcome_not_yet"),
        OutcomeRefusal("amount_lost", "loss_without_default"),
        *[OutcomeRefusal("prediction_id", "outcome_of_no_decision")] * 3,
        OutcomeRefusal("decided", "outcome_before_decision"),
    ]


def test_rows_of_a_file_have_outcomes(outcomes: OutcomeLog, database: Database) -> None:
    """By the id of the row, and by client and day: they are recorded in a block."""
    records, given = file_rows([1, 2, 3])
    given = given.with_columns(
        NAME_CONTRACT_TYPE=given["NAME_TYPE_SUITE"].replace_strict({}, default="Revolving loans")
    )
    record_block(database, datetime.now(UTC), records, given)
    today = datetime.now(UTC)
    by_id = replace(of(records["id"][0]), observed=today.date())
    by_client = replace(of_client(2, today.date()), observed=today.date())
    checked = outcomes.check([by_id, by_client], today)
    outcomes.record(checked, "request-1", "bank")  # type: ignore[arg-type]
    stored = outcomes.outcomes(OutcomeFilter(), 10).outcomes
    assert [(each.client_id, each.contract_type) for each in stored] == [(2, "Revolving loans"), (1, "Revolving loans")]
    (month,) = coverage(database)
    assert (month.decisions, month.with_outcome, month.waiting, month.refused) == (3, 2, 1, 0)


def test_an_outcome_outlives_its_prediction_and_can_be_corrected_then(
    log: AuditLog, outcomes: OutcomeLog, database: Database
) -> None:
    key = decide(log, january)
    decide(log, march, client_id=None, probability=0.01)
    hand_in(outcomes, of(key))
    before = coverage(database)
    assert [(month.month, month.decisions, month.with_outcome, month.waiting) for month in before] == [
        ("2026-01", 1, 1, 0),
        ("2026-03", 1, 0, 1),
    ]
    log.purge(datetime(2026, 2, 1, tzinfo=UTC))
    assert coverage(database) == before
    assert hand_in(outcomes, of(key, defaulted=False)) == ["corrected"]
    assert hand_in(outcomes, of_client(900001, january.date())) == ["known"]
    assert coverage(database) == before
    found = verify(database)
    assert (found.faults, found.purged) == ([], 1)


def test_a_month_counts_a_client_once_and_what_officers_decide(
    log: AuditLog, outcomes: OutcomeLog, decisions: DecisionLog, database: Database
) -> None:
    early, late = decide(log, january), decide(log, january + timedelta(hours=1))
    hand_in(outcomes, of(early))
    refused = decide(log, january, client_id=900002)
    overridden = decide(log, january, client_id=900003)
    decisions.record(DecisionEntry("C. Martin", "ACCEPTÉ", "Garant solide", overridden, None, "request-1", "office"))
    decisions.record(DecisionEntry("C. Martin", "ACCEPTÉ", "Garant solide", refused, None, "request-1", "office"))
    decisions.record(DecisionEntry("C. Martin", "REFUSÉ", "Garant parti", refused, None, "request-1", "office"))
    decide(log, january, client_id=900004, kind="simulate")
    (month,) = coverage(database)
    assert (month.decisions, month.with_outcome, month.waiting, month.refused) == (3, 1, 1, 1)
    hand_in(outcomes, of(late))
    assert coverage(database) == (month,)


def test_what_is_changed_by_hand_is_named(log: AuditLog, outcomes: OutcomeLog, database: Database) -> None:
    hand_in(outcomes, of(decide(log, january)))
    with unguarded(database) as connection:
        connection.execute(OutcomeRow.__table__.update().values(defaulted=0))  # type: ignore[attr-defined]
    (fault,) = verify(database).faults
    assert "(outcome " in fault_text(fault)
    assert fault.what == "changed"


def test_a_backup_holds_outcomes(log: AuditLog, outcomes: OutcomeLog, database: Database, tmp_path: Path) -> None:
    key = decide(log, january)
    hand_in(outcomes, of(key), of(key, defaulted=False))
    assert backup(database, tmp_path / "copy.db") == Copied(1, 0, 2)
    empty = Database.open(make_url("sqlite://").set(database=str(tmp_path / "empty.db")))
    assert restore(empty, tmp_path / "copy.db") == Copied(1, 0, 2)
    assert list(OutcomeLog(empty).each()) == list(outcomes.each())
    assert verify(empty).head == verify(database).head
    empty.close()
    assert restore(database, tmp_path / "copy.db") == Copied(0, 0, 0)


def test_a_backup_of_before_there_were_outcomes_is_restored(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "earlier.db"
    url = make_url("sqlite://").set(database=str(file))
    with version_of(url, "0001") as connection:
        connection.exec_driver_sql(
            "INSERT INTO predictions VALUES ('a', '2026-11-01 09:00:00.000000', 'predict', 'request', 'till', 7, 0.2,"
            " 0.1, 'REFUSÉ', '1', '{}')"
        )
    with version_of(url, "0010"):
        pass
    assert restore(database, file) == Copied(1, 0, 0)


def test_what_comes_last_counts_whatever_the_clock_says(log: AuditLog, outcomes: OutcomeLog) -> None:
    """Of two writers the one who waits has looked at the clock first, and a clock may be set back."""
    key = decide(log, january)
    first, second = outcomes.check([of(key, lost=1.0), of(key, lost=2.0)], now)
    assert not isinstance(first, OutcomeRefusal)
    assert not isinstance(second, OutcomeRefusal)
    assert outcomes.record([first], "request-1", "bank", now) == ["recorded"]
    assert outcomes.record([second], "request-2", "bank", now - timedelta(days=1)) == ["corrected"]
    newest = outcomes.outcomes(OutcomeFilter(), 1).outcomes[0]
    assert (newest.amount_lost, newest.time) == (2.0, now + timedelta(microseconds=1))


def test_a_number_of_several_portfolios_names_nobody(log: AuditLog, outcomes: OutcomeLog, database: Database) -> None:
    keys = []
    for number, (portfolio, source) in enumerate(
        (
            ("imported:0123456789abcdef", None),
            # Imported again, with more rows.
            ("imported:00000000000000ff", "on_file"),
            ("synthetic:0123456789abcdef", "on_file"),
            ("synthetic:00000000000000ff", "on_file"),
            ("imported:0123456789abcdef", "sent"),
            (None, "sent"),
        )
    ):
        moment = january + timedelta(days=number)
        keys += new_ids(moment, 1)
        given: Any = {"portfolio": portfolio, "application": source}
        log.record_delivered([(keys[-1], moment, replace(entry(), **given))])
    (of_imported,) = outcomes.check([of_client(900001, date(2026, 1, 16))], now)
    assert not isinstance(of_imported, OutcomeRefusal)
    assert of_imported[1].prediction_id == keys[1]
    assert outcomes.check([of_client(900001, date(2026, 1, 17))], now) == [
        OutcomeRefusal("client_id", "outcome_of_several_clients")
    ]
    assert hand_in(outcomes, of(keys[2])) == ["recorded"]
    (month,) = coverage(database)
    assert (month.decisions, month.with_outcome) == (5, 1)
    log.purge(datetime(2026, 2, 1, tzinfo=UTC))
    assert hand_in(outcomes, of_client(900001, known)) == ["known"]


def test_who_decides_after_the_outcome_changes_no_figure(
    log: AuditLog, outcomes: OutcomeLog, decisions: DecisionLog, database: Database, scorer: Scorer
) -> None:
    def decided(decision: Outcome, key: str) -> None:
        decisions.record(DecisionEntry("C. Martin", decision, "Garant solide", key, None, "request-1", "office"))

    early, late = decide(log, january), decide(log, january, client_id=900002)
    decided("ACCEPTÉ", early)
    entries = outcomes.check([of(early), of(late)], now)
    outcomes.record(entries, "request-1", "bank")  # type: ignore[arg-type]
    before = performance(database, scorer.model)
    decided("REFUSÉ", early)
    decided("ACCEPTÉ", late)
    hand_in(outcomes, of(late, lost=1.0))
    after = performance(database, scorer.model)
    assert before.overrides[0].accepted == 1
    assert after.overrides == before.overrides
    assert [group.cost for group in after.groups] == [group.cost for group in before.groups]
