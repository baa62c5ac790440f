"""`/model/approvals`: what the record has on the approval of models, and when the one in use is to be reviewed."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from api import audit, create_app
from core.audit.approvals import Approval, RecordedApproval, model_approvals, months_later, next_review, record_approval
from core.audit.engine import Database, database_url
from core.model import artefacts
from core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer


@pytest.fixture
def settings(models_dir: Path, portfolio: Portfolio, tmp_path: Path) -> Settings:
    return Settings(
        models_dir=models_dir,
        data_dir=portfolio.folder.parent,
        database_url=None,
        audit_file=tmp_path / "audit.db",
        model_review_months=6,
    )


@pytest.fixture
def client(settings: Settings, scorer: Scorer, portfolio: Portfolio) -> Iterator[FlaskClient]:
    app = create_app(settings, scorer, portfolio)
    yield app.test_client()
    audit.close(app)


def approve(settings: Settings, version: str, digest: str) -> None:
    database = Database.open(database_url(settings))
    record_approval(database, Approval("V. Ali", "validated", version, digest, "auc: 0.8"))
    database.close()


def test_without_an_approval_the_review_is_counted_from_training(client: FlaskClient, scorer: Scorer) -> None:
    found = client.get("/model/approvals").get_json()
    trained = date.fromisoformat(scorer.model.training_date[:10])
    assert found["model_version"] == scorer.model.version
    assert found["approvals"] == []
    review = found["next_review"]
    assert (review["basis"], review["since"], review["months"]) == ("training", trained.isoformat(), 6)
    assert review["overdue"] is (date.fromisoformat(review["due"]) < datetime.now(UTC).date())


def test_the_last_approval_of_the_model_in_use_counts(
    client: FlaskClient, settings: Settings, scorer: Scorer, models_dir: Path
) -> None:
    # Of the same version, written anew by the registry; of the same files; of another model.
    approve(settings, f"{scorer.model.version} (version 1)", "0" * 64)
    approve(settings, "renamed (version 2)", artefacts.config_sha256(models_dir))
    approve(settings, "9.9.9 (version 3)", "1" * 64)
    found = client.get("/model/approvals").get_json()
    with sqlite3.connect(settings.audit_file) as record:
        rows = record.execute(
            "SELECT officer, reason, model_version, config_sha256, checks FROM audit_statements"
            " WHERE kind = 'approval' ORDER BY time DESC"
        ).fetchall()
    names = ("officer", "reason", "model_version", "config_sha256", "checks")
    assert [tuple(each[name] for name in names) for each in found["approvals"]] == rows
    assert [each["in_use"] for each in found["approvals"]] == [False, True, True]
    since = found["approvals"][1]["time"][:10]
    assert (found["next_review"]["basis"], found["next_review"]["since"]) == ("approval", since)
    assert found["next_review"]["overdue"] is False


def test_a_demonstration_for_everybody_names_nobody(scorer: Scorer) -> None:
    recorded = [RecordedApproval("V. Ali", "validated", "9.9.9 (version 3)", "1" * 64, "auc: 0.8", datetime.now(UTC))]
    for named, told in ((True, ("V. Ali", "validated")), (False, (None, None))):
        found = model_approvals(recorded, scorer.model, "0" * 64, 6, datetime.now(UTC).date(), named=named)
        assert [(each.officer, each.reason) for each in found.approvals] == [told]
        assert found.next_review.basis == "training"


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 11, 29), 12, date(2027, 11, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_are_those_of_the_calendar(day: date, months: int, expected: date) -> None:
    assert months_later(day, months) == expected


def test_a_review_is_overdue_the_day_after(scorer: Scorer) -> None:
    approved = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    due = date(2026, 9, 30)
    for today, overdue in ((due, False), (due + timedelta(days=1), True)):
        found = next_review(scorer.model, approved, 6, today)
        assert (found.due, found.overdue) == (due, overdue)
