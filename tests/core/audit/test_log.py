"""What is recorded is read back as it was, in both databases, and found by what a reviewer looks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from core.audit import log as log_module
from core.audit.entries import PredictionEntry, PredictionFilter, new_ids
from core.audit.log import AuditLog, retention_start
from core.decision import Decision
from tests.core.audit.made import entry, inputs

if TYPE_CHECKING:
    from core.audit.engine import Database

everything = PredictionFilter()


@pytest.mark.parametrize("together", [1, 2])
def test_what_is_recorded_is_read_back(log: AuditLog, together: int) -> None:
    before = datetime.now(UTC)
    keys = log.record_many([entry()] * together)
    page = log.predictions_with_inputs(everything, 10)
    assert page.total == together
    assert {prediction.id for prediction in page.predictions} == set(keys)
    found = page.predictions[0]
    assert before <= found.time <= datetime.now(UTC)
    assert found.time.utcoffset() == timedelta(0)
    assert dict(found.inputs or {}) == inputs
    assert found.inputs is not None
    assert isinstance(found.inputs["CNT_CHILDREN"], int)
    said = (found.kind, found.request_id, found.caller, found.client_id, found.decision, found.model_version)
    assert said == ("predict", "request-12345", "till", 900001, "REFUSÉ", "7")
    assert (found.probability, found.threshold) == (0.2, 0.1)
    assert (found.history, found.portfolio) == ("portfolio", "imported:0123456789abcdef")


def test_probabilities_keep_all_their_digits(log: AuditLog) -> None:
    probability = 0.1 + 0.2 / 3
    log.record(entry(probability=probability))
    assert log.predictions(everything, 1).predictions[0].probability == probability


def test_nothing_to_record_is_nothing_recorded(log: AuditLog) -> None:
    assert log.record_many([]) == []
    assert log.predictions(everything, 1).total == 0


def test_inputs_are_only_read_where_they_are_asked_for(log: AuditLog) -> None:
    key = log.record(entry())
    assert log.predictions(everything, 1).predictions[0].inputs is None
    found = log.prediction(key)
    assert found is not None
    assert found.inputs is None


def test_a_number_that_json_cannot_say_becomes_null(log: AuditLog) -> None:
    decision = Decision(None, 0.2, 0.1)
    log.record(
        PredictionEntry("predict", "request-12345", "till", {"RATIO": float("nan"), "OTHER": 1.5}, decision, "7")
    )
    found = log.predictions_with_inputs(everything, 1).predictions[0]
    assert dict(found.inputs or {}) == {"RATIO": None, "OTHER": 1.5}
    assert found.client_id is None


def test_newest_first_in_pages(log: AuditLog) -> None:
    keys = [log.record(entry(client_id=number)) for number in range(5)]
    page = log.predictions(everything, 2, 1)
    assert page.total == 5
    assert [prediction.id for prediction in page.predictions] == [keys[3], keys[2]]


@pytest.mark.parametrize(
    ("wanted", "clients"),
    [
        (PredictionFilter(client_id=2), {2}),
        (PredictionFilter(kind="explain"), {2}),
        (PredictionFilter(decision="ACCEPTÉ"), {3}),
        (PredictionFilter(caller="nobody"), set()),
        (PredictionFilter(caller="till"), {1, 2, 3}),
        (PredictionFilter(caller="till", decision="REFUSÉ", kind="predict"), {1}),
    ],
)
def test_filters(log: AuditLog, wanted: PredictionFilter, clients: set[int]) -> None:
    log.record_many([entry(1), entry(2, kind="explain"), entry(3, probability=0.05)])
    page = log.predictions(wanted, 10)
    assert {prediction.client_id for prediction in page.predictions} == clients
    assert page.total == len(clients)


def test_since_is_included_and_until_is_not(log: AuditLog) -> None:
    log.record(entry(1))
    at = log.predictions(everything, 1).predictions[0].time
    a_moment = timedelta(microseconds=1)
    assert log.predictions(PredictionFilter(since=at), 1).total == 1
    assert log.predictions(PredictionFilter(since=at + a_moment), 1).total == 0
    assert log.predictions(PredictionFilter(until=at), 1).total == 0
    assert log.predictions(PredictionFilter(until=at + a_moment), 1).total == 1


def test_the_last_prediction_of_a_client_is_no_what_if(log: AuditLog) -> None:
    log.record(entry(1, probability=0.3))
    key = log.record(entry(1, probability=0.2))
    log.record(entry(1, probability=0.05, kind="simulate"))
    log.record(entry(2))
    found = log.latest(1)
    assert found is not None
    assert found.id == key
    assert log.latest(3) is None
    assert log.prediction("there is none") is None


def test_each_reads_all_in_parts(log: AuditLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "read_at_once", 3)
    # One call, one time: the key decides what comes next.
    keys = [*log.record_many([entry()] * 4), *(log.record(entry()) for _ in range(3))]
    assert [each.id for each in log.each(everything)] == keys
    assert all(each.inputs == inputs for each in log.each(everything))
    assert [each.id for each in log.each(PredictionFilter(client_id=1))] == []


def test_purge_deletes_what_is_older_and_nothing_else(log: AuditLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "purged_at_once", 2)
    log.record_many([entry()] * 5)
    kept = log.record(entry())
    boundary = log.predictions(everything, 1).predictions[0].time
    assert log.purge(boundary) == 5
    assert [prediction.id for prediction in log.predictions(everything, 10).predictions] == [kept]
    assert log.purge(retention_start(1)) == 0


def test_ids_sort_by_time_and_differ() -> None:
    now = datetime.now(UTC)
    earlier, later = new_ids(now, 1000), new_ids(now + timedelta(milliseconds=1), 1000)
    ids = earlier + later
    assert sorted(ids) == ids
    assert len(set(ids)) == 2000
    assert {(UUID(each).version, UUID(each).variant, str(UUID(each)) == each) for each in ids} == {
        (7, UUID(ids[0]).variant, True)
    }
    assert not set(new_ids(now, 1000)) & set(earlier)


def test_a_second_program_reads_what_the_first_has_written(database: Database, log: AuditLog) -> None:
    from core.audit.engine import Database as Opened

    log.record(entry())
    other = Opened.open(database.engine.url)
    assert AuditLog(other).predictions(everything, 1).total == 1
    other.close()
