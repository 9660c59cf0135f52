"""After a commit that bumped the epoch, and has settled, the next `current()` says so."""

import asyncio
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from xaigh_server.db.database import Database
from xaigh_server.db.session import Session
from xaigh_server.identity.epoch import Epoch, bump_epoch, open_epoch, read_epoch
from xaigh_server.identity.leased_epoch import LEASE_SECONDS, LeasedEpoch

BUMP = """
import asyncio, pathlib, sys
from xaigh_server.db.database import open_database
from xaigh_server.identity.epoch import bump_epoch, open_epoch
from xaigh_server.db.metadata import control_metadata

async def main():
    engine, where = sys.argv[1:]
    location = pathlib.Path(where) if engine == "sqlite" else where
    database = open_database("control", location, control_metadata)
    await database.start()
    epoch = open_epoch(database)
    for _ in sys.stdin:
        await database.write(bump_epoch)
        await epoch.settle()
        print("bumped", flush=True)
    await database.close()

asyncio.run(main())
"""


@pytest.fixture
def leases() -> None:
    """Readings hold for as long as they do in a server."""


@pytest.fixture
async def epoch(control: Database) -> AsyncIterator[Epoch]:
    opened = open_epoch(control)
    yield opened
    await opened.close()


async def bump(control: Database, epoch: Epoch) -> None:
    """Moves the epoch as a call does that takes rights away, up to its reply."""
    await control.write(bump_epoch)
    await epoch.settle()


async def test_a_bump_in_this_process_shows_at_once(control: Database, epoch: Epoch) -> None:
    """Each of 10 bumps gives a number that was never there before."""
    seen = [await epoch.current()]
    for _ in range(10):
        await bump(control, epoch)
        seen.append(await epoch.current())
    assert len(set(seen)) == 11
    assert await control.read(read_epoch) == 10


async def test_a_reading_says_how_long_it_holds(control: Database, epoch: Epoch) -> None:
    """On PostgreSQL a fifth of a second at most, and no longer than until the next bump's reply."""
    value = await epoch.current()
    left = epoch.lease_left(value)
    assert 0 <= left <= LEASE_SECONDS
    assert (left > 0) == isinstance(epoch, LeasedEpoch)
    assert epoch.lease_left(value + 1) == 0
    await bump(control, epoch)
    assert epoch.lease_left(value) == 0
    await epoch.current()
    assert epoch.lease_left(value) == 0


async def test_other_commits_do_not_move_it(control: Database, epoch: Epoch) -> None:
    """A write that concerns no credential, or that failed, leaves the epoch where it was."""
    before = await epoch.current()

    def failing(session: object) -> None:
        bump_epoch(session)  # type: ignore[arg-type]  # a session
        raise LookupError

    await control.write(lambda session: None)
    with pytest.raises(LookupError):
        await control.write(failing)
    assert await epoch.current() == before


async def test_calls_at_once_all_see_an_earlier_bump(control: Database, epoch: Epoch) -> None:
    """Calls that share a look-up each see what was committed before they began."""
    before = await epoch.current()
    early = [asyncio.create_task(epoch.current()) for _ in range(20)]
    await asyncio.sleep(0)
    await bump(control, epoch)
    late = await asyncio.gather(*(epoch.current() for _ in range(20)))
    assert all(value != before for value in late)
    await asyncio.gather(*early)


async def test_a_unit_of_either_database_sees_an_earlier_bump(
    control: Database, sandbox: Database, epoch: Epoch
) -> None:
    """Under its own lock each of them hears that the epoch has moved, and only then."""
    for database in (control, sandbox, control, sandbox):
        since = await epoch.current()

        def moved(session: Session, since: int = since, name: str = database.name) -> bool:
            return epoch.has_moved(since, session, name)

        assert not await database.write(moved)
        await bump(control, epoch)
        assert await database.write(moved)


async def test_a_unit_of_control_sees_the_bump_of_one_before_it(
    control: Database, epoch: Epoch
) -> None:
    """On SQLite the two share a commit, and the bump isn't committed when the second one asks."""
    since = await epoch.current()

    def moved(session: Session) -> bool:
        return epoch.has_moved(since, session, "control")

    if control.dialect == "postgresql":  # which of two gets the lock first is the server's affair
        await bump(control, epoch)
        assert await control.write(moved)
    else:
        _, found = await asyncio.gather(control.write(bump_epoch), control.write(moved))
        assert found


async def test_a_bump_in_another_process_shows_at_once(
    control: Database, sandbox: Database, epoch: Epoch, location: Path | str
) -> None:
    """30 bumps by a second process: the call after each one sees it, and so does a unit."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        BUMP,
        control.dialect,
        str(location),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    seen = [await epoch.current()]
    for _ in range(30):
        since = await epoch.current()
        process.stdin.write(b"go\n")
        assert await process.stdout.readline() == b"bumped\n"
        assert await sandbox.write(partial(epoch.has_moved, since, database="sandbox"))
        seen.append(await epoch.current())
    assert len(set(seen)) == 31
    process.stdin.close()
    assert await process.wait() == 0
