"""Webhook delivery on SQLite: throughput, what an event costs its write, and ten thousand events
through processes that are killed.

The receiver runs in the process that is measured, so the figures are of both.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import func, insert, select
from tests.bench.bars import Bar
from tests.harness.delivery import ORGANIZATION, DeliveryHarness, eventually, opened
from tests.harness.webhook_receiver import Got, receiving
from tests.integration.webhooks.test_processes import delivering

from xaigh_server.db.outbox import Outbox
from xaigh_server.db.session import Session
from xaigh_server.db.tables import business_journal
from xaigh_server.webhooks.model import DeliveryState
from xaigh_server.webhooks.tables import business_webhooks

ENDPOINTS = 32
EVENTS = 5000
WRITES = 1000
STORM = 10_000
KILLS = 5
_RECORD = insert(business_journal.idempotency_records)


def measure() -> list[Bar]:
    """The bars of events out."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    return [_run(throughput()), _run(cost_of_an_event()), _run(storm())]


async def throughput() -> Bar:
    """Each event is for one endpoint; the hanging one gets its share and holds nobody up."""
    async with _harness() as (_, harness), receiving() as well, receiving(answer=_hang) as ill:
        tenants = await _tenants(harness, well.url, hanging=ill.url)
        queued = [harness.event(organization_id=tenants[n % ENDPOINTS]) for n in range(EVENTS)]
        await harness.emit(*queued)
        expected = sum(event.organization_id != tenants[0] for event in queued)
        started = time.perf_counter()
        async with harness.working():
            await well.wait_for(expected, seconds=120)
            await eventually(lambda: _marked(harness, expected), seconds=60)
            seconds = time.perf_counter() - started
    duplicates = sum(Counter(well.ids).values()) - len(set(well.ids))
    return Bar(
        name="webhooks delivered, one of 32 endpoints hangs",
        value=expected / seconds,
        wanted=500,
        unit="/s",
        detail=f"{expected} received and marked, {duplicates} duplicates",
    )


async def cost_of_an_event() -> Bar:
    """The same write, without and with an event in its transaction, in turns."""
    bare: list[float] = []
    told: list[float] = []
    async with _harness() as (_, harness):
        for n in range(WRITES):
            bare.append(await _write(harness, f"bare-{n}", event=False))
            told.append(await _write(harness, f"told-{n}", event=True))
    without, with_event = (sorted(each)[WRITES // 2] * 1e6 for each in (bare, told))
    return Bar(
        name="an event for webhooks adds to its write",
        value=with_event - without,
        wanted=without,
        unit="µs",
        detail=f"{without:,.0f} µs without, {with_event:,.0f} µs with it (medians)",
        higher=False,
    )


async def storm() -> Bar:
    """Two processes deliver, one of them is killed again and again: nothing may be lost."""
    async with _harness() as (folder, harness), receiving() as receiver:
        tenants = await _tenants(harness, receiver.url)
        queued = [harness.event(organization_id=tenants[n % ENDPOINTS]) for n in range(STORM)]
        await harness.emit(*queued)
        expected = {event.event_id for event in queued}
        async with contextlib.AsyncExitStack() as stack:
            oldest = await stack.enter_async_context(delivering(folder))
            for kill in range(1, KILLS + 1):
                # The newer one finds the queues taken, until the older one is killed over them.
                newer = await stack.enter_async_context(delivering(folder))
                await receiver.wait_for(kill * STORM // (KILLS + 2), seconds=120)
                oldest.kill()
                oldest = newer
            await eventually(lambda: _seen(receiver.got, expected), seconds=120)
    seen = Counter(receiver.ids)
    return Bar(
        name=f"of {STORM:,} events under {KILLS} SIGKILLs, lost",
        value=len(expected - set(seen)),
        wanted=0,
        unit="",
        detail=f"{sum(seen.values()) - len(seen)} duplicates: sent, and not yet marked when killed",
        higher=False,
    )


@contextlib.asynccontextmanager
async def _harness() -> AsyncIterator[tuple[Path, DeliveryHarness]]:
    with tempfile.TemporaryDirectory(prefix="xaigh-bench-") as folder:
        async with opened(Path(folder)) as harness:
            yield Path(folder), harness


async def _tenants(harness: DeliveryHarness, well: str, *, hanging: str = "") -> list[str]:
    """An organization with one endpoint each; of the first one the receiver hangs, if at all."""
    tenants = [f"{ORGANIZATION}{n}" for n in range(ENDPOINTS)]
    for n, tenant in enumerate(tenants):
        await harness.endpoint(hanging if hanging and n == 0 else well, organization_id=tenant)
    return tenants


async def _write(harness: DeliveryHarness, key: str, *, event: bool) -> float:
    told = harness.event()

    def write(session: Session) -> None:
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
        if event:
            Outbox(session).append([told])

    started = time.perf_counter()
    await harness.sandbox.write(write)
    return time.perf_counter() - started


async def _marked(harness: DeliveryHarness, expected: int) -> bool:
    table = business_webhooks.deliveries
    done = select(func.count()).where(table.c.state == DeliveryState.SUCCEEDED.value)
    return bool(await harness.sandbox.read(lambda s: s.scalar(done)) >= expected)


async def _seen(got: list[Got], expected: set[str]) -> bool:
    return expected <= {each.id for each in got}


async def _hang(got: Got, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


def _run(work: Awaitable[Bar]) -> Bar:
    from xaigh_server.cli.common import run_loop

    return run_loop(work)


if __name__ == "__main__":
    from tests.bench.bars import table

    bars: Any = measure()
    print(table(bars))
