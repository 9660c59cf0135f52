"""Keys that are about to end."""

import json
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from tests.harness.control_rows import DAY, GRANT, NOW, TERMS, issue, seed

from xaigh_server.db.database import Database
from xaigh_server.db.outbox import Outbox
from xaigh_server.db.session import Session
from xaigh_server.keys import tasks as expiry
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.issuing import revoke
from xaigh_server.keys.repository import KeyMarks, Keys
from xaigh_server.keys.tasks import ExpiryNotices


@pytest.fixture
async def notices(control: Database) -> ExpiryNotices:
    await control.write(seed)
    wide = replace(GRANT, grant_id="grt_2", terms=replace(TERMS, key_allowance=9))
    await control.write(lambda session: Grants(session).add(wide))
    numbers = count(1)
    return ExpiryNotices(
        control, clock=lambda: NOW, new_id=lambda prefix: f"{prefix}_{next(numbers)}"
    )


async def _told(control: Database) -> dict[str, Any]:
    queued = await control.read(lambda session: Outbox(session).after(0, limit=100))
    assert {each.event.event_type for each in queued} <= {"key.expiring"}
    payloads = [json.loads(each.event.payload) for each in queued]
    return {payload["keyId"]: payload for payload in payloads}


async def test_a_key_is_told_of_once(control: Database, notices: ExpiryNotices) -> None:
    """Seven days ahead; a mark in between changes nothing."""
    soon = await issue(control, expire_time=NOW + 7 * DAY)
    await issue(control, expire_time=NOW + 8 * DAY)
    await issue(control)
    assert await notices.send() == 1
    mark = KeyMarks(key_id=soon.record.key_id, used=NOW)
    await control.write(lambda session: Keys(session).mark([mark]))
    assert await notices.send() == 0
    assert await _told(control) == {
        soon.record.key_id: {
            "keyId": soon.record.key_id,
            "grantId": "grt_1",
            "keyType": "sk",
            "name": "test",
            "expireTime": "2026-03-08T12:00:00.000000Z",
        }
    }


async def test_a_key_ends_with_its_grant(control: Database, notices: ExpiryNotices) -> None:
    """Also where narrowing brought the grant's end nearer."""
    own = await issue(control, expire_time=NOW + 30 * DAY)
    other = await issue(control)
    assert await notices.send() == 0
    nearer = replace(GRANT, revision=2, terms=replace(TERMS, expire_time=NOW + 2 * DAY))
    await control.write(lambda session: Grants(session).supersede(GRANT, nearer))
    assert await notices.send() == 2
    ends = {each["expireTime"] for each in (await _told(control)).values()}
    assert ends == {"2026-03-03T12:00:00.000000Z"}
    assert set(await _told(control)) == {own.record.key_id, other.record.key_id}


async def test_keys_that_have_ended_are_not_told_of(
    control: Database, notices: ExpiryNotices
) -> None:
    """Revoked, rotated and expired ones."""
    revoked = await issue(control, expire_time=NOW + DAY)
    rotated = await issue(control)
    await issue(control, now=NOW - 2 * DAY, expire_time=NOW)

    def end(session: Session) -> None:
        Keys(session).revoke(revoke(revoked.record, reason="x", by="maya", now=NOW))
        in_grace = {"replaced_by": "x", "replace_time": NOW, "expire_time": NOW + DAY}
        Keys(session).replace(replace(rotated.record, **in_grace))  # type: ignore[arg-type]

    await control.write(end)
    assert await notices.send() == 0


async def test_many_are_told_of_in_batches(
    control: Database, notices: ExpiryNotices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each once, however many transactions it takes."""
    monkeypatch.setattr(expiry, "BATCH", 2)
    wide = replace(GRANT, grant_id="grt_2", terms=replace(TERMS, key_allowance=9))
    issued = [await issue(control, wide, expire_time=NOW + DAY) for _ in range(5)]
    assert await notices.send() == 5
    assert set(await _told(control)) == {each.record.key_id for each in issued}
