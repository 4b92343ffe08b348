"""SQLite over aiosqlite with one trip to the database's thread for a statement.

SQLAlchemy's own adapter makes four (cursor, execute, fetch, close), each waking the event loop and the thread; for
the short statements of a turn those trips cost more than SQLite does (benchmarks/RESULTS.md).
"""

from __future__ import annotations

import sqlite3
from collections import deque
from typing import Any

import aiosqlite
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
    SQLiteDialect_aiosqlite,
)

DRIVER = "sqlite+onetrip"
"""The driver's name in a SQLAlchemy URL."""


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    __slots__ = ()

    def execute(self, operation: Any, parameters: Any = None) -> Any:
        """Runs a statement and brings all its rows along."""
        try:
            connection: Any = self._connection
            self.description, self._rows, self.lastrowid, self.rowcount = self.await_(
                connection._execute(_run, connection._conn, operation, parameters or ())
            )
        except Exception as error:
            self._adapt_connection._handle_exception(error)


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()

    def cursor(self, server_side: bool = False) -> AsyncAdapt_aiosqlite_cursor:
        """Cursors that stream stay as they are."""
        return super().cursor(server_side=True) if server_side else _Cursor(self)


class _Driver(AsyncAdapt_aiosqlite_dbapi):
    def connect(self, *arguments: Any, **options: Any) -> _Connection:
        """A connection whose cursors are ours."""
        return _Connection(self, super().connect(*arguments, **options)._connection)


class OneTripDialect(SQLiteDialect_aiosqlite):
    """SQLite over aiosqlite, statements in one trip each."""

    driver = "onetrip"
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> AsyncAdapt_aiosqlite_dbapi:
        """The driver SQLAlchemy talks to."""
        return _Driver(aiosqlite, sqlite3)


def _run(connection: sqlite3.Connection, operation: str, parameters: Any) -> tuple[Any, deque[Any], int | None, int]:
    """On the database's thread: description, rows, last row id and row count of one statement."""
    cursor = connection.execute(operation, parameters)
    try:
        if cursor.description:
            return cursor.description, deque(cursor.fetchall()), -1, -1
        return None, deque(), cursor.lastrowid, cursor.rowcount
    finally:
        cursor.close()


registry.register("sqlite.onetrip", __name__, "OneTripDialect")
