"""Fan-out: moves events from the outbox to the log of events and to the endpoints' queues.

Business events go to the endpoints of their organization in the same database, in one transaction
with their removal from the outbox. Control events (tickets, keys) go to the business database of
their environment, or to the callback of a ticket, in two steps, since no transaction spans two
databases: first they are queued, then removed. A crash in between repeats the first step, which
then adds nothing: a delivery is unique by event and endpoint, and an endpoint by its origin.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog

from xaigh_server.access.callback_secrets import CallbackSecrets
from xaigh_server.access.model import Ticket
from xaigh_server.access.repository import Tickets
from xaigh_server.db.database import Database
from xaigh_server.db.outbox import Outbox, OutgoingEvent, QueuedEvent
from xaigh_server.db.partition import CONTROL, Partition
from xaigh_server.db.session import Session
from xaigh_server.identity import base62, webhook_secrets
from xaigh_server.identity.base62 import RandomBytes
from xaigh_server.identity.webhook_secrets import SecretBox, SecretUnreadable
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.grants import Grant, GrantState
from xaigh_server.keys.model import KEY_LEAKED
from xaigh_server.log_events import LogEvent
from xaigh_server.organizations.model import Organization, OrganizationState
from xaigh_server.organizations.repository import Organizations
from xaigh_server.webhooks.disabling import Disabling, disable_made_by
from xaigh_server.webhooks.events import Event, published_event
from xaigh_server.webhooks.model import (
    NO_AUTHORITY,
    Authority,
    DisableReason,
    Endpoint,
    SealedSecrets,
)
from xaigh_server.webhooks.repository.deliveries import WebhookDeliveries
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints
from xaigh_server.webhooks.repository.events import WebhookEvents

_BATCH = 200
_ROWS = 20  # of one organization in one transaction: its other writes wait for it
_TENANTS = 16  # organizations whose events are queued at the same time


class GrantCache:
    """Reads the current rights of grants and the state of organizations.

    What happens to a suspended organization is queued, and rests in its queues until it is resumed.
    """

    def __init__(self, control: Database, clock: Callable[[], datetime]) -> None:
        self._control = control
        self._clock = clock

    async def of(self, grant_ids: Iterable[str]) -> Mapping[str, Authority]:
        """Returns the authority of each grant; empty for a grant that isn't in force."""
        wanted = sorted({grant_id for grant_id in grant_ids if grant_id})
        now = self._clock()

        def read(session: Session) -> dict[str, Authority]:
            return {grant_id: _authority(session, grant_id, now) for grant_id in wanted}

        return {"": NO_AUTHORITY, **(await self._control.point(read) if wanted else {})}

    async def suspended(self, organization_id: str) -> bool:
        """Whether the organization is suspended; False for the empty id of a ticket without one."""
        if not organization_id:
            return False
        return await self._control.point(
            lambda session: _is_suspended(Organizations(session).get(organization_id))
        )


class Fanout:
    """Queues the events of all outboxes. Any number of processes may run at once."""

    def __init__(
        self,
        *,
        control: Database,
        business: Mapping[str, Database],
        box: SecretBox,
        clock: Callable[[], datetime],
        new_id: Callable[[str], str],
        random: RandomBytes,
    ) -> None:
        self._control = control
        self._business = business
        self._box = box
        self._clock = clock
        self._new_id = new_id
        self._random = random
        self._authorities = GrantCache(control, clock)
        self._log = structlog.get_logger("xaigh.webhooks")

    async def poll(self, database: Database) -> bool:
        """Queues one batch of a database's events. Returns whether more may be waiting."""
        if database is self._control:
            batch = await database.point(lambda session: Outbox(session).after(0, limit=_BATCH))
            if batch:
                await self._control_batch(batch)
            return len(batch) == _BATCH
        tenants = await database.point(lambda session: Outbox(session).tenants(limit=_BATCH))
        return bool(tenants) and await self._business_batch(database, tenants)

    async def _business_batch(self, database: Database, tenants: Sequence[str]) -> bool:
        """Queues the first events of some organizations. Returns whether more may be waiting.

        Each organization's in its own partition, where none can be added meanwhile.
        """
        known = await database.read(lambda session: WebhookEndpoints(session).enabled_of(tenants))
        authorities = await self._authorities.of(endpoint.grant_id for endpoint in known)

        def queue(organization_id: str, session: Session) -> bool:
            endpoints = WebhookEndpoints(session).enabled_of([organization_id])
            if any(endpoint.grant_id not in authorities for endpoint in endpoints):
                return True  # an endpoint was added meanwhile: the next poll reads its grant
            queued = Outbox(session).of(organization_id, limit=_ROWS)
            published = [event for event in map(published_event, _events(queued)) if event]
            self._publish(session, published, endpoints, authorities)
            Outbox(session).delete(queued)
            return len(queued) == _ROWS

        more = False
        for first in range(0, len(tenants), _TENANTS):
            units = (
                database.write(partial(queue, each), partition=Partition.of(database.name, each))
                for each in tenants[first : first + _TENANTS]
            )
            more = any(await asyncio.gather(*units)) or more
        return more

    def _publish(
        self,
        session: Session,
        published: Sequence[Event],
        endpoints: Sequence[Endpoint],
        authorities: Mapping[str, Authority],
    ) -> None:
        """Logs events of one organization, and queues them for its endpoints."""
        now = self._clock()
        WebhookEvents(session).append(published, now=now)
        names = base62.sequential_ids(self._new_id("wd"))
        addressed: list[tuple[Event, list[tuple[str, Endpoint]]]] = []
        for event in published if endpoints else ():
            addressed += self._deliveries(event, endpoints, authorities, names)
        logged = {event.id for event in published}
        WebhookDeliveries(session).add_all(addressed, now=now, logged=logged)

    async def _control_batch(self, batch: Sequence[QueuedEvent]) -> None:
        callbacks: list[tuple[Event, Endpoint]] = []
        # First of all: an endpoint of a leaked key doesn't hear of its revocation.
        for queued in batch:
            if queued.event.event_type == KEY_LEAKED:
                await self._disable_made_by(queued.event)
        for event in _catalogued(batch):
            business = self._business.get(event.environment)
            if business is not None and event.organization_id:
                await self._forward(business, event)
            elif (callback := await self._ticket_callback(event)) is not None:
                callbacks.append((event, callback))

        def finish(session: Session) -> None:
            if not _still_first(session, batch):
                return
            for event, callback in callbacks:
                self._queue(session, event, [_put_callback(session, callback)], {})
            Outbox(session).delete(batch)

        await self._control.write(finish, partition=Partition(CONTROL))

    async def _disable_made_by(self, leaked: OutgoingEvent) -> None:
        """Disables the endpoints that a leaked key made, with audit events of who said so."""
        business = self._business[leaked.environment]
        facts = json.loads(leaked.payload)
        by = Disabling(
            reason=DisableReason.KEY_LEAKED,
            time=self._clock(),
            actor_type=facts["actorType"],
            actor_id=facts["actorId"],
            text=facts["reason"],
        )
        await business.write(
            lambda session: disable_made_by(session, facts["keyId"], by, database=business.name),
            partition=Partition.of(business.name, leaked.organization_id),
        )

    async def _forward(self, business: Database, event: Event) -> None:
        """Queues a control event in the business database of its environment."""
        first = await self._grant_callback(event)

        def queue(session: Session) -> None:
            endpoints = WebhookEndpoints(session)
            if first is not None:
                endpoints.add(first)
            WebhookEvents(session).append([event], now=self._clock())
            self._queue(session, event, endpoints.enabled_of([event.organization_id]), {})

        partition = Partition.of(business.name, event.organization_id)
        await business.write(queue, partition=partition)

    def _queue(
        self,
        session: Session,
        event: Event,
        endpoints: Iterable[Endpoint],
        authorities: Mapping[str, Authority],
    ) -> None:
        names = base62.sequential_ids(self._new_id("wd"))
        recipients = self._recipients(event, endpoints, authorities, names)
        WebhookDeliveries(session).add(event, recipients, now=self._clock())

    def _deliveries(
        self,
        published: Event,
        endpoints: Iterable[Endpoint],
        authorities: Mapping[str, Authority],
        names: Iterator[str],
    ) -> Iterator[tuple[Event, list[tuple[str, Endpoint]]]]:
        """Yields events with their recipients: a batch as a whole where all of it is allowed.

        Other endpoints get the single events of the batch that they may receive.
        """
        if published.count == 1:
            yield published, self._recipients(published, endpoints, authorities, names)
            return
        whole = self._recipients(published, endpoints, authorities, self._names())
        yield published, whole
        recipients = {endpoint.id for _, endpoint in whole}
        others = [
            each
            for each in endpoints
            if each.id not in recipients and each.subscribes_to(published)
        ]
        for event in published.each() if others else ():
            yield event, self._recipients(event, others, authorities, names)

    def _names(self) -> Iterator[str]:
        """Yields ids of batches, from which the ids of their deliveries are numbered."""
        while True:
            yield self._new_id("wd")

    def _recipients(
        self,
        event: Event,
        endpoints: Iterable[Endpoint],
        authorities: Mapping[str, Authority],
        names: Iterator[str],
    ) -> list[tuple[str, Endpoint]]:
        """Returns the endpoints that receive an event, each with a new delivery id."""
        return [
            (next(names), endpoint)
            for endpoint in endpoints
            if endpoint.organization_id in ("", event.organization_id)
            and endpoint.subscribes_to(event)
            and endpoint.may_receive(event, authorities.get(endpoint.grant_id, NO_AUTHORITY))
        ]

    async def _grant_callback(self, event: Event) -> Endpoint | None:
        """Returns the endpoint for a new grant's callback; None for other events."""
        grant_id = event.facts.get("grantId", "")
        if event.type.name != "ticket.approved" or not grant_id:
            return None

        def read(session: Session) -> tuple[Grant | None, bytes | None]:
            grant = Grants(session).current(grant_id)
            return grant, CallbackSecrets(session).get(grant.ticket_id) if grant else None

        grant, sealed = await self._control.point(read)
        if grant is None or not grant.terms.callback_url:
            return None
        endpoint_id = _derived_id(grant.grant_id)
        secret = self._secret(grant.ticket_id, sealed, purpose=grant.environment.value)
        return Endpoint(
            id=endpoint_id,
            organization_id=grant.organization_id,
            url=grant.terms.callback_url,
            description=f"The callback of grant {grant.grant_id}.",
            event_types=(),
            scopes=frozenset(grant.terms.scopes),
            grant_id=grant.grant_id,
            origin=grant.grant_id,
            secrets=SealedSecrets(current=self._box.seal(secret, endpoint_id)),
            created_at=self._clock(),
            updated_at=self._clock(),
        )

    async def _ticket_callback(self, event: Event) -> Endpoint | None:
        """Returns the callback of the event's ticket if the ticket has a reviewer."""
        ticket_id = event.facts.get("ticketId", "")

        def read(session: Session) -> tuple[Ticket | None, bytes | None]:
            return Tickets(session).get(ticket_id), CallbackSecrets(session).get(ticket_id)

        ticket, sealed = await self._control.point(read)
        if ticket is None or not ticket.assignee:
            return None  # no reviewer has seen this address yet, so it isn't called
        endpoint_id = _derived_id(ticket.ticket_id)
        secret = self._secret(ticket.ticket_id, sealed, purpose="ticket")
        return Endpoint(
            id=endpoint_id,
            organization_id="",
            url=ticket.form.callback_url,
            description=f"The callback of ticket {ticket.ticket_id}.",
            event_types=(),
            scopes=frozenset(),
            grant_id="",
            origin=ticket.ticket_id,
            secrets=SealedSecrets(current=self._box.seal(secret, endpoint_id)),
            created_at=self._clock(),
            updated_at=self._clock(),
        )

    def _secret(self, ticket_id: str, sealed: bytes | None, *, purpose: str) -> bytes:
        """Derives the secret as the status token's holder does; a random one if that fails."""
        if sealed is not None:
            try:
                return webhook_secrets.derive(self._box.open(sealed, ticket_id), purpose)
            except SecretUnreadable as error:
                # The encryption key is missing. Later events must not wait for it.
                self._log.error(
                    LogEvent.WEBHOOK_TICKET_UNSIGNABLE, ticket=ticket_id, error=str(error)
                )
        return webhook_secrets.new_secret(self._random)


def _authority(session: Session, grant_id: str, now: datetime) -> Authority:
    grant = Grants(session).current(grant_id)
    if grant is None or grant.state_at(now) is not GrantState.ACTIVE:
        return NO_AUTHORITY
    return Authority(
        scopes=frozenset(grant.terms.scopes), employer_ids=frozenset(grant.terms.employer_user_ids)
    )


def _is_suspended(organization: Organization | None) -> bool:
    return organization is not None and organization.state is not OrganizationState.ACTIVE


def _still_first(session: Session, batch: Sequence[QueuedEvent]) -> bool:
    """Whether the outbox still begins with the batch: another process may have queued it.

    Writes are serial and events are deleted from the front, so comparing the first is enough.
    """
    first = Outbox(session).after(0, limit=1)
    return bool(first) and first[0].sequence == batch[0].sequence


def _put_callback(session: Session, callback: Endpoint) -> Endpoint:
    """Stores the ticket's callback, with the latest revision's URL; a new URL enables it."""
    endpoints = WebhookEndpoints(session)
    current = endpoints.find(callback.id)
    if current is None:
        endpoints.add(callback)
        return callback
    if current.url == callback.url:
        return current
    moved = replace(
        current,
        url=callback.url,
        updated_at=callback.updated_at,
        disabled_at=None,
        disable_reason=DisableReason.NONE,
        revision=current.revision + 1,
    )
    endpoints.save(moved, before=current)
    return moved


def _catalogued(batch: Iterable[QueuedEvent]) -> list[Event]:
    """Returns the single events of a batch whose types are in the catalogue."""
    published = [published_event(queued.event) for queued in batch]
    return [event for each in published if each is not None for event in each.each()]


def _events(queued: Iterable[QueuedEvent]) -> Iterator[OutgoingEvent]:
    return (each.event for each in queued)


def _derived_id(origin: str) -> str:
    """Returns the id of the endpoint that belongs to a grant or a ticket."""
    return "we_" + base62.derive(b"xaigh.endpoint.v1:" + origin.encode())
