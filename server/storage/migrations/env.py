"""Alembic's entry: runs the steps on the connection that `schema.py` hands over, in one transaction."""

from __future__ import annotations

from alembic import context

from server.storage.models import Agent

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Agent.metadata,
    # SQLite cannot alter most things in place; alembic then copies the table.
    render_as_batch=True,
)
context.run_migrations()
