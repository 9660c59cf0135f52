"""Exactly one wins, also between two processes on one database."""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

import pytest
from tests.harness.control_rows import NOW, RING, issue, seed

from xaigh_server.db.database import Database
from xaigh_server.identity import key_format as keys
from xaigh_server.identity.epoch import open_epoch
from xaigh_server.identity.errors import KeyRevoked
from xaigh_server.keys.credential_cache import CredentialCache
from xaigh_server.keys.issuing import revoke
from xaigh_server.keys.repository import Keys

ROOT = Path(__file__).parents[3]

WORKER = """
import asyncio, json, os, pathlib, sys
from tests.harness import control_rows as rows
from xaigh_server.errors import DomainError
from xaigh_server.keys.issuing import Issuer, revoke
from xaigh_server.identity.sealing import AgeSealer
from xaigh_server.db.database import open_database
from xaigh_server.keys.repository import Keys
from xaigh_server.runtime.tables import control_metadata

rows.ISSUER = Issuer(
    catalogue=rows.CATALOGUE, peppers=rows.RING, sealer=AgeSealer(), random=os.urandom
)

async def rotate(database, key_id):
    def work(session):
        book = Keys(session)
        done = rows.ISSUER.rotate(
            book.get(key_id), rows.GRANT, rows.ORGANIZATION, book, grace=rows.DAY * 0,
            clear_reason="", etag="", operator="maya", now=rows.NOW,
        )
        book.add(done.new.record, done.new.digest)
        book.replace(done.old)
    await database.write(work)

async def main():
    engine, where, job, key_id = sys.argv[1:]
    location = pathlib.Path(where) if engine == "sqlite" else where
    database = open_database("control", location, control_metadata)
    await database.start()
    print("ready", flush=True)
    sys.stdin.readline()

    async def attempt():
        try:
            await (rows.issue(database) if job == "issue" else rotate(database, key_id))
        except DomainError as error:
            return error.reason
        return "done"

    print(json.dumps(await asyncio.gather(*(attempt() for _ in range(25)))), flush=True)
    await database.close()

asyncio.run(main())
"""


async def _two_processes(location: Path | str, job: str, key_id: str = "-") -> Counter[str]:
    """25 attempts in each of two processes, begun together. Returns how they ended."""
    engine = "sqlite" if isinstance(location, Path) else "postgresql"
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            WORKER,
            engine,
            str(location),
            job,
            key_id,
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(2)
    ]
    outcomes: Counter[str] = Counter()
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    replies = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    for reply, _ in replies:
        outcomes.update(json.loads(reply))
    assert [process.returncode for process in processes] == [0, 0]
    return outcomes


async def test_fifty_issues_by_two_processes(control: Database, location: Path | str) -> None:
    """Exactly the allowance is issued."""
    await control.write(seed)
    outcomes = await _two_processes(location, "issue")
    assert outcomes == {"done": 3, "ALLOWANCE_SPENT": 47}
    assert await control.read(lambda session: Keys(session).issued_from("grt_1")) == 3


async def test_fifty_rotations_by_two_processes(control: Database, location: Path | str) -> None:
    """The key gets one successor."""
    await control.write(seed)
    new = await issue(control)
    outcomes = await _two_processes(location, "rotate", new.record.key_id)
    assert outcomes == {"done": 1, "KEY_INACTIVE": 49}


async def test_a_revocation_reaches_every_ring(control: Database) -> None:
    """The next call is refused wherever it comes: each ring has an epoch of its own."""
    await control.write(seed)
    new = await issue(control)
    epochs = [open_epoch(control), open_epoch(control)]
    rings = [CredentialCache(control, epoch, RING, clock=lambda: NOW) for epoch in epochs]
    credential = keys.parse(new.clear)
    for ring in rings:
        await ring.look_up(credential)
        assert await ring.cached(credential.text) is not None
    gone = revoke(new.record, reason="x", by="maya", now=NOW)
    await control.write(lambda session: Keys(session).revoke(gone))
    for ring in rings:
        assert await ring.cached(credential.text) is None
        with pytest.raises(KeyRevoked):
            await ring.look_up(credential)
    for epoch in epochs:
        await epoch.close()
