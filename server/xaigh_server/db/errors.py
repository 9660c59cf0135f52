"""Storage errors, the same on both engines.

Only this package translates driver errors: a repository, a service or an interceptor never
sees `sqlite3.Error` or `psycopg.Error`. A violation carries the constraint's name, the same on
every engine, and a repository turns that name into a meaning of its domain:

* unique indexes, unique and primary keys, checks: the name in the table's definition;
* guards (triggers): the guard's name;
* NOT NULL: `nn_<table>_<column>`;
* foreign keys: always `foreign_key`, because SQLite doesn't say which one failed.
"""

from __future__ import annotations

FOREIGN_KEY = "foreign_key"


class StoreError(Exception):
    """Any fault of a store that has a name. Its text is for the log, never for a caller."""


class DatabaseUnavailable(StoreError):
    """The database can't serve now: locked, gone, full, read-only, out of reach or closed.

    Nothing of the unit that met it is kept. The same call may succeed later without a restart.
    After a lost connection to a server during COMMIT the outcome is unknown: callers repeat
    under their idempotency key.
    """


class ConstraintViolation(StoreError):
    """A row was refused by the schema. `constraint` is the name from the table's definition."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


class UniqueViolation(ConstraintViolation):
    """Another row already holds these values."""


class IntegrityViolation(ConstraintViolation):
    """A check, a guard, a NOT NULL or a foreign key refused the row."""


def not_null(table: str, column: str) -> str:
    """The name under which a NULL in `table.column` is reported."""
    return f"nn_{table}_{column}"
