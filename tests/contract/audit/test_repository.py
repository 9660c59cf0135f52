"""The audit log of one database: an append-only chain of events."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from xaigh_server.audit.model import GENESIS, AuditEvent, ChainId
from xaigh_server.audit.repository import AuditFilter, AuditLog, AuditPosition
from xaigh_server.db.database import Database
from xaigh_server.db.errors import IntegrityViolation, UniqueViolation
from xaigh_server.db.outbox import Outbox, OutgoingEvent
from xaigh_server.db.session import Session

CONTROL = ChainId("control")
NOW = datetime(2026, 1, 31, 9, 30, 0, 123456, tzinfo=UTC)


def event(action: str = "key.issued", **members: Any) -> AuditEvent:
    return AuditEvent(
        **{"time": NOW, "actor_type": "operator", "actor_id": "ada", "action": action, **members}
    )


def append(session: Session, *events: AuditEvent) -> list[int]:
    log = AuditLog(session, "control")
    return [log.append(one).sequence for one in events]


def actions(session: Session, wanted: AuditFilter, limit: int = 100) -> list[str]:
    found = AuditLog(session, "control").listing(wanted, limit=limit)
    return [sealed.event.action for sealed in found]


async def test_events_form_a_chain(control: Database) -> None:
    """Sequences have no gaps, and every event follows the hash of the one before it."""
    assert await control.write(lambda s: append(s, event("a"), event("b"))) == [1, 2]
    assert await control.write(lambda s: append(s, event("c"))) == [3]
    chain = await control.read(lambda s: AuditLog(s, "control").after(0, limit=10))
    assert [sealed.prev_hash for sealed in chain] == [GENESIS, chain[0].hash, chain[1].hash]
    head = await control.read(lambda s: AuditLog(s, "control").head())
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
    (found,) = await control.read(
        lambda s: AuditLog(s, "control").after(0, organization_id="org_1", limit=9)
    )
    (other,) = await control.read(lambda s: AuditLog(s, "control").after(0, limit=9))
    assert found.event == full
    assert other.event == event()


async def test_each_organization_has_a_chain(control: Database) -> None:
    """Its sequence and its hashes don't depend on what happens to others."""
    mine, yours = event(organization_id="org_1"), event(organization_id="org_2")
    assert await control.write(lambda s: append(s, mine, yours, mine, event())) == [1, 1, 2, 1]
    heads = await control.read(lambda s: AuditLog(s, "control").heads(limit=2))
    rest = await control.read(lambda s: AuditLog(s, "control").heads(after="org_1", limit=2))
    assert [str(chain) for chain in heads] == ["control/-", "control/org_1"]
    assert {str(chain): head.sequence for chain, head in (heads | rest).items()} == {
        "control/-": 1,
        "control/org_1": 2,
        "control/org_2": 1,
    }
    assert await control.read(lambda s: AuditLog(s, "control").chains()) == {*heads, *rest}


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
        told = OutgoingEvent("e1", "key.issued", "org_1", "sandbox", "{}", NOW)
        Outbox(session).append([told])
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
        last = page[-1]
        place = AuditPosition(
            time=last.event.time, organization_id=last.chain.organization_id, sequence=last.sequence
        )
    assert seen == [5, 7, 4, 3, 2, 6, 1]


def one_page(session: Session, before: AuditPosition | None) -> Any:
    return AuditLog(session, "control").listing(AuditFilter(), before=before, limit=2)
