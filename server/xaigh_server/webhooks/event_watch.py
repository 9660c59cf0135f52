"""Watch of events: a stream of what happens in an organization, from a cursor on.

A cursor is a position in the organization's log, which is in the order of commits: an event that
was committed after a message was sent has a later position.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

from google.protobuf import json_format

from xaigh.webhooks.v1 import event_pb2
from xaigh.webhooks.v1 import webhooks_service_pb2 as api
from xaigh_server.errors import FieldInvalid
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.errors import PageTokenInvalid
from xaigh_server.rpc.page_tokens import PageTokens
from xaigh_server.rpc.timestamps import get_time
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory, organization_of
from xaigh_server.webhooks.event_history import hears
from xaigh_server.webhooks.events import EVENT_TYPES, Event, check_types
from xaigh_server.webhooks.messages import event_to_pb
from xaigh_server.webhooks.repository.events import EventLogFilter, Position, WebhookEvents

INTERVAL = timedelta(milliseconds=250)
_ROWS = 20  # a read, each up to 50 events
_BOOKMARK_EVERY = timedelta(seconds=15)


class EventWatch:
    """Streams the events that the calling key may hear."""

    def __init__(
        self, *, units: UnitOfWorkFactory, page_tokens: PageTokens, interval: timedelta = INTERVAL
    ) -> None:
        """`interval` is the pause between two reads of a watch."""
        self._units = units
        self._tokens = page_tokens
        self._interval = interval.total_seconds()

    async def run(
        self, request: api.WatchEventsRequest, call: Call
    ) -> AsyncIterator[event_pb2.WatchedEvent]:
        """Bookmarks and events, until the caller goes."""
        check_types(request.event_types)
        wanted = EventLogFilter(
            organization_id=organization_of(call), types=tuple(request.event_types)
        )
        at = await self._begin(request, call, wanted)
        yield self._message(request, call, at)
        quiet = 0.0
        while True:
            found = await self._read(call, wanted, at)
            for at, event in found:
                if hears(event, call):
                    quiet = 0.0
                    yield self._message(request, call, at, event)
            if quiet >= _BOOKMARK_EVERY.total_seconds():
                quiet = 0.0
                yield self._message(request, call, at)
            if not found:
                quiet += self._interval
                await asyncio.sleep(self._interval)

    async def _begin(
        self, request: api.WatchEventsRequest, call: Call, wanted: EventLogFilter
    ) -> Position:
        try:
            cursor = self._tokens.decode(*self._bound(request, call), request.cursor)
        except PageTokenInvalid:
            raise FieldInvalid.at("cursor", "Not a cursor of this watch.") from None
        if cursor is not None:
            return Position(*map(int, cursor))
        return await self._units.read(
            call, lambda unit: WebhookEvents(unit.session).head(wanted.organization_id)
        )

    async def _read(
        self, call: Call, wanted: EventLogFilter, at: Position
    ) -> list[tuple[Position, Event]]:
        return await self._units.poll(
            call, lambda unit: WebhookEvents(unit.session).behind(wanted, at, rows=_ROWS)
        )

    def _bound(
        self, request: api.WatchEventsRequest, call: Call
    ) -> tuple[str, str, dict[str, object]]:
        return call.method.full_name, call.scope, {"types": sorted(request.event_types)}

    def _message(
        self,
        request: api.WatchEventsRequest,
        call: Call,
        at: Position,
        event: Event | None = None,
    ) -> event_pb2.WatchedEvent:
        cursor = self._tokens.encode(*self._bound(request, call), tuple(at))
        return event_pb2.WatchedEvent(
            cursor=cursor, event=None if event is None else event_to_pb(event)
        )


def may_see(message: event_pb2.WatchedEvent, call: Call) -> bool:
    """Whether the calling key may still hear what was read for it."""
    if not message.HasField("event"):
        return True
    return hears(_event_of(message.event), call)


def _event_of(message: event_pb2.Event) -> Event:
    time = get_time(message, "timestamp")
    assert time is not None  # every event has one
    return Event(
        id=message.id,
        type=EVENT_TYPES[message.type],
        time=time,
        environment=message.environment,
        organization_id=message.organization_id,
        data=json_format.MessageToJson(message.data, indent=None),
    )
