"""Normalizing in a process of its own is normalizing."""

import asyncio
import io
import os
import pickle
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from tests.unit.services.syncs import board, greenhouse

from xaigh_server.domain.sync.integrations import Integration, IntegrationState
from xaigh_server.services.sync_reading import RecordReader, Unread
from xaigh_server.services.sync_rooms import LocalRoom, ProcessRoom, packed, serve, unpacked

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
READER = RecordReader(
    Integration(
        number=1,
        integration_id="int_1",
        organization_id="org_1",
        provider="GREENHOUSE",
        board="northline",
        employer_ids=("e",),
        state=IntegrationState.ACTIVE,
        created_time=NOW,
        updated_time=NOW,
    ),
    NOW,
)
RECORDS = [
    *board(*range(100)),
    greenhouse(100, title=None),
    greenhouse(101, id=None),
    greenhouse(102, absolute_url="https://boards.greenhouse.io/other/jobs/102"),
    greenhouse(103, internal_job_id=None, absolute_url=None, updated_at="2026-05-01T00:00:00Z"),
    greenhouse(104, content=..., application_deadline="2027-01-01"),
]
UNREAD: list[Unread] = [(n, record, f"{n:064x}") for n, record in enumerate(RECORDS)]
READ = READER.read_all(UNREAD)


@pytest.fixture
async def room() -> AsyncIterator[ProcessRoom]:
    opened = ProcessRoom(1)
    yield opened
    await opened.close()


def test_a_reading_comes_out_as_it_was_packed() -> None:
    """Taken, refused, with warnings and without."""
    assert [unpacked(packed(reading)) for reading in READ] == READ


async def test_both_rooms_read_alike(room: ProcessRoom) -> None:
    """A large batch goes to the process, a small one stays."""
    assert await room.read(READER, UNREAD) == READ
    assert await room.read(READER, UNREAD[:3]) == READ[:3]
    assert await LocalRoom().read(READER, UNREAD) == READ


async def test_calls_beside_each_other_get_their_own_answers(room: ProcessRoom) -> None:
    """Also those that follow one whose caller went away."""
    gone = asyncio.ensure_future(room.read(READER, UNREAD))
    await asyncio.sleep(0)
    gone.cancel()
    halves = [UNREAD[:60], UNREAD[40:]]
    answers = await asyncio.gather(*(room.read(READER, half) for half in halves * 2))
    assert answers == [READ[:60], READ[40:]] * 2


async def test_a_process_that_dies_costs_only_speed(room: ProcessRoom) -> None:
    """The batch is read here, and the next one by a new process."""
    await room.read(READER, UNREAD)
    first = room._all[0]._process
    assert first is not None
    first.kill()
    assert await room.read(READER, UNREAD) == READ
    assert await room.read(READER, UNREAD) == READ
    second = room._all[0]._process
    assert second is not None and second.pid != first.pid


async def test_a_closed_room_still_reads(room: ProcessRoom) -> None:
    """Calls that are under way while the server stops are answered."""
    await room.read(READER, UNREAD)
    process = room._all[0]._process
    assert process is not None
    await room.close()
    assert await room.read(READER, UNREAD) == READ
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_the_process_ends_with_its_input() -> None:
    """A parent that was killed leaves no process behind; half a frame is no question."""
    frame = pickle.dumps((READER.integration, READER.now, UNREAD[:2]))
    sink = io.BytesIO()
    serve(io.BytesIO(len(frame).to_bytes(8, "big") + frame + b"\x00"), sink)
    answer = sink.getvalue()
    assert int.from_bytes(answer[:8], "big") == len(answer) - 8
    assert [unpacked(each) for each in pickle.loads(answer[8:])] == READ[:2]
