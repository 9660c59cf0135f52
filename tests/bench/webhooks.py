"""Webhook delivery on SQLite: 32 endpoints on loopback, one of them hanging, and what an event
costs the write that raises it.

    python -m tests.bench.webhooks [EVENTS]
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import func, insert, select
from tests.integration.webhooks.plant import ORGANIZATION, Plant, eventually, opened
from tests.integration.webhooks.receiver import receiving

from xaigh_server.domain.webhooks import DeliveryState
from xaigh_server.store.outbox import Outbox
from xaigh_server.store.tables.journal import business_journal
from xaigh_server.store.tables.webhooks import business_webhooks

ENDPOINTS = 32
_RECORD = insert(business_journal.idempotency_records)


async def throughput(events: int) -> None:
    """Every event goes to one well endpoint; the hanging one gets its share and holds nobody up."""
    async with receiving() as well, receiving(answer=_hang) as ill:
        with tempfile.TemporaryDirectory() as folder:
            async with opened(Path(folder)) as plant:
                tenants = await _tenants(plant, well.url, ill.url)
                queued = [
                    plant.event(organization_id=tenants[n % ENDPOINTS]) for n in range(events)
                ]
                await plant.emit(*queued)
                expected = sum(event.organization_id != tenants[0] for event in queued)
                started = time.perf_counter()
                async with plant.working():
                    await well.wait_for(expected, seconds=120)
                    seconds = time.perf_counter() - started
                    await _all_marked(plant, expected)
                    marked = time.perf_counter() - started
    seen = Counter(well.ids)
    print(
        f"webhooks: {expected} deliveries to {ENDPOINTS - 1} endpoints, 1 more hanging: "
        f"{expected / seconds:,.0f}/s received, {expected / marked:,.0f}/s marked "
        f"(bar: 500/s); {len(seen)} distinct, {sum(seen.values()) - len(seen)} duplicates"
    )


async def cost_of_an_event(writes: int) -> None:
    """The same write, without and with an event in its transaction, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder)) as plant:
            for round_ in range(2):  # the first one warms up
                bare = await _writes(plant, writes, f"bare{round_}", events=False)
                told = await _writes(plant, writes, f"told{round_}", events=True)
    print(
        f"webhooks: a write takes {bare * 1e6:,.0f} µs, with an event {told * 1e6:,.0f} µs: "
        f"{(told - bare) * 1e6:+,.0f} µs"
    )


async def _tenants(plant: Plant, well: str, ill: str) -> list[str]:
    tenants = [f"{ORGANIZATION}{n}" for n in range(ENDPOINTS)]
    for n, tenant in enumerate(tenants):
        await plant.endpoint(ill if n == 0 else well, organization_id=tenant)
    return tenants


async def _writes(plant: Plant, count: int, label: str, *, events: bool) -> float:
    queued = [plant.event() for _ in range(count)]
    started = time.perf_counter()
    for n, event in enumerate(queued):

        def write(session, key=f"{label}-{n}", event=event):
            session.run(
                _RECORD,
                scope="bench",
                method="m",
                key=key,
                fingerprint=b"f" * 32,
                status=200,
                reply=b"r" * 400,
                reply_headers="{}",
                created_time=0,
                expires_time=0,
            )
            if events:
                Outbox(session).append([event])

        await plant.sandbox.write(write)
    return (time.perf_counter() - started) / count


async def _all_marked(plant: Plant, expected: int) -> None:
    table = business_webhooks.deliveries
    done = select(func.count()).where(table.c.state == DeliveryState.SUCCEEDED.value)

    async def all_marked() -> bool:
        return await plant.sandbox.read(lambda s: s.scalar(done)) >= expected

    await eventually(all_marked)


async def _hang(got, writer) -> None:
    await asyncio.sleep(60)


def main(events: int) -> None:
    try:
        import uvloop
    except ImportError:
        runner = asyncio.run
    else:
        runner = uvloop.run
    runner(throughput(events))
    runner(cost_of_an_event(1000))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
