"""How sure a prediction was, and why a person was to look at the application."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns, empty in rows that are there: it was not known, and their digests stay as they are.

    Not in batch mode, which would make SQLite's tables anew.
    """
    op.add_column("predictions", sa.Column("fold_agreement", sa.Float(), nullable=True))
    op.add_column("predictions", sa.Column("referral", sa.String(64), nullable=True))
