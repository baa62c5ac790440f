"""A key of the caller's making under which a decision is recorded once, and an index that finds a client's last one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column, empty in the rows that are there, and the indexes."""
    op.add_column("officer_decisions", sa.Column("idempotency_key", sa.String(64), nullable=True))
    # Empty keys do not collide: in both databases NULL differs from NULL.
    op.create_index(
        "ux_officer_decisions_idempotency_key", "officer_decisions", ["caller", "idempotency_key"], unique=True
    )
    # In place of the index by client alone, which it begins with.
    op.create_index("ix_officer_decisions_client_last", "officer_decisions", ["client_id", "time", "id"])
    op.drop_index("ix_officer_decisions_client_id", "officer_decisions")
