"""A batch is parsed alike in this process and in a worker process."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from tests.harness.business_services import NOW
from tests.harness.syncs import FINGERPRINTER, INTEGRATION, NORMALIZER, board, greenhouse

from xaigh.ats.v1.normalized_job_pb2 import NormalizedJob
from xaigh_server.ats.batch import Batch, BatchHeader
from xaigh_server.ats.normalize import ParsedRecord
from xaigh_server.ats.normalizer_pool import NormalizerPool
from xaigh_server.ats.records import Record, canonical, record_of, text_of
from xaigh_server.ats.worker_tasks import pack, unpack
from xaigh_server.worker_pool.pool import WorkerPool

pytestmark = pytest.mark.process

RECORDS = [
    *board(*range(100)),
    greenhouse(100, title=None),
    greenhouse(101, id=None),
    greenhouse(102, absolute_url="https://boards.greenhouse.io/other/jobs/102"),
    greenhouse(103, internal_job_id=None, absolute_url=None, updated_at="2026-05-01T00:00:00Z"),
    greenhouse(104, content=..., application_deadline="2027-01-01"),
]
FINGERPRINTS = [FINGERPRINTER.of(record) for record in RECORDS]
PARSED = [
    NORMALIZER.normalize(at, record, FINGERPRINTS[at].raw_hash) for at, record in enumerate(RECORDS)
]


def struct(record: dict[str, Any]) -> Struct:
    made = Struct()
    made.update(record)
    return made


STRUCTS = [struct(record) for record in RECORDS]
WIRES: list[Record] = [record_of(each) for each in STRUCTS]
TEXTS: list[Record] = [text_of(record) for record in RECORDS]
HERE = NormalizerPool()


def batch_of(records: Sequence[Record]) -> Batch:
    return Batch(header=BatchHeader(), integration=INTEGRATION, now=NOW, records=records)


async def fingerprinted(place: NormalizerPool, records: Sequence[Record]) -> Batch:
    """A batch of which no record has a mirror."""
    batch = await place.fingerprint(batch_of(records))
    return replace(batch, parsed=[None] * len(records))


async def parse(
    place: NormalizerPool, records: Sequence[Record] = WIRES, first: int = 0, last: int = 105
) -> list[ParsedRecord]:
    """Some of the records, in both steps."""
    batch = await fingerprinted(place, records[first:last])
    assert list(batch.fingerprints) == FINGERPRINTS[first:last]
    found = (await place.normalize(batch)).outcomes
    return [each._replace(at=each.at + first) for each in found]


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    opened = WorkerPool()
    yield opened
    await opened.close()


@pytest.fixture
def beside(pool: WorkerPool) -> NormalizerPool:
    return NormalizerPool(pool)


def test_a_parsed_record_comes_out_as_it_was_packed() -> None:
    """Accepted, rejected, with warnings and without."""
    assert [unpack(pack(each)) for each in PARSED] == PARSED


async def test_a_batch_is_parsed_alike_in_both_places(beside: NormalizerPool) -> None:
    """A large batch goes to the pool, a small one stays; whatever the form of its records."""
    for records in (WIRES, TEXTS):
        assert await parse(beside, records) == PARSED
        assert await parse(beside, records, 0, 3) == PARSED[:3]
        assert await parse(HERE, records) == PARSED


async def test_normalized_records_are_parsed_there_too(beside: NormalizerPool) -> None:
    """As what they are."""
    normalized = NormalizedJob(external_job_id="105", title="Packer", requirements=["Boots"])
    batch = await fingerprinted(beside, [*WIRES[:59], record_of(normalized)])
    last = (await beside.normalize(batch)).outcomes[-1]
    assert (last.external_job_id, last.offer and last.offer.title) == ("105", "Packer")


async def test_structs_are_detached_alike_in_both_places(beside: NormalizerPool) -> None:
    """As canonical texts, with their digest."""
    texts, digest = canonical([record_of(each) for each in STRUCTS])
    assert texts == TEXTS
    for place in (beside, HERE):
        assert await place.detach(STRUCTS) == (TEXTS, digest)


async def test_batches_beside_each_other_get_their_own_results(beside: NormalizerPool) -> None:
    """Also those that follow one whose caller went away."""
    gone = asyncio.ensure_future(parse(beside))
    await asyncio.sleep(0)
    gone.cancel()
    found = await asyncio.gather(
        *(parse(beside, WIRES, *half) for half in [(0, 60), (40, 105)] * 2)
    )
    assert found == [PARSED[:60], PARSED[40:]] * 2


async def test_a_worker_that_dies_costs_only_time(pool: WorkerPool, beside: NormalizerPool) -> None:
    """Between batches or between the two steps."""
    await parse(beside)
    (first,) = pool.pids
    os.kill(first, signal.SIGKILL)
    assert await parse(beside) == PARSED
    batch = await fingerprinted(beside, WIRES)
    os.kill(pool.pids[0], signal.SIGKILL)
    assert (await beside.normalize(batch)).outcomes == PARSED
    assert await parse(beside) == PARSED
    assert pool.pids != [first]


async def test_a_closed_pool_still_parses(pool: WorkerPool, beside: NormalizerPool) -> None:
    """Calls that are under way while the server stops are answered, by fresh workers."""
    await parse(beside)
    (process,) = pool.pids
    await pool.close()
    assert await parse(beside) == PARSED
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
