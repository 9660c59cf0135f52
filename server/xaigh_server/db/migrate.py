"""Migrations: bring a database's schema to the newest revision, in one transaction.

A release runs beside the one before it. So a program also takes a schema that a newer one has
migrated, as long as the database's floor, the oldest revision that it still serves, allows that.

Alembic applies the revisions on the connection of a write unit. So two processes that start at
once take turns, the second finds nothing to do, and a revision that fails leaves nothing. Alembic
is imported only where there is something to apply.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from sqlalchemy import Connection, StaticPool, create_engine, text

from xaigh_server.db.database import Database
from xaigh_server.db.errors import StoreError
from xaigh_server.db.migrations import FIRST_RELEASE, floor, folder, revisions
from xaigh_server.db.partition import Partition
from xaigh_server.db.session import Session

_VERSION_TABLE = {
    "sqlite": text("SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'"),
    "postgresql": text("SELECT 1 WHERE to_regclass('alembic_version') IS NOT NULL"),
}
_VERSION = text("SELECT version_num FROM alembic_version")
_FLOOR = text("SELECT revision FROM schema_floor")
_DROP_FLOOR = text("DELETE FROM schema_floor")
_SET_FLOOR = text("INSERT INTO schema_floor (revision) VALUES (:revision)")


class SchemaMismatch(StoreError):
    """The database's schema isn't the one that this program needs. The text says what to do."""


async def upgrade(*databases: Database) -> dict[str, str | None]:
    """Migrates databases, one after the other: Alembic's operations are global to a process.

    Returns the revision that each was at, by its name; None where it was empty.
    One that a newer program has migrated stays as it is. SchemaMismatch: that one no longer serves
    this program, or it is of the first release.
    """
    found: dict[str, str | None] = {}
    for database in databases:
        found[database.name] = await _upgrade(database)
    return found


async def check(database: Database) -> None:
    """SchemaMismatch: the schema isn't at the newest revision, and at none that serves this one."""
    found, wanted = await current(database), _head(database)
    if found != wanted and not await _is_newer(database, found):
        raise SchemaMismatch(
            f"the {database.name} database is at revision {found or 'none'} and {wanted} is"
            " needed: run `xaigh-server migrate`"
        )


async def current(database: Database) -> str | None:
    """The revision that a database is at; None for an empty one."""
    return await database.read(_current)


async def _upgrade(database: Database) -> str | None:
    found = await current(database)
    if found == _head(database) or await _is_newer(database, found):
        return found

    def unit(session: Session) -> str | None:
        before = _current(session)  # again: another process may have been faster
        if before != _head(database):
            with _connection(session) as connection:
                _apply(connection, database.metadata.info["schema"])
            session.run(_DROP_FLOOR)
            session.run(_SET_FLOOR, revision=floor(database.metadata.info["schema"]))
        return before

    return await database.write(unit, partition=Partition(database.name))


def _apply(connection: Connection, schema: str) -> None:
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext, MigrationStep
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(folder(schema), version_locations=[folder(schema)])

    def steps(at: tuple[str, ...], _: MigrationContext) -> list[MigrationStep]:
        missing = [*scripts.iterate_revisions("head", at[0] if at else "base")]  # newest first
        known = scripts.revision_map
        return [MigrationStep.upgrade_from_script(known, each) for each in reversed(missing)]

    context = MigrationContext.configure(connection, opts={"fn": steps})
    with Operations.context(context):
        context.run_migrations()


def _head(database: Database) -> str:
    return revisions(database.metadata.info["schema"])[-1]


async def _is_newer(database: Database, found: str | None) -> bool:
    """Whether a newer schema serves this program. SchemaMismatch: it no longer does."""
    if found in FIRST_RELEASE:
        raise SchemaMismatch(
            f"the {database.name} database is of the first release (revision {found}), whose data"
            " this program can't take over: begin with an empty data folder or database"
        )
    if found is None or found in revisions(database.metadata.info["schema"]):
        return False
    oldest = await database.read(lambda session: session.scalar(_FLOOR))
    if oldest is not None and oldest <= _head(database):
        return True
    raise SchemaMismatch(
        f"the {database.name} database is at revision {found}, by a newer program: it serves"
        f" programs of revision {oldest} and later, this one is of {_head(database)}. Start a newer"
        " release"
    )


def _current(session: Session) -> str | None:
    if session.one(_VERSION_TABLE[session.dialect]) is None:
        return None
    version: str | None = session.scalar(_VERSION)
    return version


@contextmanager
def _connection(session: Session) -> Iterator[Connection]:
    """The session's transaction as a SQLAlchemy connection. The unit ends it."""
    from xaigh_server.db.sqlite.session import SqliteSession

    raw: Any
    options: dict[str, Any] = {}
    with ExitStack() as stack:
        if isinstance(session, SqliteSession):
            url, raw = "sqlite://", session.connection
            raw.execute("PRAGMA defer_foreign_keys=ON")  # a table may be rebuilt
        else:
            url, options["use_native_hstore"] = "postgresql+psycopg://", False
            raw = stack.enter_context(session.unpiped())  # type: ignore[attr-defined]  # its own
        borrowed = _Borrowed(raw)
        engine = create_engine(url, creator=lambda: borrowed, poolclass=StaticPool, **options)
        with engine.connect() as connection, connection.begin():
            yield connection


class _Borrowed:
    """A driver's connection that can be used and not ended."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def commit(self) -> None:
        """Nothing: the unit commits."""

    def rollback(self) -> None:
        """Nothing: the unit rolls back."""

    def close(self) -> None:
        """Nothing: its owner closes it."""
