"""Runs revisions on the connection that `experiments.store.schema` gives, inside its transaction.

There is no offline mode: a script made without looking at the database cannot be checked against
it. Logging is left as it is, since a migration runs inside the program that asked for it.
"""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=None,
    transactional_ddl=True,  # SQLite too: our transaction began with BEGIN IMMEDIATE
    render_as_batch=True,  # SQLite alters most things by making the table anew
)
context.run_migrations()
