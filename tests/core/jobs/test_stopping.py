"""A worker process that is told to stop ends its job at a checkpoint, and the next does the rest: every row once."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import polars as pl

from core.jobs import files
from core.settings import root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.jobs.job import Job
    from core.jobs.store import JobStore
    from core.settings import Settings
    from tests.core.jobs.conftest import Sender

rows = 30_000
patience = 60


@contextmanager
def running(settings: Settings, audit: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker, that ends as it was told to, and with exit code 0."""
    own = {
        "MODELS_DIR": str(settings.models_dir),
        "DATA_DIR": str(settings.data_dir),
        "JOBS_DIR": str(settings.jobs_dir),
        "AUDIT_FILE": str(audit),
    }
    command = [sys.executable, "-m", "commands", "worker"]
    with (
        log.open("wb") as said,
        subprocess.Popen(command, cwd=root, env=os.environ | own, stdout=said, stderr=said) as process,
    ):
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            assert process.wait(patience) == 0, log.read_text(encoding="utf-8")
        finally:
            process.kill()


def until(store: JobStore, sent: Job, status: str | None = None) -> None:
    """Waits until a job has that status, or a checkpoint where none is given."""
    deadline = time.monotonic() + patience
    while not (store.read(sent.id).status == status if status else files.checkpoint(store.folder(sent.id)).exists()):
        assert time.monotonic() < deadline, store.read(sent.id)
        time.sleep(0.01)


def test_a_stop_in_the_middle_of_a_job_costs_no_row_and_doubles_none(
    store: JobStore, job_settings: Settings, send: Sender, tmp_path: Path
) -> None:
    lines = (f"{number},202500.0,406597.5,Working,0.{number % 90 + 10}" for number in range(1, rows + 1))
    sent = send("\n".join(("SK_ID_CURR,AMT_INCOME_TOTAL,AMT_CREDIT,NAME_INCOME_TYPE,EXT_SOURCE_2", *lines)))
    audit = tmp_path / "audit.db"
    with running(job_settings, audit, tmp_path / "first.log"):
        until(store, sent)
    stopped = store.read(sent.id)
    # A stop is no failed attempt.
    assert (stopped.status, stopped.attempts) == ("queued", 0)
    assert 0 < stopped.tally.scored < rows
    with running(job_settings, audit, tmp_path / "second.log"):
        until(store, sent, "done")
    job = store.read(sent.id)
    assert (job.attempts, job.tally.scored, job.tally.rejected, job.tally.unrecorded) == (1, rows, 0, 0)
    found = pl.read_parquet(files.result(store.folder(sent.id)))
    assert found["SK_ID_CURR"].to_list() == list(range(1, rows + 1))
    with closing(sqlite3.connect(audit)) as connection:
        recorded = connection.execute("SELECT count(*), count(DISTINCT client_id) FROM predictions").fetchone()
    assert recorded == (rows, rows)
    # Read by the same programs as the log of the API.
    logged = [json.loads(line) for line in (tmp_path / "first.log").read_text("utf-8").splitlines()]
    assert any("waits at a checkpoint" in line["event"] and line["level"] == "info" for line in logged)
