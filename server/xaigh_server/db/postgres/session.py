"""A session on a SQLAlchemy connection, inside `AsyncConnection.run_sync`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from xaigh_server.db.postgres.errors import is_retryable, translate
from xaigh_server.db.session import BaseSession, Params
from xaigh_server.db.statements import PreparedStatement, Statements


class PostgresSession(BaseSession):
    """One transaction. The creator of the session begins and ends it."""

    __slots__ = ("connection", "lost_race")

    def __init__(self, connection: Connection, statements: Statements) -> None:
        super().__init__(statements)
        self.connection = connection
        self.lost_race = False

    def _fetch(
        self, prepared: PreparedStatement, params: Params, *, first: bool
    ) -> Sequence[Sequence[Any]]:
        if self._failure is not None:
            raise self._failure
        try:
            result = self.connection.exec_driver_sql(*prepared.bind(params))
            if prepared.row is None:
                prepared.shape(tuple(result.keys()) if result.returns_rows else ())
            if not result.returns_rows:
                return ()
            return result.fetchmany(1) if first else result.fetchall()
        except DBAPIError as error:
            raise self._fail(error) from error

    def _execute(self, sql: str, values: tuple[Any, ...]) -> None:
        if self._failure is not None:
            raise self._failure
        try:
            self.connection.exec_driver_sql(sql, values)
        except DBAPIError as error:
            raise self._fail(error) from error

    def _execute_many(self, prepared: PreparedStatement, rows: Sequence[Params]) -> None:
        if self._failure is not None:
            raise self._failure
        if prepared.expands:
            for row in rows:
                self._execute(*prepared.bind(row))
            return
        values = [prepared.bind(row)[1] for row in rows]
        try:
            self.connection.exec_driver_sql(prepared.sql, values)
        except DBAPIError as error:
            raise self._fail(error) from error

    def _fail(self, error: DBAPIError) -> BaseException:
        self.lost_race = self.lost_race or is_retryable(error)
        told = translate(error)
        self._failure = told if isinstance(told, Exception) else error
        return self._failure
