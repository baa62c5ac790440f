"""Tables of an earlier version keep their rows and their guards when they get new columns."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import delete, text
from sqlalchemy.exc import DBAPIError

from core.access.person import Person
from core.audit import migrations
from core.audit.chain.appending import Appending
from core.audit.chain.links import EntryTable, tables
from core.audit.chain.verification import verify
from core.audit.decisions import DecisionFilter, DecisionLog
from core.audit.engine import Database
from core.audit.entries import PredictionFilter
from core.audit.log import AuditLog
from core.audit.tables import DecisionRow
from core.audit.writing import writing
from tests.core.audit.made import entry
from tests.core.audit.tampering import unguarded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection

pytestmark = pytest.mark.usefixtures("made_step_by_step")

_moment = "2026-11-01 09:00:00.000000"


@contextmanager
def version_of(url: URL, revision: str) -> Iterator[Connection]:
    """A transaction in a database as a program of that revision left it."""
    if url.database and url.get_backend_name() == "sqlite":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(migrations.__file__).parent))
    database = Database(url)
    with writing(database.engine) as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, revision)
        yield connection
    database.close()


@pytest.fixture
def older(url: URL) -> URL:
    """A database of the first version with a prediction and a word on it."""
    with version_of(url, "0001") as connection:
        connection.execute(
            text(
                "INSERT INTO predictions VALUES ('a', :moment, 'predict', 'request', 'till', 7, 0.2, 0.1, 'REFUSÉ',"
                " '1', '{}')"
            ),
            {"moment": _moment},
        )
        connection.execute(
            text(
                "INSERT INTO officer_decisions VALUES ('b', :moment, 'request', 'till', 'C. Martin', 'REFUSÉ',"
                " 'confirm', 'seen', 7, 'a', 'REFUSÉ', '1', 0.2, 0.1)"
            ),
            {"moment": _moment},
        )
    return url


def test_links_of_before_there_were_persons_hold_beside_later_ones(url: URL) -> None:
    with version_of(url, "0005") as connection:
        later = {"subject", "person", "application", "block", "fold_agreement", "referral"}
        later |= {"challenger_version", "challenger_probability", "challenger_threshold"}
        stored = {column.name for column in tables["prediction"].columns} - later
        table = EntryTable("prediction", tables["prediction"], connection.dialect, stored)
        known = {"kind": "predict", "request_id": "request", "caller": "till", "model_version": "1", "inputs": {"A": 1}}
        decided = {"client_id": 7, "probability": 0.2, "threshold": 0.1, "decision": "REFUSÉ"}
        row = table.row({"id": "a", "time": datetime.now(UTC)} | known | decided)
        Appending.within(connection).add(table, [row], [table.content(row)])
    database = Database.open(url)
    AuditLog(database).record(replace(entry(), person=Person("u-1", "Alice")))
    AuditLog(database).record(entry())
    found = verify(database)
    assert (found.fault_count, found.counts["prediction"], found.sealed) == (0, 3, 0)
    said = AuditLog(database).predictions(PredictionFilter(), 10).predictions
    assert [(each.subject, each.person) for each in said] == [(None, None), ("u-1", "Alice"), (None, None)]
    # Who asked can be changed as little as the rest.
    with unguarded(database) as connection:
        connection.execute(text("UPDATE predictions SET person = 'Bob' WHERE person IS NOT NULL"))
    assert [fault.what for fault in verify(database).faults] == ["changed"]
    database.close()


def test_outcomes_of_before_keep_their_digests_without_a_column_that_was_empty(url: URL) -> None:
    with version_of(url, "0014") as connection:
        assert connection.execute(text("SELECT subject FROM outcomes")).all() == []
        table = EntryTable("outcome", tables["outcome"], connection.dialect)
        about = {"prediction_id": "a", "kind": "predict", "probability": 0.2, "threshold": 0.1, "model_version": "1"}
        known = {"defaulted": 1, "observed": "2026-11-20", "model_decision": "REFUSÉ", "decided": datetime.now(UTC)}
        origin = {"id": "o", "time": datetime.now(UTC), "request_id": "request", "caller": "till"}
        row = table.row(origin | about | known)
        Appending.within(connection).add(table, [row], [table.content(row)])
    database = Database.open(url)
    found = verify(database)
    assert (found.fault_count, found.counts["outcome"]) == (0, 1)
    with database.engine.connect() as connection:
        (stored,) = connection.execute(text("SELECT * FROM outcomes")).mappings().all()
    assert "subject" not in stored
    assert (stored["id"], stored["defaulted"]) == ("o", 1)
    with pytest.raises(DBAPIError), database.engine.begin() as connection:
        connection.execute(text("UPDATE outcomes SET defaulted = 0"))
    database.close()


def test_what_was_recorded_before_says_nothing_of_history(older: URL) -> None:
    database = Database.open(older)
    (prediction,) = AuditLog(database).predictions(PredictionFilter(), 10).predictions
    (word,) = DecisionLog(database).decisions(DecisionFilter(), 10).decisions
    database.close()
    assert (prediction.client_id, prediction.history, prediction.portfolio) == (7, None, None)
    assert (word.officer, word.history, word.portfolio) == ("C. Martin", None, None)


def test_an_earlier_word_can_still_not_be_changed(older: URL) -> None:
    database = Database.open(older)
    with pytest.raises(DBAPIError), database.engine.begin() as connection:
        connection.execute(delete(DecisionRow))
    with pytest.raises(DBAPIError), database.engine.begin() as connection:
        connection.execute(text("UPDATE officer_decisions SET officer = 'D. Petit'"))
    assert DecisionLog(database).decisions(DecisionFilter(officer="C. Martin"), 10).total == 1
    database.close()
