"""Outcomes without a subject, which none ever had: whose the prediction was goes with the prediction."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drops the column: what is null is in no digest, so that each stays as it is."""
    op.drop_column("outcomes", "subject")
