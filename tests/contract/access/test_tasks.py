"""Requests that nobody moved for too long."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.access.test_review import NOW, T0, approve, ticket

from xaigh_server.access import tasks as ticket_expiry
from xaigh_server.access.model import EnvironmentDecision, Ticket, TicketState
from xaigh_server.access.repository import Tickets
from xaigh_server.access.tasks import TicketExpiry, TicketPurge
from xaigh_server.audit.repository import AuditFilter, AuditLog
from xaigh_server.db.database import Database
from xaigh_server.db.session import Session

DAY = timedelta(days=1)


async def _add(control: Database, *tickets: Ticket) -> None:
    for each in tickets:
        await control.write(
            lambda session, each=each: Tickets(session).add(each, token_digest=b"d")  # type: ignore[misc]
        )


async def _get(control: Database, ticket_id: str) -> Ticket:
    found = await control.read(lambda session: Tickets(session).get(ticket_id))
    assert found is not None
    return found


async def test_an_idle_request_expires_with_its_event(control: Database) -> None:
    """At the moment of its end, and once; one with time left stays."""
    over = ticket(ticket_id="tkt_over", expire_time=NOW)
    left = ticket(ticket_id="tkt_left", expire_time=NOW + timedelta(microseconds=1))
    await _add(control, over, left)
    worker = TicketExpiry(control, clock=lambda: NOW)
    assert [await worker.expire(), await worker.expire()] == [1, 0]
    ended = await _get(control, "tkt_over")
    assert (ended.state, ended.expire_time, ended.update_time) == (TicketState.EXPIRED, None, NOW)
    assert ended.etag != over.etag
    assert await _get(control, "tkt_left") == left
    events = await control.read(
        lambda session: AuditLog(session, "control").listing(AuditFilter(), before=None, limit=9)
    )
    assert [(each.event.actor, each.event.action, each.event.targets) for each in events] == [
        ("system", "ticket.expired", ("tkt_over",))
    ]


@pytest.mark.parametrize(
    "state", [TicketState.APPROVED, TicketState.DENIED, TicketState.WITHDRAWN, TicketState.EXPIRED]
)
async def test_what_is_closed_has_no_end_ahead(control: Database, state: TicketState) -> None:
    """The worker never meets it."""
    await _add(control, ticket(state, expire_time=None))
    assert await TicketExpiry(control, clock=lambda: NOW + 999 * DAY).expire() == 0


async def test_a_grant_outlives_the_request_that_it_came_from(control: Database) -> None:
    """The sandbox was approved; only what is undecided ends."""
    old = ticket()
    await _add(control, old)
    granted = replace(approve(old).ticket, expire_time=T0)
    await control.write(lambda session: Tickets(session).save(old, granted))
    await TicketExpiry(control, clock=lambda: NOW).expire()
    ended = await _get(control, "tkt_1")
    assert [each.decision for each in ended.reviews] == [
        EnvironmentDecision.APPROVED,
        EnvironmentDecision.PENDING,
    ]


async def test_many_expire_in_batches(control: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many transactions it takes."""
    monkeypatch.setattr(ticket_expiry, "BATCH", 2)
    await _add(control, *(ticket(ticket_id=f"tkt_{n}", expire_time=T0) for n in range(5)))
    assert await TicketExpiry(control, clock=lambda: NOW).expire() == 5


async def test_an_ended_request_is_deleted_after_its_time(control: Database) -> None:
    """With its form and thread, not before, and its event stays. Open ones stay."""
    ended = ticket(TicketState.DENIED, ticket_id="tkt_ended", expire_time=None, update_time=T0)
    recent = replace(ended, ticket_id="tkt_recent", update_time=T0 + DAY)
    await _add(control, ended, recent, ticket(ticket_id="tkt_open", update_time=T0))
    worker = TicketPurge(control, clock=lambda: T0 + 90 * DAY, keep=90 * DAY)
    assert [await worker.sweep(), await worker.sweep()] == [1, 0]

    def left(session: Session) -> list[bool]:
        tickets = Tickets(session)
        return [
            tickets.get(each) is not None and tickets.form_at(each, 1) is not None
            for each in ("tkt_ended", "tkt_recent", "tkt_open")
        ]

    assert await control.read(left) == [False, True, True]
    events = await control.read(
        lambda session: AuditLog(session, "control").listing(AuditFilter(), before=None, limit=9)
    )
    assert [(each.event.action, each.event.targets) for each in events] == [
        ("ticket.purged", ("tkt_ended",))
    ]
    assert await TicketPurge(control, clock=lambda: NOW + 999 * DAY, keep=None).sweep() == 0


async def test_a_request_that_led_to_a_grant_is_never_deleted(control: Database) -> None:
    """The grant refers to it."""
    old = ticket()
    await _add(control, old)
    granted = replace(approve(old).ticket, state=TicketState.WITHDRAWN, expire_time=None)
    await control.write(lambda session: Tickets(session).save(old, granted))
    assert await TicketPurge(control, clock=lambda: NOW + 999 * DAY, keep=DAY).sweep() == 0
    assert (await _get(control, "tkt_1")).state is TicketState.WITHDRAWN
