"""Events: the catalogue of what can be told, and the body in which it is told.

The catalogue is that of the protos; a test keeps both equal. An event is thin: it names an object,
and the object is read over the API.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from xaigh_server.domain.errors import FieldInvalid, FieldViolation


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """One kind of event. `scope` is what an endpoint needs to hear it; empty: nothing."""

    name: str
    scope: str = ""


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
    "ats.run.completed": "ats:read",
    "ats.run.held": "ats:read",
    "ats.stale": "ats:read",
    "webhook.test": "",
}
EVENT_TYPES: Mapping[str, EventType] = {
    name: EventType(name=name, scope=scope) for name, scope in _SCOPES.items()
}
TEST = "webhook.test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. `data` is a JSON object in text, without secrets.

    `organization_id` is empty for a ticket that has none yet; `environment` is `sandbox`,
    `production` or empty.
    """

    id: str
    type: EventType
    time: datetime
    environment: str
    organization_id: str
    data: str

    @property
    def facts(self) -> dict[str, Any]:
        """`data`, parsed."""
        facts: dict[str, Any] = orjson.loads(self.data)
        return facts

    @property
    def employers(self) -> frozenset[str]:
        """The employers whose data the event is about; empty where it is about none."""
        facts = self.facts
        one = facts.get("employerUserId", "")
        return frozenset([*facts.get("employerUserIds", ()), *([one] if one else ())])

    def body(self) -> str:
        """What is posted. The same text on every try: its signature differs, its words don't."""
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


def check_types(names: Iterable[str], *, path: str = "eventTypes") -> None:
    """Raises FieldInvalid for names that aren't in the catalogue, or that nobody subscribes to."""
    unknown = [
        FieldViolation(path=f"{path}[{index}]", description=f"{name!r} isn't an event type.")
        for index, name in enumerate(names)
        if name not in EVENT_TYPES or name == TEST
    ]
    if unknown:
        raise FieldInvalid(unknown)
