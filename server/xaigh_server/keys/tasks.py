"""Periodic task that announces keys about to expire, once per key."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from xaigh_server.db.database import Database
from xaigh_server.db.outbox import Outbox, OutgoingEvent
from xaigh_server.db.partition import CONTROL, Partition
from xaigh_server.db.session import Session
from xaigh_server.keys.model import KeyRecord, key_facts
from xaigh_server.keys.repository import Keys

AHEAD = timedelta(days=7)
BATCH = 200


class ExpiryNotices:
    """Emits `key.expiring`. The event and the key's notice time are one transaction."""

    def __init__(
        self,
        control: Database,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[str], str],
        ahead: timedelta = AHEAD,
    ) -> None:
        self._control = control
        self._clock = clock
        self._new_id = new_id
        self._ahead = ahead

    async def send(self) -> int:
        """Emits the event of every due key. Returns their number."""
        sent = 0
        now = self._clock()
        while await self._control.read(lambda session: bool(self._due(session, now))):
            sent += await self._control.write(
                lambda session: self._batch(session, now), partition=Partition(CONTROL)
            )
        return sent

    def _due(self, session: Session, now: datetime) -> list[tuple[KeyRecord, datetime]]:
        return Keys(session).expiring(now=now, until=now + self._ahead, limit=BATCH)

    def _batch(self, session: Session, now: datetime) -> int:
        due = self._due(session, now)
        Outbox(session).append([self._event(key, ends, now) for key, ends in due])
        for key, _ in due:
            Keys(session).mark_notified(key.key_id, now)
        return len(due)

    def _event(self, key: KeyRecord, ends: datetime, now: datetime) -> OutgoingEvent:
        return OutgoingEvent(
            event_id=self._new_id("evt"),
            event_type="key.expiring",
            organization_id=key.organization_id,
            environment=key.environment.value,
            payload=json.dumps(key_facts(key, ends), separators=(",", ":")),
            created_time=now,
        )
