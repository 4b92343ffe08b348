"""SQLite over aiosqlite with one trip to the database's thread for a statement, BEGIN included.

SQLAlchemy's own adapter makes four (cursor, execute, fetch, close), each waking the event loop and the thread; for
the short statements of a turn those trips cost more than SQLite does.
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

    _adapt_connection: SqliteConnection

    def execute(self, operation: Any, parameters: Any = None) -> Any:
        """Runs a statement and brings all its rows along."""
        try:
            connection: Any = self._connection
            self.description, self._rows, self.lastrowid, self.rowcount = self.await_(
                connection._execute(
                    _run, connection._conn, self._adapt_connection.take_begin(), operation, parameters or ()
                )
            )
        except Exception as error:
            self._adapt_connection._handle_exception(error)

    def executemany(self, operation: Any, seq_of_parameters: Any) -> Any:
        """Runs a statement for each of many sets of parameters."""
        self._adapt_connection.begin_now()
        return super().executemany(operation, seq_of_parameters)


class SqliteConnection(AsyncAdapt_aiosqlite_connection):
    """A connection whose BEGIN travels with the first statement after it."""

    __slots__ = ("_begin",)

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self._begin: str | None = None

    def begin_with_next(self, statement: str) -> None:
        """Begins a transaction together with the next statement; without one there is nothing to begin."""
        self._begin = statement

    def take_begin(self) -> str | None:
        """The BEGIN that is due, once."""
        due, self._begin = self._begin, None
        return due

    def begin_now(self) -> None:
        """Sends the BEGIN that is due by itself."""
        due = self.take_begin()
        if due is not None:
            super().execute(due)

    def cursor(self, server_side: bool = False) -> AsyncAdapt_aiosqlite_cursor:
        """Cursors that stream are SQLAlchemy's own."""
        if server_side:
            self.begin_now()
            return super().cursor(server_side=True)
        return _Cursor(self)

    def commit(self) -> None:
        """Ends the transaction, if it was ever begun."""
        if self.take_begin() is None:
            super().commit()

    def rollback(self) -> None:
        """Undoes the transaction, if it was ever begun."""
        if self.take_begin() is None:
            super().rollback()


class _Driver(AsyncAdapt_aiosqlite_dbapi):
    def connect(self, *arguments: Any, **options: Any) -> SqliteConnection:
        """A connection whose cursors are ours."""
        return SqliteConnection(self, super().connect(*arguments, **options)._connection)


class OneTripDialect(SQLiteDialect_aiosqlite):
    """SQLite over aiosqlite, statements in one trip each."""

    driver = "onetrip"
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> AsyncAdapt_aiosqlite_dbapi:
        """The driver SQLAlchemy talks to."""
        return _Driver(aiosqlite, sqlite3)


def _run(
    connection: sqlite3.Connection, begin: str | None, operation: str, parameters: Any
) -> tuple[Any, deque[Any], int | None, int]:
    """On the database's thread: description, rows, last row id and row count of one statement."""
    if begin is not None:
        connection.execute(begin)
    cursor = connection.execute(operation, parameters)
    try:
        if cursor.description:
            return cursor.description, deque(cursor.fetchall()), -1, -1
        return None, deque(), cursor.lastrowid, cursor.rowcount
    finally:
        cursor.close()


registry.register("sqlite.onetrip", __name__, "OneTripDialect")
