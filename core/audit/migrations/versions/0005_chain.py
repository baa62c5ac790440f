"""The hash chain of the record; the rows that are there are taken into it as they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.audit.chain.sealing import seal

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table, and a link for each row, in the transaction of the migration: nobody adds one meanwhile."""
    for column in ("first_entry", "last_entry"):
        op.add_column("audit_statements", sa.Column(column, sa.BigInteger, nullable=True))
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "audit_chain",
        sa.Column("sequence", number, primary_key=True, autoincrement=False),
        sa.Column("recorded", sa.BigInteger, nullable=False),
        sa.Column("version", sa.SmallInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("entry_id", sa.String(36), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
    )
    op.create_index("ux_audit_chain_entry_id", "audit_chain", ["entry_id"], unique=True)
    if op.get_bind().dialect.name == "postgresql":
        # SQLite keeps others out by itself.
        op.execute("LOCK TABLE predictions, officer_decisions, audit_statements IN SHARE ROW EXCLUSIVE MODE")
    seal(op.get_bind())
