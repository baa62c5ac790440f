"""A decision that is sent again under its key is recorded once, whoever comes at the same time."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert, inspect, text
from sqlalchemy.exc import IntegrityError

from core.audit import migrations
from core.audit.decisions import DecisionEntry, DecisionFilter, DecisionLog, KeyUsedOtherwise
from core.audit.engine import Database
from core.audit.log import AuditLog
from core.audit.tables import DecisionRow
from core.audit.upkeep.backup import backup, restore
from core.audit.writing import writing
from tests.core.audit.made import entry

if TYPE_CHECKING:
    from sqlalchemy import URL

everything = DecisionFilter()
key = "5b0f8a4e-6d1c-4c9e-9f55-0a4a7b6f2f10"
draft = DecisionEntry(
    officer="C. Martin",
    decision="ACCEPTÉ",
    reason="Justificatifs reçus",
    prediction_id=None,
    client_id=900001,
    request_id="request-54321",
    caller="office",
    idempotency_key=key,
)


def test_a_decision_sent_again_is_recorded_once(log: AuditLog, decisions: DecisionLog) -> None:
    log.record(entry())
    first = decisions.record(draft)
    assert first.is_new
    # What the client was asked about since then is not what the officer decided on, and neither is another request.
    log.record(entry(probability=0.05))
    again = decisions.record(replace(draft, request_id="request-99999"))
    assert not again.is_new
    assert again.decision == first.decision
    named = replace(draft, prediction_id=first.decision.prediction_id)
    assert decisions.record(named).decision == first.decision
    assert decisions.decisions(everything, 10).total == 1


def test_it_is_answered_after_what_it_is_about_was_purged(log: AuditLog, decisions: DecisionLog) -> None:
    log.record(entry())
    first = decisions.record(draft)
    log.purge(datetime.now(UTC) + timedelta(days=1))
    assert decisions.record(draft).decision == first.decision


@pytest.mark.parametrize(
    "changes",
    [
        {"decision": "REFUSÉ"},
        {"reason": "Autre motif"},
        {"officer": "D. Petit"},
        {"client_id": 900002},
        {"prediction_id": str(uuid4())},
    ],
)
def test_a_key_stands_for_one_content(log: AuditLog, decisions: DecisionLog, changes: dict[str, object]) -> None:
    log.record_many([entry(), entry(900002)])
    recorded = decisions.record(draft).decision
    with pytest.raises(KeyUsedOtherwise):
        decisions.record(replace(draft, **changes))  # type: ignore[arg-type]
    assert decisions.decisions(everything, 10).decisions == (recorded,)


def test_a_key_is_its_callers_own_and_none_is_no_key(log: AuditLog, decisions: DecisionLog) -> None:
    log.record(entry())
    decisions.record(draft)
    assert decisions.record(replace(draft, caller="till", reason="Autre motif")).is_new
    for _ in range(2):
        assert decisions.record(replace(draft, idempotency_key=None)).is_new
    assert decisions.decisions(everything, 10).total == 4


def test_of_many_that_come_at_once_one_is_recorded(log: AuditLog, decisions: DecisionLog) -> None:
    log.record(entry())
    ready = threading.Barrier(12)
    ids: list[str] = []
    new: list[bool] = []

    def record() -> None:
        ready.wait()
        recording = decisions.record(draft)
        ids.append(recording.decision.id)
        new.append(recording.is_new)

    threads = [threading.Thread(target=record) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 12
    assert len(set(ids)) == 1
    assert sum(new) == 1
    assert decisions.decisions(everything, 20).total == 1


def test_the_database_itself_refuses_a_second(database: Database, log: AuditLog, decisions: DecisionLog) -> None:
    log.record(entry())
    decisions.record(draft)
    with database.engine.connect() as connection:
        row = dict(connection.execute(DecisionRow.__table__.select()).mappings().one())
    with pytest.raises(IntegrityError), writing(database.engine) as connection:
        connection.execute(insert(DecisionRow), row | {"id": str(uuid4())})


@pytest.mark.usefixtures("made_step_by_step")
def test_decisions_of_an_earlier_program_stay(url: URL) -> None:
    database = Database(url)
    if database.is_sqlite:
        Path(str(url.database)).parent.mkdir(parents=True)
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with writing(database.engine) as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "0001")
        connection.execute(
            text(
                "INSERT INTO officer_decisions (id, time, request_id, caller, officer, decision, kind, reason,"
                " client_id, prediction_id, model_decision, model_version, probability, threshold) VALUES ('one',"
                " '2026-11-01 09:30:00', 'request-1', 'office', 'C. Martin', 'REFUSÉ', 'confirm', 'Incomplet', 7,"
                " 'prediction', 'REFUSÉ', '7', 0.25, 0.1)"
            )
        )
    database.close()
    database = Database.open(url)
    (kept,) = DecisionLog(database).decisions(everything, 10).decisions
    assert (kept.id, kept.client_id, kept.time) == ("one", 7, datetime(2026, 11, 1, 9, 30, tzinfo=UTC))
    unique = [index for index in inspect(database.engine).get_indexes("officer_decisions") if index["unique"]]
    assert [index["column_names"] for index in unique] == [["caller", "idempotency_key"]]
    database.close()


def test_a_decision_sent_again_to_a_database_that_was_lost_is_restored_once(
    database: Database, log: AuditLog, decisions: DecisionLog, tmp_path: Path, url: URL
) -> None:
    log.record(entry())
    decisions.record(draft)
    backup(database, tmp_path / "backup")
    other = Database.open(url.set(database=str(tmp_path / "other.db"))) if database.is_sqlite else None
    if other is None:
        pytest.skip("one kind of database is enough: the statement is the same")
    AuditLog(other).record(entry())
    again = DecisionLog(other).record(draft).decision
    copied = restore(other, tmp_path / "backup")
    assert (copied.predictions, copied.decisions) == (1, 0)
    assert DecisionLog(other).decisions(everything, 10).decisions == (again,)
    other.close()
