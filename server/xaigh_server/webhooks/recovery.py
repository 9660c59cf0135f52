"""Recovery of an endpoint: queues the events of a time that it has missed.

It misses an event that was published since it was made, that it may receive and subscribes to, and
that has no delivery to it, or one that failed or was cancelled.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from xaigh.webhooks.v1 import webhooks_service_pb2 as api
from xaigh_server.errors import ConcurrentUpdate, FieldInvalid
from xaigh_server.identity import base62
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.paging import Page, Paging
from xaigh_server.rpc.timestamps import get_time
from xaigh_server.rpc.unit_of_work import UnitOfWork
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory
from xaigh_server.webhooks.errors import EventsNotKept
from xaigh_server.webhooks.events import Event
from xaigh_server.webhooks.model import Authority, Endpoint
from xaigh_server.webhooks.own import own_endpoint, require_enabled
from xaigh_server.webhooks.repository.deliveries import WebhookDeliveries
from xaigh_server.webhooks.repository.events import START, EventLogFilter, Position, WebhookEvents

Authorities = Callable[[Iterable[str]], Awaitable[Mapping[str, Authority]]]
"""(ids of grants) -> the current rights of each."""

STEP = 1000
"""Events that one call looks at, and up to as many more to the end of what it has read."""

_ROWS = 20  # a read, each up to 50 events
_MARGIN = timedelta(minutes=5)  # within which a caller can use the earliest time that it is told


@dataclass(slots=True, kw_only=True)
class _Recovered:
    """What one call did, and where the next one goes on."""

    queued: int = 0
    skipped: int = 0
    follow: Position | None = None


class EndpointRecovery:
    """Answers RecoverEndpoint."""

    def __init__(
        self,
        *,
        units: UnitOfWorkFactory,
        paging: Paging,
        authorities: Authorities,
        retention: timedelta,
    ) -> None:
        """`retention` is how long events are kept."""
        self._units = units
        self._paging = paging
        self._authorities = authorities
        self._retention = retention

    async def prepare(
        self, request: api.RecoverEndpointRequest, call: Call
    ) -> Mapping[str, Authority]:
        """Returns the current rights of the endpoint's grant, by its id."""
        endpoint = await self._units.point(
            call, lambda unit: own_endpoint(request.endpoint_id, unit)
        )
        return await self._authorities([endpoint.grant_id])

    def recover(
        self, request: api.RecoverEndpointRequest, unit: UnitOfWork
    ) -> api.RecoverEndpointResponse:
        """Queues what the endpoint has missed, of one step. Raises EventsNotKept."""
        endpoint = own_endpoint(request.endpoint_id, unit)
        require_enabled(endpoint)
        if endpoint.grant_id not in unit.prepared:
            raise ConcurrentUpdate
        start, end = self._times(request, unit.now)
        page = self._paging.page(request, unit.call)
        done = _step(
            endpoint,
            unit,
            EventLogFilter(
                organization_id=unit.organization_id,
                types=endpoint.event_types,
                start=max(start, endpoint.created_at),
                end=end,
            ),
            Position(*map(int, page.cursor)) if page.cursor else START,
            rehearse=request.validate_only,
        )
        if request.validate_only:
            unit.forget()
        else:
            unit.audit(endpoint.id, after={"queued": done.queued, "since": start.isoformat()})
        return self._reply(done, page)

    def _times(
        self, request: api.RecoverEndpointRequest, now: datetime
    ) -> tuple[datetime, datetime]:
        start, end = get_time(request, "since"), get_time(request, "until") or now
        assert start is not None  # a rule of the field wants it
        if end <= start:
            raise FieldInvalid.at("until", "Must be later than `since`, and `since` in the past.")
        if start < now - self._retention:
            raise EventsNotKept(now - self._retention + _MARGIN)
        return start, end

    def _reply(self, done: _Recovered, page: Page) -> api.RecoverEndpointResponse:
        token = "" if done.follow is None else self._paging.token(page, tuple(done.follow))
        return api.RecoverEndpointResponse(
            queued_count=done.queued, skipped_count=done.skipped, next_page_token=token
        )


def _step(
    endpoint: Endpoint, unit: UnitOfWork, wanted: EventLogFilter, at: Position, *, rehearse: bool
) -> _Recovered:
    events, deliveries = WebhookEvents(unit.session), WebhookDeliveries(unit.session)
    names = base62.sequential_ids(unit.new_id("wd"))
    done, looked = _Recovered(), 0
    while found := events.behind(wanted, at, rows=_ROWS):
        if looked >= STEP:
            done.follow = at
            break
        looked += len(found)
        at = found[-1][0]
        its = _receivable([event for _, event in found], endpoint, unit.prepared)
        missed = deliveries.missed(endpoint.id, its)
        done.queued += len(missed.events)
        done.skipped += len(its) - len(missed.events)
        if not rehearse:
            deliveries.recover(endpoint, missed, names, now=unit.now)
    return done


def _receivable(
    events: Sequence[Event], endpoint: Endpoint, authorities: Mapping[str, Authority]
) -> list[Event]:
    authority = authorities[endpoint.grant_id]
    return [
        event
        for event in events
        if endpoint.subscribes_to(event) and endpoint.may_receive(event, authority)
    ]
