"""Databases with a tenant and a grant, and delivery workers over them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry
from sqlalchemy import MetaData, func, select

from xaigh_server.access.callback_secrets import CallbackSecrets
from xaigh_server.access.model import EnvironmentReview, RequestForm, Ticket, TicketState
from xaigh_server.access.repository import Tickets
from xaigh_server.db import schema
from xaigh_server.db.database import Database, open_database
from xaigh_server.db.outbox import Outbox, OutgoingEvent
from xaigh_server.db.session import Session
from xaigh_server.identity import webhook_secrets
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.webhook_secrets import SecretBox
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.grants import Grant, GrantState, GrantTerms
from xaigh_server.net.outbound import Outbound
from xaigh_server.net.url_guard import NameUnresolved
from xaigh_server.organizations.model import Organization, OrganizationState
from xaigh_server.organizations.repository import Organizations
from xaigh_server.runtime.tables import business_metadata, control_metadata
from xaigh_server.webhooks.delivery_metrics import DeliveryMetrics
from xaigh_server.webhooks.delivery_pool import DeliveryPool, DeliveryRules
from xaigh_server.webhooks.events import Event, published_event
from xaigh_server.webhooks.model import Delivery, Endpoint, SealedSecrets
from xaigh_server.webhooks.repository.deliveries import DeliveryFilter, WebhookDeliveries
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints
from xaigh_server.webhooks.repository.queue import WebhookQueue

ORGANIZATION = "org_a"
GRANT = "grt_a"
SECRET = b"s" * 32
_ids = itertools.count(1)


class Clock:
    """Real time, moved forward by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def forward(self, **units: float) -> None:
        self.ahead += timedelta(**units)


class LocalResolver:
    """Knows `localhost` and what it is told, nothing else."""

    def __init__(self, **names: Sequence[str]) -> None:
        self.names: dict[str, Sequence[str]] = {"localhost": ["127.0.0.1"], **names}
        self.asked: list[str] = []

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.names:
            raise NameUnresolved("no such name.")
        return self.names[host]


def new_id(prefix: str) -> str:
    return f"{prefix}_{os.getpid()}_{next(_ids):012d}"


@dataclass(slots=True, kw_only=True)
class DeliveryHarness:
    """The databases, and what tests do with them."""

    control: Database
    business: dict[str, Database]
    box: SecretBox
    clock: Clock = field(default_factory=Clock)
    resolver: LocalResolver = field(default_factory=LocalResolver)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    metrics: DeliveryMetrics = field(init=False)

    def __post_init__(self) -> None:
        self.metrics = DeliveryMetrics(self.registry)

    hour = timedelta(hours=1)

    @property
    def sandbox(self) -> Database:
        return self.business["sandbox"]

    async def endpoint(self, url: str, *, database: str = "sandbox", **changes: Any) -> Endpoint:
        """Keeps an endpoint of the tenant, with `SECRET` as its secret."""
        endpoint_id = new_id("we")
        endpoint = Endpoint(
            id=endpoint_id,
            organization_id=ORGANIZATION,
            url=url,
            description="",
            event_types=(),
            scopes=frozenset({"jobs:read", "ats:read"}),
            grant_id=GRANT,
            origin="",
            secrets=SealedSecrets(current=self.box.seal(SECRET, endpoint_id)),
            created_at=self.clock(),
            updated_at=self.clock(),
        )
        endpoint = replace(endpoint, **changes)
        await self.business[database].write(lambda s: WebhookEndpoints(s).add(endpoint))
        return endpoint

    async def emit(
        self, *events: OutgoingEvent, database: Database | None = None
    ) -> list[OutgoingEvent]:
        """Puts events into an outbox, as a committed call does."""
        where = database or self.sandbox
        await where.write(lambda s: Outbox(s).append(events))
        return list(events)

    def event(
        self,
        event_type: str = "job.created",
        *,
        environment: str = "sandbox",
        organization_id: str = ORGANIZATION,
        **facts: object,
    ) -> OutgoingEvent:
        facts = facts or {"jobId": "job_1", "employerUserId": "emp_1", "source": "DIRECT"}
        return OutgoingEvent(
            event_id=new_id("evt"),
            event_type=event_type,
            organization_id=organization_id,
            environment=environment,
            payload=json.dumps(facts),
            created_time=self.clock(),
        )

    def row(self, events: int, **changes: Any) -> OutgoingEvent:
        """So many events that differ in their jobs alone, as a sync tells of them."""
        payloads = [
            {"jobId": f"job_{number}", "employerUserId": "emp_1", "source": "CLIENT_ATS"}
            for number in range(events)
        ]
        return self.event("job.updated", **changes)._replace(payload=json.dumps(payloads))

    async def deliveries(
        self, endpoint: Endpoint | None = None, *, database: Database | None = None
    ) -> list[Delivery]:
        """The log, oldest first."""
        wanted = DeliveryFilter(
            organization_id=ORGANIZATION if database is not self.control else "",
            endpoint_id=endpoint.id if endpoint else "",
        )
        where = database or self.sandbox
        found = await where.read(
            lambda s: WebhookDeliveries(s).page(wanted, below=None, limit=100_000)
        )
        return [delivery for _, delivery in reversed(found)]

    async def find(self, endpoint: Endpoint, *, database: Database | None = None) -> Endpoint:
        where = database or self.sandbox
        found = await where.read(lambda s: WebhookEndpoints(s).find(endpoint.id))
        assert found is not None
        return found

    async def until(
        self, true: Callable[[list[Delivery]], bool], *, seconds: float = 10, **where: Any
    ) -> list[Delivery]:
        """The log once it satisfies a condition."""
        found: list[Delivery] = []

        async def satisfied() -> bool:
            found[:] = await self.deliveries(**where)
            return bool(found) and true(found)

        await eventually(satisfied, seconds=seconds)
        return found

    async def emptied(self, *, seconds: float = 10) -> None:
        """Returns once no outbox holds anything."""

        async def empty() -> bool:
            databases = (self.control, *self.business.values())
            return not any([await each.read(_next_event) for each in databases])

        await eventually(empty, seconds=seconds)

    async def settled(self) -> None:
        """Returns once there is nothing to do at this moment of the clock."""

        async def idle() -> bool:
            now = self.clock()
            return not any(
                [
                    await each.read(lambda s: WebhookQueue(s, holder="").waiting(now))
                    for each in (self.control, *self.business.values())
                ]
            )

        await self.emptied()
        await eventually(idle)

    async def count(self, table: str) -> int:
        """How many rows a table of the sandbox has."""
        statement = select(func.count()).select_from(business_metadata.tables[table])
        return await self.sandbox.read(lambda s: s.scalar(statement))

    def rules(self, **changes: Any) -> DeliveryRules:
        """Rules of a test: loopback is allowed unless it says otherwise."""
        return replace(DeliveryRules(allow_loopback=True), **changes)

    @contextlib.asynccontextmanager
    async def outbound(self, **options: Any) -> AsyncIterator[Outbound]:
        options = {"allow_loopback": True, "resolver": self.resolver, **options}
        made = Outbound(clock=self.clock, **options)
        try:
            yield made
        finally:
            await made.close()

    @contextlib.asynccontextmanager
    async def working(
        self, *, rules: DeliveryRules | None = None, **options: Any
    ) -> AsyncIterator[DeliveryPool]:
        """A worker that is running."""
        async with self.outbound(**options) as outbound:
            worker = DeliveryPool(
                control=self.control,
                business=self.business,
                outbound=outbound,
                box=self.box,
                clock=self.clock,
                new_id=new_id,
                random_bytes=random.randbytes,
                random=random.random,
                metrics=self.metrics,
                rules=rules or self.rules(),
            )
            worker.start()
            try:
                yield worker
            finally:
                await worker.stop(5)

    async def another_grant(self, grant_id: str, **terms: Any) -> None:
        """A second grant of the tenant, like its first but for these terms."""

        def write(session: Session) -> None:
            like = _grant(session)
            second = replace(like, grant_id=grant_id, terms=replace(like.terms, **terms))
            Grants(session).add(second)

        await self.control.write(write)

    async def narrow(self, **terms: Any) -> None:
        """Replaces the tenant's grant by a revision with other terms."""
        await self.control.write(lambda session: _narrow(session, terms))

    async def revoke(self) -> None:
        """Revokes the tenant's grant."""

        def write(session: Session) -> None:
            Grants(session).revoke(_grant(session), now=self.clock(), reason="test")

        await self.control.write(write)


def events_of(row: OutgoingEvent) -> list[Event]:
    """The events that endpoints hear of an outbox row."""
    found = published_event(row)
    assert found is not None, row
    return list(found.each())


async def eventually(true: Callable[[], Awaitable[bool]], *, seconds: float = 10) -> None:
    """Returns once a condition holds. TimeoutError: it didn't in time."""
    done = False
    async with asyncio.timeout(seconds):
        while not done:
            await asyncio.sleep(0.01)
            done = await true()


def _next_event(session: Session) -> bool:
    return bool(Outbox(session).after(0, limit=1))


@contextlib.asynccontextmanager
async def opened(folder: Path, *, fresh: bool = True) -> AsyncIterator[DeliveryHarness]:
    """The harness on SQLite files in a folder."""
    box = SecretBox([b"k" * 32], random.randbytes)
    async with contextlib.AsyncExitStack() as stack:
        databases = {}
        for name in ("control", "sandbox", "production"):
            metadata = control_metadata if name == "control" else business_metadata
            database = open_database(name, folder / f"{name}.db", metadata)
            await database.start()
            stack.push_async_callback(database.close)
            if fresh:
                await database.write(partial(_create, metadata=metadata))
            databases[name] = database
        harness = DeliveryHarness(control=databases.pop("control"), business=databases, box=box)
        if fresh:
            await harness.control.write(lambda s: _populate(s, harness))
        yield harness


def _create(session: Session, *, metadata: MetaData) -> None:
    schema.create(session, metadata)


def _grant(session: Session) -> Grant:
    grant = Grants(session).current(GRANT)
    assert grant is not None
    return grant


def _narrow(session: Session, terms: dict[str, Any]) -> None:
    old = _grant(session)
    new = replace(old, revision=old.revision + 1, terms=replace(old.terms, **terms))
    Grants(session).supersede(old, new)


def _populate(session: Session, harness: DeliveryHarness) -> None:
    now = harness.clock()
    form = RequestForm(
        company_name="Acme",
        contact_name="Ada",
        contact_email="ada@acme.example",
        use_case="Posting jobs.",
        requested_scopes=("jobs:read",),
        monthly_volume_estimate=10,
        callback_url="https://hooks.acme.example/x",
    )
    Organizations(session).add(
        Organization(
            organization_id=ORGANIZATION,
            display_name="Acme",
            state=OrganizationState.ACTIVE,
            create_time=now,
            update_time=now,
        )
    )
    ticket = Ticket(
        ticket_id="tkt_a",
        state=TicketState.IN_REVIEW,
        form=form,
        revision=1,
        version=1,
        reviews=tuple(EnvironmentReview(environment=each) for each in Environment),
        assignee="olga",
        organization_id=ORGANIZATION,
        submitted_time=now,
        update_time=now,
        expire_time=now + timedelta(days=30),
    )
    Tickets(session).add(ticket, token_digest=b"d" * 32)
    CallbackSecrets(session).add(
        "tkt_a", harness.box.seal(webhook_secrets.callback_secret("token"), "tkt_a")
    )
    Grants(session).add(
        Grant(
            grant_id=GRANT,
            revision=1,
            state=GrantState.ACTIVE,
            organization_id=ORGANIZATION,
            ticket_id="tkt_a",
            request_revision=1,
            environment=Environment.SANDBOX,
            terms=GrantTerms(
                scopes=("ats:read", "jobs:read"),
                key_types=("sk",),
                tier="standard",
                employer_user_ids=("emp_1",),
                key_allowance=5,
                callback_url="https://hooks.acme.example/x",
            ),
            seal_to="",
            approved_by=("olga",),
            create_time=now,
        )
    )
