"""Whole feeds as one stream."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from tests.harness.business_services import EMPLOYER, BusinessServices
from tests.harness.syncs import (
    GREENHOUSE,
    authoritative,
    board,
    close_state,
    every_job,
    greenhouse,
    integrate,
    open_ids,
    run_state,
)

from xaigh.ats.v1 import sync_pb2
from xaigh_server.ats.errors import RunInProgress
from xaigh_server.errors import FieldInvalid

Line = sync_pb2.SyncFeedRequest
DETAIL = sync_pb2.FeedOpen


def opening(**said: Any) -> Line:
    return Line(open={"provider": GREENHOUSE, "employer_user_id": EMPLOYER, **said})  # type: ignore[arg-type]


def lines(jobs: Sequence[dict[str, Any]]) -> list[Line]:
    found = []
    for job in jobs:
        line = Line()
        line.job.update(job)
        found.append(line)
    return found


def completion(total: int) -> Line:
    return Line(complete={"expected_total": total})  # type: ignore[arg-type]


async def heard(services: BusinessServices, requests: Sequence[Line]) -> list[Any]:
    return [reply async for reply in await services.feed(requests)]


async def test_a_feed_is_one_run_and_answers_with_its_summary(services: BusinessServices) -> None:
    """Nothing else is said unless asked for, and what is missing is closed at the end."""
    await integrate(services)
    await authoritative(services, board(*range(3)))
    replies = await heard(
        services, [opening(close_missing=True), *lines(board(*range(1, 450))), completion(449)]
    )
    assert [reply.WhichOneof("event") for reply in replies] == ["summary"]
    run = replies[0].summary
    assert (run_state(run), close_state(run)) == ("COMPLETED", "CLOSED")
    assert (run.batch_total, run.seen_total, run.close.count) == (3, 449, 1)
    assert len(await open_ids(services)) == 449


async def test_every_record_is_answered_when_asked_for(services: BusinessServices) -> None:
    """By its place in the feed, and each batch is summed up."""
    await integrate(services)
    replies = await heard(
        services, [opening(detail=DETAIL.ALL), *lines(board(*range(250))), completion(250)]
    )
    outcomes = [reply.outcome for reply in replies if reply.WhichOneof("event") == "outcome"]
    batches = [reply.batch for reply in replies if reply.WhichOneof("event") == "batch"]
    assert [outcome.index for outcome in outcomes] == list(range(250))
    assert [(batch.batch_index, batch.record_total) for batch in batches] == [(0, 200), (1, 250)]
    assert batches[0].counts.created == 200


async def test_changes_alone(services: BusinessServices) -> None:
    """What is unchanged isn't spoken of."""
    await integrate(services)
    await authoritative(services, board(1, 2))
    feed = [greenhouse(1), greenhouse(2, title="New")]
    replies = await heard(services, [opening(detail=DETAIL.CHANGES), *lines(feed), completion(2)])
    outcomes = [reply.outcome for reply in replies if reply.WhichOneof("event") == "outcome"]
    assert [outcome.external_job_id for outcome in outcomes] == ["2"]


async def test_a_feed_that_is_cut_off_is_resumed(services: BusinessServices) -> None:
    """The whole feed again under the same id: what was written is answered as it was.

    The batch that was being read ahead is lost with the stream, and comes again with the rest.
    """
    await integrate(services)
    feed = lines(board(*range(500)))

    async def cut() -> AsyncIterator[Line]:
        yield opening(sync_run_id="nightly")
        for line in feed[:450]:
            yield line
        raise ConnectionError("gone")

    call = services.call("SyncFeed")
    replies = await services.answer(cut(), call)
    with pytest.raises(ConnectionError):
        async for _ in replies:
            pass
    assert len(await every_job(services)) == 200
    again = await heard(
        services,
        [opening(sync_run_id="nightly", detail=DETAIL.BATCHES), *feed, completion(500)],
    )
    batches = [reply.batch for reply in again if reply.WhichOneof("event") == "batch"]
    assert [batch.replayed for batch in batches] == [True, False, False]
    assert run_state(again[-1].summary) == "COMPLETED"
    assert again[-1].summary.counts.created == 500
    third = await heard(services, [opening(sync_run_id="nightly"), *feed, completion(500)])
    assert third[-1].summary == again[-1].summary


async def test_a_feed_that_ends_without_its_completion_stays_open(
    services: BusinessServices,
) -> None:
    """What came is kept, nothing is closed, and the same run may be completed later."""
    await integrate(services)
    await authoritative(services, board(1, 2, 3))
    said = {"sync_run_id": "nightly", "close_missing": True}
    replies = await heard(services, [opening(**said), *lines(board(1))])
    assert (run_state(replies[-1].summary), close_state(replies[-1].summary)) == ("OPEN", "WAITING")
    assert len(await open_ids(services)) == 3
    replies = await heard(services, [opening(**said), *lines(board(1, 2)), completion(2)])
    assert run_state(replies[-1].summary) == "COMPLETED"
    assert await open_ids(services) == {"1", "2"}


async def test_two_feeds_at_once(services: BusinessServices) -> None:
    """The second one is told to wait."""
    await integrate(services)
    await heard(services, [opening(), *lines(board(1))])
    with pytest.raises(RunInProgress):
        await heard(services, [opening(), *lines(board(1)), completion(1)])


async def test_an_empty_feed_completes(services: BusinessServices) -> None:
    """It holds a close back rather than doing it."""
    await integrate(services)
    await authoritative(services, board(1))
    replies = await heard(services, [opening(close_missing=True), completion(0)])
    assert close_state(replies[-1].summary) == "HELD"


async def test_normalized_records_come_in_a_feed(services: BusinessServices) -> None:
    """Typed, and taken like any other."""
    await integrate(services)
    line = Line(
        normalized_job={  # type: ignore[arg-type]  # the stubs know no dicts
            "external_job_id": "7",
            "title": "Picker",
            "apply_url": "https://jobs.example.com/7",
            "pay": [{"min_minor": 1800, "currency": "USD", "interval": 1}],
        }
    )
    await heard(services, [opening(), line, completion(1)])
    job = (await every_job(services))[0]
    assert (job.job_content.title, job.pay_range.pays[0].min_minor) == ("Picker", 1800)


@pytest.mark.parametrize(
    ("requests", "path"),
    [
        ([], "open"),
        (lines(board(1)), "open"),
        ([opening(), opening()], "open"),
        ([opening(), completion(0), *lines(board(1))], "job"),
        ([opening(), completion(0), completion(0)], "complete"),
        ([opening(), Line()], "item"),
    ],
)
async def test_the_order_of_lines(
    services: BusinessServices, requests: list[Line], path: str
) -> None:
    """Opening, records, completion: anything else ends the stream with the line's fault."""
    await integrate(services)
    with pytest.raises(FieldInvalid) as caught:
        await heard(services, requests)
    assert caught.value.violations[0].path == path
