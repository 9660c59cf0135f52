"""The log of events on both engines: order, places in batches, filters, and what was missed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from itertools import count

import pytest
from tests.contract.webhooks.test_repository import NOW, Queue, endpoint, verdict

from xaigh_server.identity import base62
from xaigh_server.webhooks.events import Event, event_of
from xaigh_server.webhooks.model import DeliveryState
from xaigh_server.webhooks.repository.deliveries import WebhookDeliveries
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints
from xaigh_server.webhooks.repository.events import START, EventLogFilter, Position, WebhookEvents

_numbers = count(1)
OWN = EventLogFilter(organization_id="org_1")


def published(
    events: int = 1, *, name: str = "job.created", minutes: int = 0, organization: str = "org_1"
) -> Event:
    """One event, or a batch of so many."""
    members = [{"jobId": f"job_{number}"} for number in range(events)]
    return event_of(
        event_id=f"evt_log{next(_numbers)}",
        event_type=name,
        time=NOW + timedelta(minutes=minutes),
        environment="sandbox",
        organization_id=organization,
        data=json.dumps(members if events > 1 else members[0]),
    )


async def append(database, *events: Event) -> None:
    await database.write(lambda s: WebhookEvents(s).append(events, now=NOW))


async def behind(database, at: Position = START, wanted: EventLogFilter = OWN, rows: int = 10):
    return await database.read(lambda s: WebhookEvents(s).behind(wanted, at, rows=rows))


async def before(database, at: Position | None = None, rows: int = 10):
    return await database.read(lambda s: WebhookEvents(s).before(OWN, at, rows=rows))


def singles(*events: Event) -> list[Event]:
    return [each for event in events for each in event.each()]


async def test_events_are_read_in_the_order_of_commits_from_any_place(business):
    """Batches as single events; nobody else's between them; both ways, from each position."""
    first, batch, last = published(), published(4), published()
    await append(business, first, published(organization="org_2"), batch)
    await append(business, last)
    whole = await behind(business)
    assert [event for _, event in whole] == singles(first, batch, last)
    assert await before(business) == whole[::-1]
    for number, (at, _) in enumerate(whole):
        assert await behind(business, at) == whole[number + 1 :]
        assert await before(business, at) == whole[:number][::-1]


async def test_an_event_is_logged_once(business):
    """A crash between the queue and the outbox repeats it."""
    event = published()
    await append(business, event)
    await append(business, event)
    assert [each for _, each in await behind(business)] == [event]


async def test_filters_are_by_type_and_time(business):
    """The end isn't included."""
    early, late = published(), published(name="job.closed", minutes=5)
    await append(business, early, late)

    async def found(**members) -> list[Event]:
        wanted = EventLogFilter(organization_id="org_1", **members)
        return [event for _, event in await behind(business, wanted=wanted)]

    assert await found(types=("job.closed",)) == [late]
    assert await found(start=late.time) == [late]
    assert await found(end=late.time) == [early]
    assert await found(types=("job.closed",), end=late.time) == []


async def test_the_head_is_behind_everything_so_far(business):
    """Of the organization alone; what comes later is behind it."""

    async def head():
        return await business.read(lambda s: WebhookEvents(s).head("org_1"))

    assert await behind(business, await head()) == []
    await append(business, published(3))
    at = await head()
    later = published()
    await append(business, later)
    assert [event for _, event in await behind(business, at)] == [later]


async def test_an_event_is_found_by_its_id_alone_or_in_its_batch(business):
    """By nobody but its organization; a batch is no event."""
    single, batch = published(), published(3)
    await append(business, single, batch)

    async def get(name: str, organization: str = "org_1"):
        return await business.read(
            lambda s: WebhookEvents(s).get(name, organization_id=organization)
        )

    for each in singles(single, batch):
        assert await get(each.id) == each
        assert await get(each.id, "org_2") is None
    for name in (batch.id, f"{batch.id}003", f"{batch.id}-01", "", "evt"):
        assert await get(name) is None


class Recovery:
    """What an endpoint has missed, and its recovery."""

    def __init__(self, database) -> None:
        self.database = database

    async def missed(self, events: Sequence[Event]) -> list[str]:
        found = await self.database.read(lambda s: WebhookDeliveries(s).missed("we_1", events))
        return sorted(event.id for event in found.events)

    async def recover(self, events: Sequence[Event]) -> None:
        def write(session) -> None:
            deliveries = WebhookDeliveries(session)
            names = base62.sequential_ids(f"wd_r{next(_numbers)}")
            missed = deliveries.missed("we_1", events)
            deliveries.recover(endpoint(), missed, names, now=NOW)

        await self.database.write(write)


@pytest.mark.parametrize("size", [1, 12])
async def test_what_was_never_queued_is_missed_until_it_waits(business, size):
    """Alone or in a batch; a second recovery finds nothing."""
    recovery, queue = Recovery(business), Queue(business)
    event = published(size)
    await append(business, event)
    await business.write(lambda s: WebhookEndpoints(s).add(endpoint()))
    events = singles(event)
    assert await recovery.missed(events) == [each.id for each in events]
    await recovery.recover(events)
    assert await recovery.missed(events) == []
    (due,) = await queue.claim()
    sent = []
    while due is not None:
        sent.append(due.event)
        due = await queue.record(due, verdict(DeliveryState.SUCCEEDED))
    assert sent == events
    assert await recovery.missed(events) == []


async def test_of_a_cancelled_batch_all_is_missed_that_was_not_sent(business):
    """What succeeded before stays as it is; the rest goes out with its old ids."""
    recovery, queue = Recovery(business), Queue(business)
    batch = published(14)
    await append(business, batch)
    await business.write(lambda s: WebhookEndpoints(s).add(endpoint()))
    await business.write(
        lambda s: WebhookDeliveries(s).add_all([(batch, [("wd_b", endpoint())])], now=NOW)
    )
    events = singles(batch)
    (due,) = await queue.claim()
    await queue.record(due, verdict(DeliveryState.SUCCEEDED), last=True)
    assert await recovery.missed(events) == []  # the rest of it waits
    await business.write(lambda s: WebhookDeliveries(s).cancel_waiting("we_1", now=NOW))
    assert await recovery.missed(events) == [each.id for each in events[1:]]
    await recovery.recover(events)
    assert await recovery.missed(events) == []
    sent = []
    (due,) = await queue.claim()
    while due is not None:
        sent.append(due.event)
        due = await queue.record(due, verdict(DeliveryState.SUCCEEDED))
    assert sent == events[1:]
