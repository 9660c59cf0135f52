"""A whole feed as one stream: batches of 200, each a transaction of its own, and one run.

Nothing is read ahead: the next record is asked for when the batch before it has been written, so a
fast sender waits for us, and memory holds one batch whatever the feed's size. The run completes
with the last message; a stream that is cut off leaves it open, to be resumed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from xaigh.ats.v1 import sync_pb2
from xaigh_server.domain.call import Call
from xaigh_server.domain.errors import FieldInvalid
from xaigh_server.domain.sync.batches import MOST_RECORDS, Batch
from xaigh_server.services.messages import get_time
from xaigh_server.services.structs import message_to_dict, struct_to_dict
from xaigh_server.services.sync_engine import Prepared, take_batch
from xaigh_server.services.sync_messages import provider_word
from xaigh_server.services.units import Units

Prepare = Callable[[Batch, Sequence[Any], Call], Awaitable[Prepared]]


@dataclass(slots=True, kw_only=True)
class _Feed:
    """How far a feed is."""

    batch: Batch
    detail: int
    index: int = 0
    answered: int = 0
    expected_total: int | None = None
    run: Any = None


class FeedIntake:
    """Takes feeds."""

    def __init__(self, *, units: Units, prepare: Prepare) -> None:
        self._units = units
        self._prepare = prepare

    async def run(
        self, requests: AsyncIterator[sync_pb2.SyncFeedRequest], call: Call
    ) -> AsyncIterator[sync_pb2.SyncFeedResponse]:
        """What becomes of the records, as much of it as was asked for, and then of the run."""
        feed: _Feed | None = None
        records: list[Any] = []
        async for request in requests:
            kind = request.WhichOneof("item")
            if feed is None:
                feed = self._opened(request, kind)
                continue
            if kind == "open":
                raise FieldInvalid.at("open", "A feed is opened once, by its first message.")
            if feed.expected_total is not None:
                raise FieldInvalid.at(kind or "item", "Nothing follows `complete`.")
            if kind == "complete":
                feed.expected_total = request.complete.expected_total
                continue
            records.append(_record(request, kind))
            if len(records) == MOST_RECORDS:
                async for reply in self._take(feed, records, call):
                    yield reply
                records = []
        if feed is None:
            raise FieldInvalid.at("open", "A feed begins with `open`.")
        if records or feed.expected_total is not None:
            async for reply in self._take(feed, records, call, last=True):
                yield reply
        if feed.run is not None:
            yield sync_pb2.SyncFeedResponse(summary=feed.run)

    def _opened(self, request: sync_pb2.SyncFeedRequest, kind: str | None) -> _Feed:
        if kind != "open":
            raise FieldInvalid.at("open", "A feed begins with `open`.")
        said = request.open
        batch = Batch(
            provider=provider_word(said.provider),
            integration_id=said.integration_id,
            employer_id=said.employer_user_id,
            sync_run_id=said.sync_run_id,
            batch_index=0,
            close_missing=said.close_missing,
            generated_time=get_time(said, "generated_at"),
        )
        return _Feed(batch=batch, detail=said.detail)

    async def _take(
        self, feed: _Feed, records: Sequence[Any], call: Call, *, last: bool = False
    ) -> AsyncIterator[sync_pb2.SyncFeedResponse]:
        """Writes one batch and says what became of it."""
        reply = await self._write(feed, records, call, last=last)
        feed.run = reply.run
        details = sync_pb2.FeedOpen
        if feed.detail in (details.CHANGES, details.ALL):
            unchanged = sync_pb2.RecordOutcome.UNCHANGED
            for outcome in reply.outcomes:
                if feed.detail == details.ALL or outcome.outcome != unchanged:
                    outcome.index += feed.answered
                    yield sync_pb2.SyncFeedResponse(outcome=outcome)
        feed.answered += len(records)
        if feed.detail != details.DETAIL_UNSPECIFIED:
            done = sync_pb2.FeedBatch(
                batch_index=reply.batch_index,
                record_total=feed.answered,
                counts=reply.counts,
                replayed=reply.replayed,
            )
            yield sync_pb2.SyncFeedResponse(batch=done)
        feed.index += 1

    async def _write(
        self, feed: _Feed, records: Sequence[Any], call: Call, *, last: bool
    ) -> sync_pb2.SyncJobsResponse:
        whole = last and feed.expected_total is not None
        if not feed.batch.sync_run_id:
            name = await self._units.point(call, lambda unit: unit.new_id("run"))
            feed.batch = replace(feed.batch, sync_run_id=name)
        batch = replace(
            feed.batch,
            batch_index=feed.index,
            complete=whole,
            expected_total=feed.expected_total if whole else None,
            replayable=whole or not last,
        )
        batch.check(len(records))
        prepared = await self._prepare(batch, records, call)
        return await self._units.write(
            call, lambda unit: take_batch(unit, prepared), prepared=prepared
        )


def _record(request: sync_pb2.SyncFeedRequest, kind: str | None) -> Any:
    if kind == "job":
        return struct_to_dict(request.job)
    if kind == "normalized_job":
        return message_to_dict(request.normalized_job)
    raise FieldInvalid.at("item", "A line is `open`, `job`, `normalizedJob` or `complete`.")
