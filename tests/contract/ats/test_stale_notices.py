"""Integrations that have gone stale."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from google.protobuf import json_format

from xaigh.webhooks.v1 import event_pb2
from xaigh_server.ats.integrations import Integration, IntegrationState
from xaigh_server.ats.repository.integrations import Integrations
from xaigh_server.ats.stale_notices import StaleNotices
from xaigh_server.db.database import Database
from xaigh_server.db.outbox import Outbox

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ACTIVE = Integration(
    number=1,
    integration_id="ain_1",
    organization_id="org_1",
    provider="GREENHOUSE",
    board="acme",
    employer_ids=("emp_2", "emp_1"),
    state=IntegrationState.ACTIVE,
    created_time=NOW - 100 * HOUR,
    updated_time=NOW,
    activated_time=NOW - 100 * HOUR,
)


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def notices(business: Database, clock: Clock) -> StaleNotices:
    numbers = count(1)
    return StaleNotices([business], clock=clock, new_id=lambda prefix: f"{prefix}_{next(numbers)}")


async def add(business: Database, *integrations: Integration) -> None:
    def write(session) -> None:
        for each in integrations:
            Integrations(session).add(each)
            Integrations(session).store_state(each.number, each.sync_state)

    await business.write(write)


async def completed(business: Database, time: datetime) -> None:
    """A run of the first integration completes."""
    standing = replace(ACTIVE.sync_state, last_completed_time=time)
    await business.write(lambda session: Integrations(session).store_state(1, standing))


async def told(business: Database) -> list[dict[str, Any]]:
    queued = await business.read(lambda session: Outbox(session).after(0, limit=100))
    assert {each.event.event_type for each in queued} <= {"ats.stale"}
    assert {each.event.environment for each in queued} <= {"sandbox"}
    return [json.loads(each.event.payload) for each in queued]


async def test_a_stale_integration_is_told_of_once(
    business: Database, notices: StaleNotices, clock: Clock
) -> None:
    """Whoever may hear of it is in the event; the next round adds nothing."""
    await add(business, ACTIVE)
    assert await notices.publish() == 1
    clock.now += 48 * HOUR
    assert await notices.publish() == 0
    (facts,) = await told(business)
    assert facts == {
        "integrationId": "ain_1",
        "provider": "GREENHOUSE",
        "employerUserIds": ["emp_1", "emp_2"],
    }
    json_format.ParseDict(facts, event_pb2.AtsEvent())


async def test_a_run_that_completes_begins_the_time_anew(
    business: Database, notices: StaleNotices, clock: Clock
) -> None:
    """Told again when it goes stale again, at exactly the limit."""
    await add(business, ACTIVE)
    await notices.publish()
    await completed(business, NOW)
    clock.now = NOW + 24 * HOUR - timedelta(microseconds=1)
    assert await notices.publish() == 0
    clock.now = NOW + 24 * HOUR
    assert await notices.publish() == 1
    assert (await told(business))[1]["lastCompletedTime"] == "2026-03-01T12:00:00.000000Z"


async def test_an_integration_that_is_activated_again_is_told_of_again(
    business: Database, notices: StaleNotices, clock: Clock
) -> None:
    """A note from before the activation says nothing about the time after it."""
    standing = replace(ACTIVE.sync_state, stale_told_time=NOW - 60 * HOUR)
    again = replace(ACTIVE, activated_time=NOW - 24 * HOUR, sync_state=standing)
    await add(business, again)
    assert await notices.publish() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"state": IntegrationState.PENDING},
        {"state": IntegrationState.INACTIVE},
        {"activated_time": NOW - 23 * HOUR},
        {"stale_after": 200 * HOUR},
    ],
)
async def test_what_doesnt_sync_or_isnt_late_is_not_told_of(
    business: Database, notices: StaleNotices, changes: dict[str, Any]
) -> None:
    """Only active integrations past their own limit."""
    await add(business, replace(ACTIVE, **changes))
    assert await notices.publish() == 0


async def test_more_than_a_page_is_told_of(business: Database, notices: StaleNotices) -> None:
    """Every integration, whatever its number."""
    many = [
        replace(ACTIVE, number=n, integration_id=f"ain_{n}", board=f"b{n}", employer_ids=(f"e{n}",))
        for n in range(1, 202)
    ]
    await add(business, *many)
    assert await notices.publish() == 201
