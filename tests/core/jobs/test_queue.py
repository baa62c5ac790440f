"""The queue carries ids from one process to another, on SQLite and on Redis alike."""

from __future__ import annotations

import socket
import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest
from fakeredis import TcpFakeServer

from core.jobs.queue import JobQueue, QueueUnavailable
from core.jobs.running.worker import Worker
from core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.jobs.store import JobStore
    from tests.core.jobs.conftest import Sender


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A Redis server on a port of its own, which starts empty."""
    server = TcpFakeServer(("127.0.0.1", 0), server_type="redis")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    host, port = server.server_address[:2]
    yield f"redis://{host!s}:{port}/0"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(params=["sqlite", "redis"])
def url(request: pytest.FixtureRequest) -> str | None:
    found: str | None = request.getfixturevalue("redis_url") if request.param == "redis" else None
    return found


def take(queue: JobQueue) -> None:
    """Does what a worker thread does with the next message."""
    queue.huey.execute(queue.huey.dequeue())


def test_ids_come_in_the_order_in_which_they_were_put(tmp_path: Path, url: str | None) -> None:
    attended: list[str] = []
    putting, taking = JobQueue(tmp_path, url), JobQueue(tmp_path, url, attended.append)
    for each in ("a" * 32, "b" * 32):
        putting.put(each)
    assert putting.waiting() == {"a" * 32, "b" * 32}
    take(taking)
    assert (attended, putting.waiting()) == (["a" * 32], {"b" * 32})
    take(taking)
    assert attended == ["a" * 32, "b" * 32]
    assert taking.huey.dequeue() is None


def test_a_worker_takes_a_job_from_either(
    store: JobStore, job_settings: Settings, send: Sender, csv_file: bytes, url: str | None
) -> None:
    sent = send(csv_file)
    JobQueue(job_settings.jobs_dir, url).put(sent.id)
    worker = Worker(job_settings.model_copy(update={"redis_url": url}))
    take(worker.queue)
    assert store.read(sent.id).status == "done"


def test_messages_are_text_that_nothing_is_run_from(tmp_path: Path) -> None:
    JobQueue(tmp_path, None).put("c" * 32)
    with sqlite3.connect(tmp_path / "queue.db") as connection:
        ((message,),) = connection.execute("select data from task").fetchall()
    connection.close()
    assert message.startswith(b'["')
    assert b"c" * 32 in message


def test_a_queue_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    away = JobQueue(tmp_path, f"redis://127.0.0.1:{port}/0")
    with pytest.raises(QueueUnavailable):
        away.put("a" * 32)
    with pytest.raises(QueueUnavailable):
        away.waiting()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(QueueUnavailable):
        JobQueue(tmp_path / "file", None)
