"""Jobs over the API, on a real database."""

import asyncio
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import select
from tests.harness.business_services import EMPLOYER, BusinessServices, key, operator

from xaigh.jobs.v1 import job_pb2
from xaigh_server.db.tables import business_journal
from xaigh_server.errors import FieldInvalid, NotFound
from xaigh_server.identity.scopes import Role
from xaigh_server.jobs.model import JobClosed
from xaigh_server.jobs.tables import job_operations, job_postings
from xaigh_server.rpc.errors import EtagMismatch, IdempotencyKeyReused, PageTokenInvalid

STARTS = Timestamp(seconds=1_800_000_000)
SERVICE = operator(Role.SERVICE)
OPERATIONS = select(job_operations.c.document, job_operations.c.revision)


def posted(**fields: Any) -> dict[str, Any]:
    """A request to post a job, with the fields that a test is about."""
    base: dict[str, Any] = {
        "employer_user_id": EMPLOYER,
        "title": "Warehouse crew",
        "slots": 12,
        "starts_at": STARTS,
    }
    return {**base, **fields}


async def post(services: BusinessServices, **fields: Any) -> Any:
    return await services.do("PostJob", **posted(**fields))


async def events(services: BusinessServices) -> list[str]:
    outbox = business_journal.outbox
    rows = await services.rows(select(outbox.c.event_type).order_by(outbox.c.sequence))
    return [row[0] for row in rows]


class TestPosting:
    async def test_a_posted_job_reads_as_it_was_posted(self, services: BusinessServices) -> None:
        """Every field of the flat request is found in its member of the job."""
        job = await post(
            services,
            description="<p>Lift &amp; carry</p><script>x()</script>",
            pay={"min_minor": 2000, "max_minor": 2500, "currency": "USD", "interval": 1},
            location={"city": "Reno", "region": "NV", "country": "US"},
            requirements=["Boots"],
            external_reference="A-1",
        )
        again = await services.do("GetJob", job_id=job.job_id)
        assert again == job
        content = job.job_content
        assert job.job_id.startswith("job_")
        assert job.source == job_pb2.Job.DIRECT
        assert (content.title, content.slots) == ("Warehouse crew", 12)
        assert content.description_html == "<p>Lift &amp; carry</p>"
        assert content.description_text == "Lift & carry"
        assert content.locations[0].city == "Reno"
        assert list(content.requirements) == ["Boots"]
        assert job.pay_range.pays[0].max_minor == 2500
        assert job.publication_status.state == job_pb2.PublicationStatus.OPEN
        assert job.application_destination.applyable
        assert not job.HasField("ats_link")

    async def test_a_job_knows_the_key_that_posted_it(self, services: BusinessServices) -> None:
        """Under which a rollback finds it."""
        await post(services)
        assert await services.rows(select(job_postings.c.posted_by)) == [("k" * 10,)]

    async def test_a_plain_description_keeps_its_lines(self, services: BusinessServices) -> None:
        """Text without markup becomes paragraphs, and reads as lines again."""
        job = await post(services, description="First\nsecond\n\nThird")
        assert job.job_content.description_html == "<p>First<br>second</p><p>Third</p>"
        assert job.job_content.description_text == "First\nsecond\nThird"

    async def test_a_repeat_makes_one_job(self, services: BusinessServices) -> None:
        """The same key and request give the same job; another request is refused."""
        first = await services.do("PostJob", idempotency_key="a", **posted())
        again = await services.do("PostJob", idempotency_key="a", **posted())
        assert again == first
        with pytest.raises(IdempotencyKeyReused):
            await services.do("PostJob", idempotency_key="a", **posted(slots=3))
        assert len(await services.rows(select(job_postings.c.job_id))) == 1
        assert await events(services) == ["job.created"]

    async def test_another_employer_is_not_there(self, services: BusinessServices) -> None:
        """An employer off the grant answers as one that doesn't exist."""
        with pytest.raises(NotFound):
            await post(services, employer_user_id="employer_2")

    @pytest.mark.parametrize(
        ("fields", "paths"),
        [
            ({"ends_at": STARTS}, ["endsAt"]),
            ({"pay": {"min_minor": 3, "max_minor": 2, "currency": "USD"}}, ["pay.minMinor"]),
            ({"pay": {"min_minor": 3}}, ["pay.currency"]),
            ({"title": "\u200b"}, ["title"]),
        ],
    )
    async def test_fields_that_contradict_each_other(
        self, services: BusinessServices, fields: dict[str, Any], paths: list[str]
    ) -> None:
        """Are refused by the names that the caller used, and nothing is written."""
        with pytest.raises(FieldInvalid) as caught:
            await post(services, **fields)
        assert [violation.path for violation in caught.value.violations] == paths
        assert await services.rows(select(job_postings.c.job_id)) == []


class TestReading:
    async def test_a_foreign_job_answers_as_a_missing_one(self, services: BusinessServices) -> None:
        """Another organization and another employer can't tell it from one that isn't there."""
        job = await post(services)
        messages = set()
        for principal in (key(organization="org_other"), key("employer_2")):
            for job_id in (job.job_id, "job_nothing"):
                with pytest.raises(NotFound) as caught:
                    await services.do("GetJob", principal, job_id=job_id)
                messages.add((caught.value.message, tuple(caught.value.metadata)))
        assert len(messages) == 1

    async def test_a_list_is_of_the_grants_employers_newest_first(
        self, services: BusinessServices
    ) -> None:
        """Pages follow each other without a gap, and filters hold on each of them."""
        both = key("employer_1", "employer_2")
        made = [
            (await services.do("PostJob", both, **posted(employer_user_id=employer))).job_id
            for employer in ("employer_1", "employer_2", "employer_1", "employer_2", "employer_1")
        ]
        found: list[str] = []
        token = ""
        while True:
            page = await services.do("ListJobs", both, page_size=2, page_token=token)
            assert len(page.jobs) <= 2
            found += [job.job_id for job in page.jobs]
            token = page.next_page_token
            if not token:
                break
        assert found == made[::-1]
        own = await services.do("ListJobs")
        assert [job.job_id for job in own.jobs] == [made[4], made[2], made[0]]
        assert not (await services.do("ListJobs", employer_user_id="employer_2")).jobs

    async def test_a_token_is_of_one_list_with_its_filters(
        self, services: BusinessServices
    ) -> None:
        """Other filters or another organization make it no token."""
        for _ in range(3):
            await post(services)
        token = (await services.do("ListJobs", page_size=1)).next_page_token
        with pytest.raises(PageTokenInvalid):
            await services.do("ListJobs", page_token=token, source=job_pb2.Job.DIRECT)
        with pytest.raises(PageTokenInvalid):
            await services.do("ListJobs", key(organization="org_other"), page_token=token)

    async def test_filters(self, services: BusinessServices) -> None:
        """Each filter keeps what it names."""
        open_job = await post(services, external_reference="A")
        closed = await post(services, external_reference="B")
        await services.do("CloseJob", job_id=closed.job_id)

        async def ids(**filters: Any) -> list[str]:
            return [job.job_id for job in (await services.do("ListJobs", **filters)).jobs]

        states = job_pb2.PublicationStatus
        assert await ids(state=states.OPEN) == [open_job.job_id]
        assert await ids(state=states.CLOSED) == [closed.job_id]
        assert await ids(external_reference="B") == [closed.job_id]
        assert await ids(source=job_pb2.Job.CLIENT_ATS) == []
        employer = await services.do(
            "ListEmployerJobs", employer_user_id=EMPLOYER, state=states.OPEN
        )
        assert [job.job_id for job in employer.jobs] == [open_job.job_id]
        with pytest.raises(NotFound):
            await services.do("ListEmployerJobs", employer_user_id="employer_2")


class TestChanging:
    async def test_a_mask_says_what_changes(self, services: BusinessServices) -> None:
        """What isn't named stays; what is named and not set is cleared."""
        job = await post(services, requirements=["Boots"], external_reference="A")
        changed = await services.do(
            "UpdateJob",
            job={"job_id": job.job_id, "job_content": {"title": " New  title ", "slots": 99}},
            update_mask={"paths": ["job_content.title", "job_content.requirements"]},
        )
        assert changed.job_content.title == "New title"
        assert changed.job_content.slots == 12
        assert not changed.job_content.requirements
        assert changed.job_content.external_reference == "A"
        assert changed.etag != job.etag

    async def test_without_a_mask_what_is_set_changes(self, services: BusinessServices) -> None:
        """And nothing else."""
        job = await post(services, external_reference="A")
        changed = await services.do(
            "UpdateJob", job={"job_id": job.job_id, "job_content": {"slots": 3}}
        )
        assert (changed.job_content.slots, changed.job_content.title) == (3, "Warehouse crew")

    async def test_a_star_replaces_all_that_the_caller_writes(
        self, services: BusinessServices
    ) -> None:
        """And leaves ids, times and our services' fields alone."""
        job = await post(services, external_reference="A")
        await services.do(
            "UpdateOperations",
            SERVICE,
            job_id=job.job_id,
            operations={"fill": {"slots_filled": 4}},
            environment="sandbox",
        )
        changed = await services.do(
            "UpdateJob",
            job={
                "job_id": job.job_id,
                "job_content": {"title": "Crew", "slots": 2, "starts_at": STARTS},
                "publication_status": {"listed": True},
                "operations": {"auto_offer": {"enabled": True}},
            },
            update_mask={"paths": ["*"]},
        )
        assert changed.job_content.external_reference == ""
        assert changed.operations.auto_offer.enabled
        assert changed.operations.fill.slots_filled == 4
        assert changed.create_time == job.create_time

    async def test_an_update_that_changes_nothing_leaves_no_trace(
        self, services: BusinessServices
    ) -> None:
        """The etag stays, and nobody is told."""
        job = await post(services)
        same = await services.do(
            "UpdateJob", job={"job_id": job.job_id, "job_content": {"slots": 12}}
        )
        assert same == job
        assert await events(services) == ["job.created"]

    @pytest.mark.parametrize(
        ("job", "mask", "path"),
        [
            ({"operations": {"fill": {}}}, ["operations.fill"], "operations.fill"),
            ({}, ["operations.matching.state"], "operations.matching.state"),
            ({"publication_status": {"state": 2}}, [], "publicationStatus.state"),
            ({"employer_user_id": "employer_2"}, [], "employerUserId"),
            ({"job_content": {"title": " "}}, [], "jobContent.title"),
            ({}, ["job_content.slots"], "jobContent.slots"),
            ({}, ["nonsense"], "updateMask"),
            ({}, ["job_content.nonsense"], "updateMask"),
            ({}, ["job_content.requirements.x"], "updateMask"),
        ],
    )
    async def test_what_is_not_the_callers_is_refused(
        self, services: BusinessServices, job: dict[str, Any], mask: list[str], path: str
    ) -> None:
        """By its path, and the rest of the request isn't done either."""
        made = await post(services)
        with pytest.raises(FieldInvalid) as caught:
            await services.do(
                "UpdateJob",
                job={**job, "job_id": made.job_id},
                update_mask={"paths": mask} if mask else None,
            )
        assert caught.value.violations[0].path == path
        assert await services.do("GetJob", job_id=made.job_id) == made

    async def test_an_etag_guards_against_lost_updates(self, services: BusinessServices) -> None:
        """The second of two writers that read the same revision is refused."""
        job = await post(services)
        change = {"job_id": job.job_id, "etag": job.etag}
        await services.do("UpdateJob", job={**change, "job_content": {"slots": 3}})
        with pytest.raises(EtagMismatch):
            await services.do("UpdateJob", job={**change, "job_content": {"slots": 4}})
        with pytest.raises(EtagMismatch):
            await services.do("CloseJob", job_id=job.job_id, etag=job.etag)

    async def test_a_changed_description_is_sanitized(self, services: BusinessServices) -> None:
        """Whatever the way it comes."""
        job = await post(services)
        changed = await services.do(
            "UpdateJob",
            job={
                "job_id": job.job_id,
                "job_content": {"description_html": "<b onclick=x()>Hi</b>"},
            },
        )
        assert changed.job_content.description_html == "<b>Hi</b>"
        assert changed.job_content.description_text == "Hi"


class TestClosing:
    async def test_a_closed_job_is_closed_for_good(self, services: BusinessServices) -> None:
        """It has a reason, a note and a time; its content can't change, its operations can."""
        job = await post(services)
        closed = await services.do("CloseJob", job_id=job.job_id, reason="Done")
        status = closed.publication_status
        assert status.state == job_pb2.PublicationStatus.CLOSED
        assert status.close_reason == job_pb2.PublicationStatus.CLOSED_BY_INTEGRATOR
        assert status.close_note == "Done"
        assert status.close_time.ToDatetime() == services.now.replace(tzinfo=None)
        with pytest.raises(JobClosed):
            await services.do("UpdateJob", job={"job_id": job.job_id, "job_content": {"slots": 1}})
        changed = await services.do(
            "UpdateJob",
            job={"job_id": job.job_id, "operations": {"auto_offer": {"enabled": True}}},
        )
        assert changed.operations.auto_offer.enabled

    async def test_closing_twice_is_closing_once(self, services: BusinessServices) -> None:
        """The second time changes nothing and tells nobody."""
        job = await post(services)
        first = await services.do("CloseJob", job_id=job.job_id)
        services.pass_time(hours=1)
        assert await services.do("CloseJob", job_id=job.job_id, reason="Again") == first
        assert await events(services) == ["job.created", "job.closed"]


class TestOperations:
    async def test_a_close_leaves_every_byte_of_operations(
        self, services: BusinessServices
    ) -> None:
        """Matching stops because the role is closed, not because a setting was lost."""
        job = await post(services)
        running = await services.do(
            "UpdateOperations",
            SERVICE,
            job_id=job.job_id,
            operations={"matching": {"state": 1, "candidates": 5}},
            environment="sandbox",
        )
        assert running.operations.matching.active
        before = await services.rows(OPERATIONS)
        closed = await services.do("CloseJob", job_id=job.job_id)
        assert await services.rows(OPERATIONS) == before
        assert not closed.operations.matching.active
        assert closed.operations.matching.state == running.operations.matching.state

    async def test_a_hold_closes_a_role_until_it_is_lifted(
        self, services: BusinessServices
    ) -> None:
        """The client's half stays open meanwhile, and watchers hear of both."""
        job = await post(services)

        async def hold(matching: dict[str, Any], mask: list[str]) -> Any:
            return await services.do(
                "UpdateOperations",
                SERVICE,
                job_id=job.job_id,
                operations={"matching": matching},
                update_mask={"paths": mask},
                environment="sandbox",
            )

        await hold({"state": 1}, ["matching.state"])
        held = await hold({"hold": {"reason": "Fraud?"}}, ["matching.hold"])
        status = held.publication_status
        assert status.state == job_pb2.PublicationStatus.CLOSED
        assert status.close_reason == job_pb2.PublicationStatus.LOCAL_HOLD
        assert not held.operations.matching.active
        assert not (await services.do("ListPublishedJobs")).jobs
        lifted = await hold({}, ["matching.hold"])
        assert lifted.publication_status.state == job_pb2.PublicationStatus.OPEN
        assert lifted.operations.matching.active
        assert (await events(services))[1:] == ["job.updated", "job.closed", "job.reopened"]

    async def test_what_is_worked_out_cannot_be_written(self, services: BusinessServices) -> None:
        """`matching.active` follows from the rest."""
        job = await post(services)
        changed = await services.do(
            "UpdateOperations",
            SERVICE,
            job_id=job.job_id,
            operations={"matching": {"active": True}},
            update_mask={"paths": ["*"]},
            environment="sandbox",
        )
        assert not changed.operations.matching.active

    async def test_the_workforce_status_sums_open_jobs(self, services: BusinessServices) -> None:
        """Closed jobs count as such, and in nothing else."""
        jobs = [await post(services, slots=10) for _ in range(3)]
        for job in jobs:
            await services.do(
                "UpdateOperations",
                SERVICE,
                job_id=job.job_id,
                operations={
                    "fill": {"slots_filled": 4, "open_offers": 1},
                    "attendance": {"expected": 4, "checked_in": 3, "no_shows": 1},
                    "matching": {"state": 1},
                },
                environment="sandbox",
            )
        await services.do("CloseJob", job_id=jobs[0].job_id)
        status = await services.do("GetWorkforceStatus", employer_user_id=EMPLOYER)
        assert (status.open_jobs, status.closed_jobs, status.matching_jobs) == (2, 1, 2)
        assert (status.slots, status.slots_filled, status.open_offers) == (20, 8, 2)
        assert (status.expected, status.checked_in, status.no_shows) == (8, 6, 2)


class TestPublished:
    async def test_the_public_sees_open_and_listed_jobs_and_nothing_internal(
        self, services: BusinessServices
    ) -> None:
        """No references of the client's, no operations."""
        job = await post(services, external_reference="A")
        unlisted = await post(services)
        closed = await post(services)
        await services.do(
            "UpdateJob",
            job={"job_id": unlisted.job_id},
            update_mask={"paths": ["publication_status.listed"]},
        )
        await services.do("CloseJob", job_id=closed.job_id)
        page = await services.do("ListPublishedJobs")
        assert [shown.job_id for shown in page.jobs] == [job.job_id]
        assert page.jobs[0].job_content.external_reference == ""
        assert page.jobs[0].job_content.title == "Warehouse crew"

    async def test_a_prospect_is_neither_published_nor_matched(
        self, services: BusinessServices
    ) -> None:
        """Whatever a service writes, and as long as the content says that it offers no role."""
        job = await post(services)
        told = {"job_id": job.job_id, "job_content": {"prospect": True}}
        await services.do("UpdateJob", job=told)
        running = {"job_id": job.job_id, "operations": {"matching": {"state": 1}}}
        changed = await services.do("UpdateOperations", SERVICE, environment="sandbox", **running)
        assert not changed.operations.matching.active
        assert (await services.do("ListPublishedJobs")).jobs == []
        status = await services.do("GetWorkforceStatus", employer_user_id=EMPLOYER)
        assert (status.open_jobs, status.matching_jobs) == (1, 0)
        changed = await services.do(
            "UpdateJob",
            job={"job_id": job.job_id},
            update_mask={"paths": ["job_content.prospect"]},
        )
        assert changed.operations.matching.active
        assert [shown.job_id for shown in (await services.do("ListPublishedJobs")).jobs] == [
            job.job_id
        ]


class TestWatching:
    async def test_a_watch_misses_nothing_across_a_reconnect(
        self, services: BusinessServices
    ) -> None:
        """Whatever happens between two connections is heard on the second."""
        stream = await services.stream("WatchJobs")
        bookmark = await anext(stream)
        await stream.aclose()
        job = await post(services)
        await services.do("UpdateJob", job={"job_id": job.job_id, "job_content": {"slots": 2}})
        await services.do("CloseJob", job_id=job.job_id)
        heard = []
        cursor = bookmark.cursor
        for _ in range(3):
            stream = await services.stream("WatchJobs", cursor=cursor)
            assert (await anext(stream)).kind == bookmark.kind
            change = await anext(stream)
            heard.append(change.Kind.Name(change.kind))
            cursor = change.cursor
            await stream.aclose()
        assert heard == ["CREATED", "UPDATED", "CLOSED"]

    async def test_a_change_is_heard_while_watching(self, services: BusinessServices) -> None:
        """Without a reconnect, in the order of the commits."""
        stream = await services.stream("WatchJobs")
        await anext(stream)
        first, second = await post(services), await post(services)
        assert [(await anext(stream)).job.job_id for _ in range(2)] == [
            first.job_id,
            second.job_id,
        ]
        await stream.aclose()

    async def test_existing_jobs_come_first_when_asked_for(
        self, services: BusinessServices
    ) -> None:
        """And a watch cut off among them goes on where it was."""
        jobs = [(await post(services)).job_id for _ in range(3)]
        stream = await services.stream("WatchJobs", include_existing=True)
        await anext(stream)
        first = await anext(stream)
        await stream.aclose()
        late = await post(services)
        stream = await services.stream("WatchJobs", cursor=first.cursor)
        await anext(stream)
        rest = [await anext(stream) for _ in range(3)]
        await stream.aclose()
        assert [first.job.job_id, *(change.job.job_id for change in rest[:2])] == jobs[::-1]
        assert rest[2].job.job_id == late.job_id

    async def test_others_changes_are_not_heard(self, services: BusinessServices) -> None:
        """Neither another employer's nor another organization's."""
        stream = await services.stream("WatchJobs", key("employer_2"))
        await anext(stream)
        await post(services)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await anext(stream)

    async def test_a_cursor_is_of_one_watch(self, services: BusinessServices) -> None:
        """Of one organization and one filter."""
        stream = await services.stream("WatchJobs")
        cursor = (await anext(stream)).cursor
        await stream.aclose()
        for principal, filters in (
            (key(organization="org_x"), {}),
            (key(), {"employer_user_id": "e"}),
        ):
            stream = await services.stream("WatchJobs", principal, cursor=cursor, **filters)
            with pytest.raises(FieldInvalid):
                await anext(stream)
