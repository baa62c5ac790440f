"""What is recorded of a file that a job scores."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from core.audit import files
from core.audit.chain.verification import verify
from core.audit.engine import Database, database_url
from core.audit.entries import PredictionFilter
from core.audit.files import FileRecorder, recorded_bytes
from core.audit.log import AuditLog
from core.audit.writing import AuditUnavailable
from core.batch.caveats import Caveats
from core.batch.challenges import Challenges
from core.batch.decisions import decide
from core.batch.rows import Scored
from core.data import demo
from core.features import history_names
from core.jobs.job import Job
from core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import URL

_everything = PredictionFilter()


@pytest.fixture
def audit_settings(url: URL) -> Settings:
    address = url.render_as_string(hide_password=False)
    return Settings(database_url=address, audit_required=True)


@pytest.fixture(scope="module")
def scored() -> Scored:
    applications = demo.draw_applications(40, 3, "train")
    applications = applications.with_columns(bureau_active_count=pl.Series([1.5, None] * 20))
    rows = pl.DataFrame({"row": range(1, 41)}).hstack(applications.select("SK_ID_CURR", "TARGET"))
    probabilities = pl.Series([number / 100 for number in range(40)]).to_numpy()
    whose = pl.Series("history", ["sent", "none", "portfolio", "none"] * 10)
    sure = [
        pl.Series("fold_agreement", [1.0, 0.8, None, 1.0] * 10),
        pl.Series("referral_reasons", ["", "close_call"] * 20),
    ]
    return Scored(applications, rows.hstack([*decide(probabilities, 0.1), whose, *sure]), pl.DataFrame(), 0, Caveats())


@pytest.fixture
def job() -> Job:
    created = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    return Job(
        "0" * 31 + "a",
        "running",
        created,
        "in.csv",
        "csv",
        1,
        "tester",
        threshold=0.1,
        model_version="1.0.0+test",
        portfolio="imported:0123456789abcdef",
    )


def test_every_row_is_recorded_with_what_the_model_was_given(
    audit_settings: Settings, job: Job, scored: Scored, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_stored_at_once", 16)
    recorder = FileRecorder(audit_settings)
    assert recorder(job, scored) == 0
    recorder.close()
    found = {each.client_id: each for each in AuditLog(database).each(_everything)}
    assert len(found) == 40
    rows = scored.decisions.hstack(scored.applications.drop("SK_ID_CURR", "TARGET"))
    for row in rows.iter_rows(named=True):
        recorded = found[row["SK_ID_CURR"]]
        assert (recorded.kind, recorded.request_id, recorded.caller) == ("job", job.id, "tester")
        assert (recorded.probability, recorded.threshold) == (row["probability"], 0.1)
        assert (recorded.decision, recorded.model_version) == (row["decision"], "1.0.0+test")
        assert recorded.history == row["history"]
        assert (recorded.fold_agreement, recorded.referral or "") == (row["fold_agreement"], row["referral_reasons"])
        assert recorded.portfolio == (job.portfolio if row["history"] == "portfolio" else None)
        given = {name: row[name] for name in scored.applications.columns if name not in {"SK_ID_CURR", "TARGET"}}
        assert recorded.inputs == {name: value for name, value in given.items() if value is not None}


def test_a_batch_that_comes_again_is_not_recorded_again(
    audit_settings: Settings, job: Job, scored: Scored, database: Database
) -> None:
    recorder, log = FileRecorder(audit_settings), AuditLog(database)
    recorder(job, scored)
    before = [each.id for each in log.each(_everything)]
    recorder(job, scored)
    assert [each.id for each in log.each(_everything)] == before
    recorder.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda job: replace(job, threshold=0.2),
        lambda job: replace(job, model_version="2.0.0"),
        lambda job: replace(job, portfolio=None),
        lambda job: replace(job, id="b" * 32),
    ],
)
def test_another_decision_on_the_same_rows_is_recorded_beside_the_first(
    audit_settings: Settings, job: Job, scored: Scored, database: Database, change: Callable[[Job], Job]
) -> None:
    recorder = FileRecorder(audit_settings)
    recorder(job, scored)
    recorder(change(job), scored)
    recorder.close()
    assert AuditLog(database).predictions(_everything, 1).total == 80


def test_a_row_takes_no_more_of_the_disk_than_is_kept_free_for_it(tmp_path: Path, job: Job) -> None:
    """With all columns of an application, and a number of its own in each of the history features."""
    count, settings = 5000, Settings(database_url=None, audit_file=tmp_path / "audit.db")
    chance = np.random.default_rng(1)
    applications = demo.draw_applications(count, 3, "train").with_columns(
        pl.Series(name, chance.normal(size=count)) for name in history_names()
    )
    numbers = pl.DataFrame({"row": range(1, count + 1)}).hstack(applications.select("SK_ID_CURR", "TARGET"))
    sure = [pl.Series("fold_agreement", [0.8] * count), pl.Series("referral_reasons", ["close_call"] * count)]
    whose = pl.Series("history", ["sent"] * count)
    decisions = numbers.hstack([*decide(chance.uniform(size=count), 0.1), whose, *sure])
    recorder = FileRecorder(settings)
    recorder(job, Scored(applications, decisions, pl.DataFrame(), 0, Caveats()))
    recorder.close()
    assert sum(file.stat().st_size for file in tmp_path.glob("audit.db*")) / count < recorded_bytes


def test_ids_begin_with_the_time_of_the_job(
    audit_settings: Settings, job: Job, scored: Scored, database: Database
) -> None:
    recorder = FileRecorder(audit_settings)
    recorder(job, scored)
    recorder.close()
    ids = [each.id for each in AuditLog(database).each(_everything)]
    assert {int(each[:13].replace("-", ""), 16) for each in ids} == {int(job.created.timestamp() * 1000)}
    assert len(set(ids)) == 40


def test_a_file_without_a_known_column_is_recorded_with_nothing(
    audit_settings: Settings, job: Job, scored: Scored, database: Database
) -> None:
    recorder = FileRecorder(audit_settings)
    bare = Scored(scored.applications.select("SK_ID_CURR"), scored.decisions, pl.DataFrame(), 0, Caveats())
    recorder(job, bare)
    recorder.close()
    assert {len(each.inputs or {}) for each in AuditLog(database).each(_everything)} == {0}


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An audit file that cannot be made: there is a file where its folder should be."""
    monkeypatch.setattr(files, "_pauses", (0.0, 0.0))
    (tmp_path / "taken").write_text("")
    return tmp_path / "taken" / "audit.db"


def test_a_record_that_is_required_and_away_ends_the_job(locked: Path, job: Job, scored: Scored) -> None:
    recorder = FileRecorder(Settings(database_url=None, audit_file=locked, audit_required=True))
    with pytest.raises(AuditUnavailable):
        recorder(job, scored)


def test_a_record_that_comes_back_is_waited_for(
    locked: Path, job: Job, scored: Scored, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mended(_: float) -> None:
        if locked.parent.is_file():
            locked.parent.unlink()

    monkeypatch.setattr(time, "sleep", mended)
    settings = Settings(database_url=None, audit_file=locked, audit_required=True)
    recorder = FileRecorder(settings)
    assert recorder(job, scored) == 0
    recorder.close()
    database = Database.open(database_url(settings))
    assert AuditLog(database).predictions(_everything, 1).total == 40
    database.close()


def test_a_record_that_need_not_be_is_missed_and_counted(
    locked: Path, job: Job, scored: Scored, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = FileRecorder(Settings(database_url=None, audit_file=locked, audit_required=False))
    assert recorder(job, scored) == 40
    assert "not recorded" in caplog.text


def test_what_a_challenger_says_is_recorded_beside_each_row(
    audit_settings: Settings, job: Job, scored: Scored, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_stored_at_once", 16)
    said = np.random.default_rng(5).uniform(size=40)
    recorder = FileRecorder(audit_settings)
    recorder(job, replace(scored, challenges=Challenges.scored("v9", said.tolist(), 0.3)))
    # Begun anew after the challenger has changed: what is on record stands.
    recorder(job, replace(scored, challenges=Challenges.scored("v10", (1 - said).tolist(), 0.4)))
    recorder.close()
    columns = "client_id, challenger_version, challenger_probability, challenger_threshold"
    with database.engine.connect() as connection:
        found = connection.exec_driver_sql(f"SELECT {columns} FROM predictions ORDER BY id").all()  # noqa: S608
    clients = scored.decisions["SK_ID_CURR"].to_list()
    assert [tuple(row) for row in found] == [
        (client, "v9", probability, 0.3) for client, probability in zip(clients, said.tolist(), strict=True)
    ]
    assert verify(database).fault_count == 0
