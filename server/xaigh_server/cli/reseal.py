"""Command `xaigh-server reseal`: encrypts webhook secrets under the current key.

Afterwards no secret needs the older key, which can then be removed.
"""

from __future__ import annotations

import argparse
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from xaigh_server.cli.common import run_loop
from xaigh_server.identity.fleet_secrets import WEBHOOK_KEY
from xaigh_server.settings import Settings

if TYPE_CHECKING:
    from xaigh_server.webhooks.resealing import Resealed

_NAMED = 10  # unreadable secrets to name; the rest are counted


def reseal(settings: Settings, arguments: argparse.Namespace) -> int:
    done = run_loop(_reseal(settings))
    for name, found in done.items():
        print(f"{name}: {found.renewed} sealed anew, {found.current} current before")
    unreadable = [owner for found in done.values() for owner in found.unreadable]
    if not unreadable:
        print("Nothing needs an older key any more.")
        return 0
    more = f", and {len(unreadable) - _NAMED} more" if len(unreadable) > _NAMED else ""
    print(f"No key at hand opens the secrets of {', '.join(unreadable[:_NAMED])}{more}.")
    print("Give the key that sealed them behind the current one, or rotate those secrets.")
    return 1


async def _reseal(settings: Settings) -> dict[str, Resealed]:
    from xaigh_server.runtime.databases import migrate_or_check, open_databases
    from xaigh_server.runtime.delivery import open_secret_box
    from xaigh_server.runtime.secrets import agree, load_sealing_keys
    from xaigh_server.runtime.system import now
    from xaigh_server.webhooks.resealing import Resealing

    async with AsyncExitStack() as stack:
        databases = await open_databases(settings, stack)
        await migrate_or_check(settings, databases)
        await agree(settings, databases.control, clock=now, names=[WEBHOOK_KEY])
        resealing = Resealing(
            control=databases.control,
            business=list(databases.business.values()),
            box=open_secret_box(load_sealing_keys(settings, WEBHOOK_KEY)),
        )
        return await resealing.run()
