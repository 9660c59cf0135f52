"""Translator of PostgreSQL errors to storage errors, by SQLSTATE and constraint name."""

from __future__ import annotations

import psycopg

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

# The server has ended the connection, isn't there yet, or may only read: after a failover, the
# primary is another one (25006). No statement of ours is kept.
_CONNECTION_LOST = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03", "25006"})


def is_retryable(error: BaseException) -> bool:
    """True where the server undid the transaction for another's sake."""
    return isinstance(error, psycopg.Error) and error.sqlstate in _RETRYABLE


def is_connection_lost(error: BaseException) -> bool:
    """True where the connection is of no more use, so that another one may do better."""
    if not isinstance(error, psycopg.Error):
        return False
    state = error.sqlstate
    if state is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return state[:2] == "08" or state in _CONNECTION_LOST


def translate(error: psycopg.Error) -> Exception:
    """Returns the storage error, or the same one where it is a mistake in a statement."""
    state = error.sqlstate or ""
    if state in (_UNIQUE, _FOREIGN_KEY, _NOT_NULL, _CHECK, _GUARD):
        return _violation(state, error.diag)
    unavailable = state[:2] in _UNAVAILABLE_CLASSES or state in _UNAVAILABLE_STATES
    if unavailable or is_retryable(error) or is_connection_lost(error):
        return DatabaseUnavailable(f"PostgreSQL {state or 'connection'}: {_text(error)}")
    return error


def _violation(state: str, found: psycopg.errors.Diagnostic) -> Exception:
    if state == _UNIQUE:
        return UniqueViolation(found.constraint_name or "")
    if state == _FOREIGN_KEY:
        return IntegrityViolation(FOREIGN_KEY)
    if state == _NOT_NULL:
        return IntegrityViolation(not_null(found.table_name or "", found.column_name or ""))
    return IntegrityViolation(found.constraint_name or "")


def _text(error: psycopg.Error) -> str:
    return error.diag.message_primary or str(error)
