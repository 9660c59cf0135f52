"""The audit log over the API: the chains of all databases as one list."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.harness.control_services import ControlServices, operator
from tests.harness.reviews import granted, submit

from xaigh.audit.v1 import audit_pb2 as pb
from xaigh_server.audit.model import AuditEvent
from xaigh_server.audit.repository import AuditLog
from xaigh_server.errors import DomainError, FieldInvalid
from xaigh_server.identity.scopes import Role
from xaigh_server.rpc.errors import PageTokenInvalid

EVENT = AuditEvent(
    time=datetime.fromisoformat("2026-03-01T12:00:00+00:00"),
    actor_type="key",
    actor_id="k" * 10,
    action="job.posted",
    targets=("job_1",),
    after={"title": "Picker"},
    request_id="req_9",
    peer="192.0.2.1",
    environment="sandbox",
    organization_id="org_a",
)


async def append(services: ControlServices, chain: str, *events: AuditEvent) -> None:
    """Adds events to the chain of a database."""
    database = services.audited[chain]

    def work(session: Any) -> None:
        for event in events:
            AuditLog(session, chain).append(event)

    await database.write(work)


async def listed(services: ControlServices, **wanted: Any) -> list[tuple[str, str]]:
    """Chains and actions of a list, in its order."""
    page = await services.do("ListAuditEvents", **wanted)
    return [(each.chain, each.action) for each in page.audit_events]


async def test_the_chains_are_merged_by_time_newest_first(services: ControlServices) -> None:
    """Each event names its chain and its place in that."""
    await submit(services)
    later = services.clock.now + timedelta(seconds=1)
    await append(services, "sandbox", replace(EVENT, time=later - timedelta(hours=1)))
    await append(services, "production", replace(EVENT, time=later, environment="production"))
    assert await listed(services) == [
        ("production/org_a", "job.posted"),
        ("control/-", "ticket.submitted"),
        ("sandbox/org_a", "job.posted"),
    ]


async def test_pages_meet_while_the_chains_grow(services: ControlServices) -> None:
    """An event that comes later moves none of those that follow."""
    times = [services.clock.now + timedelta(seconds=number) for number in range(6)]
    for number, time in enumerate(times):
        chain = ("sandbox", "production")[number % 2]
        await append(services, chain, replace(EVENT, time=time, action=f"a.{number}"))
    found, token = [], ""
    for number in range(3):
        page = await services.do(
            "ListAuditEvents", page_size=2, page_token=token, organization_id="org_a"
        )
        found += [each.action for each in page.audit_events]
        token = page.next_page_token
        await append(services, "sandbox", replace(EVENT, time=times[-1] + timedelta(days=number)))
    assert (found, token) == ([f"a.{number}" for number in (5, 4, 3, 2, 1, 0)], "")


async def test_an_event_is_shown_with_all_it_holds(services: ControlServices) -> None:
    """Down to the hashes that chain it to the one before."""
    await append(services, "sandbox", EVENT, replace(EVENT, before={"title": "P"}, reason="Why."))
    second, first = (await services.do("ListAuditEvents")).audit_events
    assert (first.sequence, second.sequence) == (1, 2)
    assert second.previous_hash == first.hash
    assert (first.actor, list(first.targets)) == ("key:" + "k" * 10, ["job_1"])
    assert (first.after["title"], second.before["title"]) == ("Picker", "P")
    assert (first.environment, first.organization_id) == ("sandbox", "org_a")
    assert (first.request_id, first.peer, second.reason) == ("req_9", "192.0.2.1", "Why.")
    assert first.outcome == pb.AuditEvent.DONE
    assert first.event_time.ToDatetime(tzinfo=EVENT.time.tzinfo) == EVENT.time


async def test_filters_hold_together(services: ControlServices) -> None:
    """By chain, action, target, tenant, call, and times whose end is left out."""
    other = replace(
        EVENT,
        time=EVENT.time + timedelta(days=1),
        action="job.closed",
        targets=("job_2",),
        organization_id="org_b",
        request_id="req_8",
    )
    await append(services, "sandbox", EVENT, other)
    grant = await granted(services)
    posted, closed = [("sandbox/org_a", "job.posted")], [("sandbox/org_b", "job.closed")]
    assert await listed(services, action="job.posted") == posted
    assert await listed(services, target="job_2") == closed
    assert await listed(services, target=grant.grant_id) == [("control/org_3", "ticket.approved")]
    assert await listed(services, organization_id="org_b") == closed
    assert await listed(services, request_id="req_9") == posted
    assert await listed(services, chain="sandbox") == closed + posted
    assert await listed(services, chain="sandbox/org_b") == closed
    assert await listed(services, chain="sandbox/-") == []
    assert await listed(services, chain="sandbox", start_time=other.time) == closed
    assert await listed(services, chain="sandbox", end_time=other.time) == posted
    assert await listed(services, chain="sandbox", action="job.posted", target="job_2") == []


@pytest.mark.parametrize(
    ("actor", "found"),
    [
        ("operator:ada", ["key.issued"]),
        ("ada", ["key.issued"]),
        ("key:ada", []),
        ("applicant:tkt_1", ["ticket.submitted"]),
        ("system", ["ticket.expired"]),
    ],
)
async def test_actors(services: ControlServices, actor: str, found: list[str]) -> None:
    """By type and id, by an id of any type, or by a type without ids."""
    kinds: list[Any] = [
        ("operator", "ada", "key.issued"),
        ("applicant", "tkt_1", "ticket.submitted"),
        ("system", "", "ticket.expired"),
    ]
    events = [
        replace(EVENT, actor_type=kind, actor_id=name, action=action)
        for kind, name, action in kinds
    ]
    await append(services, "control", *events)
    assert [action for _, action in await listed(services, actor=actor)] == found


async def test_a_chain_that_is_not_there_is_refused(services: ControlServices) -> None:
    """By the validation of the request."""
    with pytest.raises(FieldInvalid):
        await services.do("ListAuditEvents", chain="archive")


async def test_a_page_token_is_of_one_list(services: ControlServices) -> None:
    """Other filters make it no token."""
    await append(services, "sandbox", EVENT, EVENT)
    page = await services.do("ListAuditEvents", page_size=1)
    with pytest.raises(PageTokenInvalid):
        await services.do(
            "ListAuditEvents", page_size=1, page_token=page.next_page_token, chain="sandbox"
        )


async def test_a_refused_step_leaves_no_event(services: ControlServices) -> None:
    """What was rolled back isn't in the log."""
    with pytest.raises(DomainError):
        await services.do("StartReview", operator("ada", Role.API_OPS), ticket_id="tkt_x")
    assert await listed(services) == []
