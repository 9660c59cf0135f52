"""Audit log, outbox, idempotency records and usage behave alike on both engines."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from xaigh_server.audit.model import GENESIS, AuditEvent
from xaigh_server.audit.repository import AuditFilter, AuditLog, AuditPosition
from xaigh_server.db.database import Database
from xaigh_server.db.errors import IntegrityViolation, UniqueViolation
from xaigh_server.db.idempotency import IdempotencyRecord, IdempotencyRecords
from xaigh_server.db.outbox import Outbox, OutgoingEvent
from xaigh_server.db.session import Session
from xaigh_server.keys.usage_repository import UsageDay, UsageDays
from xaigh_server.webhooks.events import published_event

NOW = datetime(2026, 1, 31, 9, 30, 0, 123456, tzinfo=UTC)


def event(action: str = "key.issued", **members: Any) -> AuditEvent:
    return AuditEvent(
        **{"time": NOW, "actor_type": "operator", "actor_id": "ada", "action": action, **members}
    )


def append(session: Session, *events: AuditEvent) -> list[int]:
    log = AuditLog(session, chain="control")
    return [log.append(one).sequence for one in events]


def actions(session: Session, wanted: AuditFilter, limit: int = 100) -> list[str]:
    found = AuditLog(session, chain="control").listing(wanted, limit=limit)
    return [sealed.event.action for sealed in found]


async def test_events_form_a_chain(control: Database) -> None:
    """Sequences have no gaps, and every event follows the hash of the one before it."""
    assert await control.write(lambda s: append(s, event("a"), event("b"))) == [1, 2]
    assert await control.write(lambda s: append(s, event("c"))) == [3]
    chain = await control.read(lambda s: AuditLog(s, chain="control").after(0, limit=10))
    assert [sealed.prev_hash for sealed in chain] == [GENESIS, chain[0].hash, chain[1].hash]
    head = await control.read(lambda s: AuditLog(s, chain="control").head())
    assert (head.sequence, head.hash) == (3, chain[2].hash)


async def test_an_event_comes_back_as_it_went(control: Database) -> None:
    """Every member survives, to the microsecond and to the last character."""
    full = event(
        targets=("grt_1", 'odd"%_\\'),
        before={"state": "A", "n": [1, None, True]},
        after={"ä": {"z": "\U0001f600"}},
        reason="why ' not",
        request_id="req_1",
        peer="::1",
        environment="sandbox",
        organization_id="org_1",
        outcome="REFUSED",
    )
    await control.write(lambda s: append(s, full, event()))
    first, second = await control.read(lambda s: AuditLog(s, chain="control").after(0, limit=9))
    assert first.event == full
    assert second.event == event()


async def test_rolled_back_events_leave_no_gap(control: Database) -> None:
    """The sequence goes on where the last committed event ended."""

    def fails(session: Session) -> None:
        append(session, event(), event())
        raise LookupError

    await control.write(lambda s: append(s, event()))
    with pytest.raises(LookupError):
        await control.write(fails)
    assert await control.write(lambda s: append(s, event())) == [2]


async def test_parallel_writers_make_one_chain(control: Database) -> None:
    """40 units at once: 40 sequences, none twice."""
    done = await asyncio.gather(*(control.write(lambda s: append(s, event())) for _ in range(40)))
    assert sorted(sequence for (sequence,) in done) == list(range(1, 41))


async def test_an_event_that_can_not_be_hashed_stops_its_unit(control: Database) -> None:
    """What isn't recorded doesn't happen."""

    def unit(session: Session) -> None:
        Outbox(session).append([outgoing("e1")])
        append(session, event(after={"ratio": 0.5}))

    with pytest.raises(TypeError, match="canonical JSON"):
        await control.write(unit)
    assert await control.read(lambda s: Outbox(s).after(0, limit=9)) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_events SET reason = 'forged'",
        "DELETE FROM audit_events",
        "DELETE FROM audit_events WHERE sequence = 2",
    ],
)
async def test_the_log_is_append_only(control: Database, change: str) -> None:
    """The database itself refuses to change or to forget an event."""
    await control.write(lambda s: append(s, event("a"), event("b")))
    with pytest.raises(IntegrityViolation, match="audit_events_append_only"):
        await control.write(lambda s: s.run(text(change)))
    assert await control.read(lambda s: actions(s, AuditFilter())) == ["b", "a"]


async def test_the_log_can_not_be_emptied_or_replaced(control: Database) -> None:
    """Each engine's own way around the triggers is closed as well."""
    await control.write(lambda s: append(s, event("a")))
    way, refusal = {
        "sqlite": ("INSERT OR REPLACE INTO audit_events SELECT * FROM audit_events", "pk_audit"),
        "postgresql": ("TRUNCATE audit_events", "append_only"),
    }[control.dialect]
    with pytest.raises((IntegrityViolation, UniqueViolation), match=refusal):
        await control.write(lambda s: s.run(text(way)))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (AuditFilter(), "edcba"),
        (AuditFilter(actor_id="bob"), "b"),
        (AuditFilter(actor_type="key"), "c"),
        (AuditFilter(action="d"), "d"),
        (AuditFilter(target="key_1"), "c"),
        (AuditFilter(target="key_"), ""),
        (AuditFilter(target='%"'), "d"),
        (AuditFilter(organization_id="org_1"), "ec"),
        (AuditFilter(environment="sandbox"), "d"),
        (AuditFilter(outcome="REFUSED"), "b"),
        (AuditFilter(request_id="req_e"), "e"),
        (AuditFilter(start=NOW + timedelta(seconds=2)), "edc"),
        (AuditFilter(end=NOW + timedelta(seconds=2)), "ba"),
        (AuditFilter(organization_id="org_1", actor_type="key"), "c"),
    ],
)
async def test_filters(control: Database, wanted: AuditFilter, found: str) -> None:
    """Each filter finds exactly its events, newest first; several must all hold."""
    members: dict[str, dict[str, Any]] = {
        "a": {},
        "b": {"actor_id": "bob", "outcome": "REFUSED"},
        "c": {"actor_type": "key", "targets": ("key_1", "key_11"), "organization_id": "org_1"},
        "d": {"environment": "sandbox", "targets": ('50%"',)},
        "e": {"organization_id": "org_1", "request_id": "req_e", "targets": ("key_2",)},
    }
    events = [
        event(name, **{**more, "time": NOW + timedelta(seconds=at)})
        for at, (name, more) in enumerate(members.items())
    ]
    await control.write(lambda s: append(s, *events))
    if wanted.target == '%"':
        wanted = AuditFilter(target='50%"')
    assert await control.read(lambda s: actions(s, wanted)) == list(found)


async def test_pages_meet_without_gap_or_overlap(control: Database) -> None:
    """Going from page to page, also among events of the same microsecond, shows each one once."""
    times = [0, 1, 1, 1, 2, 0, 1]  # a chain needn't be in the order of its times
    events = [event(str(n), time=NOW + timedelta(seconds=t)) for n, t in enumerate(times)]
    await control.write(lambda s: append(s, *events))
    seen: list[int] = []
    place: AuditPosition | None = None
    for _ in range(4):
        page = await control.read(partial(one_page, before=place))
        seen.extend(sealed.sequence for sealed in page)
        place = AuditPosition(time=page[-1].event.time, sequence=page[-1].sequence)
    assert seen == [5, 7, 4, 3, 2, 6, 1]


def one_page(session: Session, before: AuditPosition | None) -> Any:
    return AuditLog(session, chain="control").listing(AuditFilter(), before=before, limit=2)


def outgoing(event_id: str) -> OutgoingEvent:
    return OutgoingEvent(
        event_id=event_id,
        event_type="key.issued",
        organization_id="org_1",
        environment="sandbox",
        payload='{"a":"ä"}',
        created_time=NOW,
    )


async def test_the_outbox_keeps_the_order_of_commits(control: Database) -> None:
    """Events come out as they went in, and numbers of deleted ones never come again."""
    await control.write(lambda s: Outbox(s).append([outgoing("a"), outgoing("b")]))
    await control.write(lambda s: Outbox(s).append([outgoing("c")]))
    queued = await control.read(lambda s: Outbox(s).after(0, limit=2))
    assert [one.event for one in queued] == [outgoing("a"), outgoing("b")]
    rest = await control.read(lambda s: Outbox(s).after(queued[-1].sequence, limit=9))
    assert [one.event.event_id for one in rest] == ["c"]

    assert await control.write(lambda s: Outbox(s).delete_through(rest[-1].sequence)) == 3
    await control.write(lambda s: Outbox(s).append([outgoing("d")]))
    (last,) = await control.read(lambda s: Outbox(s).after(0, limit=9))
    assert last.sequence > rest[-1].sequence


async def test_events_alike_share_a_row(control: Database) -> None:
    """They come out one by one, in order, each with an id of its own that stays the same."""
    row = outgoing("evt_1")._replace(payload='[{"jobId":"a"},{"jobId":"ä"}]')
    await control.write(lambda s: Outbox(s).append([row, outgoing("evt_2")]))
    first, second = await control.read(lambda s: Outbox(s).after(0, limit=9))
    assert (first.event, second.event) == (row, outgoing("evt_2"))
    bundle, single = published_event(first.event), published_event(second.event)
    assert bundle is not None and single is not None
    assert (bundle.count, single.count) == (2, 1)
    assert list(single.each()) == [single]
    told = [("evt_1000", '{"jobId":"a"}'), ("evt_1001", '{"jobId":"ä"}')]
    assert list(bundle.each()) == [replace(single, id=id, data=data) for id, data in told]
    with pytest.raises(TypeError, match="by itself"):
        bundle.body()


async def test_what_is_in_no_catalogue_is_told_to_nobody() -> None:
    """Events for readers in the server have names that no endpoint can ask for."""
    assert published_event(outgoing("evt_1")._replace(event_type="nobody.knows")) is None


async def test_an_outgoing_event_has_one_row(control: Database) -> None:
    """The same id again is refused; no events at all is fine."""
    await control.write(lambda s: Outbox(s).append([]))
    with pytest.raises(UniqueViolation, match="uq_outbox_event_id"):
        await control.write(lambda s: Outbox(s).append([outgoing("a"), outgoing("a")]))


def answered(key: str = "k", **members: Any) -> IdempotencyRecord:
    values: dict[str, Any] = {
        "scope": "organization:org_1",
        "method": "xaigh.jobs.v1.JobsService.PostJob",
        "key": key,
        "fingerprint": b"\x00\xff",
        "reply": b"\x01\x02",
        "reply_headers": {"x": "y"},
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


def used(count: int, **members: Any) -> UsageDay:
    values: dict[str, Any] = {
        "organization_id": "org_1",
        "key_id": "k1",
        "method": "m",
        "day": date(2026, 1, 31),
        "tier": "standard",
        "environment": "sandbox",
        "billable": False,
    }
    return UsageDay(**{**values, **members}, count=count)


async def test_usage_adds_up(control: Database) -> None:
    """Counts of the same day grow, in one batch and over several; others stay apart."""
    live = {"environment": "production", "billable": True}
    await control.write(lambda s: UsageDays(s).add([used(2), used(3), used(1, **live)]))
    await control.write(lambda s: UsageDays(s).add([used(5), used(7, day=date(2026, 2, 1))]))
    await control.write(lambda s: UsageDays(s).add([used(9, organization_id="org_2")]))
    month = (date(2026, 1, 1), date(2026, 1, 31))
    read = await control.read(lambda s: UsageDays(s).between(*month, organization_id="org_1"))
    assert sorted(read, key=lambda usage: usage.count) == [used(1, **live), used(10)]
    assert len(await control.read(lambda s: UsageDays(s).between(*month))) == 3
    for only, counts in (({"key_id": "k2"}, []), ({"environment": "production"}, [1])):
        found = await control.read(partial(usage_of, days=month, only=only))
        assert [usage.count for usage in found] == counts


def usage_of(session: Session, days: tuple[date, date], only: dict[str, Any]) -> list[UsageDay]:
    return UsageDays(session).between(*days, **only)
