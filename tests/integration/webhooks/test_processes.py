"""Several delivering processes, and processes that are killed at the worst moment."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import Counter, defaultdict

import pytest
from tests.harness.delivery import ORGANIZATION, events_of, eventually, opened
from tests.harness.webhook_receiver import OK, receiving

from xaigh_server.webhooks.model import DeliveryState

LEASE = 2.0


@contextlib.asynccontextmanager
async def delivering(folder):
    """A process that delivers; killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.webhooks.process",
        str(folder),
        str(LEASE),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"delivering\n"
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


def all_succeeded(deliveries):
    return all(each.state is DeliveryState.SUCCEEDED for each in deliveries)


async def test_two_processes_send_each_try_once(harness, folder):
    """Two processes on the same databases share the work; nothing arrives twice or out of order."""
    async with receiving() as receiver:
        tenants = [f"{ORGANIZATION}{n}" for n in range(16)]
        endpoints = [
            await harness.endpoint(receiver.url, organization_id=tenant) for tenant in tenants
        ]
        events = [harness.event(organization_id=tenants[n % 16]) for n in range(800)]
        async with delivering(folder), delivering(folder):
            for start in range(0, 800, 100):
                await harness.emit(*events[start : start + 100])
            await receiver.wait_for(800, seconds=60)
    assert Counter(receiver.ids) == {event.event_id: 1 for event in events}
    assert len(endpoints) == 16
    _check_order(receiver.ids, [each for event in events for each in events_of(event)])


async def test_two_workers_refuse_each_others_results(folder):
    """With a receiver slower than the lease is long, no try is ever under way twice."""
    under_way: Counter[str] = Counter()
    most: Counter[str] = Counter()

    async def slow(got, writer):
        under_way[got.id] += 1
        most[got.id] = max(most[got.id], under_way[got.id])
        await asyncio.sleep(0.05)
        under_way[got.id] -= 1
        writer.write(OK)

    async with (
        receiving(answer=slow) as receiver,
        opened(folder, fresh=False) as one,
        opened(folder, fresh=False) as other,
    ):
        await one.endpoint(receiver.url)
        await one.emit(*(one.event() for _ in range(40)))
        async with one.working(), other.working():
            await receiver.wait_for(40)
            found = await one.until(all_succeeded)
    assert set(most.values()) == {1}
    assert [each.attempt_count for each in found] == [1] * 40


@pytest.mark.parametrize("moment", ["sent", "queued"])
async def test_a_killed_process_loses_nothing(harness, folder, moment):
    """SIGKILL between sending and marking repeats what was under way, and that alone."""
    killed = asyncio.Event()
    endpoints = 4

    async def kill_in_between(got, writer):
        # The post has been read and its reply isn't sent: it can't have been marked.
        if len(receiver.got) >= 50 and not killed.is_set():
            killed.set()
            process.kill()
            await process.wait()
        writer.write(OK)

    async with receiving() as receiver:
        tenants = [f"{ORGANIZATION}{n}" for n in range(endpoints)]
        for tenant in tenants:
            await harness.endpoint(receiver.url, organization_id=tenant)
        single = [harness.event(organization_id=tenants[n % endpoints]) for n in range(100)]
        rows = [harness.row(25, organization_id=tenant) for tenant in tenants]
        events = [event for row in await harness.emit(*single, *rows) for event in events_of(row)]
        receiver.answer = kill_in_between
        async with delivering(folder) as process:
            if moment == "queued":
                process.kill()  # perhaps before, perhaps after the events were queued
                killed.set()
            await killed.wait()
            await process.wait()
        async with delivering(folder):
            await eventually(lambda: _all_seen(receiver, events), seconds=30)
    seen = Counter(receiver.ids)
    assert set(seen) == {event.id for event in events}
    # One try an endpoint can have been under way when the process died.
    assert sum(seen.values()) - len(events) <= endpoints


async def test_a_worker_that_is_stopped_gives_its_leases_back(harness, folder):
    """A rolling restart: the next process goes on at once, without waiting for a lease to end."""
    async with receiving() as receiver:
        await harness.endpoint(receiver.url)
        await harness.emit(*(harness.event() for _ in range(200)))
        async with harness.working() as worker:
            await receiver.wait_for(20)
            await worker.stop(5)
            sent = len(receiver.got)
        assert sent < 200
        async with harness.working():
            await receiver.wait_for(200, seconds=20)
    assert set(Counter(receiver.ids).values()) == {1}


async def _all_seen(receiver, events) -> bool:
    return {event.id for event in events} <= set(receiver.ids)


def _check_order(ids, events) -> None:
    tenant_of = {event.id: event.organization_id for event in events}
    arrived = defaultdict(list)
    for event_id in ids:
        arrived[tenant_of[event_id]].append(event_id)
    for tenant, in_order in arrived.items():
        sent = [each.id for each in events if each.organization_id == tenant]
        assert in_order == sent
