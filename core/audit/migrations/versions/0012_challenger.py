"""What a challenger says of an application, beside what the model in use says."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns, empty in rows that are there: nothing was asked of one, and their digests stay as they are.

    Not in batch mode, which would make SQLite's tables anew.
    """
    op.add_column("predictions", sa.Column("challenger_version", sa.String(200), nullable=True))
    op.add_column("predictions", sa.Column("challenger_probability", sa.Float(), nullable=True))
    op.add_column("predictions", sa.Column("challenger_threshold", sa.Float(), nullable=True))
    # What was compared is counted without a look at the rest.
    op.create_index(
        "ix_predictions_challenged",
        "predictions",
        ["challenger_version", "time"],
        sqlite_where=sa.text("challenger_version IS NOT NULL"),
        postgresql_where=sa.text("challenger_version IS NOT NULL"),
    )
