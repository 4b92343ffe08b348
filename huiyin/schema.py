"""All tables of all rooms, to be held against what the migrations make."""

from __future__ import annotations

from importlib import import_module

from sqlalchemy import MetaData

from core.database import Base

TABLE_MODULES = (
    "backoffice.areas",
    "backoffice.call_parts",
    "backoffice.calls",
    "backoffice.categories",
    "backoffice.city",
    "backoffice.deadline_policies",
    "backoffice.departments",
    "backoffice.learned",
    "backoffice.learning_runs",
    "backoffice.order_tables",
    "backoffice.poll_tables",
    "backoffice.preferences",
    "backoffice.router",
    "backoffice.routing_state",
    "backoffice.staff",
    "backoffice.staff_sessions",
    "channels.sms.deliveries",
    "channels.sms.optouts",
    "channels.webchat.reading",
    "core.calendar",
    "core.contacts",
    "core.conversations",
    "core.counters",
    "core.history",
    "core.outbox",
    "knowledge.article_changes",
    "knowledge.articles",
    "knowledge.drafts",
    "knowledge.learning",
    "knowledge.open_questions",
    "knowledge.reminders",
)


def metadata() -> MetaData:
    """The metadata with every table registered."""
    for module in TABLE_MODULES:
        import_module(module)
    return Base.metadata
