"""Endpoints, queues and deliveries on both engines."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import func, select

from xaigh_server.db.errors import UniqueViolation
from xaigh_server.net.http_reply import HttpOutcome
from xaigh_server.webhooks.events import EVENT_TYPES, Event, event_of
from xaigh_server.webhooks.model import (
    DeliveryAttempt,
    DeliveryDecision,
    DeliveryState,
    DisableReason,
    Endpoint,
    EndpointHealth,
    SealedSecrets,
    decide,
)
from xaigh_server.webhooks.repository.deliveries import DeliveryFilter, WebhookDeliveries
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints, place_of
from xaigh_server.webhooks.repository.queue import WebhookQueue
from xaigh_server.webhooks.tables import control_webhooks

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(seconds=45)
_numbers = count(1)


def endpoint(endpoint_id: str = "we_1", **changes) -> Endpoint:
    return replace(
        Endpoint(
            id=endpoint_id,
            organization_id="org_1",
            url="https://hooks.example.com/",
            description="d",
            event_types=("job.created",),
            scopes=frozenset({"jobs:read"}),
            grant_id="grt_1",
            origin="",
            secrets=SealedSecrets(current=b"sealed"),
            created_at=NOW,
            updated_at=NOW,
        ),
        **changes,
    )


def event() -> Event:
    return Event(
        id=f"evt_{next(_numbers)}",
        type=EVENT_TYPES["job.created"],
        time=NOW,
        environment="sandbox",
        organization_id="org_1",
        data="{}",
    )


def verdict(
    state: DeliveryState, *, at: datetime = NOW, pause: datetime | None = None
) -> DeliveryDecision:
    ok = state is DeliveryState.SUCCEEDED
    return DeliveryDecision(
        state=state,
        next_attempt_at=at if state is DeliveryState.PENDING else None,
        pause_until=pause,
        health=EndpointHealth(last_success_at=NOW) if ok else EndpointHealth(failure_count=1),
    )


def attempt(number: int = 1) -> DeliveryAttempt:
    return DeliveryAttempt(
        number=number,
        started_at=NOW,
        duration=timedelta(milliseconds=12),
        outcome=HttpOutcome.ACCEPTED,
        status=204,
    )


class Queue:
    """One holder's view of a database."""

    def __init__(self, database, holder: str = "wkr_1") -> None:
        self.database = database
        self.holder = holder

    async def do(self, name: str, *arguments, **named):
        return await self.database.write(
            lambda s: getattr(WebhookQueue(s, holder=self.holder), name)(*arguments, **named)
        )

    async def claim(self, now: datetime = NOW, *, healthy: int = 10, failing: int = 10):
        claimed = await self.do(
            "claim", healthy=healthy, failing=failing, now=now, until=now + LEASE
        )
        found = [await self.do("first", each, now=now, until=now + LEASE) for each in claimed]
        return [due for due in found if due is not None]

    async def record(self, due, made: DeliveryDecision, *, now: datetime = NOW, last: bool = False):
        until = None if last else now + LEASE
        tried = attempt(due.delivery.attempt_count + 1)
        return await self.do("record", due, tried, made, now=now, until=until)


@pytest.fixture
def queue(business):
    return Queue(business)


async def add(database, *endpoints: Endpoint, events: int = 0) -> list[Event]:
    """Endpoints, and so many events queued for each of them."""
    made = [event() for _ in range(events)]

    def write(session):
        for each in endpoints:
            assert WebhookEndpoints(session).add(each)
        deliveries = WebhookDeliveries(session)
        for one in made:
            to = [(f"wd_{next(_numbers)}", each) for each in endpoints]
            assert deliveries.add(one, to, now=NOW) == len(to)

    await database.write(write)
    return made


async def add_bundle(database, *endpoints: Endpoint, events: int) -> Event:
    """A bundle of so many events, queued for each of the endpoints."""
    bundle = event_of(
        event_id=f"evt_{next(_numbers)}",
        event_type="job.created",
        time=NOW,
        environment="sandbox",
        organization_id="org_1",
        data=json.dumps([{"jobId": f"job_{number}"} for number in range(events)]),
    )
    to = [(f"wd_{next(_numbers)}", each) for each in endpoints]
    await database.write(lambda s: WebhookDeliveries(s).add_all([(bundle, to)], now=NOW))
    return bundle


async def rows(database) -> int:
    """How many rows the delivery log has."""
    counted = select(func.count()).select_from(control_webhooks.deliveries)
    return int(await database.read(lambda s: s.scalar(counted)))


async def log(database, **wanted):
    found = await database.read(
        lambda s: WebhookDeliveries(s).page(
            DeliveryFilter(organization_id="org_1", **wanted), below=None, limit=100
        )
    )
    return [delivery for _, delivery in found]


async def test_an_endpoint_reads_back_as_it_was_written(business):
    """Every member, secrets and disabled state included."""
    written = endpoint(
        secrets=SealedSecrets(current=b"a", previous=b"b", previous_expires_at=NOW),
        disabled_at=NOW,
        disable_reason=DisableReason.GONE,
        event_types=(),
        revision=3,
    )
    await add(business, written)
    found = await business.read(lambda s: WebhookEndpoints(s).find("we_1"))
    assert found == written


async def test_an_endpoint_is_its_organizations_alone(business):
    """Another tenant's look-up finds nothing."""
    await add(business, endpoint())

    def get(organization_id):
        return business.read(
            lambda s: WebhookEndpoints(s).get("we_1", organization_id=organization_id)
        )

    assert await get("org_1") is not None
    assert await get("org_2") is None


async def test_adding_the_same_endpoint_again_changes_nothing(business):
    """The one that stands stays: that is how a grant's first endpoint is made once."""
    await add(business, endpoint())
    other = endpoint(url="https://other.example.com/")
    assert await business.write(lambda s: WebhookEndpoints(s).add(other)) is False
    found = await business.read(lambda s: WebhookEndpoints(s).find("we_1"))
    assert found == endpoint()


async def test_of_two_changes_of_one_revision_the_second_is_refused(business):
    """`save` tells, and writes nothing."""
    before = endpoint()
    await add(business, before)
    first = replace(before, description="first", revision=2)
    second = replace(before, description="second", revision=2)
    assert await business.write(lambda s: WebhookEndpoints(s).save(first, before=before))
    assert not await business.write(lambda s: WebhookEndpoints(s).save(second, before=before))
    assert await business.read(lambda s: WebhookEndpoints(s).find("we_1")) == first


async def test_pages_of_endpoints_are_newest_first_without_gaps(business):
    """Equal times are told apart by id; a page goes on where the last one ended."""
    made = [endpoint(f"we_{n}", created_at=NOW + timedelta(seconds=n // 2)) for n in range(6)]
    await add(business, *made)
    seen: list[str] = []
    before = None
    for _ in range(3):
        page = await business.read(
            lambda s, b=before: WebhookEndpoints(s).page("org_1", before=b, limit=2)
        )
        seen += [each.id for each in page]
        before = place_of(page[-1])
    assert seen == ["we_5", "we_4", "we_3", "we_2", "we_1", "we_0"]


async def test_a_claim_takes_each_due_queue_once(business, queue):
    """A second holder finds nothing until the lease has ended."""
    await add(business, endpoint("we_1"), endpoint("we_2"), events=3)
    mine = await queue.claim()
    assert sorted(due.endpoint.id for due in mine) == ["we_1", "we_2"]
    other = Queue(business, "wkr_2")
    assert await other.claim() == []
    assert await other.claim(NOW + LEASE - timedelta(microseconds=1)) == []
    assert len(await other.claim(NOW + LEASE)) == 2


async def test_deliveries_of_a_queue_come_in_order(business, queue):
    """Recording one leases the next; after the last one the queue is free."""
    events = await add(business, endpoint(), events=3)
    (due,) = await queue.claim()
    order = []
    while due is not None:
        order.append(due.event.id)
        due = await queue.record(due, verdict(DeliveryState.SUCCEEDED))
    assert order == [each.id for each in events]
    assert [each.state for each in await log(business)] == [DeliveryState.SUCCEEDED] * 3
    assert await queue.claim(NOW + timedelta(days=1)) == []


async def test_a_failure_pauses_the_endpoint(business, queue):
    """Nothing is due before the pause ends; then what waited comes before the repeat."""
    first, second = await add(business, endpoint(), events=2)
    (due,) = await queue.claim()
    pause = NOW + timedelta(seconds=1)
    again = NOW + timedelta(seconds=5)
    assert await queue.record(due, verdict(DeliveryState.PENDING, at=again, pause=pause)) is None
    assert await queue.claim(NOW) == []
    (due,) = await queue.claim(pause)
    assert due.event.id == second.id
    assert due.health.failure_count == 1
    assert await queue.record(due, verdict(DeliveryState.SUCCEEDED), now=pause) is None
    (due,) = await queue.claim(again)
    assert due.event.id == first.id
    assert due.delivery.attempt_count == 1
    assert due.delivery.step == 1


async def test_unwell_queues_have_places_of_their_own(business, queue):
    """A claim for the well takes none whose last try failed, and the other way round."""
    await add(business, endpoint("we_1"), endpoint("we_2"), events=2)
    for due in await queue.claim():
        ill = due.endpoint.id == "we_1"
        made = verdict(
            DeliveryState.PENDING if ill else DeliveryState.SUCCEEDED, pause=NOW if ill else None
        )
        await queue.record(due, made, last=True)
    (healthy,) = await queue.claim(failing=0)
    (failing,) = await queue.claim(healthy=0)
    assert (healthy.endpoint.id, failing.endpoint.id) == ("we_2", "we_1")


async def test_whoever_lost_its_lease_records_but_doesnt_go_on(business, queue):
    """A result that comes late is kept if the try wasn't made again, and dropped if it was."""
    await add(business, endpoint(), events=2)
    (late,) = await queue.claim()
    other = Queue(business, "wkr_2")
    (due,) = await other.claim(NOW + LEASE)
    assert due.delivery == late.delivery
    following = await other.record(due, verdict(DeliveryState.SUCCEEDED), now=NOW + LEASE)
    assert await queue.record(late, verdict(DeliveryState.PENDING), now=NOW + LEASE) is None
    assert following.delivery.id != due.delivery.id
    newest, oldest = await log(business)
    assert (newest.attempt_count, oldest.attempt_count) == (0, 1)
    assert oldest.state is DeliveryState.SUCCEEDED


async def test_an_event_is_queued_once_for_an_endpoint(business):
    """A repeat adds nothing; a delivery's id that is taken is an error, never a lost event."""
    (one,) = await add(business, endpoint(), events=1)

    def again(delivery_id: str, told: Event):
        return business.write(
            lambda s: WebhookDeliveries(s).add(told, [(delivery_id, endpoint())], now=NOW)
        )

    assert await again("wd_other", one) == 0
    (delivery,) = await log(business)
    with pytest.raises(UniqueViolation, match="uq_webhook_deliveries_delivery_id"):
        await again(delivery.id, event())


async def test_disabling_cancels_and_enabling_starts_clean(business, queue):
    """What waited is cancelled, a try under way included, and stays so."""
    await add(business, endpoint(), events=2)
    (due,) = await queue.claim()

    def disable(session):
        off = endpoint(disabled_at=NOW, disable_reason=DisableReason.REQUESTED, revision=2)
        assert WebhookEndpoints(session).save(off, before=endpoint())
        assert WebhookDeliveries(session).cancel_waiting("we_1", now=NOW) == 2

    await business.write(disable)
    assert await queue.record(due, verdict(DeliveryState.PENDING)) is None
    assert {each.state for each in await log(business)} == {DeliveryState.CANCELLED}
    assert await queue.claim(NOW + timedelta(days=1)) == []
    off = await business.read(lambda s: WebhookEndpoints(s).find("we_1"))
    await business.write(lambda s: WebhookEndpoints(s).save(endpoint(revision=3), before=off))
    health = await business.read(lambda s: WebhookEndpoints(s).health(["we_1"]))
    assert health["we_1"] == EndpointHealth()
    await business.write(
        lambda s: WebhookDeliveries(s).add(event(), [("wd_new", endpoint())], now=NOW)
    )
    assert len(await queue.claim()) == 1


async def test_a_success_that_was_under_way_counts_although_it_was_cancelled(business, queue):
    """The receiver has it: the log says so."""
    await add(business, endpoint(), events=1)
    (due,) = await queue.claim()
    await business.write(lambda s: WebhookDeliveries(s).cancel_waiting("we_1", now=NOW))
    await queue.record(due, verdict(DeliveryState.SUCCEEDED))
    (delivery,) = await log(business)
    assert delivery.state is DeliveryState.SUCCEEDED


async def test_redelivery_ends_a_pause(business, queue):
    """What failed for good, or waits, is due at once, at the start of a schedule."""
    await add(business, endpoint(), events=1)
    (due,) = await queue.claim()
    far = NOW + timedelta(hours=5)
    await queue.record(due, verdict(DeliveryState.PENDING, at=far, pause=far))
    (delivery,) = await log(business)
    await business.write(lambda s: WebhookDeliveries(s).redeliver(delivery, now=NOW))
    (due,) = await queue.claim()
    assert (due.delivery.attempt_count, due.delivery.step) == (1, 0)


async def test_a_deleted_endpoint_sends_nothing_and_keeps_its_log(business, queue):
    """A result that comes afterwards is written down, too."""
    await add(business, endpoint(), events=2)
    (due,) = await queue.claim()

    def remove(session):
        WebhookDeliveries(session).cancel_waiting("we_1", now=NOW)
        WebhookEndpoints(session).delete("we_1")

    await business.write(remove)
    assert await queue.record(due, verdict(DeliveryState.SUCCEEDED)) is None
    assert [each.state for each in await log(business)] == [
        DeliveryState.CANCELLED,
        DeliveryState.SUCCEEDED,
    ]


async def test_released_queues_are_free_at_once(business, queue):
    """One by one, or all that a holder has."""
    await add(business, endpoint("we_1"), endpoint("we_2"), events=1)
    one, other = await queue.claim()
    await queue.do("release", one)
    assert [due.endpoint.id for due in await Queue(business, "wkr_2").claim()] == [one.endpoint.id]
    await queue.do("release_all")
    assert [due.endpoint.id for due in await queue.claim()] == [other.endpoint.id]


async def test_a_queue_that_cant_be_signed_for_is_left_alone(business, queue):
    """Until the time given; nothing is counted against its endpoint."""
    await add(business, endpoint(), events=1)
    (due,) = await queue.claim()
    until = NOW + timedelta(minutes=5)
    await queue.do("release", due, pause_until=until)
    assert await queue.claim(NOW + timedelta(minutes=4)) == []
    (due,) = await queue.claim(until)
    assert due.health == EndpointHealth()


async def test_what_may_not_be_heard_is_skipped(business, queue):
    """The delivery is cancelled without a try, and the next one is leased."""
    await add(business, endpoint(), events=2)
    (due,) = await queue.claim()
    following = await queue.do("skip", due, now=NOW, until=NOW + LEASE)
    assert following.event.id != due.event.id
    newest, oldest = await log(business)
    assert (oldest.state, oldest.attempts) == (DeliveryState.CANCELLED, ())
    assert newest.state is DeliveryState.PENDING


async def test_the_log_filters_by_every_member(business, queue):
    """Each filter alone finds what it names."""
    first, second = await add(business, endpoint("we_1"), endpoint("we_2"), events=2)
    (due, _) = await queue.claim()
    await queue.record(due, verdict(DeliveryState.SUCCEEDED))
    assert len(await log(business)) == 4
    assert len(await log(business, endpoint_id="we_1")) == 2
    assert len(await log(business, event_id=first.id)) == 2
    assert len(await log(business, event_type="job.created")) == 4
    assert len(await log(business, event_type="job.closed")) == 0
    (done,) = await log(business, state=DeliveryState.SUCCEEDED)
    assert done.attempts == (attempt(),)
    assert len(await log(business, start=NOW)) == 4
    assert len(await log(business, end=NOW)) == 0
    assert second.id != first.id


async def test_the_purge_takes_what_ended_and_nothing_else(business, queue):
    """Old tries and events go with it; what is pending stays however old it is."""
    await add(business, endpoint(), events=2)
    (due,) = await queue.claim()
    await queue.record(due, verdict(DeliveryState.SUCCEEDED), last=True)

    def purge(before):
        return business.write(lambda s: WebhookDeliveries(s).purge(before=before, limit=10))

    assert await purge(NOW) == 0
    assert await purge(NOW + timedelta(days=30)) == 2  # the delivery and its event
    (left,) = await log(business)
    assert left.state is DeliveryState.PENDING
    (due,) = await queue.claim()
    assert due.event.id == left.event_id


async def test_the_verdict_of_the_domain_fits_the_table(business, queue):
    """What `decide` makes of a failure is written and read back without loss."""
    await add(business, endpoint(), events=1)
    (due,) = await queue.claim()
    tried = replace(attempt(), outcome=HttpOutcome.TIMED_OUT, status=0)
    made = decide(tried, step=1, health=due.health, now=NOW, retry_after=None, random=lambda: 0.5)
    await queue.do("record", due, tried, made, now=NOW, until=NOW + LEASE)
    health = await business.read(lambda s: WebhookEndpoints(s).health(["we_1"]))
    assert health["we_1"] == made.health
    (delivery,) = await log(business)
    assert delivery.attempts == (tried,)
    assert delivery.next_attempt_at == made.next_attempt_at


async def test_a_bundle_waits_in_one_row_and_goes_out_one_by_one(business, queue):
    """In order among what was queued before and after it; each with an id and words of its own."""
    (first,) = await add(business, endpoint(), events=1)
    bundle = await add_bundle(business, endpoint(), events=25)
    (last,) = await add(business, events=1)
    await business.write(
        lambda s: WebhookDeliveries(s).add(last, [("wd_last", endpoint())], now=NOW)
    )
    assert await rows(business) == 3
    (due,) = await queue.claim()
    sent = []
    while due is not None:
        sent.append(due)
        due = await queue.record(due, verdict(DeliveryState.SUCCEEDED))
    wanted = [first, *bundle.each(), last]
    assert [each.event for each in sent] == wanted
    assert len({each.delivery.id for each in sent}) == len(wanted) == await rows(business)
    shown = await log(business)
    assert [each.event_id for each in reversed(shown)] == [each.id for each in wanted]
    assert {each.state for each in shown} == {DeliveryState.SUCCEEDED}


async def test_a_bundle_is_taken_apart_a_little_at_a_time(business, queue):
    """A claim is one transaction for many endpoints: what isn't due soon stays together."""
    await add(business, endpoint())
    await add_bundle(business, endpoint(), events=50)
    (due,) = await queue.claim()
    assert await rows(business) == 10 + 1
    for _ in range(10):
        assert await rows(business) == 10 + 1
        due = await queue.record(due, verdict(DeliveryState.SUCCEEDED))
    assert await rows(business) == 20 + 1


@pytest.mark.parametrize("events", [2, 10, 11, 12, 21, 22, 50])
async def test_the_log_is_the_same_however_much_is_apart(business, queue, events):
    """Ids, order and pages of the deliveries: before, while and after they get rows."""
    await add(business, endpoint())
    await add_bundle(business, endpoint(), events=events)
    before = await log(business)
    assert len({each.id for each in before}) == len(before) == events
    (due,) = await queue.claim()
    while due is not None:
        assert [each.id for each in await log(business)] == [each.id for each in before]
        assert due.delivery.id in [each.id for each in before]
        due = await queue.record(due, verdict(DeliveryState.SUCCEEDED))
    after = await log(business)
    assert [(e.id, e.event_id) for e in after] == [(e.id, e.event_id) for e in before]
    assert await rows(business) == events


@pytest.mark.parametrize("size", [1, 7, 50])
async def test_pages_of_the_log_cut_bundles_without_gaps(business, size):
    """A page may end within a bundle; the next one begins there."""
    one, other = endpoint("we_1"), endpoint("we_2")
    await add(business, one, other, events=2)
    await add_bundle(business, one, other, events=9)
    await add(business, endpoint("we_3"), events=1)
    await add_bundle(business, one, events=50)
    whole = await log(business)
    assert len(whole) == 2 * 2 + 2 * 9 + 1 + 50
    found, below = [], None
    for _ in range(len(whole) + 1):
        page = await business.read(
            lambda s, below=below: WebhookDeliveries(s).page(
                DeliveryFilter(organization_id="org_1"), below=below, limit=size
            )
        )
        if not page:
            break
        below = page[-1][0]
        found += [delivery for _, delivery in page]
    assert found == whole


@pytest.mark.parametrize("claimed", [False, True])
@pytest.mark.parametrize("place", ["000", "005", "00C", "00n"])
@pytest.mark.parametrize("size", [1, 2])
async def test_pages_of_one_event_miss_no_endpoint(business, queue, claimed, place, size):
    """Rows of the bundle that say nothing of the event take no place on its pages."""
    ends = [endpoint(f"we_{number}", grant_id=f"g{number}") for number in range(3)]
    await add(business, *ends)
    bundle = await add_bundle(business, *ends, events=50)
    if claimed:
        assert len(await queue.claim()) == 3
    found, below = [], None
    wanted = DeliveryFilter(organization_id="org_1", event_id=bundle.id + place)
    for _ in range(4):
        page = await business.read(
            lambda s, below=below: WebhookDeliveries(s).page(wanted, below=below, limit=size + 1)
        )
        found += [delivery.endpoint_id for _, delivery in page[:size]]
        if len(page) <= size:
            break
        below = page[size - 1][0]
    assert sorted(found) == ["we_0", "we_1", "we_2"]


async def test_a_delivery_in_a_bundle_is_found_by_its_id_and_its_event(business):
    """By nobody but its organization; the bundle itself is no delivery."""
    await add(business, endpoint())
    bundle = await add_bundle(business, endpoint(), events=5)
    every = await log(business)
    third = next(each for each in every if each.event_id == f"{bundle.id}002")
    assert await log(business, event_id=third.event_id) == [third]
    assert await log(business, event_id=bundle.id) == []

    async def get(name: str, organization: str = "org_1"):
        return await business.read(
            lambda s: WebhookDeliveries(s).get(name, organization_id=organization)
        )

    assert await get(third.id) == third
    assert await get(third.id, "org_2") is None
    base = third.id[:-3]
    for name in (base, f"{base}005", f"{base}zzz", f"{base}-12", "", "wd"):
        assert await get(name) is None


async def test_a_cancelled_bundle_counts_all_and_one_of_it_is_sent_again(business, queue):
    """The others stay cancelled."""
    await add(business, endpoint())
    bundle = await add_bundle(business, endpoint(), events=30)
    (due,) = await queue.claim()
    await queue.do("release", due)
    cancelled = await business.write(lambda s: WebhookDeliveries(s).cancel_waiting("we_1", now=NOW))
    assert cancelled == 30
    assert await queue.claim() == []
    every = await log(business)
    assert {each.state for each in every} == {DeliveryState.CANCELLED}
    last = next(each for each in every if each.event_id == f"{bundle.id}00T")
    await business.write(lambda s: WebhookDeliveries(s).redeliver(last, now=NOW))
    assert await rows(business) == 30
    (due,) = await queue.claim()
    assert (due.delivery.id, due.event) == (last.id, list(bundle.each())[-1])
    assert await queue.record(due, verdict(DeliveryState.SUCCEEDED)) is None
    states = Counter(each.state for each in await log(business))
    assert states == {DeliveryState.CANCELLED: 29, DeliveryState.SUCCEEDED: 1}


async def test_endpoints_take_a_bundle_apart_each_for_itself(business, queue):
    """What one has behind it waits for the other; the batch stays with the events sent alone."""
    one, other = endpoint("we_1"), endpoint("we_2")
    await add(business, one, other)
    bundle = await add_bundle(business, one, other, events=12)
    claimed = await queue.claim()
    for due in claimed:
        sent = []
        while due is not None:
            sent.append(due.event)
            due = await queue.record(due, verdict(DeliveryState.SUCCEEDED))
        assert sent == list(bundle.each())
    events = select(func.count()).select_from(control_webhooks.events)
    assert await business.read(lambda s: s.scalar(events)) == 12 + 1
    old = NOW + timedelta(days=31)
    purged = await business.write(lambda s: WebhookDeliveries(s).purge(before=old, limit=100))
    assert purged == 24 + 12 + 1
    assert await business.read(lambda s: s.scalar(events)) == 0


async def test_a_failing_head_of_a_bundle_holds_the_rest_back(business, queue):
    """Its next try comes first, and what follows goes on from there."""
    await add(business, endpoint())
    bundle = await add_bundle(business, endpoint(), events=3)
    (due,) = await queue.claim()
    later = NOW + timedelta(minutes=1)
    assert await queue.record(due, verdict(DeliveryState.PENDING, at=later, pause=later)) is None
    assert await queue.claim() == []
    (again,) = await queue.claim(later)
    assert (again.event, again.delivery.attempt_count) == (next(bundle.each()), 1)
    second = await queue.record(again, verdict(DeliveryState.SUCCEEDED), now=later)
    assert second.event == list(bundle.each())[1]
