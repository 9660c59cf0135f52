"""What holds for every feed, in whatever order and however often its batches come."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from tests.harness.business_services import BusinessServices, opened, operator
from tests.harness.examples import examples
from tests.harness.syncs import (
    board,
    close_state,
    every_job,
    greenhouse,
    integrate,
    open_ids,
    run_state,
    sync,
)

from xaigh_server.ats.tables import ats_sync_events
from xaigh_server.jobs.tables import job_operations, job_postings

POSTINGS = select(*job_postings.c).order_by(job_postings.c.number)
OPERATIONS = select(*job_operations.c).order_by(job_operations.c.number)
EVENTS = select(*ats_sync_events.c).order_by(ats_sync_events.c.number)

NUMBERS = st.integers(min_value=1, max_value=12)
TITLES = st.sampled_from(["Picker", "Packer", "Driver"])
RECORDS = st.builds(
    lambda number, title, readable: greenhouse(number, title=title if readable else None),
    NUMBERS,
    TITLES,
    st.booleans(),
)
BOARDS = st.dictionaries(NUMBERS, TITLES, max_size=12)
QUICK = settings(
    max_examples=examples(30),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)


def played(story: Callable[[BusinessServices], Awaitable[Any]]) -> Any:
    """What a story comes to on an empty sandbox with an integration."""

    async def play() -> Any:
        with tempfile.TemporaryDirectory() as folder:
            async with opened(Path(folder) / "sandbox.db") as services:
                await integrate(services)
                return await story(services)

    return asyncio.run(play())


def records(titles: dict[int, str]) -> list[dict[str, Any]]:
    return [greenhouse(number, title=title) for number, title in sorted(titles.items())]


async def shown(services: BusinessServices) -> dict[str, Any]:
    """What a caller sees of each role, without times and what hangs on the order of making."""
    found = {}
    for job in await every_job(services):
        for name in ("create_time", "update_time", "etag"):
            job.ClearField(name)
        for name in ("first_seen_time", "last_seen_time"):
            job.ats_link.ClearField(name)
        job.publication_status.ClearField("close_time")
        job.publication_status.ClearField("reopen_time")
        found[job.ats_link.external_job_id] = job.SerializeToString(deterministic=True)
    return found


@QUICK
@given(
    before=BOARDS,
    feed=st.dictionaries(NUMBERS, TITLES, min_size=1),
    cuts=st.lists(st.integers(min_value=1, max_value=4), min_size=1, max_size=4),
    order=st.randoms(use_true_random=False),
    repeats=st.lists(st.integers(min_value=0, max_value=11), max_size=4),
)
def test_a_run_ends_in_the_same_state_in_any_order_with_any_repetition(
    before: dict[int, str],
    feed: dict[int, str],
    cuts: list[int],
    order: Any,
    repeats: list[int],
) -> None:
    """The roles, the outcomes in all and the close are those of the batches in their order."""
    batches = _cut(records(feed), cuts)
    shuffled = list(range(len(batches)))
    order.shuffle(shuffled)
    shuffled += [repeat % len(batches) for repeat in repeats]

    async def story(services: BusinessServices, sequence: Sequence[int]) -> Any:
        await sync(services, records(before), complete=True)
        services.pass_time(hours=1)
        for index in sequence:
            reply = await sync(
                services,
                batches[index],
                sync_run_id="nightly",
                batch_index=index,
                close_missing=True,
                complete=index == len(batches) - 1,
                expected_total=len(feed),
            )
        run = (await services.do("ListSyncRuns", page_size=1)).runs[0]
        assert reply.replayed or reply.run.sync_run_id == "nightly"
        return (
            await shown(services),
            run_state(run),
            close_state(run),
            run.close.count,
            run.counts.SerializeToString(deterministic=True),
        )

    in_order = played(lambda services: story(services, range(len(batches))))
    assert played(lambda services: story(services, shuffled)) == in_order
    assert in_order[1] == "COMPLETED"


@QUICK
@given(
    before=BOARDS,
    feed=st.lists(RECORDS, max_size=14),
    total=st.none() | st.integers(min_value=0, max_value=14),
)
def test_no_run_closes_a_role_that_it_held(
    before: dict[int, str], feed: list[dict[str, Any]], total: int | None
) -> None:
    """Rejected, doubled or changed: an id that came is a role that stays."""

    async def story(services: BusinessServices) -> None:
        await sync(services, records(before), complete=True)
        was_open = await open_ids(services)
        await sync(services, feed, close_missing=True, expected_total=total)
        held = {str(record["id"]) for record in feed}
        assert was_open & held <= await open_ids(services)

    played(story)


@QUICK
@given(feeds=st.lists(BOARDS, min_size=1, max_size=4))
def test_the_operations_half_is_the_same_bytes_after_any_sync(
    feeds: list[dict[int, str]],
) -> None:
    """Created, changed, closed, reopened: nothing of ours is written."""

    async def story(services: BusinessServices) -> None:
        await sync(services, board(*range(1, 13)), complete=True)
        for job in await every_job(services):
            await services.do(
                "UpdateOperations",
                operator(),
                job_id=job.job_id,
                operations={
                    "auto_offer": {"enabled": True},
                    "fill": {"slots_filled": int(job.ats_link.external_job_id)},
                    "matching": {"state": 1},
                },
                environment="sandbox",
            )
        before = await services.rows(OPERATIONS)
        for feed in feeds:
            services.pass_time(hours=1)
            await sync(services, records(feed), close_missing=True)
            assert await services.rows(OPERATIONS) == before

    played(story)


@QUICK
@given(before=BOARDS, feed=st.lists(RECORDS, max_size=14))
def test_replaying_a_feed_changes_nothing(
    before: dict[int, str], feed: list[dict[str, Any]]
) -> None:
    """Neither a role nor an event: the second time all of it is known."""

    async def story(services: BusinessServices) -> None:
        await sync(services, records(before), complete=True)
        await sync(services, feed)
        after = [await services.rows(POSTINGS), await services.rows(EVENTS)]
        services.pass_time(hours=1)
        await sync(services, feed)
        assert [await services.rows(POSTINGS), await services.rows(EVENTS)] == after

    played(story)


def _cut(feed: list[dict[str, Any]], cuts: list[int]) -> list[list[dict[str, Any]]]:
    """The feed in batches of these lengths, over and over."""
    batches: list[list[dict[str, Any]]] = []
    rest = feed
    while rest:
        length = cuts[len(batches) % len(cuts)]
        batches.append(rest[:length])
        rest = rest[length:]
    return batches
