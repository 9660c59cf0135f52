"""The revisions make exactly what the tables say, on both engines."""

import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, create_engine, make_url, text

from xaigh_server.db import migrate, migrations, schema
from xaigh_server.db.database import Database, open_database
from xaigh_server.db.errors import StoreError
from xaigh_server.db.metadata import business_metadata, control_metadata
from xaigh_server.db.migrations import FIRST_RELEASE, folder, revisions
from xaigh_server.db.session import Session
from xaigh_server.db.triggers import guards_of, trigger_names

SCHEMAS = pytest.mark.parametrize(
    "metadata", [control_metadata, business_metadata], ids=["control", "business"]
)


@pytest.fixture
async def empty(location: Path | str, metadata: MetaData) -> AsyncIterator[Database]:
    database = open_database("empty", location, metadata)
    await database.start()
    yield database
    await database.close()


@SCHEMAS
async def test_revisions_and_tables_agree(empty: Database, location: Path | str) -> None:
    """Alembic finds nothing to change after all revisions have run."""
    assert await migrate.upgrade(empty) == {"empty": None}

    def differences(connection: Connection) -> object:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return compare_metadata(context, empty.metadata)

    if isinstance(location, Path):
        url = make_url(f"sqlite:///{location}")
    else:
        url = make_url(location).set(drivername="postgresql+psycopg")
    engine = create_engine(url)
    with engine.connect() as connection:
        assert differences(connection) == []
    engine.dispose()


@SCHEMAS
async def test_every_guard_has_its_triggers(empty: Database) -> None:
    """The database's triggers are those of the guards, no fewer and no more."""
    await migrate.upgrade(empty)
    assert await empty.read(triggers) == trigger_names(guards_of(empty.metadata), empty.dialect)


@SCHEMAS
async def test_guards_and_checks_are_the_same_text(
    empty: Database, location: Path | str, tmp_path: Path
) -> None:
    """On SQLite, where the schema is kept as text, both ways to make it say the same."""
    if not isinstance(location, Path):
        assert await migrate.current(empty) is None
        return
    await migrate.upgrade(empty)
    direct = open_database("direct", tmp_path / "direct.db", empty.metadata)
    await direct.start()
    await direct.write(lambda session: schema.create(session, empty.metadata))
    made = await direct.read(definitions)
    assert await empty.read(definitions) == made
    await direct.close()


@SCHEMAS
async def test_a_second_upgrade_does_nothing(empty: Database) -> None:
    """It tells the revision that it found; `check` is content then, and not before."""
    head = revisions(empty.metadata.info["schema"])[-1]
    with pytest.raises(migrate.SchemaMismatch, match=r"at revision none.*xaigh-server migrate"):
        await migrate.check(empty)
    await migrate.upgrade(empty)
    assert await migrate.upgrade(empty) == {"empty": head}
    assert await migrate.current(empty) == head
    await migrate.check(empty)


@SCHEMAS
async def test_a_newer_schema_is_used_while_it_serves_this_program(empty: Database) -> None:
    """It is left alone; once its floor is above this program, it is refused."""
    head = revisions(empty.metadata.info["schema"])[-1]
    await migrate.upgrade(empty)
    await empty.write(lambda s: s.run(text("UPDATE alembic_version SET version_num = '9999'")))
    assert await migrate.upgrade(empty) == {"empty": "9999"}
    await migrate.check(empty)
    assert await migrate.current(empty) == "9999"
    await empty.write(lambda s: s.run(text("UPDATE schema_floor SET revision = '9998'")))
    for call in (migrate.upgrade, migrate.check):
        with pytest.raises(StoreError, match=rf"9999.*of revision 9998 and later.*is of {head}"):
            await call(empty)


@SCHEMAS
async def test_the_floor_is_what_the_revisions_state(
    empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release with more revisions migrates; the one before it goes on unless one contracts."""
    schema = empty.metadata.info["schema"]
    await migrate.upgrade(empty)
    newer = tmp_path / "newer"
    shutil.copytree(folder(schema), newer)
    (newer / "r0102_a_note.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        'revision = "0102"\ndown_revision = "0101"\n\n\n'
        "def upgrade() -> None:\n"
        '    op.add_column("outbox", sa.Column("note", sa.Text))\n'
    )
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "folder", lambda _: newer)
        patched.setattr(migrate, "folder", lambda _: newer)
        assert await migrate.upgrade(empty) == {"empty": "0101"}
        assert await migrate.current(empty) == "0102"
    await migrate.check(empty)
    (newer / "r0103_no_note.py").write_text(
        "from alembic import op\n\n"
        'revision = "0103"\ndown_revision = "0102"\noldest = "0102"\n\n\n'
        'def upgrade() -> None:\n    op.drop_column("outbox", "note")\n'
    )
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "folder", lambda _: newer)
        patched.setattr(migrate, "folder", lambda _: newer)
        assert await migrate.upgrade(empty) == {"empty": "0102"}
    with pytest.raises(StoreError, match="0103, by a newer program"):
        await migrate.check(empty)


@SCHEMAS
@pytest.mark.parametrize("revision", FIRST_RELEASE)
async def test_data_of_the_first_release_is_refused(empty: Database, revision: str) -> None:
    """By one line that says what to do, whether the start migrates or only checks."""
    await migrate.upgrade(empty)
    at = text("UPDATE alembic_version SET version_num = :revision")
    await empty.write(lambda s: s.run(at, revision=revision))
    refusal = rf"the empty database is of the first release \(revision {revision}\).*begin with"
    for start in (migrate.upgrade, migrate.check):
        with pytest.raises(migrate.SchemaMismatch, match=refusal) as refused:
            await start(empty)
        assert "\n" not in str(refused.value)
    assert await migrate.current(empty) == revision


@SCHEMAS
async def test_two_processes_may_migrate_at_once(
    empty: Database, location: Path | str, metadata: MetaData
) -> None:
    """Both return, and the schema is made once."""
    other = open_database("other", location, metadata)
    await other.start()
    program = (
        "import asyncio, pathlib, sys\n"
        "from xaigh_server.db import migrate, tables\n"
        "from xaigh_server.db.database import open_database\n"
        "async def main():\n"
        "    engine, where, schema = sys.argv[1:]\n"
        "    location = pathlib.Path(where) if engine == 'sqlite' else where\n"
        "    metadata = getattr(tables, schema + '_metadata')\n"
        "    database = open_database('x', location, metadata)\n"
        "    await database.start()\n"
        "    await migrate.upgrade(database)\n"
        "    await database.close()\n"
        "asyncio.run(main())\n"
    )
    arguments = (empty.dialect, str(location), metadata.info["schema"])
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, *arguments)
        for _ in range(3)
    ]
    assert await asyncio.gather(*(process.wait() for process in processes)) == [0, 0, 0]
    await migrate.check(other)
    await other.close()


@SCHEMAS
async def test_a_failed_migration_leaves_nothing(empty: Database) -> None:
    """A table that stands in the way undoes all of it."""
    await empty.write(lambda s: s.run(text("CREATE TABLE outbox (x INTEGER)")))
    with pytest.raises(Exception, match=r"outbox.*already exists"):
        await migrate.upgrade(empty)
    assert await migrate.current(empty) is None
    await empty.write(lambda s: s.run(text("DROP TABLE outbox")))
    await migrate.upgrade(empty)


def test_serving_does_not_import_alembic(tmp_path: Path) -> None:
    """A database that is up to date is checked without the migration library."""
    program = (
        "import asyncio, pathlib, sys\n"
        "from xaigh_server.db import migrate\n"
        "from xaigh_server.db.database import open_database\n"
        "from xaigh_server.db.metadata import control_metadata\n"
        "async def main():\n"
        "    database = open_database('control', pathlib.Path(sys.argv[1]), control_metadata)\n"
        "    await database.start()\n"
        "    await migrate.upgrade(database)\n"
        "    await database.close()\n"
        "    print('alembic' in sys.modules)\n"
        "asyncio.run(main())\n"
    )
    run = [sys.executable, "-c", program, str(tmp_path / "x.db")]
    assert [subprocess.check_output(run) for _ in range(2)] == [b"True\n", b"False\n"]


def triggers(session: Session) -> set[str]:
    query = {
        "sqlite": "SELECT name FROM sqlite_schema WHERE type = 'trigger'",
        "postgresql": "SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal",
    }[session.dialect]
    return {row[0] for row in session.all(text(query.replace("::", r"\:\:")))}


def definitions(session: Session) -> dict[str, list[str]]:
    """Every object's definition without white space; a table's constraints in any order."""
    rows = session.all(text("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"))
    return {
        name: sorted(
            part.rstrip(",)") for part in re.split("(?=CONSTRAINT)", re.sub(r"\s", "", sql))
        )
        for name, sql in rows
        if name != "alembic_version"
    }
