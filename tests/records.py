"""Records without an entry, as copies: their tables, made migration by migration, take longer than most tests.

That they are made is for those to see who ask for `made_step_by_step`, and for whatever starts a server.
"""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url

from core.audit import engine
from core.audit.engine import Database, database_url
from core.audit.migrations import upgrade
from core.settings import Settings
from tests.shared import made_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session", autouse=True)
def records_begin_as_copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], None]]:
    """A file that is not there begins as a copy. Yields what prepares it otherwise."""
    prepare = engine._prepare_file

    def prepare_as_a_copy(file: str) -> None:
        prepare(file)
        if not Path(file).stat().st_size:
            shutil.copyfile(made_once(tmp_path_factory, "record", _make_record) / "audit.db", file)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_prepare_file", prepare_as_a_copy)
        yield prepare


@pytest.fixture
def made_step_by_step(records_begin_as_copies: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test of the migrations: its record begins with nothing."""
    monkeypatch.setattr(engine, "_prepare_file", records_begin_as_copies)


@pytest.fixture(scope="session")
def new_postgresql(postgresql: str, new_empty_postgresql: Callable[[], str]) -> Callable[[], str]:
    """Makes a PostgreSQL database with the tables of a record that has no entry, and returns its address."""
    import psycopg

    template = new_empty_postgresql()
    Database.open(database_url(Settings(database_url=template))).close()
    named = template.partition("?")[0].rpartition("/")[2]
    numbers = count()

    def make() -> str:
        name = f"record_{next(numbers)}"
        with psycopg.connect(postgresql, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {named} STRATEGY FILE_COPY")
        return template.replace(f"/{named}?", f"/{name}?")

    return make


def _make_record(folder: Path) -> None:
    # Opened as any other, it would be looked for here.
    database = Database(make_url(f"sqlite:///{folder / 'audit.db'}"))
    upgrade(database.engine)
    database.close()
