"""Alembic's way into the project: run by :mod:`huiyin.migrate` on the connection it hands over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
