"""Batches whose mirrors are looked up where they are read, in a process of its own."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.harness.business_services import BusinessServices, opened
from tests.harness.syncs import board, greenhouse, integrate, sync, words

from xaigh_server.ats.intake.pool import LocalRoom, ProcessRoom
from xaigh_server.ats.intake.reading import Reading, RecordReader, read_batch
from xaigh_server.ats.intake.structs import Record, text_of
from xaigh_server.ats.repository.integrations import IntegrationFilter, Integrations
from xaigh_server.ats.repository.mirrors import KnownMirrors, Mirrors

pytestmark = pytest.mark.process

RECORDS = [
    *board(*range(60)),
    greenhouse(60, title=None),
    greenhouse(61, id=None),
    greenhouse(62, absolute_url="https://boards.greenhouse.io/other/jobs/62"),
]
CHANGED = [greenhouse(number, title="Another") for number in range(30)] + RECORDS[30:]


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[BusinessServices]:
    """A sandbox whose mirrors know the records."""
    async with opened(tmp_path / "sandbox.db") as made:
        await integrate(made)
        await sync(made, RECORDS)
        yield made


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[ProcessRoom]:
    made = ProcessRoom(1, {"sandbox": str(tmp_path / "sandbox.db")})
    yield made
    await made.close()


async def reader_of(services: BusinessServices) -> RecordReader:
    wanted = IntegrationFilter(provider="GREENHOUSE")
    (integration,) = await services.database.read(
        lambda s: Integrations(s).listing(wanted, limit=2)
    )
    return RecordReader(integration, services.now)


def texts(records: Sequence[dict[str, Any]]) -> list[Record]:
    return [text_of(record) for record in records]


async def read(
    services: BusinessServices,
    room: LocalRoom | ProcessRoom,
    records: Sequence[Record],
    environment: str,
) -> tuple[list[Reading], bool]:
    """The readings, and whether the mirrors were looked up here."""

    async def known(job_ids: Sequence[str]) -> KnownMirrors:
        return await services.database.read(lambda s: Mirrors(s).known(job_ids))

    async with room.desk(records, environment) as desk:
        readings, mirrors = await read_batch(await reader_of(services), records, desk, known)
    return readings, mirrors is not None


async def test_what_is_looked_up_there_is_read_as_what_is_looked_up_here(
    services: BusinessServices, room: ProcessRoom
) -> None:
    """Known records, changed ones, refused ones: the very same readings."""
    for records in (RECORDS, CHANGED):
        here, looked_here = await read(services, LocalRoom(), texts(records), "sandbox")
        there, looked_there = await read(services, room, texts(records), "sandbox")
        assert (looked_here, looked_there) == (True, False)
        assert there == here
    assert [bool(reading.known) for reading in there] == [False] * 30 + [True] * 30 + [False] * 3


async def test_it_sees_what_was_committed_last(
    services: BusinessServices, room: ProcessRoom
) -> None:
    """Also by others, between two batches."""
    before, _ = await read(services, room, texts(CHANGED), "sandbox")
    assert words(await sync(services, CHANGED[:30])) == ["UPDATED"] * 30
    after, _ = await read(services, room, texts(CHANGED), "sandbox")
    assert [bool(reading.known) for reading in before[:30]] == [False] * 30
    assert [bool(reading.known) for reading in after[:30]] == [True] * 30


@pytest.mark.parametrize("environment", ["production", "sandbox"])
async def test_where_it_cant_look_its_caller_does(
    services: BusinessServices, tmp_path: Path, environment: str
) -> None:
    """It has no file for the environment, or that one is gone. The readings are the same."""
    room = ProcessRoom(1, {"sandbox": str(tmp_path / "nothing.db")})
    here, _ = await read(services, LocalRoom(), texts(CHANGED), "sandbox")
    there, looked_here = await read(services, room, texts(CHANGED), environment)
    await room.close()
    assert (there, looked_here) == (here, True)


async def test_a_process_that_is_gone_costs_only_speed(
    services: BusinessServices, room: ProcessRoom
) -> None:
    """Another one reads all of the records, those that are known as well."""
    here, _ = await read(services, LocalRoom(), texts(CHANGED), "sandbox")
    await room.close()
    there, _ = await read(services, room, texts(CHANGED), "sandbox")
    assert [each.content_hash for each in there] == [each.content_hash for each in here]
    assert not any(each.known for each in there)
