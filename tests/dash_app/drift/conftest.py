"""Drift reports as the real API makes them, asked over HTTP without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from api import create_app as create_api
from core.contract.drift import DriftAnswer
from core.portfolio.clients import Portfolio, clients_file
from core.settings import Settings
from dash_app.service.client import ApiClient
from dash_app.service.drift import Asked, DriftService
from tests.adapters import Wsgi

if TYPE_CHECKING:
    from pathlib import Path

    from core.scoring import Scorer


@pytest.fixture(scope="session")
def drift_settings(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Settings:
    folder = tmp_path_factory.mktemp("drift")
    return Settings(
        models_dir=models_dir,
        data_dir=folder,
        jobs_dir=folder / "jobs",
        database_url=None,
        audit_file=folder / "audit.db",
    )


@pytest.fixture(scope="session")
def drift_service(drift_settings: Settings, scorer: Scorer, portfolio: Portfolio) -> DriftService:
    api = create_api(drift_settings, scorer, portfolio)
    return DriftService(ApiClient("http://api", 5, adapter=Wsgi(api)))


@pytest.fixture(scope="session")
def moved_file(portfolio: Portfolio) -> bytes:
    """The portfolio with lower external scores and a housing type that nobody knows, outcomes included."""
    rows = pl.read_parquet(portfolio.folder / clients_file).drop("probability")
    moved = rows.with_columns(pl.col("^EXT_SOURCE_.$") * 0.4, NAME_HOUSING_TYPE=pl.lit("Houseboat"))
    return moved.write_csv().encode()


@pytest.fixture(scope="session")
def watched(drift_service: DriftService) -> DriftAnswer:
    """The test set against the portfolio: a little moves, and no rule is broken; nobody knows outcomes."""
    limits = {"psi": (0.05, 3.0), "drifted_share": (1.0, 1.0), "drifted_importance": (1.0, 1.0)}
    return drift_service.compare(Asked("portfolio", "test", thresholds=limits), "fr")


@pytest.fixture(scope="session")
def alarming(drift_service: DriftService, moved_file: bytes) -> DriftAnswer:
    """The file against the portfolio, with outcomes on both sides."""
    sent = drift_service.send([moved_file], "moved.csv", "fr")
    return drift_service.compare(Asked("portfolio", sent["id"]), "fr")


@pytest.fixture(scope="session")
def calm(drift_service: DriftService, portfolio: Portfolio) -> DriftAnswer:
    """The portfolio against itself."""
    rows = pl.read_parquet(portfolio.folder / clients_file).drop("probability")
    sent = drift_service.send([rows.write_csv().encode()], "same.csv", "fr")
    return drift_service.compare(Asked("portfolio", sent["id"]), "fr")
