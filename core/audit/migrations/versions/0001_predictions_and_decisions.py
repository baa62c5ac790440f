"""Predictions, and officers' decisions that can only be added to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_refusal = "officer decisions are never changed or deleted"


def upgrade() -> None:
    """Makes the tables, their indexes, and the triggers."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "predictions",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("time", time, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("caller", sa.String(64), nullable=False),
        sa.Column("client_id", sa.BigInteger, nullable=True),
        sa.Column("probability", sa.Float, nullable=False),
        sa.Column("threshold", sa.Float, nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("model_version", sa.String(128), nullable=False),
        sa.Column("inputs", sa.JSON, nullable=False),
    )
    op.create_table(
        "officer_decisions",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("time", time, nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("caller", sa.String(64), nullable=False),
        sa.Column("officer", sa.String(128), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("client_id", sa.BigInteger, nullable=True),
        sa.Column("prediction_id", sa.String(36), nullable=False),
        sa.Column("model_decision", sa.String(16), nullable=False),
        sa.Column("model_version", sa.String(128), nullable=False),
        sa.Column("probability", sa.Float, nullable=False),
        sa.Column("threshold", sa.Float, nullable=False),
    )
    for table, columns in {
        "predictions": ("time", "client_id"),
        "officer_decisions": ("time", "officer", "client_id", "prediction_id"),
    }.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def _guard_sqlite() -> None:
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER officer_decisions_no_{event.lower()} BEFORE {event} ON officer_decisions "
            f"BEGIN SELECT RAISE(ABORT, '{_refusal}'); END"
        )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change_of_officer_decisions() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_refusal}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for event, level in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER officer_decisions_no_{event.lower()} BEFORE {event} ON officer_decisions "
            f"FOR EACH {level} EXECUTE FUNCTION refuse_change_of_officer_decisions()"
        )
