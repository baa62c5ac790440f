"""Blocks: the predictions on many rows of a file as one entry of the record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table, and the column that says in which block a prediction is: in none, for rows that are there.

    Not in batch mode, which would make SQLite's tables anew. The guards of the table are made after the migrations.
    """
    op.create_table(
        "prediction_blocks",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_id", sa.String(36), nullable=False),
        sa.Column("last_id", sa.String(36), nullable=False),
        sa.Column("predictions", sa.Integer, nullable=False),
        sa.Column("format", sa.String(16), nullable=False),
        sa.Column("fingerprints", sa.LargeBinary, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_prediction_blocks_time", "prediction_blocks", ["time"])
    op.add_column("predictions", sa.Column("block", sa.String(36), nullable=True))
