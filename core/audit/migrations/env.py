"""The environment of Alembic: migrations run on the connection, and in the transaction, that `upgrade` hands over."""

from __future__ import annotations

from alembic import context

from core.audit.migrations import version_table
from core.audit.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=version_table,
    # SQLite changes a table by making it anew.
    render_as_batch=True,
)
context.run_migrations()
