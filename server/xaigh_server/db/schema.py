"""Creator of a schema from its metadata: tables, indexes and guards, without migrations.

A test compares the result with that of the migrations. Use it only for an empty database that no
server will migrate.
"""

from __future__ import annotations

from sqlalchemy import MetaData, text
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.schema import CreateIndex, CreateTable

from xaigh_server.db.session import Session
from xaigh_server.db.triggers import guards_of

_URLS = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://"}


def create(session: Session, metadata: MetaData) -> None:
    """Makes every table of a schema in an empty database. Import the tables' modules before."""
    for statement in ddl(metadata, session.dialect):
        session.run(text(statement.replace(":", r"\:")))


def ddl(metadata: MetaData, engine: str) -> list[str]:
    """The statements that make a schema, in order. `engine` is `sqlite` or `postgresql`."""
    dialect: Dialect = make_url(_URLS[engine]).get_dialect()()
    statements: list[str] = []
    for table in metadata.sorted_tables:
        statements.append(str(CreateTable(table).compile(dialect=dialect)))
        statements.extend(
            str(CreateIndex(index).compile(dialect=dialect))
            for index in sorted(table.indexes, key=lambda index: str(index.name))
        )
    for guard in guards_of(metadata):
        statements.extend(guard.ddl(engine))
    return statements
