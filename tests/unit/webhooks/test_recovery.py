"""Recovery of endpoints over the API: what it queues, counts and refuses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.harness.business_services import BusinessServices
from tests.unit.webhooks.test_history import READER, happen, reader
from tests.unit.webhooks.test_service import create, events, update

from xaigh.webhooks.v1 import delivery_pb2, endpoint_pb2
from xaigh_server.errors import FieldInvalid, NotFound
from xaigh_server.webhooks import recovery
from xaigh_server.webhooks.errors import EndpointDisabled, EventsNotKept


async def recover(services: BusinessServices, endpoint: Any, **said: Any) -> Any:
    said = {"since": services.now - timedelta(hours=1), **said}
    return await services.do("RecoverEndpoint", READER, endpoint_id=endpoint.endpoint_id, **said)


async def waiting(services: BusinessServices) -> list[str]:
    """The ids of the events that wait, oldest first."""
    found = await services.do(
        "ListDeliveries", READER, page_size=200, state=delivery_pb2.Delivery.PENDING
    )
    return [each.event_id for each in reversed(found.deliveries)]


async def test_what_an_endpoint_missed_is_queued_once(services: BusinessServices) -> None:
    """In the order in which it happened: a repeat finds it waiting."""
    made = await create(services)
    single, batch = await happen(services), await happen(services, events=3)
    services.pass_time(minutes=1)
    reply = await recover(services, made)
    assert (reply.queued_count, reply.skipped_count, reply.next_page_token) == (4, 0, "")
    assert await waiting(services) == [single.id, *(each.id for each in batch.each())]
    again = await recover(services, made)
    assert (again.queued_count, again.skipped_count) == (0, 4)
    assert len(await waiting(services)) == 4
    said = [each.event for each in await events(services)][1]
    assert (said.action, said.targets) == ("webhook_endpoint.recovered", (made.endpoint_id,))
    assert said.after is not None and said.after["queued"] == 4


async def test_it_queues_what_the_endpoint_hears_of_that_time(services: BusinessServices) -> None:
    """Its types, its employers, since it exists, from since on and before until."""
    await happen(services)  # before the endpoint was made
    services.pass_time(minutes=1)
    made = await create(services, event_types=["job.created"])
    await happen(services, "job.closed")
    await happen(services, employer="employer_other")
    first = await happen(services)
    services.pass_time(minutes=1)
    second = await happen(services)
    services.pass_time(minutes=1)
    earlier = await recover(services, made, until=services.now - timedelta(minutes=1))
    assert (earlier.queued_count, await waiting(services)) == (1, [first.id])
    assert (await recover(services, made)).queued_count == 1
    assert await waiting(services) == [first.id, second.id]


async def test_a_rehearsal_counts_and_queues_nothing(services: BusinessServices) -> None:
    """Nor does it leave an audit event."""
    made = await create(services)
    await happen(services, events=3)
    services.pass_time(minutes=1)
    assert (await recover(services, made, validate_only=True)).queued_count == 3
    assert await waiting(services) == []
    assert len(await events(services)) == 1
    assert (await recover(services, made)).queued_count == 3


async def test_cancelled_deliveries_are_queued_again(services: BusinessServices) -> None:
    """They keep their ids: one delivery of an event to an endpoint."""
    made = await create(services)
    event = await happen(services)
    services.pass_time(minutes=1)
    await recover(services, made)
    state = endpoint_pb2.Endpoint
    await update(services, made, "state", state=state.DISABLED)
    with pytest.raises(EndpointDisabled):
        await recover(services, made)
    await update(services, made, "state", state=state.ENABLED)
    assert await waiting(services) == []
    assert (await recover(services, made)).queued_count == 1
    assert await waiting(services) == [event.id]


async def test_a_long_time_is_recovered_in_steps(
    services: BusinessServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token leads to what follows; the last step has none."""
    monkeypatch.setattr(recovery, "STEP", 2)
    monkeypatch.setattr(recovery, "_ROWS", 2)
    made = await create(services)
    happened = [await happen(services) for _ in range(5)]
    services.pass_time(minutes=1)
    since, token, counts = services.now - timedelta(hours=1), "", []
    for _ in range(3):
        reply = await recover(services, made, since=since, page_token=token)
        counts.append(reply.queued_count)
        token = reply.next_page_token
    assert (counts, token) == ([2, 2, 1], "")
    assert await waiting(services) == [each.id for each in happened]


async def test_what_is_kept_no_longer_is_refused_with_the_earliest_time(
    services: BusinessServices,
) -> None:
    """The time that the refusal names is taken for a while."""
    made = await create(services)
    with pytest.raises(EventsNotKept) as refused:
        await recover(services, made, since=services.now - timedelta(days=31))
    assert refused.value.reason == "VALUE_OUT_OF_RANGE"
    earliest = datetime.fromisoformat(refused.value.metadata["earliestTime"])
    services.pass_time(minutes=4)
    assert (await recover(services, made, since=earliest)).queued_count == 0


async def test_times_must_make_a_span_of_the_past(services: BusinessServices) -> None:
    """The refusal names the later one."""
    made = await create(services)
    for said in ({"until": services.now - timedelta(hours=1)}, {"since": services.now}):
        with pytest.raises(FieldInvalid, match="until"):
            await recover(services, made, **said)


async def test_another_organizations_endpoint_is_none(services: BusinessServices) -> None:
    """As in every call."""
    made = await create(services)
    stranger = reader("jobs:read", organization="org_other")
    with pytest.raises(NotFound):
        await services.do(
            "RecoverEndpoint",
            stranger,
            endpoint_id=made.endpoint_id,
            since=services.now - timedelta(hours=1),
        )
