"""Whom an officer's decision is about, by segment, and the first reason that the model had."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns, empty in rows that are there, which may not be changed: their digests stay as they are.

    Not in batch mode, which would make SQLite's tables anew.
    """
    op.add_column("officer_decisions", sa.Column("contract_type", sa.String(64), nullable=True))
    op.add_column("officer_decisions", sa.Column("income_type", sa.String(64), nullable=True))
    op.add_column("officer_decisions", sa.Column("age_band", sa.String(16), nullable=True))
    op.add_column("officer_decisions", sa.Column("gender", sa.String(8), nullable=True))
    op.add_column("officer_decisions", sa.Column("model_reason", sa.String(64), nullable=True))
