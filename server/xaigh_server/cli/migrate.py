"""Command `xaigh-server migrate`: brings the databases to the schema of this version."""

from __future__ import annotations

import argparse
from contextlib import AsyncExitStack

from xaigh_server.cli.common import run_loop
from xaigh_server.settings import Settings


def migrate(settings: Settings, arguments: argparse.Namespace) -> int:
    async def work() -> None:
        from xaigh_server.db import migrate as migrations
        from xaigh_server.runtime.databases import open_databases

        async with AsyncExitStack() as stack:
            databases = await open_databases(settings, stack)
            before = await migrations.upgrade(*databases.all)
            for database in databases.all:
                now = await migrations.current(database)
                was = before[database.name] or "empty"
                step = f"{now}, nothing to do" if was == now else f"{was} -> {now}"
                print(f"{database.name}: {step}")

    run_loop(work())
    return 0
