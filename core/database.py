"""The database: one engine, reads, and writes that are one transaction each.

SQLite (WAL) on one machine, PostgreSQL beyond. A write either commits whole or leaves nothing behind; what
must happen after it (waking a socket, starting a turn) is registered with :func:`after_commit` and runs only
then.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from datetime import datetime, timezone
from typing import Any, TypeAlias

from sqlalchemy import DateTime, MetaData, event, insert, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

import core.sqlite

_SQLITE_BUSY_MS = 15_000
_ADVISORY_LOCK = text("SELECT pg_advisory_xact_lock(hashtext(:what))")

Insert: TypeAlias = sqlite.Insert | postgresql.Insert
"""An INSERT that knows ON CONFLICT."""


class DatabaseUnreachable(Exception):
    """There is no database to talk to; the text names the driver's error, not what it quoted."""


class Base(DeclarativeBase):
    """Every table of the project."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Instant(TypeDecorator[datetime]):
    """A moment in time: zone-aware in Python, UTC in the database on both engines."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses naive times, stores UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment in time needs a zone")
        return value.astimezone(timezone.utc).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Gives the zone back."""
        return None if value is None else value.replace(tzinfo=timezone.utc)


class Database:
    """One database, used from one event loop."""

    def __init__(self, url: str) -> None:
        """``url``: SQLAlchemy async URL (``sqlite+aiosqlite:///…`` or ``postgresql+asyncpg://…``)."""
        self.is_sqlite = url.startswith("sqlite")
        # hide_parameters: an error in the log must not tell what a citizen said
        if self.is_sqlite:
            self.engine = create_async_engine(make_url(url).set(drivername=core.sqlite.DRIVER), hide_parameters=True)
        else:
            self.engine = create_async_engine(
                url, hide_parameters=True, pool_size=10, max_overflow=10, pool_pre_ping=True
            )
        # SQLite has one writer: queue for it in order instead of polling for its lock
        self._one_writer = asyncio.Lock() if self.is_sqlite else nullcontext()
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for reading only; nothing done in it is kept."""
        async with AsyncSession(self.engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction: commits when the block ends well, rolls back on any exception."""
        async with self._one_writer, self.engine.connect() as connection:
            if self.is_sqlite:
                await connection.execution_options(huiyin_write=True)
            async with AsyncSession(connection, expire_on_commit=False) as session, session.begin():
                yield session
        for callback in session.info.get("after_commit", ()):
            callback()

    @asynccontextmanager
    async def connect(self, *, to_write: bool = False) -> AsyncIterator[AsyncConnection]:
        """A bare connection inside a transaction, for migrations (``to_write``) and checks."""
        async with self.engine.connect() as connection:
            if self.is_sqlite:
                await connection.execution_options(huiyin_write=to_write)
            async with connection.begin():
                yield connection

    async def one_at_a_time(self, work: AsyncSession | AsyncConnection, what: str) -> None:
        """Waits, inside a transaction that writes, until no other process is at ``what``; holds it until the commit.

        For what several processes that start at once would all do. SQLite has one writer as it is.
        """
        if not self.is_sqlite:
            await work.execute(_ADVISORY_LOCK, {"what": what})

    async def reach(self) -> None:
        """Returns when the database answers. Raises :class:`DatabaseUnreachable` otherwise."""
        try:
            async with self.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except Exception as problem:  # whatever the driver raises means: not reachable
            raise DatabaseUnreachable(type(problem).__name__) from problem

    async def close(self) -> None:
        """Gives all connections back."""
        await self.engine.dispose()


def after_commit(session: AsyncSession, callback: Callable[[], None]) -> None:
    """Runs ``callback`` once the session's transaction has committed; never if it does not."""
    session.info.setdefault("after_commit", []).append(callback)


async def insert_all(session: AsyncSession, rows: Sequence[Base]) -> None:
    """Adds new ``rows`` of one table in one statement; they learn no id and the session does not know them.

    Many rows added to the session take a trip to the database each.
    """
    if rows:
        table = Base.metadata.tables[rows[0].__tablename__]
        names = [column.name for column in table.columns if column is not table.autoincrement_column]
        await session.execute(insert(table), [{name: getattr(row, name) for name in names} for row in rows])


def insert_into(session: AsyncSession, table: type[Base]) -> Insert:
    """An INSERT that knows ON CONFLICT, in the dialect of the session's database."""
    return insert_for(session.get_bind().dialect.name, table)


def insert_for(dialect: str, table: type[Base]) -> Insert:
    """The same for a dialect by its name, ``sqlite`` or ``postgresql``."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # an acknowledged word survives a power cut
        "foreign_keys=ON",
        f"busy_timeout={_SQLITE_BUSY_MS}",
        "temp_store=MEMORY",
        "cache_size=-32000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writing = connection.get_execution_options().get("huiyin_write", False)
    connection.connection.dbapi_connection.begin_with_next("BEGIN IMMEDIATE" if writing else "BEGIN")
