"""Proposals as they are kept: whole, unchanged, one open at a time, closed once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from tests.harness.control_rows import ORGANIZATION
from tests.unit.access.test_review import NOW, PRODUCTION, RISKY, SANDBOX, ticket

from xaigh_server.access.proposal import LIFETIME, Proposal, ProposalState
from xaigh_server.access.proposal_repository import ProposalFilter, Proposals
from xaigh_server.access.repository import Tickets
from xaigh_server.db.database import Database
from xaigh_server.db.errors import IntegrityViolation, UniqueViolation
from xaigh_server.db.session import Session
from xaigh_server.errors import ConcurrentUpdate
from xaigh_server.organizations.repository import Organizations

MADE = Proposal(
    proposal_id="prp_1",
    ticket_id="tkt_1",
    request_revision=2,
    environment=PRODUCTION,
    terms=replace(RISKY, expire_time=NOW + timedelta(microseconds=1), conditions=("Ünïcode.",)),
    proposed_by="ada-laptop",
    person="ada",
    create_time=NOW,
    expire_time=NOW + LIFETIME,
    new_organization_name="Northline",
    organization_name="Northline",
)


async def add(control: Database, *proposals: Proposal) -> None:
    def work(session: Session) -> None:
        if Organizations(session).get(ORGANIZATION.organization_id) is None:
            Organizations(session).add(ORGANIZATION)
            for name in ("tkt_1", "tkt_2"):
                Tickets(session).add(ticket(ticket_id=name), token_digest=b"d" * 32)
        for each in proposals:
            Proposals(session).add(each)

    await control.write(work)


async def get(control: Database, proposal_id: str = "prp_1") -> Proposal | None:
    return await control.read(lambda session: Proposals(session).get(proposal_id))


async def test_a_proposal_comes_back_as_it_was(control: Database) -> None:
    """Every member; one of an existing organization with that one's name."""
    joined = replace(
        MADE,
        proposal_id="prp_2",
        environment=SANDBOX,
        organization_id=ORGANIZATION.organization_id,
        new_organization_name="",
        organization_name=ORGANIZATION.display_name,
    )
    await add(control, MADE, joined)
    assert await get(control) == MADE
    assert await get(control, "prp_2") == joined
    assert await get(control, "prp_none") is None


async def test_one_is_open_for_an_environment_of_a_ticket(control: Database) -> None:
    """The table says so, whoever asks; once the first is closed, there is room."""
    second = replace(MADE, proposal_id="prp_2")
    await add(control, MADE)
    with pytest.raises(UniqueViolation):
        await add(control, second)
    closed = MADE.closed(ProposalState.DISCARDED, now=NOW, by="eve", reason="Typo.")
    await control.write(lambda session: Proposals(session).close(closed))
    await add(control, second, replace(MADE, proposal_id="prp_3", ticket_id="tkt_2"))
    assert await get(control) == closed


async def test_a_proposal_is_closed_once(control: Database) -> None:
    """A second end is refused, by the repository and by the table."""
    await add(control, MADE)
    confirmed = MADE.closed(ProposalState.CONFIRMED, now=NOW, by="eve", grant_id="grt_1")
    await control.write(lambda session: Proposals(session).close(confirmed))
    outdated = MADE.closed(ProposalState.OUTDATED, now=NOW)
    with pytest.raises(ConcurrentUpdate):
        await control.write(lambda session: Proposals(session).close(outdated))
    with pytest.raises(IntegrityViolation):
        await control.write(
            lambda session: session.run(
                text("UPDATE proposals SET state = 'OPEN', close_time = NULL, grant_id = ''")
            )
        )
    assert await get(control) == confirmed


@pytest.mark.parametrize(
    "change",
    [
        "terms = '{}'",
        "person = 'eve'",
        "new_organization_name = 'Other'",
        "expire_time = expire_time + 1",
        "environment = 'sandbox'",
    ],
)
async def test_what_was_proposed_never_changes(control: Database, change: str) -> None:
    """Not even by a statement of another program."""
    await add(control, MADE)
    with pytest.raises(IntegrityViolation):
        await control.write(lambda session: session.run(text(f"UPDATE proposals SET {change}")))


DAY = timedelta(days=1)
AT_END = NOW + LIFETIME
FILTERS = [
    (ProposalFilter(now=NOW), "dcba"),
    (ProposalFilter(now=NOW, states=[ProposalState.OPEN]), "dcb"),
    (ProposalFilter(now=NOW, states=[ProposalState.DISCARDED]), "a"),
    (ProposalFilter(now=AT_END, states=[ProposalState.OPEN]), "dc"),
    (ProposalFilter(now=AT_END, states=[ProposalState.EXPIRED]), "b"),
    (
        ProposalFilter(now=AT_END, states=[ProposalState.EXPIRED, ProposalState.DISCARDED]),
        "ba",
    ),
    (ProposalFilter(now=NOW, ticket_id="tkt_2"), "dc"),
    (ProposalFilter(now=NOW, environment="sandbox"), "d"),
    (ProposalFilter(now=NOW, confirmable_by="ada"), "c"),
    (ProposalFilter(now=NOW, confirmable_by="bob"), "db"),
    (ProposalFilter(now=AT_END, confirmable_by="bob"), "d"),
]


async def test_the_list_is_newest_first_and_filtered(control: Database) -> None:
    """Each filter alone; pages go on where they stopped."""
    discarded = replace(MADE, proposal_id="a")
    await add(control, discarded)
    done = discarded.closed(ProposalState.DISCARDED, now=NOW)
    await control.write(lambda session: Proposals(session).close(done))
    later = replace(MADE, ticket_id="tkt_2", create_time=NOW + DAY, expire_time=AT_END + DAY)
    await add(
        control,
        replace(MADE, proposal_id="b", create_time=NOW + timedelta(hours=1)),
        replace(later, proposal_id="c", person="bob"),
        replace(later, proposal_id="d", environment=SANDBOX, create_time=NOW + 2 * DAY),
    )

    def listing(session: Session, wanted: ProposalFilter) -> str:
        found = Proposals(session).listing(wanted, before=None, limit=9)
        rest = Proposals(session).listing(
            wanted, before=_cursor(found[0]) if found else None, limit=9
        )
        assert rest == found[1:] or not found
        return "".join(each.proposal_id for each in found)

    for wanted, names in FILTERS:
        assert (
            await control.read(lambda session, wanted=wanted: listing(session, wanted))  # type: ignore[misc]
            == names
        ), wanted
    due = await control.read(lambda session: Proposals(session).due(now=AT_END, limit=9))
    assert [each.proposal_id for each in due] == ["b"]


def _cursor(proposal: Proposal) -> tuple[int, str]:
    return int(proposal.create_time.timestamp() * 1_000_000), proposal.proposal_id
