"""History of events: lists and reads what happened, with the payloads that endpoints receive.

A key sees what an endpoint that it made would receive now: the events of its scopes, and of the
employers of its grant.
"""

from __future__ import annotations

from collections.abc import Iterator

from xaigh.webhooks.v1 import event_pb2
from xaigh.webhooks.v1 import webhooks_service_pb2 as api
from xaigh_server.errors import NotFound
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.timestamps import get_time
from xaigh_server.rpc.unit_of_work import UnitOfWork
from xaigh_server.webhooks.events import Event, check_type
from xaigh_server.webhooks.messages import event_to_pb
from xaigh_server.webhooks.model import may_hear
from xaigh_server.webhooks.repository.events import EventLogFilter, Position, WebhookEvents

_CHUNK = 50  # rows a read, each up to 50 events
_MOST_ROWS = 1000  # of one call: a key that may hear few of many events gets short pages


class EventHistory:
    """Answers ListEvents and GetEvent."""

    def __init__(self, paging: Paging) -> None:
        self._paging = paging

    def list_events(
        self, request: api.ListEventsRequest, unit: UnitOfWork
    ) -> api.ListEventsResponse:
        """Returns the newest events that the key may hear, before the token's place."""
        check_type(request.event_type)
        page = self._paging.page(request, unit.call)
        wanted = EventLogFilter(
            organization_id=unit.organization_id,
            types=(request.event_type,) if request.event_type else (),
            start=get_time(request, "since"),
            end=get_time(request, "until"),
        )
        scan = _Scan(unit, wanted, Position(*map(int, page.cursor)) if page.cursor else None)
        events, token = self._paging.fill(
            scan, page, lambda each: tuple(each[0]), lambda each: event_to_pb(each[1])
        )
        if not token and scan.stopped_at is not None:
            token = self._paging.token(page, tuple(scan.stopped_at))
        return api.ListEventsResponse(events=events, next_page_token=token)

    def get_event(self, request: api.GetEventRequest, unit: UnitOfWork) -> event_pb2.Event:
        """Returns an event that the key may hear. Raises NotFound."""
        events = WebhookEvents(unit.session)
        event = events.get(request.event_id, organization_id=unit.organization_id)
        if event is None or not hears(event, unit.call):
            raise NotFound("event", request.event_id)
        return event_to_pb(event)


class _Scan:
    """The events before a place that the key may hear, newest first, of a bounded number of rows.

    `stopped_at` is where it ended before the log did.
    """

    def __init__(self, unit: UnitOfWork, wanted: EventLogFilter, before: Position | None) -> None:
        self._unit = unit
        self._wanted = wanted
        self._before = before
        self.stopped_at: Position | None = None

    def __iter__(self) -> Iterator[tuple[Position, Event]]:
        events, before = WebhookEvents(self._unit.session), self._before
        for _ in range(_MOST_ROWS // _CHUNK):
            found = events.before(self._wanted, before, rows=_CHUNK)
            if not found:
                return
            before = found[-1][0]
            for at, event in found:
                if hears(event, self._unit.call):
                    yield at, event
        self.stopped_at = before


def hears(event: Event, call: Call) -> bool:
    """Whether the calling key may hear an event, by its rights of now."""
    key = call.principal
    return isinstance(key, KeyPrincipal) and may_hear(event, key.scopes, key.grant.employer_ids)
