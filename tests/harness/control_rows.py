"""Rows of an organization, its ticket and its grant, and the parts that issue keys from them."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from tests.harness.credentials import PEPPER

from xaigh_server.access.tables import tickets
from xaigh_server.db.database import Database
from xaigh_server.db.session import Session
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.peppers import PepperRing
from xaigh_server.identity.scopes import (
    SHIPPED_FAMILIES,
    Audience,
    Catalogue,
    ProductFamily,
    RoutePattern,
    Scope,
)
from xaigh_server.identity.sealing import AgeSealer
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.grants import Grant, GrantState, GrantTerms
from xaigh_server.keys.issuing import IssueOrder, Issuer, NewKey
from xaigh_server.keys.repository import Keys
from xaigh_server.organizations.model import Organization, OrganizationState
from xaigh_server.organizations.repository import Organizations

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
RING = PepperRing([PEPPER])
PARKS = ProductFamily(
    name="parks",
    launched=True,
    routes={
        "read": (
            RoutePattern(methods=frozenset({"GET"}), path="/v1/parks/*"),
            RoutePattern(methods=frozenset({"GET"}), path="/v1/parks/map", publishable=True),
        )
    },
)
CATALOGUE = Catalogue(
    [
        Scope(name="jobs:read", audience=Audience.INTEGRATOR, summary="R.", publishable=True),
        Scope(name="jobs:write", audience=Audience.INTEGRATOR, summary="W."),
        Scope(name="ats:read", audience=Audience.INTEGRATOR, summary="A."),
        Scope(name="keys:read", audience=Audience.OPERATOR, summary="K."),
    ],
    (*SHIPPED_FAMILIES, PARKS),
)
_random = random.Random(7)


def randomness(length: int) -> bytes:
    """Bytes that differ with every call, the same in every run."""
    return _random.randbytes(length)


ISSUER = Issuer(catalogue=CATALOGUE, peppers=RING, sealer=AgeSealer(), random=randomness)

ORGANIZATION = Organization(
    organization_id="org_1",
    display_name="Northline",
    state=OrganizationState.ACTIVE,
    create_time=NOW,
    update_time=NOW,
)
TERMS = GrantTerms(
    scopes=("ats:read", "jobs:read", "jobs:write"),
    key_types=("pk", "sk"),
    tier="standard",
    employer_user_ids=("emp_1", "emp_2"),
    key_allowance=3,
    callback_url="https://example.com/hook",
)
GRANT = Grant(
    grant_id="grt_1",
    revision=1,
    state=GrantState.ACTIVE,
    organization_id="org_1",
    organization_name="Northline",
    ticket_id="tkt_1",
    request_revision=1,
    environment=Environment.SANDBOX,
    terms=TERMS,
    seal_to="",
    approved_by=("maya",),
    create_time=NOW,
)


def seed(session: Session, grants: Sequence[Grant] = (GRANT,)) -> None:
    """One organization, one ticket, and grants of them."""
    Organizations(session).add(ORGANIZATION)
    add_ticket(session, "tkt_1", ORGANIZATION)
    for grant in grants:
        Grants(session).add(grant)


def add_ticket(session: Session, ticket_id: str, organization: Organization) -> None:
    """An approved ticket of an organization."""
    session.run(
        tickets.insert(),
        ticket_id=ticket_id,
        state="APPROVED",
        revision=1,
        version=1,
        company_name=organization.display_name,
        email_domain="example.com",
        environments="sandbox",
        assignee="maya",
        organization_id=organization.organization_id,
        denial_reason="",
        applicant_bytes=0,
        status_token_digest=ticket_id.encode(),
        submitted_time=0,
        update_time=0,
    )


def sql(statement: str) -> Callable[[Session], None]:
    """A unit that runs one statement, written out."""
    return lambda session: session.run(text(statement.replace(":", r"\:")))


async def issue(
    database: Database, grant: Grant = GRANT, *, now: datetime = NOW, **order: object
) -> NewKey:
    """Issues a key as the service does, and keeps it."""
    wanted = replace(IssueOrder(name="test"), **order)  # type: ignore[arg-type]

    def work(session: Session) -> NewKey:
        book = Keys(session)
        new = ISSUER.issue(wanted, grant, ORGANIZATION, book, operator="maya", now=now)
        book.add(new.record, new.digest)
        return new

    return await database.write(work)
