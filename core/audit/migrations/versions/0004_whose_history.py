"""Whose history a prediction was made with, and which stored clients it was taken from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns, empty in rows that are there: nobody can tell any more.

    Not in batch mode, which would make SQLite's tables anew, and lose their triggers.
    """
    for table in ("predictions", "officer_decisions"):
        op.add_column(table, sa.Column("history", sa.String(16), nullable=True))
        op.add_column(table, sa.Column("portfolio", sa.String(64), nullable=True))
