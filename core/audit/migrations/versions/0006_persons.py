"""For whom a caller asked, and which person an officer is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns, empty in rows that are there: their digests in the chain stay as they are.

    Not in batch mode, which would make SQLite's tables anew.
    """
    for table in ("predictions", "officer_decisions"):
        op.add_column(table, sa.Column("subject", sa.String(255), nullable=True))
    op.add_column("predictions", sa.Column("person", sa.String(128), nullable=True))
