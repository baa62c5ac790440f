"""Whether a prediction is about the application of a client on hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column, empty in rows that are there: nobody can tell any more, and their digests stay as they are.

    Not in batch mode, which would make SQLite's tables anew.
    """
    for table in ("predictions", "officer_decisions"):
        op.add_column(table, sa.Column("application", sa.String(8), nullable=True))
