"""SIGKILL at any moment leaves whole units or none, and every acknowledged one."""

import asyncio
import random
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from xaigh_server.audit.repository import AuditLog
from xaigh_server.db.database import Database
from xaigh_server.db.outbox import Outbox
from xaigh_server.db.session import Session
from xaigh_server.db.tables import control_journal

WRITER = """
import asyncio, datetime, itertools, pathlib, sys
from xaigh_server.audit.model import AuditEvent, ChainId
from xaigh_server.audit.repository import AuditLog
from xaigh_server.db.database import open_database
from xaigh_server.db.idempotency import IdempotencyRecord, IdempotencyRecords
from xaigh_server.db.outbox import Outbox, OutgoingEvent
from xaigh_server.db.metadata import control_metadata

def unit(session, name):
    now = datetime.datetime.now(datetime.UTC)
    AuditLog(session, "control").append(
        AuditEvent(time=now, actor_type="system", action="test", request_id=name)
    )
    Outbox(session).append([
        OutgoingEvent(event_id=f"{name}/{n}", event_type="t", organization_id="", environment="",
                      payload="{}", created_time=now)
        for n in range(5)
    ])
    IdempotencyRecords(session).store(
        IdempotencyRecord(scope="s", method="m", key=name, fingerprint=b"", reply=b"",
                          created_time=now, expires_time=now + datetime.timedelta(days=1))
    )

async def forever(database, label):
    for number in itertools.count():
        name = f"{label}-{number}"
        await database.write(lambda session: unit(session, name))
        print(name, flush=True)

async def main():
    engine, where, label = sys.argv[1:]
    location = pathlib.Path(where) if engine == "sqlite" else where
    database = open_database("control", location, control_metadata)
    await database.start()
    await asyncio.gather(*(forever(database, f"{label}-{n}") for n in range(4)))

asyncio.run(main())
"""


@pytest.mark.parametrize("seed", range(3))
async def test_all_or_nothing(control: Database, location: Path | str, seed: int) -> None:
    """After each kill: three kinds of rows agree, nothing acknowledged is lost, writing goes on."""
    acknowledged = await killed(control, location, f"run{seed}", random.Random(seed))

    audited, sent, kept = await control.read(names)
    assert acknowledged
    assert set(acknowledged) <= audited
    assert audited == kept
    assert sent == {f"{name}/{n}" for name in audited for n in range(5)}
    assert await killed(control, location, "again", random.Random(seed))


async def killed(
    control: Database, location: Path | str, label: str, chance: random.Random
) -> list[str]:
    """Starts a process that writes, kills it in the midst; returns what it said was written."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        WRITER,
        control.dialect,
        str(location),
        label,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    lines = [await process.stdout.readline() for _ in range(20)]
    await asyncio.sleep(chance.uniform(0, 0.02))  # not a wait: the moment of the kill
    process.kill()
    rest = await process.stdout.read()
    await process.wait()
    told = b"".join(lines) + rest
    return told.decode().split("\n")[:-1]  # the last line may be torn


def names(session: Session) -> tuple[set[str], set[str], set[str]]:
    """Units by their audit events, events by their outbox rows, units by their records."""
    audited = {
        sealed.event.request_id for sealed in AuditLog(session, "control").after(0, limit=9999)
    }
    sent = {queued.event.event_id for queued in Outbox(session).after(0, limit=99_999)}
    records = control_journal.idempotency_records
    kept = {row.key for row in session.all(select(records.c.key))}
    assert session.scalar(select(func.count()).select_from(records)) == len(kept)
    return audited, sent, kept
