"""Brings a database to the newest schema."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from core.database import Database

_SCRIPTS = Path(__file__).parent / "migrations"


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration; there is no ini file."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "head")


async def migrate(database: Database) -> None:
    """Applies every migration not applied yet, in one transaction; of several processes one does it.

    Raises :class:`core.database.DatabaseUnreachable`.
    """
    await database.reach()
    async with database.connect(to_write=True) as connection:
        await database.one_at_a_time(connection, "migrate")
        await connection.run_sync(_upgrade)


async def is_current(database: Database) -> bool:
    """Whether the database has the newest schema."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    async with database.connect() as connection:
        current = await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())
    return current == head
