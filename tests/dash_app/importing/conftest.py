"""A dashboard whose files go to a real API without a network between them, and a worker that works when told to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api import create_app as create_api
from core.jobs.running.worker import Worker
from core.settings import Settings
from dash_app import create_app
from dash_app.service.client import ApiClient
from dash_app.service.jobs import JobService
from dash_app.services import DashboardServices
from tests.adapters import Wsgi

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

    from core.model.source import ModelSource
    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer


@pytest.fixture
def settings(tmp_path: Path, installed: Callable[..., Settings]) -> Settings:
    return installed(
        tmp_path,
        max_upload_bytes=2_000_000,
        jobs_max_rows=100_000,
    )


@pytest.fixture
def jobs(settings: Settings, scorer: Scorer, portfolio: Portfolio) -> JobService:
    api = create_api(settings, scorer, portfolio)
    return JobService(ApiClient("http://api", 20, adapter=Wsgi(api)))


@pytest.fixture
def worker(settings: Settings, loaded_model: ModelSource) -> Worker:
    return Worker(settings, model=loaded_model)


@pytest.fixture
def server(settings: Settings, jobs: JobService) -> Flask:
    made: Flask = create_app(settings).server
    made.extensions[DashboardServices.key] = DashboardServices.reached_by(settings, None, jobs=jobs)
    return made
