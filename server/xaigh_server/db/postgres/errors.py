"""Translator of PostgreSQL errors to storage errors, by SQLSTATE and constraint name."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from xaigh_server.db.errors import (
    FOREIGN_KEY,
    DatabaseUnavailable,
    IntegrityViolation,
    UniqueViolation,
    not_null,
)

_UNIQUE = "23505"
_FOREIGN_KEY = "23503"
_NOT_NULL = "23502"
_CHECK = "23514"
_GUARD = "23000"  # what a guard's function raises, with the guard's name as the constraint
_RETRYABLE = frozenset({"40001", "40P01"})  # could not serialize; deadlock

# Connection and resource classes, operator intervention, system and disk errors; and a lock that
# wasn't had in time (55P03) or a read-only server (25006, 42501 aside: that is a mistake of ours).
_UNAVAILABLE_CLASSES = frozenset({"08", "53", "57", "58", "XX"})
_UNAVAILABLE_STATES = frozenset({"25006", "25P03", "55P03", "28000", "28P01", "3D000"})


def sqlstate(error: BaseException) -> str:
    """The five characters of a server's error; empty where the server said nothing."""
    original = getattr(error, "orig", error)
    return str(getattr(original, "sqlstate", None) or "")


def is_retryable(error: BaseException) -> bool:
    """True where the server undid the transaction for another's sake."""
    return sqlstate(error) in _RETRYABLE


def translate(error: BaseException) -> BaseException:
    """The store's error, or the same one where it is a mistake in a statement."""
    if isinstance(error, PoolTimeoutError | OSError | asyncio.TimeoutError):
        return DatabaseUnavailable(f"PostgreSQL: {type(error).__name__}: {error}")
    if not isinstance(error, DBAPIError):
        return error
    state = sqlstate(error)
    if state in (_UNIQUE, _FOREIGN_KEY, _NOT_NULL, _CHECK, _GUARD):
        return _violation(state, _cause(error))
    unavailable = state[:2] in _UNAVAILABLE_CLASSES or state in _UNAVAILABLE_STATES
    if unavailable or is_retryable(error) or error.connection_invalidated or not state:
        return DatabaseUnavailable(f"PostgreSQL {state or 'driver'}: {_cause(error)}")
    return error


def _violation(state: str, cause: Any) -> Exception:
    if state == _UNIQUE:
        return UniqueViolation(cause.constraint_name)
    if state == _FOREIGN_KEY:
        return IntegrityViolation(FOREIGN_KEY)
    if state == _NOT_NULL:
        return IntegrityViolation(not_null(cause.table_name, cause.column_name))
    return IntegrityViolation(cause.constraint_name)


def _cause(error: DBAPIError) -> Any:
    """asyncpg's own error, which has the names; SQLAlchemy wraps it twice."""
    original = error.orig
    return getattr(original, "__cause__", None) or original
