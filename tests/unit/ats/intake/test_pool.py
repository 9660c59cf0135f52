"""Normalizing in a process of its own is normalizing."""

import asyncio
import io
import os
import pickle
import subprocess
from collections.abc import AsyncIterator
from typing import Any

import pytest
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from tests.harness.syncs import READER, board, greenhouse

from xaigh.ats.v1.normalized_job_pb2 import NormalizedJob
from xaigh_server.ats.intake.ipc_codec import packed, unpacked
from xaigh_server.ats.intake.pool import LocalRoom, ProcessRoom
from xaigh_server.ats.intake.reading import Reading, ReadingRoom
from xaigh_server.ats.intake.structs import texts_of
from xaigh_server.ats.intake.worker import serve
from xaigh_server.ats.record_decisions import Note

pytestmark = pytest.mark.process

RECORDS = [
    *board(*range(100)),
    greenhouse(100, title=None),
    greenhouse(101, id=None),
    greenhouse(102, absolute_url="https://boards.greenhouse.io/other/jobs/102"),
    greenhouse(103, internal_job_id=None, absolute_url=None, updated_at="2026-05-01T00:00:00Z"),
    greenhouse(104, content=..., application_deadline="2027-01-01"),
]
NORMALIZED = NormalizedJob(external_job_id="105", title="Packer", requirements=["Boots"])
GLANCES = [READER.glance(record) for record in RECORDS]
READ = [READER.read(index, record, GLANCES[index][0]) for index, record in enumerate(RECORDS)]


def struct(record: dict[str, Any]) -> Struct:
    made = Struct()
    made.update(record)
    return made


MESSAGES: list[Message] = [struct(record) for record in RECORDS]


async def read(room: ReadingRoom, first: int = 0, last: int = len(RECORDS)) -> list[Reading]:
    """Reads some of the records, in both steps."""
    async with room.desk(MESSAGES[first:last], "sandbox") as desk:
        glances = await desk.sort(READER, MESSAGES[first:last])
        assert glances == GLANCES[first:last]
        found = await desk.read(range(last - first))
    return [reading._replace(at=reading.at + first) for reading in found]


@pytest.fixture
async def room() -> AsyncIterator[ProcessRoom]:
    opened = ProcessRoom(1)
    yield opened
    await opened.close()


def helper(room: ProcessRoom) -> subprocess.Popen[bytes]:
    """The process that is there now."""
    process = room._all[0].process
    assert process is not None
    return process


def test_a_reading_comes_out_as_it_was_packed() -> None:
    """Taken, refused, known, with warnings and without."""
    known = [
        Reading(3, "aa", "x", "ats_x", known="bb"),
        Reading(4, "aa", "y", "ats_y", known="bb", warnings=(Note("CODE", "title", "Why."),)),
    ]
    assert [unpacked(packed(reading)) for reading in (*READ, *known)] == [*READ, *known]


async def test_both_rooms_read_alike(room: ProcessRoom) -> None:
    """A large batch goes to the process, a small one stays."""
    assert await read(room) == READ
    assert await read(room, 0, 3) == READ[:3]
    assert await read(LocalRoom()) == READ


async def test_normalized_records_are_read_there_too(room: ProcessRoom) -> None:
    """As what they are."""
    async with room.desk(MESSAGES[:60], "sandbox") as desk:
        await desk.sort(READER, [*MESSAGES[:59], NORMALIZED])
        (reading,) = await desk.read([59])
    assert (reading.external_job_id, reading.offer and reading.offer.title) == ("105", "Packer")


async def test_calls_beside_each_other_get_their_own_answers(room: ProcessRoom) -> None:
    """Also those that follow one whose caller went away."""
    gone = asyncio.ensure_future(read(room))
    await asyncio.sleep(0)
    gone.cancel()
    answers = await asyncio.gather(*(read(room, *half) for half in [(0, 60), (40, 105)] * 2))
    assert answers == [READ[:60], READ[40:]] * 2


async def test_a_process_that_dies_costs_only_speed(room: ProcessRoom) -> None:
    """Between batches or between the two steps: the batch is read here, the next one by another."""
    await read(room)
    first = helper(room)
    first.kill()
    assert await read(room) == READ
    async with room.desk(MESSAGES, "sandbox") as desk:
        await desk.sort(READER, MESSAGES)
        helper(room).kill()
        assert await desk.read(range(len(MESSAGES))) == READ
    assert await read(room) == READ
    assert helper(room).pid != first.pid


async def test_a_closed_room_still_reads(room: ProcessRoom) -> None:
    """Calls that are under way while the server stops are answered."""
    await read(room)
    process = helper(room)
    await room.close()
    assert await read(room) == READ
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_the_process_ends_with_its_input() -> None:
    """A parent that was killed leaves no process behind; half a frame is no question."""
    forms = [(True, message.SerializeToString()) for message in MESSAGES[:2]]
    batch = (READER.integration, READER.now, forms, None)
    questions = [pickle.dumps((1, each)) for each in (batch, [1])]
    asked = b"".join(len(each).to_bytes(8, "big") + each for each in questions)
    sink = io.BytesIO()
    serve(io.BytesIO(asked + b"\x00"), sink)
    answers = []
    sink.seek(0)
    while head := sink.read(8):
        answers.append(pickle.loads(sink.read(int.from_bytes(head, "big"))))
    assert answers[0] == (GLANCES[:2], None)
    assert [unpacked(each) for each in answers[1]] == READ[1:2]


async def test_two_batches_have_a_seat_each(room: ProcessRoom) -> None:
    """A batch that is looked up between its steps keeps its place while another is read whole."""
    async with room.desk(MESSAGES, "sandbox") as first:
        await first.sort(READER, MESSAGES)
        async with room.desk(MESSAGES, "sandbox") as second:
            await second.sort(READER, list(reversed(MESSAGES)))
            assert len(await second.read(range(len(MESSAGES)))) == len(MESSAGES)
        found = await first.read(range(len(MESSAGES)))
    assert found == await read(LocalRoom())


async def test_texts_read_as_the_messages_that_they_stand_for(room: ProcessRoom) -> None:
    """A canonical text has the hash, the ids and the reading of its Struct."""
    texts = texts_of([message for message in MESSAGES if isinstance(message, Struct)])
    assert texts is not None
    for place in (room, LocalRoom()):
        async with place.desk(texts, "sandbox") as desk:
            assert await desk.sort(READER, texts) == GLANCES
            assert await desk.read(range(len(texts))) == await read(LocalRoom())
