"""Events: the catalogue of event types, and the bodies that are posted.

The catalogue repeats that of the protos; a test compares them. An event is thin: it names an
object, which receivers read over the API.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from xaigh_server.db.outbox import OutgoingEvent
from xaigh_server.errors import FieldInvalid, FieldViolation
from xaigh_server.identity import base62


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """An event type. `scope` is what an endpoint needs to receive it; empty: none.

    `or_scopes` together do as well: who posts jobs and reads its employers hears of its jobs.
    """

    name: str
    scope: str = ""
    or_scopes: frozenset[str] = frozenset()

    def heard_with(self, scopes: Set[str]) -> bool:
        """Whether an endpoint with these scopes receives the event."""
        if not self.scope or self.scope in scopes:
            return True
        return bool(self.or_scopes) and self.or_scopes <= scopes


_SCOPES = {
    "ticket.approved": "",
    "ticket.denied": "",
    "ticket.needs_info": "",
    "key.issued": "",
    "key.rotated": "",
    "key.revoked": "",
    "key.expiring": "",
    "job.created": "jobs:read",
    "job.updated": "jobs:read",
    "job.closed": "jobs:read",
    "job.reopened": "jobs:read",
    "job.pending": "jobs:read",
    "job.approved": "jobs:read",
    "job.returned": "jobs:read",
    "ats.run.completed": "ats:read",
    "ats.run.held": "ats:read",
    "ats.run.drifted": "ats:read",
    "ats.stale": "ats:read",
    "application.forwarded": "jobs:read",
    "application.refused": "jobs:read",
    "application.uncertain": "jobs:read",
    "application.failed": "jobs:read",
    "endpoint.failing": "",
    "endpoint.disabled": "",
    "webhook.test": "",
}
_OR_SCOPES = {"jobs:read": frozenset(("jobs:write", "employer:read"))}
EVENT_TYPES: Mapping[str, EventType] = {
    name: EventType(name=name, scope=scope, or_scopes=_OR_SCOPES.get(scope, frozenset()))
    for name, scope in _SCOPES.items()
}
TEST = "webhook.test"
FAILING = "endpoint.failing"
DISABLED = "endpoint.disabled"
ABOUT_ENDPOINTS = frozenset({FAILING, DISABLED})
SUBSCRIBABLE = tuple(name for name in EVENT_TYPES if name != TEST)
"""The types that endpoints subscribe to. A test event goes to the endpoint under test alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event. `data` is a JSON object as text, without secrets.

    `organization_id` is empty for a ticket that has none yet; `environment` is `sandbox`,
    `production` or empty. `request_id` is the call that made it, empty for none.
    """

    id: str
    type: EventType
    time: datetime
    environment: str
    organization_id: str
    data: str
    request_id: str = ""

    @property
    def facts(self) -> dict[str, Any]:
        """`data` parsed as JSON."""
        facts: dict[str, Any] = orjson.loads(self.data)
        return facts

    @property
    def employers(self) -> frozenset[str]:
        """Employers whose data the event holds; empty for none."""
        return _employers(self.facts)

    @property
    def count(self) -> int:
        """Number of events in the row."""
        return 1

    def each(self) -> Iterator[Event]:
        """Returns the single events: itself."""
        yield self

    def body(self) -> str:
        """Returns the body to post. It is the same on every attempt; only the signature differs."""
        head = json.dumps(
            {
                "id": self.id,
                "type": self.type.name,
                "timestamp": self.time.isoformat(timespec="microseconds").replace("+00:00", "Z"),
                "environment": self.environment,
                "organizationId": self.organization_id,
            },
            separators=(",", ":"),
        )
        return f'{head[:-1]},"data":{self.data}}}'


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBatch(Event):
    """Events that are equal but for their data: `data` is a JSON array of their objects.

    `members` are the parsed objects. The events' ids are derived from the batch's id.
    """

    members: Sequence[dict[str, Any]]

    @property
    def employers(self) -> frozenset[str]:
        return frozenset().union(*map(_employers, self.members))

    @property
    def count(self) -> int:
        return len(self.members)

    def each(self) -> Iterator[Event]:
        for name, facts in zip(base62.sequential_ids(self.id), self.members, strict=False):
            yield Event(
                id=name,
                type=self.type,
                time=self.time,
                environment=self.environment,
                organization_id=self.organization_id,
                data=orjson.dumps(facts).decode(),
                request_id=self.request_id,
            )

    def body(self) -> str:
        raise TypeError("each event of a batch has a body of its own")


def event_of(
    *,
    event_id: str,
    event_type: str,
    time: datetime,
    environment: str,
    organization_id: str,
    data: str,
    request_id: str = "",
) -> Event:
    """Builds an event or an EventBatch from a row. Raises KeyError for an unknown type."""
    body: dict[str, Any] = {
        "id": event_id,
        "type": EVENT_TYPES[event_type],
        "time": time,
        "environment": environment,
        "organization_id": organization_id,
        "data": data,
        "request_id": request_id,
    }
    if data.startswith("["):
        return EventBatch(**body, members=orjson.loads(data))
    return Event(**body)


def check_types(names: Iterable[str], *, path: str = "eventTypes") -> None:
    """Raises FieldInvalid for types that don't exist or can't be subscribed to."""
    unknown = [
        FieldViolation(path=f"{path}[{index}]", description=_unknown(name))
        for index, name in enumerate(names)
        if name not in SUBSCRIBABLE
    ]
    if unknown:
        raise FieldInvalid(unknown)


def check_type(name: str, *, path: str = "eventType") -> None:
    """Raises FieldInvalid for a type that isn't in the log of events; empty stands for all."""
    if name and name not in SUBSCRIBABLE:
        raise FieldInvalid.at(path, _unknown(name))


def _unknown(name: str) -> str:
    return f"{name!r} isn't an event type that can be heard. There are: {', '.join(SUBSCRIBABLE)}."


def _employers(facts: Mapping[str, Any]) -> frozenset[str]:
    one = facts.get("employerUserId", "")
    return frozenset([*facts.get("employerUserIds", ()), *([one] if one else ())])


def published_event(outgoing: OutgoingEvent) -> Event | None:
    """Returns the event or EventBatch of an outbox row.

    Returns None for types outside of the catalogue, which only the server itself reads.
    """
    if outgoing.event_type not in EVENT_TYPES:
        return None
    return event_of(
        event_id=outgoing.event_id,
        event_type=outgoing.event_type,
        time=outgoing.created_time,
        environment=outgoing.environment,
        organization_id=outgoing.organization_id,
        data=outgoing.payload,
        request_id=outgoing.request_id,
    )
