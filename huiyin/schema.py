"""All tables of all rooms, for migrations."""

from __future__ import annotations

from importlib import import_module

from sqlalchemy import MetaData

from core.database import Base

TABLE_MODULES = (
    "backoffice.staff",
    "backoffice.staff_sessions",
    "core.contacts",
    "core.conversations",
    "core.counters",
    "core.history",
    "core.outbox",
)


def metadata() -> MetaData:
    """The metadata with every table registered."""
    for module in TABLE_MODULES:
        import_module(module)
    return Base.metadata
