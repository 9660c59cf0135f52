"""Publisher of `ats.stale`: one event each time that an integration becomes stale.

A stale integration goes on working: nothing is closed or deactivated.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial

from xaigh_server.ats.integrations import Integration, IntegrationState, is_stale, stale_since
from xaigh_server.ats.repository.integrations import IntegrationFilter, Integrations
from xaigh_server.audit.model import rfc3339
from xaigh_server.db.database import Database
from xaigh_server.db.outbox import Outbox, OutgoingEvent
from xaigh_server.db.partition import Partition
from xaigh_server.db.session import Session

_PAGE = 200
_ACTIVE = IntegrationFilter(state=IntegrationState.ACTIVE.value)


class StaleNotices:
    """Publishes `ats.stale`. One transaction writes the event and the time of the notice."""

    def __init__(
        self,
        databases: Iterable[Database],
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[str], str],
    ) -> None:
        """`databases` are those of the environments, each named by its own."""
        self._databases = tuple(databases)
        self._clock = clock
        self._new_id = new_id

    async def publish(self) -> int:
        """Publishes an event for each integration not yet notified. Returns how many."""
        return sum([await self._publish(database) for database in self._databases])

    async def _publish(self, database: Database) -> int:
        now = self._clock()
        told = 0
        for late in await database.read(lambda session: _late(session, now)):
            note = partial(self._note, database.name, late.integration_id, now)
            partition = Partition.of(database.name, late.organization_id)
            told += await database.write(note, partition=partition)
        return told

    def _note(self, environment: str, integration_id: str, now: datetime, session: Session) -> int:
        integrations = Integrations(session)
        found = integrations.find(integration_id)
        if found is None or not _unnotified(found, now):
            return 0  # a run completed meanwhile, or another process published
        integrations.store_state(found.number, replace(found.sync_state, stale_told_time=now))
        event = OutgoingEvent(
            event_id=self._new_id("evt"),
            event_type="ats.stale",
            organization_id=found.organization_id,
            environment=environment,
            payload=json.dumps(_facts(found), separators=(",", ":")),
            created_time=now,
        )
        Outbox(session).append([event])
        return 1


def _late(session: Session, now: datetime) -> list[Integration]:
    """The stale integrations without a notice."""
    late: list[Integration] = []
    after = 0
    while page := Integrations(session).listing(_ACTIVE, after=after, limit=_PAGE):
        after = page[-1].number
        late += [each for each in page if _unnotified(each, now)]
    return late


def _unnotified(integration: Integration, now: datetime) -> bool:
    """Whether the integration is stale and has no notice since it became stale."""
    since, told = stale_since(integration), integration.sync_state.stale_told_time
    return is_stale(integration, now) and (told is None or (since is not None and told < since))


def _facts(integration: Integration) -> dict[str, object]:
    completed = integration.sync_state.last_completed_time
    facts: dict[str, object] = {
        "integrationId": integration.integration_id,
        "provider": integration.provider,
        "employerUserIds": sorted(integration.employer_ids),
    }
    return facts if completed is None else {**facts, "lastCompletedTime": rfc3339(completed)}
