"""Approvals of models, as statements of the record: who put which version into use, why, and when it is reviewed."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from core.audit.chain.appending import appending
from core.audit.chain.links import entry_table
from core.audit.entries import new_ids
from core.audit.tables import StatementRow
from core.contract.record.approvals import ModelApproval, ModelApprovals, NextReview

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.audit.engine import Database
    from core.model.artefacts import ModelInfo

longest_officer = 128
longest_reason = 2000


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved a model, and why.

    Attributes:
        model_version: as its configuration and its predictions name it, and its number in the registry.
        config_sha256: of its configuration, which names the digests of its other files.
        checks: what was checked, with the figures.
    """

    officer: str
    reason: str
    model_version: str
    config_sha256: str
    checks: str

    def is_of(self, version: str, config_sha256: str) -> bool:
        """Whether it is of a model: of that configuration, or of that version, which the registry writes anew."""
        return self.config_sha256 == config_sha256 or self.model_version.partition(" (")[0] == version


@dataclass(frozen=True, slots=True)
class RecordedApproval(Approval):
    """An approval as it stands in the record; `time` is when it was stored, UTC."""

    time: datetime


def record_approval(database: Database, approval: Approval) -> str:
    """Stores an approval as an entry of the chain, before it is acted upon.

    Returns:
        Its id.

    Raises:
        core.audit.writing.AuditUnavailable: it is not stored.
    """
    now = datetime.now(UTC)
    table = entry_table("statement", database.dialect)
    values = {
        "id": new_ids(now, 1)[0],
        "time": now,
        "kind": "approval",
        "entries": 1,
        "officer": approval.officer,
        "reason": approval.reason,
        "model_version": approval.model_version,
        "config_sha256": approval.config_sha256,
        "checks": approval.checks,
    }
    row = table.row(values)
    with appending(database) as record:
        record.add(table, [row], [table.content(row)])
    return str(values["id"])


def approvals(database: Database) -> tuple[RecordedApproval, ...]:
    """All approvals, oldest first. Raises `core.audit.writing.AuditUnavailable` where they cannot be read."""
    columns = ("officer", "reason", "model_version", "config_sha256", "checks", "time")
    query = select(*(StatementRow.__table__.c[name] for name in columns)).where(StatementRow.kind == "approval")
    with database.reached(), database.engine.connect() as connection:
        rows = connection.execute(query.order_by(StatementRow.time, StatementRow.id)).all()
    return tuple(RecordedApproval(*values) for values in rows)


def model_approvals(
    recorded: Sequence[RecordedApproval], model: ModelInfo, digest: str, months: int, today: date, *, named: bool
) -> ModelApprovals:
    """What the record has on the approval of models, newest first, and when the one in use is to be reviewed.

    Args:
        recorded: oldest first.
        model: the one in use.
        digest: SHA-256 of its configuration.
        months, today: as `next_review`.
        named: whether it is told who approved, and why.
    """
    of_model = [approval.time for approval in recorded if approval.is_of(model.version, digest)]
    listed = [
        ModelApproval(
            time=approval.time,
            officer=approval.officer if named else None,
            reason=approval.reason if named else None,
            model_version=approval.model_version,
            config_sha256=approval.config_sha256,
            checks=approval.checks,
            in_use=approval.is_of(model.version, digest),
        )
        for approval in reversed(recorded)
    ]
    due = next_review(model, of_model[-1] if of_model else None, months, today)
    return ModelApprovals(model_version=model.version, approvals=listed, next_review=due)


def next_review(model: ModelInfo, approved: datetime | None, months: int, today: date) -> NextReview:
    """When a model is to be reviewed next.

    Args:
        approved: when it was last approved; None where it never was.
        months: between two reviews (`MODEL_REVIEW_MONTHS`).
        today: UTC; a review that is due today is not overdue.
    """
    trained = datetime.fromisoformat(model.training_date)
    since = (approved or trained).astimezone(UTC).date()
    due = months_later(since, months)
    return NextReview(
        basis="training" if approved is None else "approval", since=since, months=months, due=due, overdue=due < today
    )


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it is shorter.

    >>> months_later(date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)
    """
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))
