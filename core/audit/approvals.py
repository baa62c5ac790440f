"""Approvals of models, as statements of the record: who put which version into use, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from core.audit.chain.appending import appending
from core.audit.chain.links import entry_table
from core.audit.entries import new_ids
from core.audit.tables import StatementRow

if TYPE_CHECKING:
    from core.audit.engine import Database

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
