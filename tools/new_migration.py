"""Writes a revision from the tables: `python tools/new_migration.py`.

It compares each schema's tables with what the revisions so far make in an empty file, and writes
the difference as the next revision. `--squash` writes the initial revision anew and removes all
others: for a schema that nobody has yet. Read what it wrote before you commit it.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, create_engine

from xaigh_server.db import migrate
from xaigh_server.db.database import open_database
from xaigh_server.db.migrations import INITIAL, folder, revisions
from xaigh_server.db.triggers import TriggerRule, guards_of
from xaigh_server.runtime.tables import business_metadata, control_metadata

_PAGE = '''\
"""{title}"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {previous}
{guards}

def upgrade() -> None:
    """{what}"""
{body}
'''
_GUARDS = """
GUARDS = {{
{guards}}}
"""
_GUARDED = "Makes the tables and indexes, then the triggers that guard them."
_UNGUARDED = "Changes the tables."
_GUARD = """\
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(sa.text(statement.replace(":", "\\\\:")))
"""


def main(arguments: list[str]) -> int:
    """Writes the next revision of each schema that needs one."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    anew = f"begin again with revision {INITIAL}"
    parser.add_argument("--squash", action="store_true", help=anew)
    parser.add_argument("--title", default="The initial schema.", help="the revision's docstring")
    options = parser.parse_args(arguments)
    for metadata in (control_metadata, business_metadata):
        if options.squash:
            for old in folder(metadata.info["schema"]).glob("r[0-9]*_*.py"):
                old.unlink()
        written = write_next(metadata, options.title)
        print(written or f"{metadata.info['schema']}: nothing to do")  # a program
    return 0


def write_next(metadata: MetaData, title: str) -> Path | None:
    """Writes the revision that leads to the tables as they are; None where none is needed."""
    schema = metadata.info["schema"]
    known = revisions(schema)
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / "schema.db"
        if known:
            asyncio.run(_migrated(file, metadata))
        body, has_changes = _changes(file, metadata)
    guards = _new_guards(metadata, known)
    if not has_changes and not guards:
        return None
    revision = f"{int(known[-1]) + 1:04}" if known else INITIAL
    slug = "_".join(title.lower().strip(".").split()[-3:])
    target = folder(schema) / f"r{revision}_{slug}.py"
    target.write_text(
        _PAGE.format(
            title=title,
            revision=revision,
            previous=f'"{known[-1]}"' if known else "None",
            guards=_GUARDS.format(guards=_render(guards)) if guards else "",
            what=_GUARDED if guards else _UNGUARDED,
            body=f"{body}\n{_GUARD}" if guards else body,
        )
    )
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(target)], check=True)
    return target


async def _migrated(file: Path, metadata: MetaData) -> None:
    database = open_database("new", file, metadata)
    await database.start()
    await migrate.upgrade(database)
    await database.close()


def _changes(file: Path, metadata: MetaData) -> tuple[str, bool]:
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        operations = produce_migrations(context, metadata).upgrade_ops
        if operations is None:
            raise RuntimeError("Alembic produced no operations")
        body = render_python_code(operations, migration_context=context)
    engine.dispose()
    lines = f"    {body}".splitlines()
    plain = "\n".join(line for line in lines if not line.strip().startswith("# ###"))
    return plain, not operations.is_empty()


def _new_guards(metadata: MetaData, known: tuple[str, ...]) -> list[TriggerRule]:
    """The guards whose name stands in no revision so far."""
    files = folder(metadata.info["schema"]).glob("r[0-9]*_*.py")
    written = "".join(file.read_text() for file in files) if known else ""
    return [guard for guard in guards_of(metadata) if f"TRIGGER {guard.name}" not in written]


def _render(guards: list[TriggerRule]) -> str:
    pages = []
    for engine in ("sqlite", "postgresql"):
        statements = (statement for guard in guards for statement in guard.ddl(engine))
        texts = "".join(f'"""\n{statement}\n""",\n' for statement in statements)
        pages.append(f'"{engine}": (\n{texts}),\n')
    return "".join(pages)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
