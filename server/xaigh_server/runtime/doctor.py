"""Examination of a deployment: each finding is one line with its state and its cure.

It reads and changes nothing: it makes no secret, no schema and no registration.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from sqlalchemy import bindparam, func, select

from xaigh_server.audit.anchor_file import AnchorFile
from xaigh_server.audit.anchor_repository import Anchors
from xaigh_server.audit.anchors import AnchorHeader
from xaigh_server.audit_sinks.repository import SinkCursors
from xaigh_server.db import migrate
from xaigh_server.db.database import Database
from xaigh_server.db.errors import StoreError
from xaigh_server.db.leader_leases import LeaderLeases, database_time
from xaigh_server.db.session import Session
from xaigh_server.db.tables import control_journal
from xaigh_server.identity.epoch import read_epoch
from xaigh_server.identity.fleet_secrets import NAMES, FleetSecrets, RegisteredSecret
from xaigh_server.identity.leased_epoch import LEASE_SECONDS
from xaigh_server.runtime.databases import Databases, open_databases
from xaigh_server.runtime.limits import open_counts
from xaigh_server.runtime.secrets import is_given, own_secret
from xaigh_server.settings import Settings, SettingsError
from xaigh_server.webhooks.tables import control_webhooks

_CLOCK_SECONDS = 2.0
_OUTBOX_SECONDS = 60.0
_DELIVERY_SECONDS = 300.0
_SINK_SECONDS = 120.0
_CERTIFICATE_DAYS = 21
_PING_SECONDS = 2.0

_O, _Q = control_journal.outbox, control_webhooks.queues  # the same tables in every database
_OUTBOX = select(func.count().label("waiting"), func.min(_O.c.created_time).label("oldest"))
_DUE = select(func.count().label("waiting"), func.min(_Q.c.next_time).label("oldest")).where(
    _Q.c.next_time <= bindparam("now")
)


class Health(IntEnum):
    """State of a finding, and the exit code that it asks for."""

    OK = 0
    WARNING = 1
    FAULT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One line. `cure` is empty where nothing is to be done."""

    subject: str
    health: Health
    text: str
    cure: str = ""


async def examine(settings: Settings) -> AsyncIterator[Diagnosis]:
    """Finds what is to be known, one thing after the other."""
    yield Diagnosis(subject="settings", health=Health.OK, text="can be used")
    for finding in _certificate(settings):
        yield finding
    yield await _limits(settings)
    if not settings.control_url and not (settings.data_dir / "control.db").exists():
        text = f"no server has started yet in {settings.data_dir}"
        yield Diagnosis(subject="database", health=Health.WARNING, text=text, cure="start a server")
        return
    async with AsyncExitStack() as stack:
        try:
            databases = await open_databases(settings, stack)
        except (StoreError, OSError) as error:
            cure = "start it, or put its URL right"
            yield Diagnosis(subject="database", health=Health.FAULT, text=str(error), cure=cure)
            return
        async for finding in _stored(settings, databases):
            yield finding


async def _stored(settings: Settings, databases: Databases) -> AsyncIterator[Diagnosis]:
    sound = True
    for database in databases.all:
        finding = await _schema(database)
        sound = sound and finding.health is Health.OK
        yield finding
        yield await _clock(database)
    if not sound:
        return  # what else there is can't be read
    registered = await databases.control.read(lambda session: FleetSecrets(session).all())
    for name in NAMES:
        yield _secret(settings, name, registered.get(name))
    if settings.control_url:
        yield await _epoch(databases.control)
    yield await _leaders(databases.control)
    yield await _anchors(settings, databases.control)
    for sink in settings.audit_sinks:
        yield await _sink(databases.control, sink.name)
    for database in databases.all:
        yield await _lag(database, "outbox")
        yield await _lag(database, "deliveries")


async def _schema(database: Database) -> Diagnosis:
    subject = f"schema {database.name}"
    try:
        await migrate.check(database)
        revision = await migrate.current(database)
    except StoreError as error:
        cure = "run `xaigh-server migrate`"
        return Diagnosis(subject=subject, health=Health.FAULT, text=str(error), cure=cure)
    return Diagnosis(subject=subject, health=Health.OK, text=f"revision {revision}")


async def _clock(database: Database) -> Diagnosis:
    subject = f"clock {database.name}"
    before = time.time()
    theirs = await database.read(database_time) / 1_000_000
    apart = theirs - (before + time.time()) / 2
    text = f"the database is {abs(apart):.2f} s {'ahead' if apart > 0 else 'behind'}"
    if abs(apart) <= _CLOCK_SECONDS:
        return Diagnosis(subject=subject, health=Health.OK, text=text)
    return Diagnosis(
        subject=subject, health=Health.WARNING, text=text, cure="synchronize both clocks"
    )


def _secret(settings: Settings, name: str, registered: RegisteredSecret | None) -> Diagnosis:
    subject = f"secret {name}"
    if not (is_given(settings, name) or settings.control_url or registered):
        text = "the first start makes it"
        return Diagnosis(subject=subject, health=Health.WARNING, text=text, cure="start a server")
    if not is_given(settings, name):
        cure = "give the fleet's, or make new ones: `xaigh-server secrets new FILE`"
        return Diagnosis(subject=subject, health=Health.FAULT, text="there is none", cure=cure)
    try:
        own = own_secret(settings, name)
    except (ValueError, StoreError, OSError) as error:
        return Diagnosis(subject=subject, health=Health.FAULT, text=str(error), cure="put it right")
    short = own.fingerprints[0][:8]
    if registered is None:
        text = f"{short}, not registered yet"
        return Diagnosis(subject=subject, health=Health.WARNING, text=text, cure="start a server")
    if not registered.agrees_with(own):
        text = f"{short}, the fleet has {registered.fingerprint[:8]}"
        cure = f"give this server the fleet's; if it is lost: `secrets accept {name}`"
        return Diagnosis(subject=subject, health=Health.FAULT, text=text, cure=cure)
    if registered.fingerprint != own.fingerprints[0]:
        text = f"{short}, the fleet has {registered.fingerprint[:8]}, which this server has behind"
        return Diagnosis(
            subject=subject, health=Health.WARNING, text=text, cure="finish the rotation"
        )
    return Diagnosis(subject=subject, health=Health.OK, text=f"{short}, as the fleet has")


async def _epoch(control: Database) -> Diagnosis:
    """Times a reading of the epoch: what it takes is missing from the time for which it holds."""
    took = LEASE_SECONDS
    for _ in range(3):
        began = time.perf_counter()
        await control.point(read_epoch)
        took = min(took, time.perf_counter() - began)
    text = f"a reading takes {took * 1000:.1f} ms and holds for {LEASE_SECONDS * 1000:.0f} ms"
    if took < LEASE_SECONDS / 4:
        return Diagnosis(subject="epoch leases", health=Health.OK, text=text)
    cure = "bring server and control database closer: calls wait for readings"
    return Diagnosis(subject="epoch leases", health=Health.WARNING, text=text, cure=cure)


async def _leaders(control: Database) -> Diagnosis:
    leases = await control.read(lambda session: LeaderLeases(session).all())
    idle = [each.task for each in leases if each.seconds_left <= 0]
    if idle or not leases:
        text = f"nobody leads {', '.join(idle) or 'any task'}"
        cure = "start a server; within 15 s of a failure this is as it should be"
        return Diagnosis(subject="leaders", health=Health.WARNING, text=text, cure=cure)
    counts = Counter(each.holder for each in leases)
    text = ", ".join(f"{holder} leads {count} tasks" for holder, count in sorted(counts.items()))
    return Diagnosis(subject="leaders", health=Health.OK, text=text)


async def _anchors(settings: Settings, control: Database) -> Diagnosis:
    newest = await control.read(lambda session: Anchors(session).newest())
    try:
        filed = AnchorFile(settings.anchor_file).end().number
    except (StoreError, ValueError) as error:
        cure = "run `xaigh-server audit verify`"
        return Diagnosis(subject="anchors", health=Health.FAULT, text=str(error), cure=cure)
    if newest is None:
        return Diagnosis(subject="anchors", health=Health.OK, text="none yet")
    age = _ago(datetime.fromisoformat(newest.time))
    text = f"the newest is {newest.number}, {age} old; the file here has {filed}"
    if filed > newest.number:
        cure = "the database was set back: run `xaigh-server audit verify`"
        return Diagnosis(subject="anchors", health=Health.FAULT, text=text, cure=cure)
    if filed < newest.number:
        cure = "a running server brings its file up to date within 10 s"
        return Diagnosis(subject="anchors", health=Health.WARNING, text=text, cure=cure)
    return Diagnosis(subject="anchors", health=Health.OK, text=text)


async def _sink(control: Database, name: str) -> Diagnosis:
    def read(session: Session) -> AnchorHeader | None:
        at = SinkCursors(session, name).position().anchor
        return next((anchor.header for anchor in Anchors(session).after(at, limit=1)), None)

    first = await control.read(read)
    subject = f"audit sink {name}"
    if first is None:
        return Diagnosis(subject=subject, health=Health.OK, text="has everything")
    since = datetime.fromisoformat(first.time)
    text = f"lacks the anchors from {first.number} on, signed {_ago(since)} ago"
    if (datetime.now(UTC) - since).total_seconds() <= _SINK_SECONDS:
        return Diagnosis(subject=subject, health=Health.OK, text=text)
    cure = "look for audit.sink_failed in the log: the receiver, its address or its credentials"
    return Diagnosis(subject=subject, health=Health.WARNING, text=text, cure=cure)


async def _lag(database: Database, what: str) -> Diagnosis:
    def read(session: Session) -> tuple[int, float]:
        now = database_time(session)
        row = session.one(_OUTBOX) if what == "outbox" else session.one(_DUE, now=now)
        if row is None or row.oldest is None:
            return 0, 0.0
        return row.waiting, (now - row.oldest) / 1_000_000

    waiting, seconds = await database.read(read)
    subject, text = f"{what} {database.name}", "nothing waits"
    if waiting:
        text = f"{waiting} wait, the oldest for {seconds:.0f} s"
    most = _OUTBOX_SECONDS if what == "outbox" else _DELIVERY_SECONDS
    if seconds <= most:
        return Diagnosis(subject=subject, health=Health.OK, text=text)
    cure = "start a server with deliver_webhooks, or `xaigh-server deliver`"
    return Diagnosis(subject=subject, health=Health.WARNING, text=text, cure=cure)


async def _limits(settings: Settings) -> Diagnosis:
    if not settings.limits_url:
        if not settings.control_url:
            return Diagnosis(subject="limits", health=Health.OK, text="counted in this machine")
        cure = "if there is a second one, name a Redis in XAIGH_LIMITS_URL on all of them"
        text = "each machine counts for itself"
        return Diagnosis(subject="limits", health=Health.WARNING, text=text, cure=cure)
    try:
        with closing(open_counts(settings, wait=_PING_SECONDS)) as counts:
            await counts.ping()  # connects
            began = time.perf_counter()
            await counts.ping()
            took = (time.perf_counter() - began) * 1000
    except SettingsError as error:
        return Diagnosis(
            subject="limits", health=Health.FAULT, text=str(error), cure="put it right"
        )
    except Exception as error:  # whatever the client raises, it is the finding
        closed = settings.limits_when_unavailable == "closed"
        text = f"Redis doesn't answer: {type(error).__name__}; calls are counted by each machine"
        if closed:
            text = f"Redis doesn't answer: {type(error).__name__}; limited calls are refused"
        health = Health.FAULT if closed else Health.WARNING
        return Diagnosis(subject="limits", health=health, text=text, cure="start it")
    return Diagnosis(
        subject="limits", health=Health.OK, text=f"counted in Redis, {took:.1f} ms a round trip"
    )


def _certificate(settings: Settings) -> Iterator[Diagnosis]:
    from cryptography import x509

    if settings.tls_cert is None:
        return
    cure = "renew it and restart the server"
    try:
        leaf = x509.load_pem_x509_certificates(settings.tls_cert.read_bytes())[0]
    except (OSError, ValueError, IndexError) as error:
        text = f"can't read {settings.tls_cert}: {error}"
        yield Diagnosis(subject="certificate", health=Health.FAULT, text=text, cure=cure)
        return
    left = (leaf.not_valid_after_utc - datetime.now(UTC)).days
    text = f"valid until {leaf.not_valid_after_utc:%Y-%m-%d}"
    if left < 0:
        yield Diagnosis(subject="certificate", health=Health.FAULT, text="it has ended", cure=cure)
    elif left < _CERTIFICATE_DAYS:
        yield Diagnosis(subject="certificate", health=Health.WARNING, text=text, cure=cure)
    else:
        yield Diagnosis(subject="certificate", health=Health.OK, text=text)


def _ago(moment: datetime) -> str:
    seconds = max(0, round((datetime.now(UTC) - moment).total_seconds()))
    return f"{seconds} s" if seconds < 600 else f"{seconds // 60} min"
