"""`xaigh-server audit`: verifies the chains against their anchors, and exports them."""

from __future__ import annotations

import argparse
import contextlib
import sys
from contextlib import AsyncExitStack

from xaigh_server.commands.common import run_loop
from xaigh_server.settings import Settings


def audit(settings: Settings, arguments: argparse.Namespace) -> int:
    if arguments.step == "verify":
        return run_loop(_verify(settings))
    run_loop(_export(settings, arguments.file))
    return 0


async def _verify(settings: Settings) -> int:
    from xaigh_server.databases import open_databases
    from xaigh_server.store import audit_keys
    from xaigh_server.store.anchors import AnchorFile
    from xaigh_server.workers import audit_trail

    folder = settings.audit_dir
    async with AsyncExitStack() as stack:
        databases = await open_databases(settings, stack)
        key = audit_keys.load_or_create(folder)
        reports = await audit_trail.verify(
            databases.all, AnchorFile(settings.anchor_file), key.public_key()
        )
    for report in reports:
        print(report)
    return 0 if all(report.sound for report in reports) else 1


async def _export(settings: Settings, file: str) -> None:
    from xaigh_server.databases import open_databases
    from xaigh_server.store.anchors import AnchorFile
    from xaigh_server.workers import audit_trail

    # Nothing else runs on this loop, so plain files do.
    with contextlib.nullcontext(sys.stdout.buffer) if file == "-" else open(file, "xb") as out:  # noqa: ASYNC230  # as said
        async with AsyncExitStack() as stack:
            databases = await open_databases(settings, stack)
            async for line in audit_trail.export(databases.all, AnchorFile(settings.anchor_file)):
                out.write(line)
