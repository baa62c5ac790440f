"""Audit databases of both kinds, each without an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.audit.decisions import DecisionLog
from core.audit.engine import Database, database_url
from core.audit.log import AuditLog
from core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import URL


@pytest.fixture
def sqlite_url(tmp_path: Path) -> URL:
    return database_url(Settings(database_url=None, audit_file=tmp_path / "kept" / "audit.db"))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> URL:
    """Of a database with the tables of a record that has no entry, or with nothing for a test of the migrations."""
    if request.param == "sqlite":
        found: URL = request.getfixturevalue("sqlite_url")
        return found
    new = "new_empty_postgresql" if "made_step_by_step" in request.fixturenames else "new_postgresql"
    return database_url(Settings(database_url=request.getfixturevalue(new)()))


@pytest.fixture
def database(url: URL) -> Iterator[Database]:
    opened = Database.open(url)
    yield opened
    opened.close()


@pytest.fixture
def log(database: Database) -> AuditLog:
    return AuditLog(database)


@pytest.fixture
def decisions(database: Database) -> DecisionLog:
    return DecisionLog(database)
