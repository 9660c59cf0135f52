"""Idempotency records: kept once, found until they expire."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from xaigh_server.db.database import Database
from xaigh_server.db.errors import UniqueViolation
from xaigh_server.db.idempotency import IdempotencyRecord, IdempotencyRecords
from xaigh_server.db.session import Session

NOW = datetime(2026, 1, 31, 9, 30, 0, 123456, tzinfo=UTC)


def answered(key: str = "k", **members: Any) -> IdempotencyRecord:
    values: dict[str, Any] = {
        "scope": "organization:org_1",
        "method": "xaigh.jobs.v1.JobsService.PostJob",
        "key": key,
        "fingerprint": b"\x00\xff",
        "reply": b"\x01\x02",
        "created_time": NOW,
        "expires_time": NOW + timedelta(hours=24),
    }
    return IdempotencyRecord(**{**values, **members})


def find(session: Session, record: IdempotencyRecord, at: datetime) -> IdempotencyRecord | None:
    return IdempotencyRecords(session).find(
        scope=record.scope, method=record.method, key=record.key, now=at
    )


async def test_a_record_is_found_until_it_expires(control: Database) -> None:
    """Whole, under its own scope, method and key, and no longer than it may."""
    record = answered()
    await control.write(lambda s: IdempotencyRecords(s).store(record))
    assert await control.point(lambda s: find(s, record, NOW)) == record
    for other in (answered("K"), answered(scope="x"), answered(method="x")):
        assert await control.point(partial(find, record=other, at=NOW)) is None
    last = record.expires_time - timedelta(microseconds=1)
    assert await control.point(lambda s: find(s, record, last)) == record
    assert await control.point(lambda s: find(s, record, record.expires_time)) is None


async def test_a_standing_record_is_not_replaced(control: Database) -> None:
    """A second answer to the same key is refused; after the expiry it takes the place."""
    record = answered()
    await control.write(lambda s: IdempotencyRecords(s).store(record))
    with pytest.raises(UniqueViolation, match="pk_idempotency_records"):
        await control.write(lambda s: IdempotencyRecords(s).store(answered(reply=b"other")))
    later = record.expires_time
    second = answered(reply=b"new", created_time=later, expires_time=later + timedelta(hours=1))
    await control.write(lambda s: IdempotencyRecords(s).store(second))
    assert await control.point(lambda s: find(s, record, later)) == second


async def test_of_parallel_identical_calls_one_runs(control: Database) -> None:
    """30 units that look for a record and store one if there is none: one stores."""

    def unit(session: Session) -> bool:
        if find(session, answered(), NOW) is not None:
            return False
        IdempotencyRecords(session).store(answered())
        return True

    assert sum(await asyncio.gather(*(control.write(unit) for _ in range(30)))) == 1


async def test_expired_records_go_in_batches(control: Database) -> None:
    """At most as many as asked for, and only expired ones."""
    for number in range(5):
        record = answered(f"old{number}", expires_time=NOW + timedelta(seconds=number))
        await control.write(partial(keep, record=record))
    await control.write(partial(keep, record=answered("new")))
    clean = partial(delete_expired, now=NOW + timedelta(minutes=1), limit=3)
    assert [await control.write(clean) for _ in range(3)] == [3, 2, 0]
    assert await control.point(lambda s: find(s, answered("new"), NOW)) is not None


def keep(session: Session, record: IdempotencyRecord) -> None:
    IdempotencyRecords(session).store(record)


def delete_expired(session: Session, now: datetime, limit: int) -> int:
    return IdempotencyRecords(session).delete_expired(now=now, limit=limit)
