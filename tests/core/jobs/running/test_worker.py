"""A worker brings every job to an end: done, or failed for a reason that is said; whatever happened on the way."""

from __future__ import annotations

import errno
import gzip
import logging
import os
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from core import outputs
from core.audit.writing import AuditUnavailable
from core.batch.rows import score_batch
from core.jobs.running import counting, result_file, scoring
from core.jobs.running.worker import Worker
from core.model.errors import ArtefactError
from core.tables.csv import lines as csv_lines

if TYPE_CHECKING:
    from pathlib import Path

    from core.batch.rows import Scored
    from core.jobs.job import Job
    from core.jobs.running.scoring import Recorder
    from core.jobs.store import JobStore
    from core.model.source import ModelSource
    from core.scoring import Scorer
    from core.settings import Settings
    from tests.core.jobs.conftest import Sender

header = "SK_ID_CURR,AMT_INCOME_TOTAL,AMT_CREDIT,NAME_INCOME_TYPE,EXT_SOURCE_2"
sound = "100002,202500.0,406597.5,Working,0.26"


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten batches or so of the file of the tests."""
    monkeypatch.setattr(csv_lines, "_size_for_rows", lambda *_: 50_000)


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report after each batch."""
    monkeypatch.setattr(scoring, "_min_seconds_between_updates", 0.0)


def keeping(seen: list[Scored]) -> Recorder:
    """Remembers what it was given."""

    def record(_: Job, scored: Scored) -> int:
        seen.append(scored)
        return 0

    return record


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


def result(store: JobStore, job: Job) -> pl.DataFrame:
    return pl.read_parquet(store.folder(job.id) / "result.parquet")


def names(store: JobStore, job: Job) -> set[str]:
    return {path.name for path in store.folder(job.id).iterdir()} - {"lock", "claim"}


def kill_after(worker: Worker, batches: int) -> list[Scored]:
    """Has the worker die once so many batches are at a checkpoint. Gives the batches that it saw, one more."""
    seen: list[Scored] = []

    def record(_: Job, scored: Scored) -> int:
        seen.append(scored)
        if len(seen) > batches:
            raise Killed
        return 0

    worker._record = record
    return seen


@pytest.mark.usefixtures("small_batches")
def test_a_job_scores_as_its_rows_do(
    store: JobStore, worker: Worker, send: Sender, csv_file: bytes, applications: pl.DataFrame, scorer: Scorer
) -> None:
    sent = send(csv_file, "mars.csv", threshold=0.2)
    worker.run(sent.id)
    job = store.read(sent.id)
    found = result(store, job)
    expected = scorer.probabilities(applications)
    assert (job.status, job.attempts, job.share, job.error) == ("done", 1, 1.0, None)
    assert found["SK_ID_CURR"].to_list() == applications["SK_ID_CURR"].to_list()
    assert found["row"].to_list() == list(range(2, 1002))
    np.testing.assert_allclose(found["probability"].to_numpy(), expected, atol=1e-12)
    assert found["AMT_CREDIT"].to_list() == applications["AMT_CREDIT"].to_list()
    assert job.threshold == 0.2
    assert job.tally.refused == int((expected >= 0.2).sum())
    assert job.tally.accepted + job.tally.refused == job.tally.scored == job.tally.read == 1000
    assert job.tally.histogram == tuple(np.histogram(expected, 100, (0, 1))[0])
    assert job.performance is not None
    assert job.performance.clients == 1000
    assert job.performance.auc > 0.6
    assert job.facts is not None
    assert (job.facts.separator, job.facts.missing, job.facts.unknown) == (",", (), ())
    assert job.started is not None
    assert job.finished is not None
    assert sent.created <= job.started <= job.finished
    assert names(store, job) == {"job.json", "result.parquet", "rejected.csv"}


@pytest.mark.parametrize("kind", ["csv.gz", "parquet"])
def test_packed_files_give_the_same(
    store: JobStore,
    worker: Worker,
    send: Sender,
    csv_file: bytes,
    applications: pl.DataFrame,
    tmp_path: Path,
    kind: str,
) -> None:
    applications.write_parquet(tmp_path / "in.parquet")
    content = gzip.compress(csv_file) if kind == "csv.gz" else (tmp_path / "in.parquet").read_bytes()
    plain, packed = send(csv_file), send(content, "whatever")
    worker.run(plain.id)
    worker.run(packed.id)
    assert store.read(packed.id).kind == kind
    expected, found = (result(store, each).sort("SK_ID_CURR").drop("row") for each in (plain, packed))
    np.testing.assert_allclose(found["probability"].to_numpy(), expected["probability"].to_numpy(), atol=1e-12)
    assert found.select("decision", "AMT_CREDIT", "CODE_GENDER").equals(
        expected.select("decision", "AMT_CREDIT", "CODE_GENDER")
    )


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("batches", [0, 1, 5])
def test_a_worker_that_is_killed_costs_nothing_but_time(
    store: JobStore,
    worker: Worker,
    job_settings: Settings,
    loaded_model: ModelSource,
    send: Sender,
    csv_file: bytes,
    batches: int,
) -> None:
    lines = csv_file.split(b"\n")
    # A bad row in each batch, so that the list of them is continued as well.
    for place in range(30, 1000, 50):
        lines[place] = b"x" + lines[place]
    content = b"\n".join(lines)
    whole = send(content)
    worker.run(whole.id)

    cut = send(content)
    seen = kill_after(worker, batches)
    with pytest.raises(Killed):
        worker.run(cut.id)
    assert (store.read(cut.id).status, store.read(cut.id).attempts) == ("running", 1)

    another = Worker(job_settings, model=loaded_model)
    another.round()
    assert another.queue.waiting() == {cut.id}
    scored: list[Scored] = []
    another._record = keeping(scored)
    another.run(cut.id)
    job, expected = store.read(cut.id), store.read(whole.id)
    assert (job.status, job.attempts) == ("done", 2)
    assert job.tally == expected.tally
    assert job.tally.rejected == 20
    assert result(store, job).equals(result(store, expected))
    rejected = [(store.folder(each.id) / "rejected.csv").read_bytes() for each in (cut, whole)]
    assert rejected[0] == rejected[1]
    # Only what was not at a checkpoint is done again.
    before, after = (sum(each.decisions.height for each in some) for some in (seen[:batches], scored))
    assert before + after == 980


@pytest.mark.usefixtures("small_batches")
def test_what_was_half_written_when_the_power_went_is_written_anew(
    store: JobStore, worker: Worker, send: Sender, csv_file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, cut = send(csv_file), send(csv_file)
    worker.run(whole.id)
    kept = outputs.write

    def dies(path: Path, content: bytes, **how: bool) -> None:
        # The part of the fourth batch is there, its checkpoint is not.
        if path.name == "checkpoint.json" and b'"parts":4' in content:
            raise Killed
        kept(path, content, **how)

    monkeypatch.setattr(outputs, "write", dies)
    with pytest.raises(Killed):
        worker.run(cut.id)
    monkeypatch.undo()
    with (store.folder(cut.id) / "rejected.csv").open("ab") as stream:
        stream.write(b"half a li")
    worker.run(cut.id)
    assert result(store, cut).equals(result(store, whole))
    assert (store.folder(cut.id) / "rejected.csv").read_bytes() == b""


@pytest.mark.usefixtures("small_batches")
def test_another_model_begins_anew(
    store: JobStore, worker: Worker, send: Sender, csv_file: bytes, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = send(csv_file)
    kill_after(worker, 3)
    with pytest.raises(Killed):
        worker.run(sent.id)
    info = replace(scorer.model, version="another", optimal_threshold=0.5)
    other = replace(scorer, artefacts=replace(scorer.artefacts, info=info))
    monkeypatch.setattr(
        worker, "_model", type("Source", (), {"load": lambda _: other, "fingerprint": lambda _: "other"})()
    )
    worker._record = None
    worker.run(sent.id)
    job = store.read(sent.id)
    assert (job.status, job.model_version, job.threshold) == ("done", "another", 0.5)
    assert result(store, job)["threshold"].unique().to_list() == [0.5]
    assert result(store, job).height == job.tally.read == 1000


def test_a_job_that_kills_its_worker_is_given_up(
    store: JobStore, worker: Worker, send: Sender, csv_file: bytes
) -> None:
    sent = send(csv_file)
    kill_after(worker, 0)
    for _ in range(3):
        with pytest.raises(Killed):
            worker.run(sent.id)
    worker.run(sent.id)
    job = store.read(sent.id)
    assert (job.status, job.attempts) == ("failed", 3)
    assert job.error is not None
    assert job.error.sentence("en").startswith("The job was cut short 3 times")


@pytest.mark.usefixtures("small_batches")
def test_a_worker_that_is_asked_to_stop_stops_at_a_checkpoint(
    store: JobStore, worker: Worker, job_settings: Settings, send: Sender, csv_file: bytes
) -> None:
    sent = send(csv_file)

    def record(*_: object) -> int:
        worker.consumer.stop_flag.set()
        return 0

    worker._record = record
    worker.run(sent.id)
    job = store.read(sent.id)
    assert (job.status, job.attempts) == ("queued", 0)
    assert 0 < job.share < 1
    # With the model of the settings, as a worker has by itself.
    Worker(job_settings).run(sent.id)
    assert store.read(sent.id).status == "done"
    assert result(store, sent).height == 1000


@pytest.mark.usefixtures("small_batches", "often")
@pytest.mark.parametrize("gone", [False, True])
def test_cancelling_a_running_job_ends_it_at_the_next_batch(
    store: JobStore, worker: Worker, send: Sender, csv_file: bytes, gone: bool
) -> None:
    sent = send(csv_file)
    batches: list[Job] = []

    def record(job: Job, _: Scored) -> int:
        batches.append(job)
        if len(batches) == 3:
            store.cancel(job.id)
            if gone:
                store.delete(job.id)
        return 0

    worker._record = record
    worker.run(sent.id)
    assert len(batches) == 3
    if gone:
        assert store.jobs() == []
        assert not store.folder(sent.id).exists()
    else:
        assert store.read(sent.id).status == "cancelled"
        assert names(store, sent) == {"job.json"}


def test_a_job_that_another_worker_has_is_let_alone(
    store: JobStore, worker: Worker, send: Sender, csv_file: bytes
) -> None:
    sent = send(csv_file)
    with store.claim(sent.id):
        worker.round()
        assert worker.queue.waiting() == set()
        worker.run(sent.id)
    assert store.read(sent.id).attempts == 0


def test_a_job_that_never_reached_the_queue_is_found(worker: Worker, send: Sender, csv_file: bytes) -> None:
    sent = send(csv_file)
    worker.round()
    worker.round()
    assert [task.args for task in worker.queue.huey.pending()] == [[sent.id]]


@pytest.mark.usefixtures("often")
def test_progress_is_told_on_the_way(
    store: JobStore, worker: Worker, send: Sender, csv_file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_lines, "_size_for_rows", lambda *_: 50_000)
    sent = send(csv_file)
    seen: list[Job] = []

    def record(job: Job, _: Scored) -> int:
        seen.append(store.read(job.id))
        return 0

    worker._record = record
    worker.run(sent.id)
    shares = [each.share for each in seen]
    assert len(seen) > 5
    assert shares == sorted(shares)
    assert 0 < seen[4].tally.read < 1000
    assert all(each.status == "running" for each in seen)
    assert seen[4].rows_per_second is not None
    assert seen[4].seconds_left is not None
    assert seen[4].seconds_left > 0


bad_files: list[Any] = [
    (b"", "file_empty"),
    (header, "file_no_rows"),
    (f"{header}\n\n\n", "file_no_rows"),
    (b"\x00\x01\x02" * 100, "file_not_text"),
    (b"PAR1 and no more", "file_unreadable"),
    (b"\x1f\x8b and no more", "file_unreadable"),
    (gzip.compress(f"{header}\n{sound}\n".encode())[:-6], "file_unreadable"),
    (",".join(f"garbage {number}" for number in range(50)) + "\n" + "1," * 49 + "1\n", "file_no_known_column"),
    ("AMT_CREDIT,AMT_CREDIT\n1,2\n", "file_column_twice"),
]


@pytest.mark.parametrize(("content", "key"), bad_files)
def test_a_file_that_cannot_be_scored_says_why(
    store: JobStore, worker: Worker, send: Sender, content: bytes | str, key: str
) -> None:
    sent = send(content)
    worker.run(sent.id)
    job = store.read(sent.id)
    assert job.error is not None
    assert (job.status, job.error.key) == ("failed", key)
    assert job.error.sentence("fr") != job.error.sentence("en")
    assert names(store, job) == {"job.json"}


def test_bad_rows_are_set_aside_and_counted_by_reason(store: JobStore, worker: Worker, send: Sender) -> None:
    lines = [header, sound, "100003,abc,1e5,Working,7", "100004,1e5,1e5,Wizard,0.5", "100005,1e5", "oops,1,1,,", sound]
    sent = send("\n".join(lines))
    worker.run(sent.id)
    job = store.read(sent.id)
    assert (job.tally.read, job.tally.scored, job.tally.rejected, job.tally.listed) == (6, 2, 4, 5)
    assert {(reason.column, reason.problem, reason.count) for reason in job.tally.reasons} == {
        ("AMT_INCOME_TOTAL", "not_a_number", 1),
        ("EXT_SOURCE_2", "out_of_bounds", 1),
        ("NAME_INCOME_TYPE", "not_a_choice", 1),
        ("SK_ID_CURR", "not_a_number", 1),
        ("", "broken_row", 1),
    }
    listed = (store.folder(job.id) / "rejected.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in listed] == ["3", "3", "4", "5", "6"]
    assert not any(value in "".join(listed) for value in ("abc", "Wizard", "oops"))
    assert result(store, job)["row"].to_list() == [2, 7]


def test_the_list_of_bad_rows_ends_at_its_limit(
    store: JobStore, worker: Worker, send: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "max_listed", 10)
    sent = send("\n".join([header, sound, *["1,x,x,x,x"] * 30]))
    worker.run(sent.id)
    job = store.read(sent.id)
    assert (job.tally.rejected, job.tally.listed) == (30, 10)
    assert len((store.folder(job.id) / "rejected.csv").read_text().splitlines()) == 10
    assert sum(reason.count for reason in job.tally.reasons) == 120


def test_a_file_of_bad_rows_alone_is_done_all_the_same(store: JobStore, worker: Worker, send: Sender) -> None:
    sent = send(f"{header}\n1,x,x,x,x\n")
    worker.run(sent.id)
    job = store.read(sent.id)
    assert (job.status, job.tally.scored, job.tally.rejected, job.performance) == ("done", 0, 1, None)
    assert result(store, job).height == 0


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("name", ["000003.parquet", "checkpoint.json"])
@pytest.mark.usefixtures("small_batches")
def test_a_full_disk_ends_the_job_and_is_cleared(
    store: JobStore,
    worker: Worker,
    send: Sender,
    csv_file: bytes,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    name: str,
) -> None:
    sent, kept = send(csv_file), outputs.write

    def full(path: Path, content: bytes, **how: bool) -> None:
        if path.name == name:
            raise OSError(code, os.strerror(code))
        kept(path, content, **how)

    monkeypatch.setattr(outputs, "write", full)
    worker.run(sent.id)
    job = store.read(sent.id)
    assert job.error is not None
    assert (job.status, job.error.key) == ("failed", "job_disk_full")
    assert names(store, job) == {"job.json"}


@pytest.mark.usefixtures("small_batches")
def test_a_disk_that_is_full_at_the_last_file_is_told_as_well(
    store: JobStore, worker: Worker, send: Sender, csv_file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    def init(sink: result_file._Sink, _: object) -> None:
        sink.__dict__.update(_raw=Full(), failure=None)

    monkeypatch.setattr(result_file._Sink, "__init__", init)
    sent = send(csv_file)
    worker.run(sent.id)
    job = store.read(sent.id)
    assert job.error is not None
    assert (job.status, job.error.key) == ("failed", "job_disk_full")
    assert names(store, job) == {"job.json"}


def test_a_file_that_is_gone_is_told(store: JobStore, worker: Worker, send: Sender, csv_file: bytes) -> None:
    sent = send(csv_file)
    (store.folder(sent.id) / "upload.csv").unlink()
    worker.run(sent.id)
    error = store.read(sent.id).error
    assert error is not None
    assert error.key == "job_lost"


def test_without_a_model_the_job_says_so(
    store: JobStore, worker: Worker, send: Sender, csv_file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Nothing:
        def load(self) -> None:
            raise ArtefactError("there is none")

        def fingerprint(self) -> None:
            return None

    monkeypatch.setattr(worker, "_model", Nothing())
    sent = send(csv_file)
    worker.run(sent.id)
    error = store.read(sent.id).error
    assert error is not None
    assert error.key == "job_no_model"


def test_an_error_of_ours_ends_the_job_and_the_log_has_its_place_but_no_word(
    store: JobStore, worker: Worker, send: Sender, csv_file: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    def record(*_: object) -> int:
        raise KeyError("a client's name")

    worker._record = record
    sent = send(csv_file)
    with caplog.at_level(logging.INFO):
        worker.run(sent.id)
    error = store.read(sent.id).error
    assert error is not None
    assert error.key == "job_failed"
    assert "KeyError" in caplog.text
    assert "scoring.py" in caplog.text
    assert "a client's name" not in caplog.text.replace('raise KeyError("a client\'s name")', "")


def test_the_next_job_is_fine_after_one_that_failed(
    store: JobStore, worker: Worker, send: Sender, csv_file: bytes
) -> None:
    bad, good = send(b"\x00"), send(csv_file)
    worker.run(bad.id)
    worker.run(good.id)
    assert [store.read(each.id).status for each in (bad, good)] == ["failed", "done"]


def test_without_the_record_a_job_fails_and_says_so(
    store: JobStore, worker: Worker, send: Sender, csv_file: bytes
) -> None:
    def record(*_: object) -> int:
        raise AuditUnavailable("locked")

    worker._record = record
    sent = send(csv_file)
    worker.run(sent.id)
    error = store.read(sent.id).error
    assert error is not None
    assert error.key == "job_no_record"


@pytest.mark.usefixtures("small_batches")
def test_the_next_batch_is_scored_while_one_is_made_lasting(
    store: JobStore, worker: Worker, send: Sender, csv_file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    second_scored, overlapped, recorded = threading.Event(), [], []
    scored_batches = 0

    def score(*arguments: Any) -> Scored:
        nonlocal scored_batches
        scored = score_batch(*arguments)
        scored_batches += 1
        if scored_batches == 2:
            second_scored.set()
        return scored

    def record(_: Job, scored: Scored) -> int:
        recorded.extend(scored.decisions["row"].to_list())
        overlapped.append(second_scored.wait(60))
        return 0

    monkeypatch.setattr(scoring, "score_batch", score)
    worker._record = record
    sent = send(csv_file)
    worker.run(sent.id)
    assert store.read(sent.id).status == "done"
    assert overlapped[0]
    assert recorded == list(range(2, 1002))


@pytest.mark.usefixtures("small_batches")
def test_what_ended_stays_as_it_ended(store: JobStore, worker: Worker, send: Sender, csv_file: bytes) -> None:
    """A stop that comes while a long file is finished puts down what is done already."""
    repeated = csv_file + csv_file.splitlines(keepends=True)[1]
    sent = send(repeated)
    held = worker._take_up(sent.id)
    assert held is not None
    while held.run.step():
        pass
    held.run.finish()
    done = store.read(sent.id)
    assert done.status == "done"
    assert done.tally.caveats.repeated_rows
    worker._put_down(sent.id)
    assert store.read(sent.id) == done


def test_what_the_record_could_not_keep_is_counted(
    store: JobStore, worker: Worker, send: Sender, csv_file: bytes
) -> None:
    worker._record = lambda _, scored: scored.decisions.height
    sent = send(csv_file)
    worker.run(sent.id)
    assert store.read(sent.id).tally.unrecorded == store.read(sent.id).tally.scored == 1000
