"""Runner of `fingerprint` and `normalize`: small batches in this process, others in a pool.

Normalizing is most of the work of a sync, and Python runs one thread at a time. A record may also
be made to break its parser. So a batch of many records or of more than a few kilobytes goes to
worker processes with limits. Where a batch breaks its worker, each of its records runs alone in a
fresh one; the server process never parses any of them instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from typing import Any, TypeVar

from google.protobuf.struct_pb2 import Struct

from xaigh_server.ats import worker_tasks
from xaigh_server.ats.batch import Batch
from xaigh_server.ats.fingerprint import Fingerprint
from xaigh_server.ats.normalize import ParsedRecord, mark_duplicates
from xaigh_server.ats.providers.record import Note, RejectionReason
from xaigh_server.ats.records import (
    Record,
    WireRecord,
    bytes_of,
    canonical,
    digest_of_wires,
    record_of,
    size_of,
)
from xaigh_server.worker_pool.pool import INLINE_BYTES, LoneWorker, TaskFailed, WorkerPool

MIN_THREAD_RECORDS = 20
MIN_POOL_RECORDS = 50
MOST_BREAKS = 3
"""Workers that one batch may break in one step: each costs seconds, and others wait behind it."""
BREAKS = (
    "Reading the record takes more memory or time than any record may. Shorten its description,"
    " and close each HTML element in it."
)
_NOT_TRIED = (
    f"{MOST_BREAKS} records before it couldn't be read, so this one wasn't tried. Send it without"
    " those."
)

_T = TypeVar("_T")


class NormalizerPool:
    """Runs the tasks of `worker_tasks` on batches."""

    def __init__(self, pool: WorkerPool | None = None, *, least: int = MIN_POOL_RECORDS) -> None:
        """Batches of `least` records or of more than a few kilobytes go to the pool.

        Without a pool, all batches stay in this process: for tests alone.
        """
        self._pool = pool
        self._least = least

    async def detach(self, structs: Sequence[Struct]) -> tuple[list[Record], bytes]:
        """Records of a request as canonical texts, and their digest.

        They stay in their wire form, and have a digest of that, where a number is none of JSON.
        """
        records = [record_of(struct) for struct in structs]
        size = bytes_of(records)
        try:
            texts, digest = await self._run(size > INLINE_BYTES, canonical, records, size=size)
        except TaskFailed:
            texts, digest = await self._detach_alone(records, size)
        return (list(records) if texts is None else list(texts)), digest

    async def fingerprint(self, batch: Batch) -> Batch:
        """The batch with a fingerprint of each record."""
        integration = batch.integration
        scope = integration.organization_id, integration.provider
        size, in_pool = bytes_of(batch.records), self._is_large(batch.records)
        try:
            found = await self._run(
                in_pool, worker_tasks.fingerprint_records, *scope, batch.records, size=size
            )
            fingerprints = [Fingerprint(raw, job_ids) for raw, job_ids in found]
        except TaskFailed:
            fingerprints = [each async for each in self._fingerprint_alone(batch)]
        return replace(batch, fingerprints=fingerprints)

    async def normalize(self, batch: Batch) -> Batch:
        """The batch with each record parsed: those that `match` left are normalized."""
        prints, unmatched = batch.fingerprints, batch.unmatched
        parsed = {at: _unreadable(batch, at) for at in unmatched if prints[at].breaks}
        if len(parsed) < len(unmatched):
            readable = [at for at in unmatched if not prints[at].breaks]
            parsed.update((each.at, each) for each in await self._normalized(batch, readable))
        found = [parsed[at] if each is None else each for at, each in enumerate(batch.parsed)]
        return replace(batch, parsed=mark_duplicates(found))

    async def _normalized(self, batch: Batch, indices: Sequence[int]) -> list[ParsedRecord]:
        indexed = [(at, batch.records[at], batch.fingerprints[at].raw_hash) for at in indices]
        records = [record for _, record, _ in indexed]
        task, given = worker_tasks.normalize_records, (batch.integration, batch.now)
        in_pool = self._is_large(batch.records)
        try:
            packed = await self._run(in_pool, task, *given, indexed, size=bytes_of(records))
        except TaskFailed:
            return [each async for each in self._normalize_alone(batch, indices)]
        return [worker_tasks.unpack(each) for each in packed]

    async def _detach_alone(
        self, records: Sequence[WireRecord], size: int
    ) -> tuple[list[bytes] | None, bytes]:
        """The same in a fresh worker, so that a repeat of the request has the same digest.

        It was perhaps another batch that broke the pool.
        """
        async with self._alone() as worker:
            try:
                return await worker.run(canonical, records, size=size)
            except TaskFailed:  # the next steps find the record that it was
                return None, digest_of_wires(records)

    async def _fingerprint_alone(self, batch: Batch) -> AsyncIterator[Fingerprint]:
        """The fingerprint of each record alone. One that breaks its worker has no mirror."""
        integration, broken = batch.integration, 0
        async with self._alone() as worker:
            for record in batch.records:
                if broken == MOST_BREAKS:
                    yield Fingerprint(_hash_of(record), (), _NOT_TRIED)
                    continue
                try:
                    ((raw, job_ids),) = await worker.run(
                        worker_tasks.fingerprint_records,
                        *(integration.organization_id, integration.provider, [record]),
                        size=size_of(record),
                    )
                    yield Fingerprint(raw, job_ids)
                except TaskFailed:
                    broken += 1
                    yield Fingerprint(_hash_of(record), (), BREAKS)

    async def _normalize_alone(
        self, batch: Batch, indices: Sequence[int]
    ) -> AsyncIterator[ParsedRecord]:
        """Each record alone. One that breaks its worker is RECORD_UNREADABLE.

        It counts as seen where its id can still be read.
        """
        broken = 0
        async with self._alone() as worker:
            for at in indices:
                if broken == MOST_BREAKS:
                    yield _unreadable(batch, at, _NOT_TRIED)
                    continue
                try:
                    yield await _normalize_one(worker, batch, at)
                except TaskFailed:
                    broken += 1
                    yield await _identify(worker, batch, at)

    async def _run(self, in_pool: bool, task: Callable[..., _T], *given: Any, size: int) -> _T:
        """Runs a task in the pool, or here: in a thread where it takes milliseconds."""
        if in_pool and self._pool is not None:
            return await self._pool.run(task, *given, size=size)
        if len(given[-1]) < MIN_THREAD_RECORDS:
            return task(*given)
        return await asyncio.to_thread(task, *given)

    def _is_large(self, records: Sequence[Record]) -> bool:
        return len(records) >= self._least or bytes_of(records) > INLINE_BYTES

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[LoneWorker]:
        assert self._pool is not None  # a task failed in it
        async with self._pool.alone() as worker:
            yield worker


async def _normalize_one(worker: LoneWorker, batch: Batch, at: int) -> ParsedRecord:
    record = batch.records[at]
    (packed,) = await worker.run(
        worker_tasks.normalize_records,
        *(batch.integration, batch.now, [(at, record, batch.fingerprints[at].raw_hash)]),
        size=size_of(record),
    )
    return worker_tasks.unpack(packed)


async def _identify(worker: LoneWorker, batch: Batch, at: int) -> ParsedRecord:
    """The rejection of a record that broke its worker, with its id where that can be read."""
    record = batch.records[at]
    given = batch.integration, batch.now, at, record, BREAKS
    try:
        packed = await worker.run(worker_tasks.identify_record, *given, size=size_of(record))
    except TaskFailed:
        return _unreadable(batch, at, BREAKS)
    return worker_tasks.unpack(packed)


def _unreadable(batch: Batch, at: int, why: str = "") -> ParsedRecord:
    found = batch.fingerprints[at]
    note = Note(RejectionReason.RECORD_UNREADABLE, "", why or found.breaks)
    return ParsedRecord(at, found.raw_hash, rejections=(note,))


def _hash_of(record: Record) -> str:
    return sha256(record.wire if isinstance(record, WireRecord) else record).hexdigest()
