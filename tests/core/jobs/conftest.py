"""A store of jobs, and a worker that works when it is told to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.access import person
from core.data import demo
from core.jobs.running.worker import Worker
from core.jobs.store import JobStore
from core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import polars as pl

    from core.jobs.job import Job
    from core.model.source import ModelSource

    Sender = Callable[..., Job]


@pytest.fixture
def job_settings(tmp_path: Path, models_dir: Path) -> Settings:
    return Settings(models_dir=models_dir, data_dir=tmp_path / "data", jobs_dir=tmp_path / "jobs")


@pytest.fixture
def store(job_settings: Settings) -> JobStore:
    return JobStore(job_settings.jobs_dir)


@pytest.fixture
def worker(job_settings: Settings, loaded_model: ModelSource) -> Worker:
    return Worker(job_settings, model=loaded_model)


@pytest.fixture
def send(store: JobStore) -> Sender:
    """Makes a job of a file."""

    def sent(content: bytes | str, name: str = "in.csv", threshold: float | None = None) -> Job:
        with store.receive() as upload:
            upload.write(content if isinstance(content, bytes) else content.encode())
            return store.create(upload, name, person.Sender("tester"), threshold)

    return sent


@pytest.fixture(scope="session")
def applications() -> pl.DataFrame:
    """Enough of them for ten batches, and for figures of performance."""
    return demo.draw_applications(1000, 11, "train")


@pytest.fixture(scope="session")
def csv_file(applications: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("csv") / "in.csv"
    applications.write_csv(path)
    return path.read_bytes()
