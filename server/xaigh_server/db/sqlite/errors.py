"""Translator of SQLite errors to storage errors.

SQLite names a broken unique constraint by its columns ("UNIQUE constraint failed: t.a, t.b"); the
table's definition knows the name. Of two unique constraints over the same columns (say, partial
indexes) the first declared is reported.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy import Index, MetaData, PrimaryKeyConstraint, UniqueConstraint

from xaigh_server.db.errors import (
    FOREIGN_KEY,
    DatabaseUnavailable,
    IntegrityViolation,
    UniqueViolation,
    not_null,
)
from xaigh_server.db.triggers import UNIQUE

# Primary result codes that mean "not now", against those that mean a mistake of ours.
_UNAVAILABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)
# After these the connection is sound: what is wrong is outside of it.
_KEEPS_CONNECTION = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY}
)
_UNIQUE = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY})


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's result code without its extension; -1 for an error of the Python layer."""
    code = getattr(error, "sqlite_errorcode", None)
    return -1 if code is None else code & 0xFF


def spoils_connection(error: BaseException | None) -> bool:
    """True where the connection that met the error had better be opened anew."""
    if not isinstance(error, sqlite3.Error):
        return False
    code = primary_code(error)
    return code in _UNAVAILABLE and code not in _KEEPS_CONNECTION


def is_busy(error: BaseException | None) -> bool:
    """True where another connection holds the lock that was asked for."""
    return isinstance(error, sqlite3.Error) and primary_code(error) == sqlite3.SQLITE_BUSY


class SqliteErrors:
    """Translates errors for one schema."""

    def __init__(self, metadata: MetaData) -> None:
        self._unique = _unique_names(metadata)

    def translate(self, error: sqlite3.Error) -> Exception:
        """The store's error, or the same one where it is a mistake in a statement."""
        code = getattr(error, "sqlite_errorcode", None)
        if code is None:
            return error
        if code & 0xFF == sqlite3.SQLITE_CONSTRAINT:
            return self._violation(code, str(error))
        if code & 0xFF in _UNAVAILABLE:
            return DatabaseUnavailable(f"{error.sqlite_errorname}: {error}")
        return error

    def _violation(self, code: int, message: str) -> Exception:
        _, _, detail = message.partition(" constraint failed: ")
        if code in _UNIQUE:
            return UniqueViolation(self._unique_name(detail))
        if code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
            return IntegrityViolation(FOREIGN_KEY)
        if code == sqlite3.SQLITE_CONSTRAINT_NOTNULL:
            return IntegrityViolation(not_null(*detail.split(".", 1)))
        if message.startswith(UNIQUE) and not detail:
            return UniqueViolation(message.removeprefix(UNIQUE))
        # A CHECK says its name after the colon; a guard's message is nothing but its name.
        return IntegrityViolation(detail or message)

    def _unique_name(self, detail: str) -> str:
        if detail.startswith("index "):
            return detail.removeprefix("index ").strip("'")
        return self._unique.get(frozenset(detail.split(", ")), detail)


def _unique_names(metadata: MetaData) -> dict[frozenset[str], str]:
    found: dict[frozenset[str], str] = {}
    for table in metadata.tables.values():
        for constraint in (table.primary_key, *table.constraints, *table.indexes):
            if not isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint | Index):
                continue
            if isinstance(constraint, Index) and not constraint.unique:
                continue
            columns = frozenset(f"{table.name}.{column.name}" for column in constraint.columns)
            found.setdefault(columns, str(constraint.name))
    return found
