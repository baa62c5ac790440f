"""Tables of an earlier version keep their rows and their guards when they get new columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import delete, text
from sqlalchemy.exc import DBAPIError

from core.audit import migrations
from core.audit.decisions import DecisionFilter, DecisionLog
from core.audit.engine import Database, writing
from core.audit.entries import PredictionFilter
from core.audit.log import AuditLog
from core.audit.tables import DecisionRow

if TYPE_CHECKING:
    from sqlalchemy import URL

_moment = "2026-11-01 09:00:00.000000"


@pytest.fixture
def older(url: URL) -> URL:
    """A database of the first version with a prediction and a word on it."""
    if url.database and url.get_backend_name() == "sqlite":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(migrations.__file__).parent))
    database = Database(url)
    with writing(database.engine) as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "0001")
        connection.execute(
            text(
                "INSERT INTO predictions VALUES ('a', :moment, 'predict', 'request', 'till', 7, 0.2, 0.1, 'REFUSÉ',"
                " '1', '{}')"
            ),
            {"moment": _moment},
        )
        connection.execute(
            text(
                "INSERT INTO officer_decisions VALUES ('b', :moment, 'request', 'till', 'C. Martin', 'REFUSÉ',"
                " 'confirm', 'seen', 7, 'a', 'REFUSÉ', '1', 0.2, 0.1)"
            ),
            {"moment": _moment},
        )
    database.close()
    return url


def test_what_was_recorded_before_says_nothing_of_history(older: URL) -> None:
    database = Database.open(older)
    (prediction,) = AuditLog(database).predictions(PredictionFilter(), 10).predictions
    (word,) = DecisionLog(database).decisions(DecisionFilter(), 10).decisions
    database.close()
    assert (prediction.client_id, prediction.history, prediction.portfolio) == (7, None, None)
    assert (word.officer, word.history, word.portfolio) == ("C. Martin", None, None)


def test_an_earlier_word_can_still_not_be_changed(older: URL) -> None:
    database = Database.open(older)
    with pytest.raises(DBAPIError), database.engine.begin() as connection:
        connection.execute(delete(DecisionRow))
    with pytest.raises(DBAPIError), database.engine.begin() as connection:
        connection.execute(text("UPDATE officer_decisions SET officer = 'D. Petit'"))
    assert DecisionLog(database).decisions(DecisionFilter(officer="C. Martin"), 10).total == 1
    database.close()
