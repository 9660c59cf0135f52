"""Holds over the jobs that a key posted: exact, in batches, repeatable, released alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import text
from tests.harness.access import job_form
from tests.harness.business_services import (
    EMPLOYER,
    NOW,
    BusinessServices,
    key,
    opened,
    operator,
)

from xaigh.jobs.v1 import job_pb2, operations_pb2
from xaigh_server.jobs.holds import HoldOrder, JobHolder

OPEN, CLOSED = job_pb2.PublicationStatus.OPEN, job_pb2.PublicationStatus.CLOSED
ORDER = HoldOrder(
    hold_id="rbk_1",
    organization_id="org_northline",
    key_ids=("k" * 10,),
    since=NOW,
    reason="Posted by a stolen key.",
    held_by="maya",
    hold_time=NOW + timedelta(minutes=5),
)
_IDS = count(10_000)


@pytest.fixture
async def services(location) -> AsyncIterator[BusinessServices]:
    async with opened(location) as made:
        yield made


def holder(services: BusinessServices, *, batch: int = 2) -> JobHolder:
    """A holder whose batches are so small that every test needs several."""
    return JobHolder(
        services.database,
        clock=lambda: services.now,
        new_id=lambda prefix: f"{prefix}_{next(_IDS)}",
        batch=batch,
    )


async def post(services: BusinessServices, by: Any = None) -> str:
    form = {
        "employer_user_id": EMPLOYER,
        "title": job_form()["title"],
        "slots": 3,
        "starts_at": NOW + timedelta(days=9),
    }
    return str((await services.do("PostJob", by, **form)).job_id)


async def status(services: BusinessServices, job_id: str) -> job_pb2.PublicationStatus:
    job = await services.do("GetJob", job_id=job_id, idempotency_key=None)
    found: job_pb2.PublicationStatus = job.publication_status
    return found


async def test_every_job_since_then_is_held(services: BusinessServices) -> None:
    """From the very moment on; older jobs, and those of other keys, stay."""
    old = await post(services)
    services.pass_time(seconds=1)
    since = services.now
    mine = [await post(services) for _ in range(5)]
    other = await post(services, by=replace(key(), key_id="o" * 10))
    order = replace(ORDER, since=since)
    preview = await holder(services).preview(order, limit=3)
    assert (preview.count, [job.job_id for job in preview.first]) == (5, mine[:3])
    await holder(services).place(order)
    for job_id in mine:
        held = await status(services, job_id)
        assert (held.state, held.close_reason) == (CLOSED, job_pb2.PublicationStatus.LOCAL_HOLD)
        assert (held.hold.hold_id, held.hold.reason) == ("rbk_1", "Posted by a stolen key.")
    for job_id in (old, other):
        assert (await status(services, job_id)).state == OPEN
    covered = await holder(services).covered("rbk_1", limit=10)
    assert (covered.count, [job.job_id for job in covered.first]) == (5, mine)


async def test_a_held_job_is_published_nowhere(services: BusinessServices) -> None:
    """Lists, sums and matching leave it out; its etag and its time of update move."""
    job_id = await post(services)
    matching = operations_pb2.Operations(
        matching=operations_pb2.Matching(state=operations_pb2.Matching.RUNNING)
    )
    before = await services.do(
        "UpdateOperations",
        operator(),
        job_id=job_id,
        environment="sandbox",
        operations=matching,
        update_mask={"paths": ["matching.state"]},
    )
    assert before.operations.matching.active
    services.pass_time(seconds=5)
    await holder(services).place(ORDER)
    after = await services.do("GetJob", job_id=job_id, idempotency_key=None)
    assert not after.operations.matching.active
    assert after.etag != before.etag
    assert after.update_time.ToDatetime() > before.update_time.ToDatetime()
    for method, wanted in (
        ("ListPublishedJobs", {}),
        ("ListJobs", {"state": OPEN}),
        ("ListEmployerJobs", {"employer_user_id": EMPLOYER, "state": OPEN}),
    ):
        assert not (await services.do(method, idempotency_key=None, **wanted)).jobs, method
    sums = await services.do("GetWorkforceStatus", employer_user_id=EMPLOYER, idempotency_key=None)
    assert (sums.open_jobs, sums.closed_jobs, sums.matching_jobs) == (0, 1, 0)


async def test_a_repeat_holds_nothing_twice(services: BusinessServices) -> None:
    """One change, one event and one place in the audit log for each job."""
    mine = [await post(services) for _ in range(3)]
    await holder(services).place(ORDER)
    await holder(services).place(ORDER)
    kinds = await services.rows(text("SELECT kind FROM job_changes WHERE kind = 'CLOSED'"))
    assert len(kinds) == 3
    payloads = await services.rows(
        text("SELECT payload FROM outbox WHERE event_type = 'job.closed' ORDER BY sequence")
    )
    assert sum(row[0].count('"closeReason":"LOCAL_HOLD"') for row in payloads) == 3
    events = await services.rows(
        text("SELECT targets, actor_id, reason FROM audit_events WHERE action = 'job.held'")
    )
    assert [event[1:] for event in events] == [("maya", ORDER.reason)] * 2
    named = "".join(event[0] for event in events)
    assert all(named.count(job_id) == 1 for job_id in mine)


async def test_what_is_closed_is_not_held(services: BusinessServices) -> None:
    """It needs no hold, and a release must not open it."""
    closed, kept = await post(services), await post(services)
    await services.do("CloseJob", job_id=closed)
    await holder(services).place(ORDER)
    assert [job.job_id for job in (await holder(services).covered("rbk_1", limit=9)).first] == [
        kept
    ]


async def test_a_release_opens_exactly_what_the_order_held(services: BusinessServices) -> None:
    """What a service holds, what was closed meanwhile and what another order holds stays shut."""
    free, closed, served, twice = [await post(services) for _ in range(4)]
    await holder(services).place(ORDER)
    await services.do("CloseJob", job_id=closed)
    hold = operations_pb2.Operations(
        matching=operations_pb2.Matching(hold=operations_pb2.Hold(reason="Unsafe."))
    )
    await services.do(
        "UpdateOperations",
        operator(),
        job_id=served,
        environment="sandbox",
        operations=hold,
        update_mask={"paths": ["matching.hold"]},
    )
    services.pass_time(seconds=1)
    second = replace(ORDER, hold_id="rbk_2")
    await services.database.write(lambda session: _hold_one(session, second, twice))
    await holder(services).release(ORDER, by="noa", reason="It was ours.")
    opened_now = await status(services, free)
    assert opened_now.state == OPEN
    assert not opened_now.HasField("hold")
    assert (await status(services, closed)).close_reason == (
        job_pb2.PublicationStatus.CLOSED_BY_INTEGRATOR
    )
    assert (await status(services, served)).state == CLOSED
    assert (await status(services, twice)).hold.hold_id == "rbk_2"
    events = await services.rows(
        text("SELECT actor_id, reason FROM audit_events WHERE action = 'job.hold_released'")
    )
    assert set(events) == {("noa", "It was ours.")}
    reopened = await services.rows(text("SELECT 1 FROM job_changes WHERE kind = 'REOPENED'"))
    assert len(reopened) == 1


async def test_nothing_is_held_behind_a_release(services: BusinessServices) -> None:
    """A batch of holds that comes late finds the order ended, also one that never began."""
    job_id = await post(services)
    await holder(services).release(ORDER, by="maya", reason="A mistake.")
    await holder(services).place(ORDER)
    assert (await status(services, job_id)).state == OPEN


def _hold_one(session: Any, order: HoldOrder, job_id: str) -> None:
    session.run(
        text(
            "INSERT INTO job_hold_orders (hold_id, organization_id, reason, held_by, hold_time)"
            f" VALUES ('{order.hold_id}', '{order.organization_id}', 'x', 'maya', 1)"
        )
    )
    session.run(
        text(
            "INSERT INTO job_holds (number, hold_id, released)"
            f" SELECT number, '{order.hold_id}', 0 FROM job_postings WHERE job_id = '{job_id}'"
        )
    )
