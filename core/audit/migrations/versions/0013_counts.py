"""What was counted of the record, so that only what came since is to be counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table, empty: the first count of a large record fills it."""
    op.create_table(
        "outcome_counts",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("format", sa.SmallInteger, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
