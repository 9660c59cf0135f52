"""Command `xaigh-server deliver`: delivers webhooks until SIGTERM or SIGINT, and nothing else.

Any number of these processes can run beside servers on the same databases. Start a server with
`XAIGH_DELIVER_WEBHOOKS=false` to leave delivery to them.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from contextlib import AsyncExitStack

from xaigh_server.cli.common import run_loop
from xaigh_server.settings import Settings


def deliver(settings: Settings, arguments: argparse.Namespace) -> int:
    run_loop(_deliver_until_signal(settings))
    return 0


async def _deliver_until_signal(settings: Settings) -> None:
    from prometheus_client import CollectorRegistry

    from xaigh_server.identity.fleet_secrets import WEBHOOK_KEY
    from xaigh_server.runtime import delivery, secrets
    from xaigh_server.runtime.databases import migrate_or_check, open_databases
    from xaigh_server.runtime.system import new_id, now

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with AsyncExitStack() as stack:
        databases = await open_databases(settings, stack)
        await migrate_or_check(settings, databases)
        own = delivery.find_own_hosts(settings)
        resolver = delivery.open_resolver(settings, stack)
        outbound = delivery.open_outbound(settings, resolver, stack, own=own, clock=now)
        await secrets.agree(settings, databases.control, clock=now, names=[WEBHOOK_KEY])
        box = delivery.open_secret_box(secrets.load_sealing_keys(settings, WEBHOOK_KEY))
        registry = CollectorRegistry()  # this process has no /metrics
        worker = delivery.open_worker(
            settings, databases, outbound, box, own=own, clock=now, new_id=new_id, registry=registry
        )
        worker.start()
        print("xaigh-server: delivering", file=sys.stderr, flush=True)
        await stopped.wait()
        print("xaigh-server: stopping", file=sys.stderr, flush=True)
        await worker.stop(settings.drain_seconds)
