"""The application under test, on the real model and the real portfolio."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api import create_app
from core.model.artefacts import config_file, listed_files
from core.settings import Settings

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from flask import Flask
    from flask.testing import FlaskClient

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer
    from tests.api.running import Running

    Links = Callable[[int], list[socket.socket]]


@pytest.fixture(scope="session")
def api_settings(models_dir: Path, portfolio: Portfolio) -> Settings:
    # Without patience: what a file does is seen at once.
    return Settings(models_dir=models_dir, data_dir=portfolio.folder.parent, replacement_seconds=0)


@pytest.fixture(scope="session")
def app(api_settings: Settings, scorer: Scorer, portfolio: Portfolio) -> Flask:
    return create_app(api_settings, scorer, portfolio)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def app_client(app: Flask) -> FlaskClient:
    """A client that outlives a test, for hypothesis."""
    return app.test_client()


@pytest.fixture
def copied_models(models_dir: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    for name in (config_file, *listed_files(models_dir)):
        shutil.copy(models_dir / name, folder / name)
    return folder


@pytest.fixture
def links(server: Running) -> Iterator[Links]:
    """Opens connections by the number, to the server that the module of the test has."""
    with ExitStack() as stack:

        def several(count: int) -> list[socket.socket]:
            return [stack.enter_context(server.link()) for _ in range(count)]

        yield several
