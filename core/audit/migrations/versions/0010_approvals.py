"""Approvals of models, as statements of the record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns, empty in statements that are there: their digests stay as they are.

    Not in batch mode, which would make SQLite's tables anew.
    """
    op.add_column("audit_statements", sa.Column("officer", sa.String(128), nullable=True))
    op.add_column("audit_statements", sa.Column("reason", sa.Text, nullable=True))
    op.add_column("audit_statements", sa.Column("model_version", sa.String(160), nullable=True))
    op.add_column("audit_statements", sa.Column("config_sha256", sa.String(64), nullable=True))
    op.add_column("audit_statements", sa.Column("checks", sa.Text, nullable=True))
