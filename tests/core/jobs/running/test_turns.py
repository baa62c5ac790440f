"""Owners and their files have their turns: a short one is done while a long one goes on, whatever ends the worker."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.access.person import Person
from core.access.person import Sender as Author
from core.audit.writing import AuditUnavailable
from core.jobs.running import result_file, scoring
from core.jobs.running import worker as worker_module
from core.jobs.running.turns import Turns
from core.jobs.running.worker import Worker
from core.tables.csv import lines as csv_lines
from tests.core.jobs.running.test_worker import Killed, result

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.batch.rows import Scored
    from core.jobs.job import Job
    from core.jobs.store import JobStore
    from core.model.source import ModelSource
    from core.settings import Settings
    from tests.core.jobs.conftest import Sender

ten_rows = "SK_ID_CURR,AMT_INCOME_TOTAL,AMT_CREDIT\n" + "1,2e5,4e5\n" * 10


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten batches or so of the file of the tests, reported one by one; a job in the queue is taken at once."""
    monkeypatch.setattr(csv_lines, "_size_for_rows", lambda *_: 30_000)
    monkeypatch.setattr(scoring, "_min_seconds_between_updates", 0.0)
    monkeypatch.setattr(worker_module, "_seconds_left_to_others", 0.0)


@pytest.fixture
def file(csv_file: bytes) -> bytes:
    return b"".join(csv_file.splitlines(keepends=True)[:601])


def recording(worker: Worker, meanwhile: Callable[[int, Job], None] = lambda *_: None) -> list[str]:
    """The job of each batch, as it is recorded; `meanwhile` is called with how many there were before."""
    order: list[str] = []

    def record(job: Job, _: Scored) -> int:
        meanwhile(len(order), job)
        order.append(job.id)
        return 0

    worker._record = record
    return order


def test_ten_rows_do_not_wait_for_a_long_file(store: JobStore, worker: Worker, send: Sender, file: bytes) -> None:
    long, short = send(file), send(ten_rows)
    seen: list[tuple[str, Job]] = []

    def meanwhile(batches: int, _: Job) -> None:
        if batches == 2:
            worker.queue.put(short.id)
        seen.append((store.read(short.id).status, store.read(long.id)))

    order = recording(worker, meanwhile)
    worker.run(long.id)
    # A batch is recorded while the next one is scored: one more may be on its way.
    assert order.index(short.id) in (3, 4)
    assert order.count(long.id) > 8
    # While the short one was done, the long one was not, and both said how far they were.
    assert ("done", "running") in {(status, job.status) for status, job in seen}
    shares = [job.share for _, job in seen]
    assert shares == sorted(shares)
    assert 0 < shares[5] < 1
    assert [store.read(each.id).status for each in (long, short)] == ["done", "done"]
    assert [store.read(each.id).attempts for each in (long, short)] == [1, 1]


def test_an_owner_of_many_files_has_no_more_turns_than_one_of_one(
    store: JobStore, worker: Worker, file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One at a time is open: files are left and gone on with again and again.
    monkeypatch.setattr(worker_module, "_max_open", 1)
    monkeypatch.setattr(worker_module, "_turn_for_opening", 0.0)
    owners: dict[str, str] = {}
    for owner in ("many", "many", "many", "one"):
        with store.receive() as upload:
            upload.write(file)
            owners[store.create(upload, "in.csv", Author("dashboard", Person(owner, owner))).id] = owner

    def meanwhile(batches: int, _: Job) -> None:
        if batches == 0:
            worker.round()

    order = recording(worker, meanwhile)
    worker.run(next(iter(owners)))
    until_one_is_done = order[2 : 2 * order.count(next(each for each in owners if owners[each] == "one"))]
    turns = Counter(owners[each] for each in until_one_is_done)
    assert abs(turns["many"] - turns["one"]) <= 2
    for job_id in owners:
        job = store.read(job_id)
        assert (job.status, job.attempts, job.tally.read) == ("done", 1, 600)
        assert result(store, job).equals(result(store, store.read(next(iter(owners)))))


@pytest.mark.parametrize("batches", [1, 4, 7])
def test_a_worker_that_is_killed_among_several_files_costs_none_of_them_a_row(
    store: JobStore,
    worker: Worker,
    job_settings: Settings,
    loaded_model: ModelSource,
    send: Sender,
    file: bytes,
    batches: int,
) -> None:
    jobs = [send(file) for _ in range(2)]
    for job in jobs:
        worker.queue.put(job.id)

    def dies(count: int, _: Job) -> None:
        if count == batches:
            raise Killed

    before = recording(worker, dies)
    with pytest.raises(Killed):
        worker.run(jobs[0].id)
    another = Worker(job_settings, model=loaded_model)
    after = recording(another)
    another.round()
    for job_id in another.queue.take():
        another.run(job_id)
    for job in jobs:
        done = store.read(job.id)
        assert (done.status, done.tally.scored) == ("done", 600)
        assert result(store, job).height == 600
        assert result(store, job)["row"].to_list() == list(range(2, 602))
    # Only the batch in hand is scored twice.
    assert len(before) + len(after) == 2 * max(after.count(job.id) + before.count(job.id) for job in jobs)


def test_a_stop_leaves_all_files_at_their_checkpoints(
    store: JobStore, worker: Worker, job_settings: Settings, loaded_model: ModelSource, send: Sender, file: bytes
) -> None:
    jobs = [send(file) for _ in range(3)]
    for job in jobs:
        worker.queue.put(job.id)

    def stops(count: int, _: Job) -> None:
        if count == 4:
            worker.consumer.stop_flag.set()

    recording(worker, stops)
    worker.run(jobs[0].id)
    assert [(store.read(job.id).status, store.read(job.id).attempts) for job in jobs] == [("queued", 0)] * 3
    assert all(0 < store.read(job.id).share < 1 for job in jobs)
    another = Worker(job_settings, model=loaded_model)
    for job in jobs:
        another.run(job.id)
        assert result(store, job).height == 600


def test_a_file_that_kills_workers_takes_no_other_with_it(
    store: JobStore, worker: Worker, job_settings: Settings, loaded_model: ModelSource, send: Sender, file: bytes
) -> None:
    poison, sound = send(file), send(file)

    def dies(_: int, job: Job) -> None:
        if job.id == poison.id:
            raise Killed

    for _ in range(8):
        another = Worker(job_settings, model=loaded_model)
        recording(another, dies)
        another.round()
        try:
            for job_id in reversed(another.queue.take()):
                another.run(job_id)
        except Killed:
            continue
        break
    assert store.read(sound.id).status == "done"
    error = store.read(poison.id).error
    assert error is not None
    assert error.key == "job_gave_up"


def test_to_put_a_long_result_together_takes_nobody_s_turn(
    store: JobStore, worker: Worker, send: Sender, file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "_max_parts_of_a_turn", 0)
    long, short = send(file), send(ten_rows)
    waited: list[str] = []
    merge = result_file.merge

    def slowly(folder: Path, n_parts: int) -> None:
        if folder == store.folder(long.id):
            worker.queue.put(short.id)
            while store.read(short.id).status != "done":
                waited.append(short.id)
        merge(folder, n_parts)

    # The short one is put together within its turn.
    monkeypatch.setattr(scoring.JobRun, "is_long", property(lambda run: run._job.id == long.id))
    monkeypatch.setattr(result_file, "merge", slowly)
    worker.run(long.id)
    assert waited
    assert [store.read(each.id).status for each in (long, short)] == ["done", "done"]


def test_what_is_too_large_is_refused_before_a_row_of_it_is_on_record(
    job_settings: Settings, loaded_model: ModelSource, store: JobStore, send: Sender, file: bytes
) -> None:
    worker = Worker(job_settings.model_copy(update={"max_file_rows": 599}), model=loaded_model)
    order = recording(worker)
    sent = send(file)
    worker.run(sent.id)
    error = store.read(sent.id).error
    assert error is not None
    assert error.key == "file_too_many_rows"
    assert order == []


def test_a_disk_without_the_reserve_ends_a_job(
    job_settings: Settings, loaded_model: ModelSource, store: JobStore, send: Sender, file: bytes
) -> None:
    worker = Worker(job_settings.model_copy(update={"jobs_reserve_bytes": 10**18}), model=loaded_model)
    sent = send(file)
    worker.run(sent.id)
    error = store.read(sent.id).error
    assert error is not None
    assert error.key == "job_disk_full"


@given(
    files=st.dictionaries(st.sampled_from("abcd"), st.integers(1, 5), min_size=1),
    lengths=st.lists(st.integers(1, 6), min_size=20, max_size=20),
)
def test_turns_are_even(files: dict[str, int], lengths: list[int]) -> None:
    turns = Turns()
    left: dict[str, int] = {}
    for owner, count in files.items():
        for number in range(count):
            turns.add(f"{owner}{number}", owner)
            left[f"{owner}{number}"] = lengths[len(left)]
    had: Counter[str] = Counter()
    while (job := turns.take()) is not None:
        owners = {each[0] for each in left}
        # Whoever has the turn had as few as anybody else who still has work.
        assert had[job[0]] == min(had[owner] for owner in owners)
        of_owner = [each for each in left if each[0] == job[0]]
        assert had[job] == min(had[each] for each in of_owner)
        had[job[0]] += 1
        had[job] += 1
        left[job] -= 1
        if not left[job]:
            del left[job]
            turns.remove(job)
    assert not left
    assert len(turns) == 0


def test_to_come_back_again_and_again_gains_no_turns() -> None:
    turns = Turns()
    turns.add("long", "a")
    order = []
    for number in range(6):
        turns.add(f"short {number}", "b")
        for _ in range(2):
            job = turns.take()
            order.append(job)
            if job != "long":
                turns.remove(str(job))
    assert order.count("long") == 6


def test_a_batch_that_cannot_be_kept_ends_its_job_where_others_have_their_turns(
    store: JobStore, worker: Worker, send: Sender, file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each turn opens a job anew, so that its one batch is still being kept when the job is put down."""
    monkeypatch.setattr(worker_module, "_max_open", 1)
    monkeypatch.setattr(worker_module, "_turn_for_opening", 0.0)
    bad, good = send(file), send(file)

    def record(job: Job, _: Scored) -> int:
        if job.id == bad.id:
            raise AuditUnavailable("locked")
        return 0

    worker._record = record
    worker.queue.put(good.id)
    worker.run(bad.id)
    assert [store.read(job.id).status for job in (bad, good)] == ["failed", "done"]
    error = store.read(bad.id).error
    assert error is not None
    assert error.key == "job_no_record"
