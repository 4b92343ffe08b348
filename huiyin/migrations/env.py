"""Alembic's way into the project: run by :mod:`huiyin.migrate` on the connection it hands over."""

from alembic import context

from huiyin.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata())
with context.begin_transaction():
    context.run_migrations()
