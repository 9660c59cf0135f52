"""Feed intake: a client stream as one run, in batches of 200 with one transaction each.

The intake reads one batch while the one before it is written, and no further ahead. A fast sender
has to wait, so memory holds two batches for a feed of any size. The run completes with the
last message; a stream that is cut off leaves it open, to be resumed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.message import Message

from xaigh.ats.v1 import sync_pb2
from xaigh_server.ats.batch import MOST_RECORDS, Batch, BatchHeader
from xaigh_server.ats.engine import take_batch
from xaigh_server.ats.messages import provider_word
from xaigh_server.ats.records import Record, record_of
from xaigh_server.errors import FieldInvalid
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.timestamps import get_time
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory

Prepare = Callable[[BatchHeader, Sequence[Record], Call], Coroutine[Any, Any, Batch]]

_JSON = {"job": "job", "normalized_job": "normalizedJob", "complete": "complete"}


@dataclass(slots=True, kw_only=True)
class _Feed:
    """How far a feed is. `ahead` is the batch that is being read, and how many records it holds."""

    header: BatchHeader
    detail: int
    index: int = 0
    answered: int = 0
    expected_total: int | None = None
    run: Any = None
    ahead: tuple[asyncio.Task[Batch], int] | None = None


class FeedIntake:
    """Takes feeds."""

    def __init__(self, *, units: UnitOfWorkFactory, prepare: Prepare) -> None:
        self._units = units
        self._prepare = prepare

    async def run(
        self, requests: AsyncIterator[sync_pb2.SyncFeedRequest], call: Call
    ) -> AsyncIterator[sync_pb2.SyncFeedResponse]:
        """What becomes of the records, as much of it as was asked for, and then of the run."""
        feed = await self._opened(requests, call)
        try:
            records: list[Record] = []
            async for request in requests:
                self._add(feed, request, records)
                if len(records) == MOST_RECORDS:
                    for reply in await self._go_on(feed, records, call):
                        yield reply
                    records = []
            if records or feed.expected_total is not None:
                for reply in await self._go_on(feed, records, call, last=True):
                    yield reply
            for reply in await self._written(feed, call):
                yield reply
        finally:
            if feed.ahead is not None:
                feed.ahead[0].cancel()
        if feed.run is not None:
            yield sync_pb2.SyncFeedResponse(summary=feed.run)

    async def _opened(self, requests: AsyncIterator[sync_pb2.SyncFeedRequest], call: Call) -> _Feed:
        first = await anext(requests, None)
        if first is None or first.WhichOneof("item") != "open":
            raise FieldInvalid.at("open", "A feed begins with `open`.")
        said = first.open
        name = said.sync_run_id or await self._units.point(call, lambda unit: unit.new_id("run"))
        header = BatchHeader(
            provider=provider_word(said.provider),
            integration_id=said.integration_id,
            employer_id=said.employer_user_id,
            sync_run_id=name,
            batch_index=0,
            close_missing=said.close_missing,
            generated_time=get_time(said, "generated_at"),
        )
        return _Feed(header=header, detail=said.detail)

    def _add(self, feed: _Feed, request: sync_pb2.SyncFeedRequest, records: list[Record]) -> None:
        """Takes one line. Raises FieldInvalid for one that is out of place."""
        kind = request.WhichOneof("item")
        if kind == "open":
            raise FieldInvalid.at("open", "A feed is opened once, by its first message.")
        if feed.expected_total is not None:
            raise FieldInvalid.at(_JSON.get(kind or "", "item"), "Nothing follows `complete`.")
        if kind == "complete":
            feed.expected_total = request.complete.expected_total
        else:
            records.append(record_of(_message(request, kind)))

    async def _go_on(
        self, feed: _Feed, records: Sequence[Record], call: Call, *, last: bool = False
    ) -> list[sync_pb2.SyncFeedResponse]:
        """Begins to read a batch, and writes the one before it."""
        whole = last and feed.expected_total is not None
        header = replace(
            feed.header,
            batch_index=feed.index,
            complete=whole,
            expected_total=feed.expected_total if whole else None,
            replayable=whole or not last,
        )
        header.check(len(records))
        feed.index += 1
        ahead = asyncio.ensure_future(self._prepare(header, records, call))
        try:
            replies = await self._written(feed, call)
        except BaseException:
            ahead.cancel()
            raise
        feed.ahead = (ahead, len(records))
        return replies

    async def _written(self, feed: _Feed, call: Call) -> list[sync_pb2.SyncFeedResponse]:
        """Writes the batch that was read ahead, if there is one, and says what became of it."""
        if feed.ahead is None:
            return []
        ahead, count = feed.ahead
        feed.ahead = None
        batch = await ahead
        reply = await self._units.write(call, lambda unit: take_batch(unit, batch), prepared=batch)
        feed.run = reply.run
        said = list(_details(feed, reply))
        feed.answered += count
        if feed.detail != sync_pb2.FeedOpen.DETAIL_UNSPECIFIED:
            done = sync_pb2.FeedBatch(
                batch_index=reply.batch_index,
                record_total=feed.answered,
                counts=reply.counts,
                replayed=reply.replayed,
            )
            said.append(sync_pb2.SyncFeedResponse(batch=done))
        return said


def _details(feed: _Feed, reply: sync_pb2.SyncJobsResponse) -> Iterator[sync_pb2.SyncFeedResponse]:
    details = sync_pb2.FeedOpen
    if feed.detail not in (details.CHANGES, details.ALL):
        return
    for outcome in reply.outcomes:
        if feed.detail == details.ALL or outcome.outcome != sync_pb2.RecordOutcome.UNCHANGED:
            outcome.index += feed.answered
            yield sync_pb2.SyncFeedResponse(outcome=outcome)


def _message(request: sync_pb2.SyncFeedRequest, kind: str | None) -> Message:
    if kind == "job":
        return request.job
    if kind == "normalized_job":
        return request.normalized_job
    raise FieldInvalid.at("item", "A line is `open`, `job`, `normalizedJob` or `complete`.")
