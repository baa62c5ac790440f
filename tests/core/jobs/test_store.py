"""Jobs are folders: whole or not there, changed by one at a time, and reached by their ids alone."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs.receiving import shown_name
from core.jobs.store import JobStore, UnknownJob

if TYPE_CHECKING:
    from tests.core.jobs.conftest import Sender


def test_a_job_is_read_as_it_was_made(store: JobStore, send: Sender) -> None:
    first, second = send("a,b\n", "C:\\Clients\\demandes mars.csv", 0.2), send(b"PAR1....", "x.csv")
    assert store.read(first.id) == first
    assert (first.status, first.kind, first.bytes, first.file_name) == ("queued", "csv", 4, "demandes mars.csv")
    assert (first.owner, first.wanted_threshold, second.kind) == ("tester", 0.2, "parquet")
    assert [job.id for job in store.jobs()] == [second.id, first.id]
    assert (store.folder(second.id) / "upload.parquet").read_bytes() == b"PAR1...."


def test_an_upload_that_is_given_up_leaves_nothing(store: JobStore) -> None:
    def give_up() -> None:
        with store.receive() as upload:
            upload.write(b"half")
            raise ConnectionError

    with pytest.raises(ConnectionError):
        give_up()
    assert list(store.root.iterdir()) == []
    assert store.jobs() == []


@pytest.mark.parametrize("name", ["..", "../../etc", "", "x", "a" * 31, "A" * 32, "a" * 33, "é" * 32, "\x00" * 32])
def test_what_is_no_id_never_reaches_the_disk(store: JobStore, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "root", None)
    for ask in (store.read, store.cancel, store.delete, store.folder):
        with pytest.raises(UnknownJob):
            ask(name)


def test_an_id_of_nothing_is_unknown(store: JobStore) -> None:
    for ask in (store.read, store.cancel, store.delete):
        with pytest.raises(UnknownJob):
            ask("a" * 32)


def test_no_change_is_lost(store: JobStore, send: Sender) -> None:
    job = send("a,b\n")

    def count() -> None:
        for _ in range(25):
            store.update(job.id, lambda each: replace(each, attempts=each.attempts + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read(job.id).attempts == 100


def test_a_job_is_claimed_once(store: JobStore, send: Sender) -> None:
    job = send("a,b\n")
    with store.claim(job.id) as first, store.claim(job.id) as second:
        assert (first, second) == (True, False)
    with store.claim(job.id) as again:
        assert again


def test_cancelling_removes_the_files_and_keeps_the_record(store: JobStore, send: Sender) -> None:
    job = send("a,b\n")
    cancelled = store.cancel(job.id)
    assert (cancelled.status, store.read(job.id)) == ("cancelled", cancelled)
    assert not list(store.folder(job.id).glob("upload*"))
    assert store.cancel(job.id) == cancelled
    store.delete(job.id)
    assert store.jobs() == []
    assert list(store.root.iterdir()) == []


def test_a_job_that_ended_long_ago_goes(store: JobStore, send: Sender) -> None:
    old, recent, waiting = send("a\n"), send("a\n"), send("a\n")
    for job, hours in ((old, 49), (recent, 47)):
        finished = datetime.now(UTC) - timedelta(hours=hours)
        store.update(job.id, lambda each, at=finished: replace(each, status="done", finished=at))  # type: ignore[misc]
    assert store.tidy(48) == 1
    assert {each.id for each in store.jobs()} == {recent.id, waiting.id}


def test_what_a_killed_process_left_of_an_upload_goes(store: JobStore, send: Sender) -> None:
    send("a\n")
    for age in (10, 7200):
        folder = store.root / f".incoming-{age}"
        folder.mkdir()
        (folder / "upload").write_bytes(b"half")
        for each in (folder / "upload", folder):
            os.utime(each, (time.time() - age,) * 2)
    store.tidy(48)
    assert [path.name for path in store.root.glob(".*")] == [".incoming-10"]


def test_a_job_that_cannot_be_read_hides_no_other(store: JobStore, send: Sender) -> None:
    broken, sound = send("a\n"), send("a\n")
    (store.folder(broken.id) / "job.json").write_bytes(b"{")
    assert [job.id for job in store.jobs()] == [sound.id]


@given(st.text(max_size=300))
def test_a_shown_name_is_one_plain_line(given_name: str) -> None:
    name = shown_name(given_name)
    assert 0 < len(name) <= 120
    assert name.isprintable()
    assert not set(name) & {"/", "\\", "\n"}


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [("", "file"), ("../../etc/passwd", "passwd"), ("a\r\nSet-Cookie: x", "aSet-Cookie: x"), ("...", "file")],
)
def test_shown_names(given_name: str, shown: str) -> None:
    assert shown_name(given_name) == shown
