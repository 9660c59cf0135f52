"""Input that breaks a worker process is refused, and never parsed in the server's own process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from structlog.testing import capture_logs
from tests.harness.business_services import NOW
from tests.harness.syncs import FINGERPRINTER, INTEGRATION, board, greenhouse
from tests.unit.worker_pool.breaking import (
    EATS,
    HANGS,
    HIDES,
    LIMITS,
    break_over,
    break_records,
    break_texts,
)

from xaigh_server.ats.batch import Batch, BatchHeader
from xaigh_server.ats.normalize import Normalizer, ParsedRecord
from xaigh_server.ats.normalizer_pool import MOST_BREAKS, NormalizerPool
from xaigh_server.ats.records import Record, canonical, record_of, text_of
from xaigh_server.errors import FieldInvalid, Unavailable
from xaigh_server.jobs import text as texts
from xaigh_server.worker_pool.pool import INLINE_BYTES, TaskFailed, WorkerPool

LARGE = "x" * INLINE_BYTES
GOOD = board(*range(6))


def record(number: int, says: str) -> dict[str, Any]:
    return greenhouse(number, content=f"<p>{says}</p>")


def as_struct(each: dict[str, Any]) -> Struct:
    made = Struct()
    made.update(each)
    return made


def as_texts(records: Sequence[dict[str, Any]]) -> Sequence[Record]:
    return [text_of(each) for each in records]


def as_structs(records: Sequence[dict[str, Any]]) -> Sequence[Record]:
    return [record_of(as_struct(each)) for each in records]


@pytest.fixture
async def workers() -> AsyncIterator[WorkerPool]:
    """One whose workers break over records."""
    pool = WorkerPool(limits=LIMITS, prepare=break_records)
    yield pool
    await pool.close()


@pytest.fixture
def room(workers: WorkerPool, monkeypatch: pytest.MonkeyPatch) -> NormalizerPool:
    """The place where records are read; and this process can't normalize any."""
    for name in ("normalize", "normalize_all", "unreadable"):
        monkeypatch.setattr(Normalizer, name, None)
    return NormalizerPool(workers)


async def read(room: NormalizerPool, records: Sequence[Record]) -> list[ParsedRecord]:
    batch = Batch(header=BatchHeader(), integration=INTEGRATION, now=NOW, records=records)
    batch = await room.fingerprint(batch)
    return (await room.normalize(replace(batch, parsed=[None] * len(records)))).outcomes


def reasons(readings: Sequence[ParsedRecord]) -> list[str]:
    return [note.code for reading in readings for note in reading.rejections]


@pytest.mark.parametrize(
    ("breaks", "sent"),
    [(EATS, as_texts), (HANGS, as_texts), (HANGS, as_structs)],
)
async def test_a_record_that_breaks_its_worker_is_unreadable(
    room: NormalizerPool, breaks: str, sent: Any
) -> None:
    """Over time or memory, in whatever form it came. The others are read, and it is seen."""
    records = [*GOOD[:2], record(7, breaks + LARGE), *GOOD[2:]]
    batch = sent(records)
    readings = await read(room, batch)
    assert [reading.external_job_id for reading in readings] == [str(one["id"]) for one in records]
    assert reasons(readings) == ["RECORD_UNREADABLE"]
    assert readings[2].rejections
    assert readings[2].raw_hash == FINGERPRINTER.of(records[2]).raw_hash
    assert not reasons(await read(room, sent([*GOOD, record(8, LARGE)])))


async def test_one_whose_id_cant_be_read_either_is_not_seen(room: NormalizerPool) -> None:
    """So no run that holds it is whole, and none closes anything."""
    readings = await read(room, as_texts([record(7, HANGS + HIDES + LARGE), GOOD[0]]))
    assert [reading.external_job_id for reading in readings] == ["", str(GOOD[0]["id"])]
    assert reasons(readings) == ["RECORD_UNREADABLE"]


async def test_a_batch_breaks_a_few_workers_at_most(room: NormalizerPool) -> None:
    """What follows isn't tried any more."""
    bad = [record(number, HANGS + LARGE) for number in range(MOST_BREAKS + 1)]
    readings = await read(room, as_texts([*bad, GOOD[0]]))
    assert reasons(readings) == ["RECORD_UNREADABLE"] * (MOST_BREAKS + 2)
    assert "wasn't tried" in readings[-1].rejections[0].message


async def test_a_batch_beside_one_that_breaks_is_read(room: NormalizerPool) -> None:
    """Though they had one worker."""
    batches = [as_texts([record(7, HANGS + LARGE)]), as_texts([*GOOD, record(8, LARGE)])]
    bad, good = await asyncio.gather(*(read(room, batch) for batch in batches))
    assert reasons(bad) == ["RECORD_UNREADABLE"]
    assert not reasons(good)


async def test_records_are_detached_alike_beside_what_breaks_the_worker(
    room: NormalizerPool, workers: WorkerPool
) -> None:
    """Else a repeat under the same idempotency key would be taken for another request."""
    structs = [as_struct(record(8, LARGE))]
    _, detached = await asyncio.gather(
        workers.run(break_over, HANGS), room.detach(structs), return_exceptions=True
    )
    assert detached == canonical([record_of(each) for each in structs])


@pytest.fixture
async def cleaner(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[texts.DescriptionCleaner]:
    """One whose worker breaks; and this process can't clean anything."""
    monkeypatch.setattr(texts, "clean_description", None)
    made = texts.DescriptionCleaner(WorkerPool(limits=LIMITS, prepare=break_texts))
    yield made
    await made.close()


@pytest.mark.parametrize("breaks", [HANGS, EATS])
async def test_a_description_that_breaks_its_worker_is_refused(
    cleaner: texts.DescriptionCleaner, breaks: str
) -> None:
    """By the name of its field; one beside it and one after it are made safe."""
    safe = f"<p>{LARGE}</p>"
    bad, good = await asyncio.gather(
        *(cleaner.clean(each, "description") for each in (f"<p>{breaks}{LARGE}", safe)),
        return_exceptions=True,
    )
    assert isinstance(bad, FieldInvalid)
    assert bad.violations[0].path == "description"
    assert good == texts.JobText(html=safe, text=LARGE)
    assert (await cleaner.clean(f"<p onclick=x>{LARGE}", "description")).html == safe


async def test_a_description_out_of_proportion_is_refused_by_the_worker(
    cleaner: texts.DescriptionCleaner,
) -> None:
    """The worker goes on."""
    with pytest.raises(FieldInvalid, match="The markup nests") as refused:
        await cleaner.clean("<div>" * 50_000, "jobContent.descriptionHtml")
    assert refused.value.violations[0].path == "jobContent.descriptionHtml"
    assert (await cleaner.clean(f"{LARGE}.", "description")).text == f"{LARGE}."


async def test_a_failed_task_tells_little_of_its_input(workers: WorkerPool) -> None:
    """In the log as in the exception."""
    with capture_logs() as logged, pytest.raises(TaskFailed) as failed:
        await workers.run(float, LARGE)
    assert len(str(failed.value)) <= 300
    assert [line["cause"] for line in logged] == [str(failed.value)]


async def test_where_no_worker_can_be_started_nothing_is_said_of_the_input(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The call can be repeated."""
    monkeypatch.setattr("multiprocessing.spawn._python_exe", b"/nowhere/python")
    async with WorkerPool().alone() as worker:
        with pytest.raises(Unavailable):
            await worker.run(len, "text")
