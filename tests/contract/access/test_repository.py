"""Tickets as they are kept: whole, in revisions, in the order of the queue."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.access.test_review import (
    FORM,
    IDLE,
    NOW,
    PRODUCTION,
    RISKY,
    SANDBOX,
    T0,
    approve,
    ask,
    deny,
    ticket,
)

from xaigh_server.access import review
from xaigh_server.access.model import Ticket, TicketState
from xaigh_server.access.proposal import ProposalState
from xaigh_server.access.proposal_repository import Proposals
from xaigh_server.access.repository import (
    TicketFilter,
    Tickets,
    form_from_json,
    form_to_json,
)
from xaigh_server.db.database import Database
from xaigh_server.db.errors import UniqueViolation
from xaigh_server.db.session import Session
from xaigh_server.db.times import to_micros


async def add(control: Database, *tickets: Ticket) -> None:
    for each in tickets:
        await control.write(
            lambda session, each=each: Tickets(session).add(each, token_digest=b"d" * 32)  # type: ignore[misc]
        )


async def get(control: Database, ticket_id: str = "tkt_1") -> Ticket | None:
    return await control.read(lambda session: Tickets(session).get(ticket_id))


async def save(control: Database, old: Ticket, new: Ticket) -> None:
    await control.write(lambda session: Tickets(session).save(old, new))


async def move_proposals(control: Database, old: Ticket, new: Ticket) -> None:
    """What a handler does with the proposals that a step made or dropped."""

    def work(session: Session) -> None:
        for each in old.open_proposals:
            if each not in new.open_proposals:
                Proposals(session).close(each.closed(ProposalState.OUTDATED, now=NOW))
        for each in new.open_proposals:
            if each not in old.open_proposals:
                Proposals(session).add(each)

    await control.write(work)


async def test_a_ticket_comes_back_as_it_was(control: Database) -> None:
    """Every member, and times to the microsecond."""
    full = ticket(
        TicketState.SUBMITTED,
        form=replace(FORM, data_classes=("shifts",), employer_user_ids=("e",), seal_to="age1x"),
        assignee="",
        submitted_time=T0 + timedelta(microseconds=1),
    )
    await add(control, full)
    assert await get(control) == full
    assert await get(control, "tkt_none") is None


async def test_the_digest_of_the_token_is_kept_beside_it(control: Database) -> None:
    """And of no ticket there is none."""
    await add(control, ticket())

    def digests(session):
        return [Tickets(session).token_digest(each) for each in ("tkt_1", "tkt_none")]

    assert await control.read(digests) == [b"d" * 32, None]


async def test_every_step_of_a_review_comes_back_as_it_was(control: Database) -> None:
    """Questions, notes, a proposal with its terms, an amendment, a denial."""
    at = ticket()
    await add(control, at)
    steps = [
        lambda t: ask(t, note="odd"),
        lambda t: review.reply(t, text="Because — ünïcode.", now=NOW, idle=IDLE),
        lambda t: approve(t).ticket,
        lambda t: approve(t, RISKY, environment=PRODUCTION).ticket,
        lambda t: review.amend(t, replace(FORM, use_case="More."), now=NOW, idle=IDLE),
        lambda t: deny(t, note="no"),
    ]
    for step in steps:
        new = step(at)
        await save(control, at, new)
        await move_proposals(control, at, new)
        assert await get(control) == new
        at = new
    assert (at.state, len(at.thread), at.revision) == (TicketState.DENIED, 5, 2)


async def test_earlier_revisions_stay(control: Database) -> None:
    """So that what changed can be shown."""
    await add(control, ticket())
    amended = review.amend(ticket(), replace(FORM, use_case="More."), now=NOW, idle=IDLE)
    await save(control, ticket(), amended)

    def forms(session):
        return [Tickets(session).form_at("tkt_1", revision) for revision in (1, 2, 3)]

    assert await control.read(forms) == [FORM, amended.form, None]


async def test_an_environment_that_a_revision_dropped_is_gone(control: Database) -> None:
    """Unless it was decided on."""
    await add(control, ticket())
    only = review.amend(ticket(), replace(FORM, environments=(PRODUCTION,)), now=NOW, idle=IDLE)
    await save(control, ticket(), only)
    found = await get(control)
    assert found is not None and [each.environment for each in found.reviews] == [PRODUCTION]


async def test_the_queue_is_oldest_first_and_goes_on_where_it_stopped(control: Database) -> None:
    """Tickets of one moment are in the order of their ids."""
    made = [
        ticket(ticket_id=f"tkt_{name}", submitted_time=T0 + timedelta(seconds=second))
        for name, second in (("d", 2), ("b", 1), ("a", 1), ("c", 0))
    ]
    await add(control, *made)

    def pages(session):
        queue, after, found = Tickets(session).queue, None, []
        while page := queue(TicketFilter(now=NOW), after=after, limit=2):
            found.append([each.ticket_id for each in page])
            after = (to_micros(page[-1].submitted_time), page[-1].ticket_id)
        return found

    assert await control.read(pages) == [["tkt_c", "tkt_a"], ["tkt_b", "tkt_d"]]


async def test_each_ticket_of_a_page_has_its_own_review_and_thread(control: Database) -> None:
    """Whole, as it comes back alone, also beside one on which nobody has done anything."""
    first, second, third = (
        ticket(ticket_id=f"tkt_{number}", submitted_time=T0 + timedelta(seconds=number))
        for number in (1, 2, 3)
    )
    await add(control, first, second, third)
    asked = ask(first, note="odd")
    approved = approve(third).ticket
    await save(control, first, asked)
    await save(control, third, approved)
    page = await control.read(
        lambda session: Tickets(session).queue(TicketFilter(now=NOW), after=None, limit=9)
    )
    assert page == [asked, second, approved]
    assert page[0].thread and not page[2].thread


FILTERS = [
    (TicketFilter(now=NOW), "abc"),
    (TicketFilter(now=NOW, states=[TicketState.SUBMITTED]), "a"),
    (TicketFilter(now=NOW, states=[TicketState.SUBMITTED, TicketState.NEEDS_INFO]), "ac"),
    (TicketFilter(now=NOW, assignee="-"), "a"),
    (TicketFilter(now=NOW, assignee="ada"), "bc"),
    (TicketFilter(now=NOW, assignee="nobody"), ""),
    (TicketFilter(now=NOW, email_domain="Other.Example"), "b"),
    (TicketFilter(now=NOW, submitted_before=T0 + timedelta(days=1)), "ab"),
    (TicketFilter(now=NOW, environment="production"), "ab"),
    (TicketFilter(now=NOW, environment="sandbox"), "abc"),
    (TicketFilter(now=T0 + IDLE, states=[TicketState.IN_REVIEW]), ""),
    (TicketFilter(now=T0 + IDLE, states=[TicketState.EXPIRED]), "abc"),
    (TicketFilter(now=NOW, states=[TicketState.EXPIRED]), ""),
    (
        TicketFilter(now=NOW, environment="sandbox", assignee="ada", email_domain="other.example"),
        "b",
    ),
]


async def test_filters_of_the_queue(control: Database) -> None:
    """Each alone, and together."""
    other = replace(FORM, contact_email="x@OTHER.example")
    await add(
        control,
        ticket(TicketState.SUBMITTED, ticket_id="a", assignee=""),
        ticket(ticket_id="b", form=other),
        ticket(
            TicketState.NEEDS_INFO,
            ticket_id="c",
            form=replace(FORM, environments=(SANDBOX,)),
            submitted_time=T0 + timedelta(days=2),
        ),
    )
    for wanted, names in FILTERS:
        found = await control.read(
            lambda session, wanted=wanted: Tickets(session).queue(wanted, after=None, limit=9)  # type: ignore[misc]
        )
        assert "".join(each.ticket_id for each in found) == names, wanted


async def test_other_tickets_of_a_domain_are_newest_first(control: Database) -> None:
    """Without the ticket itself."""
    made = [
        ticket(ticket_id=name, submitted_time=T0 + timedelta(days=day))
        for name, day in (("a", 0), ("b", 1), ("c", 2))
    ]
    await add(control, *made)
    found = await control.read(lambda session: Tickets(session).same_domain(made[1], limit=5))
    assert [each.ticket_id for each in found] == ["c", "a"]


async def test_idle_are_those_whose_end_has_come(control: Database) -> None:
    """The longest first; closed ones have no end."""
    second = timedelta(seconds=1)
    await add(
        control,
        ticket(ticket_id="a", expire_time=NOW),
        ticket(ticket_id="b", expire_time=NOW - second),
        ticket(ticket_id="c", expire_time=NOW + second),
        ticket(TicketState.DENIED, ticket_id="d", expire_time=None),
    )

    def idle(session):
        return Tickets(session).idle(now=NOW, limit=9), Tickets(session).idle(now=NOW, limit=1)

    assert await control.read(idle) == (["b", "a"], ["b"])


async def test_an_id_is_used_once(control: Database) -> None:
    """The table says so, whoever asks."""
    await add(control, ticket())
    with pytest.raises(UniqueViolation):
        await add(control, ticket())


def test_a_form_of_an_earlier_version_is_read() -> None:
    """Members that came later have their defaults."""
    assert form_from_json(form_to_json(FORM)) == FORM
    old = json.loads(form_to_json(FORM))
    del old["seal_to"], old["data_classes"]
    assert form_from_json(json.dumps(old)) == FORM
