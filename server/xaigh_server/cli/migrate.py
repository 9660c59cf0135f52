"""Command `xaigh-server migrate`: brings the databases to the schema of this version."""

from __future__ import annotations

import argparse
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from xaigh_server.cli.common import run_loop
from xaigh_server.settings import Settings

if TYPE_CHECKING:
    from xaigh_server.runtime.databases import Databases


def migrate(settings: Settings, arguments: argparse.Namespace) -> int:
    async def work() -> int:
        from xaigh_server.db import migrate as migrations
        from xaigh_server.runtime.databases import open_databases

        async with AsyncExitStack() as stack:
            databases = await open_databases(settings, stack)
            if arguments.check:
                return await _check(databases)
            before = await migrations.upgrade(*databases.all)
            for database in databases.all:
                now = await migrations.current(database)
                was = before[database.name] or "empty"
                step = f"{now}, nothing to do" if was == now else f"{was} -> {now}"
                print(f"{database.name}: {step}")

        return 0

    return run_loop(work())


async def _check(databases: Databases) -> int:
    """Prints what each database needs. Returns 1 where a migration is due."""
    from xaigh_server.db import migrate as migrations

    code = 0
    for database in databases.all:
        try:
            await migrations.check(database)
            print(f"{database.name}: {await migrations.current(database)}, nothing to do")
        except migrations.SchemaMismatch as error:
            print(f"{database.name}: {error}")
            code = 1
    return code
