"""A session on a raw sqlite3 connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from xaigh_server.db.session import BaseSession, Params
from xaigh_server.db.sqlite.errors import SqliteErrors
from xaigh_server.db.statements import PreparedStatement, Statements


class SqliteSession(BaseSession):
    """One transaction. The creator of the session begins and ends it."""

    __slots__ = ("_errors", "connection")

    def __init__(
        self,
        connection: sqlite3.Connection,
        statements: Statements,
        errors: SqliteErrors,
    ) -> None:
        super().__init__(statements)
        self.connection = connection
        self._errors = errors

    def _fetch(
        self, prepared: PreparedStatement, params: Params, *, first: bool
    ) -> Sequence[Sequence[Any]]:
        if self._failure is not None:
            raise self._failure
        try:
            cursor = self.connection.execute(*prepared.bind(params))
            rows = cursor.fetchmany(1) if first else cursor.fetchall()
        except sqlite3.Error as error:
            raise self._fail(error) from error
        if prepared.row is None:
            prepared.shape(tuple(column[0] for column in cursor.description or ()))
        return rows

    def _execute(self, sql: str, values: tuple[Any, ...]) -> None:
        if self._failure is not None:
            raise self._failure
        try:
            self.connection.execute(sql, values)
        except sqlite3.Error as error:
            raise self._fail(error) from error

    def _execute_many(self, prepared: PreparedStatement, rows: Sequence[Params]) -> None:
        if self._failure is not None:
            raise self._failure
        if prepared.expands:
            super()._execute_many(prepared, rows)
            return
        values = [prepared.bind(row)[1] for row in rows]
        try:
            self.connection.executemany(prepared.sql, values)
        except sqlite3.Error as error:
            raise self._fail(error) from error

    def _execute_rows(
        self, prepared: PreparedStatement, names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
    ) -> None:
        arranged = prepared.arranged(names, rows)
        if arranged is None:
            super()._execute_rows(prepared, names, rows)
            return
        if self._failure is not None:
            raise self._failure
        try:
            self._execute_arranged(prepared, arranged)
        except sqlite3.Error as error:
            raise self._fail(error) from error

    def _execute_arranged(
        self, prepared: PreparedStatement, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Runs a statement for each row; an INSERT for a dozen at once, a third cheaper."""
        whole, together = prepared.together(rows)
        if together:
            self.connection.executemany(prepared.many_rows, together)
        if whole < len(rows):
            self.connection.executemany(prepared.sql, rows[whole:])

    def _fail(self, error: sqlite3.Error) -> Exception:
        self._failure = self._errors.translate(error)
        return self._failure
