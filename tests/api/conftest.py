"""The application under test, on the real model and the real portfolio."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url

from api import create_app
from core.audit import engine
from core.audit.engine import Database, database_url
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


@pytest.fixture(scope="session")
def empty_record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a record without an entry."""
    file = tmp_path_factory.mktemp("record") / "audit.db"
    Database.open(make_url(f"sqlite:///{file}")).close()
    return file


@pytest.fixture(autouse=True)
def records_begin_as_copies(empty_record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is not there begins as a copy: its tables, made step by step, take longer than most tests.

    That they are made is for `tests/core/audit` to see, and for whatever starts a server.
    """
    prepare = engine._prepare_file

    def prepare_as_a_copy(file: str) -> None:
        prepare(file)
        if not Path(file).stat().st_size:
            shutil.copyfile(empty_record, file)

    monkeypatch.setattr(engine, "_prepare_file", prepare_as_a_copy)


@pytest.fixture(scope="session")
def new_postgresql(postgresql: str, new_postgresql: Callable[[], str]) -> Callable[[], str]:
    """Makes a PostgreSQL database with the tables of a record that has no entry, and returns its address."""
    import psycopg

    template = new_postgresql()
    Database.open(database_url(Settings(database_url=template))).close()
    named = template.partition("?")[0].rpartition("/")[2]
    numbers = count()

    def make() -> str:
        name = f"record_{next(numbers)}"
        with psycopg.connect(postgresql, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {named}")
        return template.replace(f"/{named}?", f"/{name}?")

    return make


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
