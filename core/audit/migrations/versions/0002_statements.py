"""Statements on the record itself: what the retention deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table. Its guards, as those of the other tables, are made after the migrations."""
    op.create_table(
        "audit_statements",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("entries", sa.BigInteger, nullable=False),
        sa.Column("older_than", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sequences", sa.Text, nullable=True),
        sa.Column("head", sa.String(96), nullable=True),
    )
    op.create_index("ix_audit_statements_older_than", "audit_statements", ["older_than"])
