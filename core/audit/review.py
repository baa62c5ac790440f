"""Approvals of the model in use, and its next review: so many months after the last one, or after its training."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from core.contract.record.approvals import ModelApproval, ModelApprovals, NextReview

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.audit.approvals import RecordedApproval
    from core.model.artefacts import ModelInfo


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
