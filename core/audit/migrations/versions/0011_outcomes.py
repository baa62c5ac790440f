"""Outcomes of decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table. Its guards, as those of the other tables, are made after the migrations."""
    op.create_table(
        "outcomes",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("caller", sa.String(64), nullable=False),
        sa.Column("prediction_id", sa.String(36), nullable=False),
        sa.Column("client_id", sa.BigInteger, nullable=True),
        sa.Column("defaulted", sa.SmallInteger, nullable=False),
        sa.Column("observed", sa.String(10), nullable=False),
        sa.Column("amount_lost", sa.Float, nullable=True),
        sa.Column("corrects", sa.String(36), nullable=True),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("probability", sa.Float, nullable=False),
        sa.Column("threshold", sa.Float, nullable=False),
        sa.Column("model_decision", sa.String(16), nullable=False),
        sa.Column("model_version", sa.String(128), nullable=False),
        sa.Column("application", sa.String(8), nullable=True),
        sa.Column("portfolio", sa.String(64), nullable=True),
        sa.Column("subject", sa.String(255), nullable=True),
        sa.Column("contract_type", sa.String(64), nullable=True),
        sa.Column("income_type", sa.String(64), nullable=True),
        sa.Column("age_band", sa.String(16), nullable=True),
    )
    op.create_index("ix_outcomes_prediction_last", "outcomes", ["prediction_id", "time", "id"])
    op.create_index("ix_outcomes_client_id", "outcomes", ["client_id"])
    op.create_index("ix_outcomes_decided", "outcomes", ["decided"])
