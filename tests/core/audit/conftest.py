"""Audit databases of both kinds, each empty."""

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
    """Of an empty database."""
    if request.param == "sqlite":
        found: URL = request.getfixturevalue("sqlite_url")
        return found
    return database_url(Settings(database_url=request.getfixturevalue("new_postgresql")()))


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
