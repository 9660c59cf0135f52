"""Jobs, mirrors, integrations, runs and events on both engines."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from tests.harness.business_services import (
    EMPLOYER,
    NOW,
    ORGANIZATION,
    BusinessServices,
    key,
    operator,
)
from tests.harness.syncs import (
    authoritative,
    board,
    close_state,
    every_job,
    greenhouse,
    history,
    integrate,
    mirror,
    open_ids,
    operate,
    run_state,
    sync,
    words,
)

from xaigh.jobs.v1 import job_pb2
from xaigh_server.ats.repository.mirrors import KnownMirrors, Mirrors
from xaigh_server.ats.retention import BatchRetention, History
from xaigh_server.db.database import Database, open_database
from xaigh_server.db.errors import IntegrityViolation, UniqueViolation
from xaigh_server.db.metadata import control_metadata
from xaigh_server.db.session import Session
from xaigh_server.errors import AlreadyExists
from xaigh_server.jobs.change_log import ChangePosition, JobChangeLog, LogEntry
from xaigh_server.jobs.model import (
    ChangeKind,
    CloseReason,
    Job,
    JobFilter,
    JobState,
    OperationsHalf,
    Posting,
    Publication,
    Source,
)
from xaigh_server.jobs.repository import Jobs
from xaigh_server.jobs.tables import job_postings


@pytest.fixture
def services(business: Database) -> BusinessServices:
    """The services on the engine under test."""
    return BusinessServices(business, open_database("control", Path("nowhere"), control_metadata))


def job(number: int, **members: Any) -> Job:
    """A direct job."""
    base = Job(
        number=number,
        job_id=f"job_{number}",
        organization_id=ORGANIZATION,
        employer_user_id=EMPLOYER,
        source=Source.DIRECT,
        posted_by="k" * 10,
        posting=Posting(
            title=f"Job {number}",
            slots=number,
            external_reference="",
            content=b"\x00content",
            pay=b"",
            application=b"\xff",
            publication=Publication(),
            updated_time=NOW,
        ),
        created_time=NOW,
    )
    return replace(base, **members)


class TestJobs:
    async def test_a_job_comes_back_as_it_was_added(self, business: Database) -> None:
        """Both halves, to the byte and the microsecond."""
        time = NOW + timedelta(microseconds=1)
        half = OperationsHalf(
            document=b"\x00\xffbytes",
            hold_reason="fraud",
            hold_time=time,
            matching=True,
            slots_filled=3,
            revision=4,
            updated_time=time,
        )

        def write(session: Session) -> None:
            jobs = Jobs(session)
            assert jobs.new_numbers(1) == [1]
            jobs.add(job(1))
            jobs.store_operations(1, half)
            assert jobs.new_numbers(2) == [2, 3]

        await business.write(write)
        found = await business.read(lambda session: Jobs(session).find("job_1"))
        assert found == replace(job(1), operations=half)
        assert await business.read(lambda session: Jobs(session).find("job_2")) is None

    async def test_lists_keep_to_their_conditions(self, business: Database) -> None:
        """Of one employer or of several, before a place, with each filter."""

        def write(session: Session) -> None:
            jobs = Jobs(session)
            for number in range(1, 7):
                jobs.add(job(number, employer_user_id=f"employer_{number % 3}"))
            jobs.add(job(7, organization_id="org_other"))

        await business.write(write)

        async def numbers(**filters: Any) -> list[int]:
            before = filters.pop("before", None)
            limit = filters.pop("limit", 10)
            wanted = JobFilter(organization_id=ORGANIZATION, **filters)
            found = await business.read(
                lambda session: Jobs(session).listing(wanted, before=before, limit=limit)
            )
            return [each.number for each in found]

        assert await numbers(employer_ids=["employer_1"]) == [4, 1]
        assert await numbers(employer_ids=["employer_1", "employer_2"]) == [5, 4, 2, 1]
        assert await numbers(employer_ids=["employer_1", "employer_2"], before=4, limit=1) == [2]
        assert await numbers(employer_ids=["employer_1"], state="CLOSED") == []
        assert await numbers(employer_ids=["employer_1"], source="DIRECT", published=True) == [4, 1]
        assert await numbers(employer_ids=["employer_1"], external_reference="x") == []

    async def test_the_log_is_in_the_order_of_commits(self, business: Database) -> None:
        """Of one organization's employers, after a sequence, at most so many."""

        def write(session: Session) -> None:
            jobs = Jobs(session)
            for number in range(1, 5):
                jobs.add(job(number))
                entry = LogEntry(
                    number=number,
                    employer_user_id=f"employer_{number % 2}",
                    kind=ChangeKind.CREATED,
                )
                JobChangeLog(session).append(ORGANIZATION, [entry], NOW)

        await business.write(write)

        def read(session: Session) -> Any:
            jobs = JobChangeLog(session)
            both = JobFilter(
                organization_id=ORGANIZATION, employer_ids=["employer_0", "employer_1"]
            )
            start = ChangePosition(sequence=0)
            first = jobs.changes(both, after=start, limit=3)
            third = ChangePosition(sequence=first[-1].sequence)
            rest = jobs.changes(both, after=third, limit=3)
            one = jobs.changes(replace(both, employer_ids=["employer_1"]), after=start, limit=9)
            other = jobs.changes(replace(both, organization_id="org_other"), after=start, limit=9)
            return [[c.job_number for c in found] for found in (first, rest, one, other)], (
                jobs.head(both) == ChangePosition.behind(rest[-1])
            )

        assert await business.read(read) == ([[1, 2, 3], [4], [1, 3], []], True)

    async def test_the_table_guards_what_must_hold(self, business: Database) -> None:
        """An id is one job's, a closed job has a reason, and operations need their job."""
        await business.write(lambda session: Jobs(session).add(job(1)))
        with pytest.raises(UniqueViolation) as doubled:
            await business.write(lambda session: Jobs(session).add(job(2, job_id="job_1")))
        assert doubled.value.constraint == "uq_job_postings_job_id"
        close = update(job_postings).values(state="CLOSED")
        with pytest.raises(IntegrityViolation) as caught:
            await business.write(lambda session: session.run(close))
        assert caught.value.constraint == "ck_job_postings_close_reason"
        half = OperationsHalf(revision=1, updated_time=NOW)
        with pytest.raises(IntegrityViolation):
            await business.write(lambda session: Jobs(session).store_operations(9, half))


async def test_the_life_of_a_mirror(services: BusinessServices) -> None:
    """Created, unchanged, changed, closed by absence, brought back, closed by status."""
    await integrate(services)
    assert words(await authoritative(services, board(1, 2))) == ["CREATED", "CREATED"]
    assert words(await authoritative(services, board(1, 2))) == ["UNCHANGED", "UNCHANGED"]
    assert words(await sync(services, [greenhouse(2, title="New")])) == ["UPDATED"]
    reply = await authoritative(services, board(1))
    assert (close_state(reply.run), reply.run.close.count) == ("CLOSED", 1)
    assert words(await sync(services, [greenhouse(2, title="New")])) == ["REOPENED"]
    job_id = (await mirror(services, 2)).job_id
    assert await history(services, job_id=job_id) == [
        "CREATED",
        "UPDATED",
        "MISSING_FROM_ATS",
        "CLOSED",
        "REOPENED",
    ]
    assert len(await history(services, sync_run_id=reply.sync_run_id)) == 2


async def test_a_second_look_at_mirrors_sees_every_change(services: BusinessServices) -> None:
    """It gives the first look's answer while nothing has changed, and a new one afterwards."""
    await integrate(services)
    await authoritative(services, board(1, 2, 3))
    ids = [(await mirror(services, number)).job_id for number in (1, 2)]

    async def look(earlier: KnownMirrors | None = None) -> KnownMirrors:
        return await services.database.read(lambda session: Mirrors(session).known(ids, earlier))

    first = await look()
    assert {each.external_job_id for each in first.by_job.values()} == {"1", "2"}
    assert first.by_job[ids[0]].state is JobState.OPEN and first.by_job[ids[0]].listed
    assert await look(first) is first
    await sync(services, board(3))
    assert await look(first) is first, "nothing of these two has changed"
    await sync(services, [greenhouse(2, title="New")])
    second = await look(first)
    assert second.by_job[ids[0]] == first.by_job[ids[0]]
    assert second.by_job[ids[1]].content_hash != first.by_job[ids[1]].content_hash
    await authoritative(services, board(2, 3))
    third = await look(second)
    assert third.by_job[ids[0]].state is JobState.CLOSED
    assert third.by_job[ids[0]].close_reason is CloseReason.ATS_MISSING
    none = await services.database.read(lambda session: Mirrors(session).known(["job_nobody"]))
    assert none.by_job == {}


async def test_a_run_of_many_batches_with_repeats_rejections_and_a_hold(
    services: BusinessServices,
) -> None:
    """The union of ids is exact, and the close waits for its count."""
    await integrate(services)
    await authoritative(services, board(*range(60)))
    said: dict[str, Any] = {"sync_run_id": "nightly", "close_missing": True}
    first = [*board(*range(10)), greenhouse(100, title=None)]
    await sync(services, first, **said, batch_index=0)
    assert (await sync(services, first, **said, batch_index=0)).replayed
    second = [greenhouse(100, title=None), *board(*range(8, 15))]
    reply = await sync(services, second, **said, batch_index=1, complete=True, expected_total=16)
    assert (run_state(reply.run), close_state(reply.run)) == ("COMPLETED", "HELD")
    assert reply.run.close.count == 45
    await sync(services, board(59))
    run = await services.do("ConfirmClose", sync_run_id="nightly", close_count=45)
    assert run.close.count == 44
    assert await open_ids(services) == {str(n) for n in (*range(15), 59)}
    status = await services.do("GetSyncStatus")
    assert (status.totals.open, status.totals.closed) == (16, 44)
    states = job_pb2.PublicationStatus
    closed = await services.do("ListJobs", state=states.CLOSED, page_size=200)
    assert len(closed.jobs) == 44
    assert len(await every_job(services)) == 60


async def test_a_whole_board_is_written_in_few_statements(services: BusinessServices) -> None:
    """200 records created, changed and closed, whatever the engine's limits on parameters."""
    made = await integrate(services, guard={"percent": 100})
    reply = await authoritative(services, board(*range(200)), expected_total=200)
    assert reply.counts.created == 200
    changed = [greenhouse(number, title="New") for number in range(200)]
    assert (await sync(services, changed)).counts.updated == 200
    reply = await authoritative(services, [greenhouse(0, title="New")])
    assert reply.run.close.count == 199
    runs = await services.do("ListSyncRuns", integration_id=made.integration_id)
    assert [run.close.count for run in runs.runs] == [199, 0, 0]


async def test_answers_are_forgotten_once_their_run_cannot_be_resumed(
    services: BusinessServices,
) -> None:
    """The run and what it did stay."""
    await integrate(services)
    for index in range(3):
        await sync(services, board(index), sync_run_id="nightly", batch_index=index)
    retention = BatchRetention([services.database], clock=lambda: services.now)
    services.pass_time(days=1)
    assert await retention.sweep() == 0
    services.pass_time(microseconds=1)
    assert await retention.sweep() == 3
    assert (await services.do("ListSyncRuns")).runs[0].batch_total == 3


async def test_old_changes_are_thinned_out_and_none_is_missed(services: BusinessServices) -> None:
    """Of a kind of change of one job the last one stays, so every cursor still hears of it."""
    await integrate(services)
    stream = await services.stream("WatchJobs")
    cursor = (await anext(stream)).cursor
    await stream.aclose()
    await sync(services, board(1, 2))
    for title in ("A", "B", "C"):
        await sync(services, [greenhouse(1, title=title)])
    await authoritative(services, board(2))
    await sync(services, [greenhouse(1, title="D")])
    services.pass_time(days=30)
    for title in ("E", "F"):
        await sync(services, [greenhouse(1, title=title)])
    thinning = kept(services, changes=timedelta(days=30))
    assert await thinning.sweep() == 0
    services.pass_time(microseconds=1)
    # Of three updates two go, and the third, too, since there are later ones.
    assert await thinning.sweep() == 3
    assert await thinning.sweep() == 0

    stream = await services.stream("WatchJobs", cursor=cursor)
    await anext(stream)
    heard = [await anext(stream) for _ in range(6)]
    await stream.aclose()
    first, second = [(await mirror(services, number)).job_id for number in (1, 2)]
    assert [(each.Kind.Name(each.kind), each.job.job_id) for each in heard] == [
        ("CREATED", first),
        ("CREATED", second),
        ("CLOSED", first),
        ("REOPENED", first),
        ("UPDATED", first),
        ("UPDATED", first),
    ]


async def test_sync_events_are_kept_for_as_long_as_was_said(services: BusinessServices) -> None:
    """The oldest go first; without a word, all of them stay."""
    await integrate(services)
    await sync(services, board(*range(200)))
    services.pass_time(days=1)
    await sync(services, [greenhouse(1, title="New")])
    services.pass_time(days=365)
    assert await kept(services).sweep() == 0
    assert await kept(services, sync_events=timedelta(days=365)).sweep() == 200
    assert await history(services) == ["UPDATED"]
    services.pass_time(microseconds=1)
    assert await kept(services, sync_events=timedelta(days=365)).sweep() == 1
    assert await history(services) == []


def kept(services: BusinessServices, **how_long: Any) -> History:
    """What forgets, after so long."""
    said: dict[str, Any] = {"changes": None, "sync_events": None, **how_long}
    return History([services.database], clock=lambda: services.now, **said)


async def test_operations_and_sums(services: BusinessServices) -> None:
    """Services write, sums follow, a hold counts as closed."""
    await integrate(services)
    await sync(services, board(1, 2, 3))
    for number, operations in ((1, {"fill": {"slots_filled": 2}}), (2, {"matching": {"state": 1}})):
        await services.do(
            "UpdateOperations",
            operator(),
            job_id=(await mirror(services, number)).job_id,
            operations=operations,
            environment="sandbox",
        )
    await services.do(
        "UpdateOperations",
        operator(),
        job_id=(await mirror(services, 3)).job_id,
        operations={"matching": {"hold": {"reason": "x"}}},
        environment="sandbox",
    )
    status = await services.do("GetWorkforceStatus", employer_user_id=EMPLOYER)
    assert (status.open_jobs, status.closed_jobs, status.matching_jobs) == (2, 1, 1)
    assert status.slots_filled == 2
    assert len((await services.do("ListPublishedJobs")).jobs) == 2


async def test_integrations_are_found_by_what_they_speak_for(services: BusinessServices) -> None:
    """By provider, employer and state; one board has one."""
    both = key(EMPLOYER, "employer_2")
    await integrate(services)
    south = await integrate(services, board="south", employers=["employer_2"], by=both)
    await operate(services, "DeactivateIntegration", south, mirrors=1, reason="Later.")
    with pytest.raises(AlreadyExists):
        await integrate(services)
    found = await services.do("ListIntegrations", both, employer_user_id="employer_2")
    assert [each.board for each in found.integrations] == ["south"]
    active = await services.do(
        "ListOrganizationIntegrations",
        operator(),
        organization_id="-",
        environment="sandbox",
        state=2,
    )
    assert [each.board for each in active.integrations] == ["northline"]
