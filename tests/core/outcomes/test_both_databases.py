"""Figures of outcomes are the same in both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from core.audit.engine import Database, database_url
from core.outcomes.backtesting import performance
from core.outcomes.month_coverage import coverage
from core.outcomes.synthetic.year import play
from core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.scoring import Scorer


def test_both_databases_say_the_same(tmp_path: Path, new_postgresql: Callable[[], str], scorer: Scorer) -> None:
    now = datetime(2026, 11, 28, tzinfo=UTC)
    answers = []
    for settings in (
        Settings(database_url=None, audit_file=tmp_path / "audit.db"),
        Settings(database_url=new_postgresql()),
    ):
        database = Database.open(database_url(settings))
        play(database, scorer, clients=250, months=12, shift=0.3, seed=5, now=now)
        answers.append((performance(database, scorer.model), coverage(database)))
        database.close()
    (of_file, months_of_file), (of_server, months_of_server) = answers
    assert months_of_file == months_of_server
    assert [group.value for group in of_file.groups] == [group.value for group in of_server.groups]
    assert of_file.overrides == of_server.overrides
    assert of_file.hidden == of_server.hidden
    for one, other in zip(of_file.groups, of_server.groups, strict=True):
        first, second = one.model_dump(), other.model_dump()
        assert first.keys() == second.keys()
        for name, value in first.items():
            same = second[name] == (value if not isinstance(value, float) else pytest.approx(value))
            assert same, (one.value, name)
