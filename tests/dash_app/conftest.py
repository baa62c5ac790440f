"""The dashboard without a browser: on the shipped model and a small portfolio, in a language of choice."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from api import create_app as create_api
from core.settings import Settings
from dash_app import create_app
from dash_app.service import LocalScoring, ScoringService
from tests.adapters import Wsgi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from dash import Dash

    from core.model.source import ModelSource
    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer


@pytest.fixture(scope="session")
def local(loaded_model: ModelSource, portfolio_dir: Path) -> LocalScoring:
    return LocalScoring(loaded_model, portfolio_dir)


@pytest.fixture(scope="session")
def over_http(models_dir: Path, scorer: Scorer, portfolio: Portfolio) -> ScoringService:
    """The real API, asked over HTTP without a network."""
    api = create_api(Settings(models_dir=models_dir, data_dir=portfolio.folder.parent), scorer, portfolio)
    return ScoringService("http://api", timeout=5, adapter=Wsgi(api))


@pytest.fixture(scope="session")
def dashboard(models_dir: Path, portfolio_dir: Path, local: LocalScoring) -> Dash:
    """The application; nothing listens at its addresses of API and MLflow."""
    nowhere = "http://127.0.0.1:9"
    app = create_app(
        Settings(models_dir=models_dir, data_dir=portfolio_dir.parent, api_url=nowhere, mlflow_url=nowhere), local
    )
    # Dash gathers its callbacks at the first request.
    app.server.test_client().get("/_dash-dependencies")
    return app


@pytest.fixture(scope="session")
def known_client(portfolio: Portfolio) -> int:
    return portfolio.search(limit=1).clients[0].client_id


@pytest.fixture
def speaking(dashboard: Dash) -> Callable[[str], AbstractContextManager[None]]:
    """`with speaking("fr"):` is a request of a reader of French."""

    @contextmanager
    def request_in(lang: str) -> Iterator[None]:
        with dashboard.server.test_request_context("/", headers={"Cookie": f"lang={lang}"}):
            yield

    return request_in


@pytest.fixture
def french(speaking: Callable[[str], AbstractContextManager[None]]) -> Iterator[None]:
    with speaking("fr"):
        yield


@pytest.fixture
def english(speaking: Callable[[str], AbstractContextManager[None]]) -> Iterator[None]:
    with speaking("en"):
        yield
