"""Events reach the endpoints that may hear them: signed, in order, once where all goes well."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest
from standardwebhooks import Webhook
from tests.harness.delivery import SECRET, events_of
from tests.harness.webhook_receiver import receiving

from xaigh_server.audit.repository import AuditLog
from xaigh_server.organizations.model import OrganizationState
from xaigh_server.organizations.repository import Organizations
from xaigh_server.webhooks.model import DeliveryState, DisableReason, SealedSecrets
from xaigh_server.webhooks.repository.deliveries import WebhookDeliveries
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints


def all_done(deliveries):
    return all(each.state is not DeliveryState.PENDING for each in deliveries)


async def test_an_event_arrives_signed(harness, receiver):
    """The raw bytes verify under the endpoint's secret, and say what happened."""
    endpoint = await harness.endpoint(receiver.url)
    (event,) = await harness.emit(harness.event())
    async with harness.working():
        await receiver.wait_for(1)
        (delivery,) = await harness.until(all_done)
    (got,) = receiver.got
    Webhook(SECRET).verify(got.body, got.headers)
    body = json.loads(got.body)
    assert got.line == "POST /hook HTTP/1.1"
    assert got.headers["host"] == f"localhost:{receiver.port}"
    assert got.headers["content-type"] == "application/json"
    assert got.id == body["id"] == event.event_id
    assert body["type"] == "job.created"
    assert body["environment"] == "sandbox"
    assert body["organizationId"] == "org_a"
    assert body["data"] == {"jobId": "job_1", "employerUserId": "emp_1", "source": "DIRECT"}
    assert delivery.endpoint_id == endpoint.id
    assert [each.status for each in delivery.attempts] == [204]


async def test_both_secrets_sign_during_the_overlap(harness, receiver):
    """Until it ends, a receiver that knows either secret can verify; after it, only the new one."""
    endpoint = await harness.endpoint(receiver.url)
    secrets = SealedSecrets(
        current=harness.box.seal(b"n" * 32, endpoint.id),
        previous=endpoint.secrets.current,
        previous_expires_at=harness.clock() + harness.hour,
    )
    rotated = replace(endpoint, secrets=secrets, revision=2)
    await harness.sandbox.write(lambda s: WebhookEndpoints(s).save(rotated, before=endpoint))
    async with harness.working():
        await harness.emit(harness.event())
        await receiver.wait_for(1)
        harness.clock.forward(hours=2)
        await harness.emit(harness.event())
        await receiver.wait_for(2)
    during, after = receiver.got
    for secret in (SECRET, b"n" * 32):
        Webhook(secret).verify(during.body, during.headers)
    assert len(during.headers["webhook-signature"].split()) == 2
    assert len(after.headers["webhook-signature"].split()) == 1


async def test_events_of_an_endpoint_arrive_in_the_order_of_their_commits(harness, receiver):
    """A receiver that is well gets 300 events one after the other, each once."""
    await harness.endpoint(receiver.url)
    sent = []
    async with harness.working():
        for _ in range(30):
            sent += await harness.emit(*(harness.event() for _ in range(10)))
        await receiver.wait_for(300)
    assert receiver.ids == [event.event_id for event in sent]
    assert receiver.connections < 10


async def test_an_event_for_many_endpoints_is_queued_in_small_transactions(harness, receiver):
    """However many deliveries one batch of events means, each of them comes, once."""
    for _ in range(20):
        await harness.endpoint(receiver.url)
    events = await harness.emit(*(harness.event() for _ in range(60)))
    async with harness.working():
        await receiver.wait_for(1200, seconds=30)
        await harness.emptied()
    assert Counter(receiver.ids) == {event.event_id: 20 for event in events}


async def test_environments_are_apart(harness, receiver):
    """An event of the sandbox reaches no endpoint of production."""
    async with receiving() as production:
        await harness.endpoint(receiver.url)
        await harness.endpoint(production.url, database="production")
        await harness.emit(harness.event())
        async with harness.working():
            await harness.until(all_done)
    assert len(receiver.got) == 1
    assert production.got == []


async def test_events_that_share_a_row_go_out_one_by_one(harness, receiver):
    """Each is a post of its own with an id of its own, in order, to everybody who listens."""
    one, other = await harness.endpoint(receiver.url), await harness.endpoint(receiver.url)
    await harness.endpoint(receiver.url, event_types=("job.closed",))
    before, row, after = await harness.emit(harness.event(), harness.row(50), harness.event())
    wanted = [before.event_id, *(event.id for event in events_of(row)), after.event_id]
    async with harness.working():
        await harness.until(lambda found: len(found) == 2 * len(wanted) and all_done(found))
    for endpoint in (one, other):
        assert [each.event_id for each in await harness.deliveries(endpoint)] == wanted
    jobs = [json.loads(got.body)["data"]["jobId"] for got in receiver.got if got.id == wanted[7]]
    assert jobs == ["job_6", "job_6"]
    assert Counter(receiver.ids) == dict.fromkeys(wanted, 2)


async def test_events_that_share_a_row_are_told_by_their_own_employers(harness, receiver):
    """What an endpoint may not hear of is left out of a row, and the rest of it is heard."""
    await harness.endpoint(receiver.url)
    payloads = [{"jobId": f"job_{n}", "employerUserId": f"emp_{n}"} for n in (1, 2, 1)]
    (row,) = await harness.emit(harness.row(1)._replace(payload=json.dumps(payloads)))
    first, _, third = events_of(row)
    async with harness.working():
        await harness.emptied()
        await harness.until(all_done)
    assert receiver.ids == [first.id, third.id]


async def test_who_hears_all_of_a_row_and_who_hears_a_part_are_told_in_order(harness, receiver):
    """Each endpoint by its own grant, whatever others may hear; nobody's order suffers."""
    await harness.another_grant("grt_wide", employer_user_ids=("emp_1", "emp_2"))
    wide = await harness.endpoint(receiver.url, grant_id="grt_wide")
    narrow = await harness.endpoint(receiver.url)
    payloads = [{"jobId": f"job_{n}", "employerUserId": f"emp_{n % 2 + 1}"} for n in range(30)]
    before, row, after = await harness.emit(
        harness.event(), harness.row(1)._replace(payload=json.dumps(payloads)), harness.event()
    )
    async with harness.working():
        await harness.until(lambda found: len(found) == 32 + 17 and all_done(found), seconds=20)
    told = [event.id for event in events_of(row)]
    for endpoint, heard in ((wide, told), (narrow, told[::2])):
        wanted = [before.event_id, *heard, after.event_id]
        assert [each.event_id for each in await harness.deliveries(endpoint)] == wanted
    assert Counter(receiver.ids) == {
        **dict.fromkeys(told[1::2], 1),
        **dict.fromkeys([before.event_id, *told[::2], after.event_id], 2),
    }


@pytest.mark.parametrize(
    ("changes", "event", "heard"),
    [
        ({}, {}, True),
        ({"event_types": ("job.created",)}, {}, True),
        ({"event_types": ("job.closed", "job.created")}, {}, True),
        ({"event_types": ("job.closed",)}, {}, False),
        ({"scopes": frozenset({"ats:read"})}, {}, False),
        ({"scopes": frozenset()}, {"event_type": "key.issued", "keyId": "k"}, True),
        ({}, {"employerUserId": "emp_2"}, False),
        ({}, {"event_type": "ats.stale", "employerUserIds": ["emp_1"]}, True),
        ({}, {"event_type": "ats.stale", "employerUserIds": ["emp_1", "emp_2"]}, False),
        ({"grant_id": "grt_none"}, {}, False),
        ({"organization_id": "org_b"}, {}, False),
        ({}, {"event_type": "nobody.knows"}, False),
    ],
)
async def test_an_endpoint_hears_what_its_writer_could_read(
    harness, receiver, changes, event, heard
):
    """Types, scopes, employers, grant and organization decide; what isn't heard leaves no trace."""
    endpoint = await harness.endpoint(receiver.url, **changes)
    (told,) = await harness.emit(harness.event(**event))
    async with harness.working():
        await harness.emptied()
        ids = [each.event_id for each in await harness.deliveries(endpoint)]
    assert ids == ([told.event_id] if heard else [])


async def test_a_grant_that_is_narrowed_narrows_what_waits(harness, receiver):
    """Between queueing and sending, the grant decides again; what it lost is cancelled."""
    await harness.endpoint(receiver.url)
    receiver.answer = b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"
    await harness.emit(harness.event())
    async with harness.working():
        await harness.until(lambda found: found[0].attempt_count == 1)
        await harness.narrow(employer_user_ids=())
        harness.clock.forward(minutes=1)
        (delivery,) = await harness.until(all_done)
    assert delivery.state is DeliveryState.CANCELLED
    assert len(receiver.got) == 1


async def test_without_a_grant_in_force_only_control_events_are_heard(harness, receiver):
    """A revoked grant ends the events of jobs, not those of keys."""
    await harness.endpoint(receiver.url)
    await harness.revoke()
    job = harness.event()
    key = harness.event("key.revoked", keyId="k", grantId="grt_a")
    await harness.emit(job, key)
    async with harness.working():
        await receiver.wait_for(1)
    assert receiver.ids == [key.event_id]


async def test_nothing_leaves_for_a_suspended_organization(harness, receiver):
    """Neither of jobs nor of keys; what waits is sent once the organization is resumed."""
    await harness.endpoint(receiver.url)
    await harness.control.write(_suspend)
    told = [harness.event(), harness.event("key.revoked", keyId="k", grantId="grt_a")]
    await harness.emit(*told)
    async with harness.working():
        await harness.until(lambda found: len(found) == 2)
        await harness.settled()
        assert receiver.got == []
        assert [each.attempt_count for each in await harness.deliveries()] == [0, 0]
        await harness.control.write(_resume)
        harness.clock.forward(minutes=1)
        await receiver.wait_for(2)
    assert receiver.ids == [each.event_id for each in told]


async def test_who_posts_jobs_and_reads_employers_hears_of_jobs(harness, receiver):
    """The scopes of the first example grant do as well as `jobs:read`; one of them doesn't."""
    scopes = ("jobs:write", "employer:read")
    await harness.narrow(scopes=scopes)
    both = await harness.endpoint(receiver.url, scopes=frozenset(scopes))
    one = await harness.endpoint(receiver.url, scopes=frozenset(scopes[:1]))
    (told,) = await harness.emit(harness.event())
    async with harness.working():
        await harness.emptied()
        assert [each.event_id for each in await harness.deliveries(both)] == [told.event_id]
        assert await harness.deliveries(one) == []


async def test_a_leaked_key_takes_its_endpoints_with_it(harness, receiver):
    """What waits there is cancelled, its revocation isn't told there, and others go on."""
    its = await harness.endpoint(receiver.url, key_id="leakedkey1")
    other = await harness.endpoint(receiver.url, key_id="otherkey01")
    leaked = harness.event(
        "key.leaked", keyId="leakedkey1", actorType="operator", actorId="maya", reason="on a forum"
    )
    revoked = harness.event("key.revoked", keyId="leakedkey1", grantId="grt_a")
    await harness.emit(revoked, leaked, database=harness.control)
    async with harness.working():
        await receiver.wait_for(1)
        await harness.settled()
        # Of the revocation, and of the endpoint that was disabled.
        assert {each.endpoint_id for each in await harness.deliveries()} == {other.id}
    ended = await harness.find(its)
    assert ended.disable_reason is DisableReason.KEY_LEAKED
    (event,) = await harness.sandbox.read(
        lambda s: AuditLog(s, "sandbox").after(0, organization_id=its.organization_id, limit=10)
    )
    assert (event.event.action, event.event.actor_id) == ("webhook_endpoint.disabled", "maya")
    assert event.event.targets == (its.id,)
    assert event.event.reason == "on a forum"


async def test_key_events_cross_over_to_their_environment(harness, receiver):
    """A control event is delivered from the business database of its environment."""
    await harness.endpoint(receiver.url)
    (event,) = await harness.emit(harness.event("key.issued", keyId="k"), database=harness.control)
    async with harness.working():
        await receiver.wait_for(1)
        await harness.emptied()
    assert receiver.ids == [event.event_id]


async def test_a_crash_between_the_two_databases_repeats_nothing(harness, receiver):
    """The same control event, forwarded twice, is one delivery."""
    await harness.endpoint(receiver.url)
    event = harness.event("key.issued", keyId="k")
    async with harness.working():
        await harness.emit(event, database=harness.control)
        await harness.until(all_done)
        await harness.emit(event, database=harness.control)
        await harness.emptied()
    assert Counter(receiver.ids) == {event.event_id: 1}


async def test_nothing_waits_for_a_disabled_endpoint(harness, receiver):
    """Events that come while it is disabled are never queued."""
    endpoint = await harness.endpoint(receiver.url)
    off = replace(
        endpoint,
        disabled_at=harness.clock(),
        disable_reason=DisableReason.REQUESTED,
        revision=2,
    )
    await harness.sandbox.write(lambda s: WebhookEndpoints(s).save(off, before=endpoint))
    await harness.emit(harness.event())
    async with harness.working():
        await harness.emptied()
    assert await harness.deliveries() == []


async def test_a_redelivery_carries_the_same_event_id(harness, receiver):
    """Whoever has seen it can tell; signature and timestamp are fresh."""
    await harness.endpoint(receiver.url)
    await harness.emit(harness.event())
    async with harness.working():
        (delivery,) = await harness.until(all_done)
        harness.clock.forward(minutes=3)
        await harness.sandbox.write(
            lambda s: WebhookDeliveries(s).redeliver(delivery, now=harness.clock())
        )
        await receiver.wait_for(2)
        (delivery,) = await harness.until(all_done)
    first, second = receiver.got
    assert first.id == second.id
    assert first.body == second.body
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    assert [each.number for each in delivery.attempts] == [1, 2]


async def test_an_event_that_nobody_hears_is_kept_and_forgotten(harness):
    """As long as a delivery would be: an organization may read it, or recover it later."""
    async with harness.working() as worker:
        await harness.emit(harness.event(), harness.row(3))
        await harness.emit(harness.event("key.issued", keyId="k"), database=harness.control)
        await harness.emptied()
        assert await harness.count("webhook_event_log") == 3
        assert await harness.count("webhook_events") == 3
        assert await worker.purge() == 0
        harness.clock.forward(days=31)
        assert await worker.purge() == 3
    assert await harness.count("webhook_event_log") == 0


async def test_old_deliveries_are_forgotten_with_their_events(harness, receiver):
    """What ended longer ago than the retention goes; what is younger or pending stays."""
    await harness.endpoint(receiver.url)
    async with harness.working() as worker:
        await harness.emit(harness.event())
        await harness.until(all_done)
        harness.clock.forward(days=29)
        await harness.emit(harness.event())
        await receiver.wait_for(2)
        await harness.until(all_done)
        assert await worker.purge() == 0
        harness.clock.forward(days=2)
        assert await worker.purge() == 2  # the delivery and its event
    (left,) = await harness.deliveries()
    assert left.event_id == receiver.ids[1]
    assert await harness.count("webhook_events") == 1
    assert await harness.count("webhook_event_log") == 1
    assert await harness.count("webhook_attempts") == 1


def _suspend(session) -> None:
    organization = Organizations(session).get("org_a")
    assert organization is not None
    state = OrganizationState.SUSPENDED
    Organizations(session).save(
        replace(organization, state=state, suspension_reason="x", version=2)
    )


def _resume(session) -> None:
    organization = Organizations(session).get("org_a")
    assert organization is not None
    state = OrganizationState.ACTIVE
    Organizations(session).save(replace(organization, state=state, suspension_reason="", version=3))
