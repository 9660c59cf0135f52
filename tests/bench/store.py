"""What the store costs on SQLite. No bars: what matters of it is in those of the calls.

Reads by key on the event loop's own connection and through a reader thread, the epoch, and writes
that hold a row of their own, an audit event, an outgoing event and an idempotency record: alone,
and 32 at a time, when commits are shared.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import uvloop
from tests.bench.bars import Bar

from xaigh_server.audit.model import AuditEvent
from xaigh_server.audit.repository import AuditLog
from xaigh_server.db import migrate
from xaigh_server.db.idempotency import IdempotencyRecord, IdempotencyRecords
from xaigh_server.db.outbox import Outbox, OutgoingEvent
from xaigh_server.db.session import Session
from xaigh_server.db.sqlite.database import SqliteDatabase
from xaigh_server.identity.epoch import bump_epoch
from xaigh_server.identity.sqlite_epoch import SqliteEpoch
from xaigh_server.runtime.tables import control_metadata

NOW = datetime(2026, 1, 31, tzinfo=UTC)
_numbers = count()


async def timed(what: str, call: Callable[[], Awaitable[object]], times: int, at_once: int) -> None:
    """Prints the microseconds that one call takes."""

    async def several() -> None:
        for _ in range(times // at_once):
            await call()

    await several()  # statements are compiled, pages are read
    began = time.perf_counter()
    await asyncio.gather(*(several() for _ in range(at_once)))
    each = (time.perf_counter() - began) / (times // at_once * at_once)
    print(f"  {what:<44}{each * 1e6:>10.1f} us")


def write_unit(session: Session) -> None:
    """What a small write of the API leaves behind."""
    number = next(_numbers)
    AuditLog(session, "control").append(
        AuditEvent(time=NOW, actor_type="key", actor_id="k", action="a", after={"number": number})
    )
    Outbox(session).append(
        [
            OutgoingEvent(
                event_id=f"evt_{number}",
                event_type="job.created",
                organization_id="org_1",
                environment="sandbox",
                payload="{}",
                created_time=NOW,
            )
        ]
    )
    IdempotencyRecords(session).store(
        IdempotencyRecord(
            scope="s",
            method="m",
            key=str(number),
            fingerprint=b"f" * 32,
            reply=b"r" * 500,
            created_time=NOW,
            expires_time=NOW + timedelta(days=1),
        )
    )


def read_unit(session: Session) -> object:
    return IdempotencyRecords(session).find(scope="s", method="m", key="7", now=NOW)


def measure() -> list[Bar]:
    """Prints the table."""
    uvloop.run(_measure())
    return []


async def _turns(database: SqliteDatabase) -> None:
    await database.point(read_unit)
    await asyncio.sleep(0)


async def _measure() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = SqliteDatabase("control", Path(folder) / "x.db", control_metadata)
        await database.start()
        await migrate.upgrade(database)
        epoch = SqliteEpoch(database.held)
        await timed("write, alone", lambda: database.write(write_unit), 1000, 1)
        await timed("write, 32 at once", lambda: database.write(write_unit), 6400, 32)
        await timed("point read on the loop, alone", lambda: _turns(database), 10_000, 1)
        await timed("point read, many in a turn", lambda: database.point(read_unit), 10_000, 1)
        await timed("read by a thread, alone", lambda: database.read(read_unit), 2000, 1)
        await timed("read by a thread, 32 at once", lambda: database.read(read_unit), 6400, 32)
        await timed("epoch again in the same turn", epoch.current, 20_000, 1)

        async def bumped() -> None:
            await database.write(bump_epoch)
            await epoch.current()

        await timed("bump of the epoch, and seeing it", bumped, 1000, 1)
        await epoch.close()
        await database.close()
