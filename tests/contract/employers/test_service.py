"""Employers, approvals and closeouts on both engines."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor
from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import select
from tests.harness.business_services import (
    EMPLOYER,
    NOW,
    ORGANIZATION,
    BusinessServices,
    key,
    operator,
)
from tests.harness.syncs import authoritative, board, integrate

from xaigh.employers.v1 import employer_pb2
from xaigh.jobs.v1 import job_change_pb2, job_pb2
from xaigh_server.db.database import Database, open_database
from xaigh_server.db.metadata import control_metadata
from xaigh_server.db.tables import business_journal
from xaigh_server.employers.model import SelfApproval
from xaigh_server.errors import NotFound
from xaigh_server.identity.scopes import Role
from xaigh_server.jobs.holds import HoldOrder, JobHolder
from xaigh_server.jobs.model import JobClosed, PostingNotPending
from xaigh_server.rpc.errors import EtagMismatch, PageTokenInvalid
from xaigh_server.rpc.method_policy import read_methods
from xaigh_server.rpc.services import SERVICES

APPROVER = key(key_id="approver00")
SERVICE = operator(Role.SERVICE)
STATES = job_pb2.PublicationStatus.State
STARTS = Timestamp(seconds=1_800_000_000)


@pytest.fixture
def services(business: Database) -> BusinessServices:
    """The services on the engine under test."""
    return BusinessServices(business, open_database("control", Path("nowhere"), control_metadata))


def at(**after: float) -> Timestamp:
    """A time after the one at which the tests begin."""
    stamp = Timestamp()
    stamp.FromDatetime(NOW + timedelta(**after))
    return stamp


async def post(services: BusinessServices, **fields: Any) -> Any:
    """A posted job."""
    request = {"employer_user_id": EMPLOYER, "title": "Crew", "slots": 12, "starts_at": STARTS}
    return await services.do("PostJob", fields.pop("by", None), **{**request, **fields})


async def require(services: BusinessServices, required: bool = True, **fields: Any) -> Any:
    """A policy that asks for approvals, or no longer."""
    return await services.do(
        "SetApprovalPolicy",
        operator(),
        **{
            "organization_id": ORGANIZATION,
            "employer_user_id": EMPLOYER,
            "environment": "sandbox",
            "approval_required": required,
            "reason": "Their lawyers ask for it.",
            **fields,
        },
    )


async def approve(services: BusinessServices, job: Any, by: Any = APPROVER) -> Any:
    return await services.do("ApprovePosting", by, job_id=job.job_id, etag=job.etag)


async def give_back(services: BusinessServices, job: Any, by: Any = APPROVER) -> Any:
    return await services.do("ReturnPosting", by, job_id=job.job_id, reason="Too few slots.")


async def amend(services: BusinessServices, job: Any, slots: int, by: Any = None) -> Any:
    told = {"job_id": job.job_id, "job_content": {"slots": slots}}
    return await services.do("UpdateJob", by, job=told)


async def read(services: BusinessServices, job: Any) -> Any:
    return await services.do("GetJob", job_id=job.job_id)


async def run_matching(services: BusinessServices, job: Any, **operations: Any) -> Any:
    """What a service writes of a job, that matching runs by default."""
    return await services.do(
        "UpdateOperations",
        SERVICE,
        job_id=job.job_id,
        environment="sandbox",
        operations=operations or {"matching": {"state": 1}},
    )


def state(job: Any) -> str:
    """The state of a job, by its name."""
    status = job if isinstance(job, employer_pb2.EmployerJob) else job.publication_status
    return STATES.Name(status.state)


async def events(services: BusinessServices) -> list[str]:
    outbox = business_journal.outbox
    rows = await services.rows(select(outbox.c.event_type).order_by(outbox.c.sequence))
    return [row[0] for row in rows]


class TestPolicy:
    async def test_a_policy_is_of_one_organization_and_employer(
        self, services: BusinessServices
    ) -> None:
        """Others post as before; one that was never set asks for nothing."""
        named = {
            "organization_id": ORGANIZATION,
            "employer_user_id": EMPLOYER,
            "environment": "sandbox",
        }
        unset = await services.do("GetApprovalPolicy", operator(), **named)
        assert (unset.approval_required, unset.updated_by) == (False, "")
        policy = await require(services, etag=unset.etag)
        assert policy == await services.do("GetApprovalPolicy", operator(), **named)
        assert (policy.approval_required, policy.updated_by) == (True, "maya")
        assert policy.update_time == at()
        both = key(EMPLOYER, "employer_2")
        assert state(await post(services)) == "PENDING_APPROVAL"
        assert state(await post(services, by=both, employer_user_id="employer_2")) == "OPEN"
        assert state(await post(services, by=key(organization="org_other"))) == "OPEN"

    async def test_a_policy_changes_under_the_etag_that_was_read(
        self, services: BusinessServices
    ) -> None:
        """Every change has its own, so one that was read before is refused."""
        first = await require(services)
        second = await require(services, required=False, etag=first.etag)
        assert (second.approval_required, second.etag != first.etag) == (False, True)
        with pytest.raises(EtagMismatch):
            await require(services, etag=first.etag)

    @pytest.mark.parametrize("method", ["GetApprovalPolicy", "SetApprovalPolicy"])
    async def test_an_unknown_organization_has_no_policy(
        self, services: BusinessServices, method: str
    ) -> None:
        """A slip in its id would else be a policy that holds for nobody."""
        told = {"reason": "Why."} if method == "SetApprovalPolicy" else {}
        with pytest.raises(NotFound):
            await services.do(
                method,
                operator(),
                organization_id="org_nothing",
                employer_user_id=EMPLOYER,
                environment="sandbox",
                **told,
            )

    async def test_lifting_a_policy_approves_nothing(self, services: BusinessServices) -> None:
        """What waits goes on to wait, also when it is amended; new jobs are open."""
        await require(services)
        job = await post(services)
        await require(services, required=False)
        assert state(await read(services, job)) == "PENDING_APPROVAL"
        assert state(await amend(services, job, 3)) == "PENDING_APPROVAL"
        assert state(await post(services)) == "OPEN"


class TestApproval:
    async def test_an_approved_job_is_open(self, services: BusinessServices) -> None:
        """With its operations as they were written while it waited."""
        await require(services)
        job = await post(services)
        assert job.publication_status.submit_time == at()
        held_back = await run_matching(services, job)
        assert (state(held_back), held_back.operations.matching.active) == (
            "PENDING_APPROVAL",
            False,
        )
        approved = await approve(services, held_back)
        assert state(approved) == "OPEN"
        again = await read(services, job)
        assert (state(again), again.operations.matching.active) == ("OPEN", True)
        assert not again.publication_status.HasField("submit_time")
        assert await events(services) == [
            *("job.created", "job.pending", "job.updated", "job.approved"),
        ]

    async def test_an_approval_is_of_what_was_read(self, services: BusinessServices) -> None:
        """Whatever changes of the job changes its etag."""
        await require(services)
        job = await post(services)
        await amend(services, job, 3)
        with pytest.raises(EtagMismatch):
            await approve(services, job)
        assert state(await read(services, job)) == "PENDING_APPROVAL"

    async def test_a_key_never_approves_what_it_posted(self, services: BusinessServices) -> None:
        """Nor do the keys before and after it in its rotations."""
        await require(services)
        job = await post(services)
        poster = key()
        successor = key(key_id="successor0")
        services.rotations = dict.fromkeys(
            (poster.key_id, "successor0"), frozenset({poster.key_id, "successor0"})
        )
        by_successor = await post(services, by=successor)
        for approver in (poster, successor):
            for posted in (job, by_successor):
                with pytest.raises(SelfApproval):
                    await approve(services, posted, approver)
        assert state(await approve(services, job)) == "OPEN"

    async def test_a_key_never_approves_what_it_wrote(self, services: BusinessServices) -> None:
        """Until somebody else has approved that; but never a job that it posted."""
        await require(services)
        editor = key(key_id="editor0000")
        job = await post(services)
        changed = await amend(services, job, 3, by=editor)
        changed = await amend(services, changed, 4, by=key(key_id="other00000"))
        for author in (key(), editor, key(key_id="other00000")):
            with pytest.raises(SelfApproval):
                await approve(services, changed, author)
        await approve(services, changed)
        changed = await amend(services, changed, 5, by=APPROVER)
        with pytest.raises(SelfApproval):
            await approve(services, changed)
        with pytest.raises(SelfApproval):
            await approve(services, changed, key())
        assert state(await approve(services, changed, editor)) == "OPEN"

    async def test_a_change_of_content_waits_anew(self, services: BusinessServices) -> None:
        """One of operations doesn't, and neither does one that changes nothing."""
        open_before = await post(services)
        await run_matching(services, open_before)
        await require(services)
        settings = {"auto_offer": {"enabled": True}}
        told = {"job_id": open_before.job_id, "operations": settings}
        assert state(await services.do("UpdateJob", job=told)) == "OPEN"
        assert state(await amend(services, open_before, 12)) == "OPEN"
        changed = await amend(services, open_before, 3)
        assert (state(changed), changed.operations.matching.active) == ("PENDING_APPROVAL", False)
        assert (await services.do("ListPublishedJobs")).jobs == []
        assert (await events(services))[-2:] == ["job.updated", "job.pending"]
        await approve(services, changed)
        assert (await read(services, changed)).operations.matching.active

    async def test_unlisting_is_a_change_of_content(self, services: BusinessServices) -> None:
        """All that the client writes is."""
        await require(services)
        job = await post(services)
        await approve(services, job)
        mask = {"paths": ["publication_status.listed"]}
        changed = await services.do("UpdateJob", job={"job_id": job.job_id}, update_mask=mask)
        assert state(changed) == "PENDING_APPROVAL"

    async def test_a_returned_posting_is_amended_or_closed(
        self, services: BusinessServices
    ) -> None:
        """Its reason stands in its status until then."""
        await require(services)
        job, other = await post(services), await post(services)
        for each in (job, other):
            assert state(await give_back(services, each)) == "RETURNED"
        status = (await read(services, job)).publication_status
        assert status.return_reason == "Too few slots."
        assert not status.HasField("submit_time")
        with pytest.raises(PostingNotPending):
            await approve(services, await read(services, job))
        amended = await amend(services, job, 20)
        assert state(amended) == "PENDING_APPROVAL"
        assert amended.publication_status.return_reason == ""
        assert state(await approve(services, amended)) == "OPEN"
        closed = await services.do("CloseJob", job_id=other.job_id)
        assert (state(closed), closed.publication_status.return_reason) == ("CLOSED", "")
        with pytest.raises(JobClosed):
            await amend(services, other, 1)

    async def test_only_what_waits_is_decided(self, services: BusinessServices) -> None:
        """Not an open job, and not a closed one."""
        job = await post(services)
        with pytest.raises(PostingNotPending):
            await approve(services, job)
        await require(services)
        pending = await post(services)
        await services.do("CloseJob", job_id=pending.job_id)
        with pytest.raises(PostingNotPending):
            await give_back(services, pending)

    async def test_others_jobs_are_not_there(self, services: BusinessServices) -> None:
        """Neither for another organization nor without the employer on the grant."""
        await require(services)
        job = await post(services)
        for by in (key("employer_2"), key(organization="org_other")):
            with pytest.raises(NotFound):
                await approve(services, job, by)
            with pytest.raises(NotFound):
                await give_back(services, job, by)

    async def test_a_repeat_is_answered_by_the_first_reply(
        self, services: BusinessServices
    ) -> None:
        """Unless the employer isn't on the grant any more."""
        await require(services)
        job = await post(services)
        step = {"job_id": job.job_id, "etag": job.etag}
        first = await services.do("ApprovePosting", APPROVER, idempotency_key="a", **step)
        assert await services.do("ApprovePosting", APPROVER, idempotency_key="a", **step) == first
        narrowed = key("employer_2", key_id="approver00")
        with pytest.raises(NotFound):
            await services.do("ApprovePosting", narrowed, idempotency_key="a", **step)

    async def test_of_two_approvers_one_wins(self, services: BusinessServices) -> None:
        """The other one hears that the job has changed."""
        await require(services)
        job = await post(services)
        approvers = [key(key_id=f"approver{number:02}") for number in range(4)]
        results = await asyncio.gather(
            *(approve(services, job, each) for each in approvers), return_exceptions=True
        )
        lost = [each for each in results if isinstance(each, BaseException)]
        assert [type(each) for each in lost] == [EtagMismatch] * 3
        assert (await events(services)).count("job.approved") == 1

    async def test_an_approval_never_covers_a_change_beside_it(
        self, services: BusinessServices
    ) -> None:
        """Whichever comes first, content that nobody approved isn't open."""
        await require(services)
        for slots in range(20, 28):
            job = await post(services)
            steps = [approve(services, job), amend(services, job, slots)]
            if slots % 2:
                steps.reverse()
            results = await asyncio.gather(*steps, return_exceptions=True)
            assert {type(r) for r in results if isinstance(r, BaseException)} <= {EtagMismatch}
            assert state(await read(services, job)) == "PENDING_APPROVAL"

    async def test_a_hold_outlasts_an_approval(self, services: BusinessServices) -> None:
        """A job that was held while it waited is closed until the hold is lifted."""
        await require(services)
        job = await post(services)
        held = await run_matching(services, job, matching={"state": 1, "hold": {"reason": "x"}})
        assert state(held) == "PENDING_APPROVAL"
        assert state(await approve(services, held)) == "CLOSED"

    async def test_a_rollback_holds_what_waits(self, services: BusinessServices) -> None:
        """An approval by a key that nobody rolled back doesn't open it."""
        await require(services)
        job = await post(services)
        holder = JobHolder(
            services.database, clock=lambda: services.now, new_id=lambda prefix: f"{prefix}_held"
        )
        await holder.place(
            HoldOrder(
                hold_id="rbk_1",
                organization_id=ORGANIZATION,
                key_ids=(key().key_id,),
                since=NOW,
                reason="Posted by a stolen key.",
                held_by="maya",
                hold_time=NOW,
            )
        )
        held = await read(services, job)
        assert state(held) == "PENDING_APPROVAL"
        assert state(await approve(services, held)) == "CLOSED"


Seen = Callable[[BusinessServices], Awaitable[dict[str, str]]]
_OF_JOBS = {"Job", "PublishedJob", "EmployerJob", "Closeout"}


async def _published(services: BusinessServices) -> dict[str, str]:
    return {job.job_id: "" for job in (await services.do("ListPublishedJobs")).jobs}


async def _listed(services: BusinessServices) -> dict[str, str]:
    return {job.job_id: state(job) for job in (await services.do("ListJobs")).jobs}


async def _of_employer(services: BusinessServices) -> dict[str, str]:
    found = await services.do("ListEmployerJobs", employer_user_id=EMPLOYER)
    return {job.job_id: state(job) for job in found.jobs}


async def _closeouts(services: BusinessServices) -> dict[str, str]:
    found = await services.do("ListCloseouts", employer_user_id=EMPLOYER)
    return {each.job_id: "" for each in found.closeouts}


async def _of_services(services: BusinessServices) -> dict[str, str]:
    found = await services.do("OperationsService.ListJobs", SERVICE, environment="sandbox")
    return {job.job_id: state(job) for job in found.jobs}


async def _of_operators(services: BusinessServices) -> dict[str, str]:
    named = {"organization_id": ORGANIZATION, "environment": "sandbox"}
    found = await services.do("ListOrganizationJobs", operator(), **named)
    return {job.job_id: state(job) for job in found.jobs}


async def _watched(services: BusinessServices) -> dict[str, str]:
    return await _existing(await services.stream("WatchJobs", include_existing=True))


async def _watched_by_services(services: BusinessServices) -> dict[str, str]:
    request = {"environment": "sandbox", "include_existing": True}
    return await _existing(await services.stream("OperationsService.WatchJobs", SERVICE, **request))


async def _existing(stream: Any) -> dict[str, str]:
    """What a watch begins with; a bookmark follows, in these tests at once."""
    kinds = job_change_pb2.JobChange
    assert (await anext(stream)).kind == kinds.BOOKMARK
    found: dict[str, str] = {}
    async for change in stream:
        if change.kind == kinds.BOOKMARK:
            break
        assert change.kind == kinds.EXISTING
        found[change.job.job_id] = state(change.job)
    await stream.aclose()
    return found


LISTS: dict[str, tuple[bool, Seen]] = {
    # Whether the list is one of integrators and operators, which shows what waits; what it shows.
    "xaigh.jobs.v1.JobsService.ListJobs": (True, _listed),
    "xaigh.jobs.v1.JobsService.ListPublishedJobs": (False, _published),
    "xaigh.jobs.v1.JobsService.WatchJobs": (True, _watched),
    "xaigh.operations.v1.OperationsService.ListJobs": (False, _of_services),
    "xaigh.operations.v1.OperationsService.WatchJobs": (False, _watched_by_services),
    "xaigh.support.v1.SupportService.ListOrganizationJobs": (True, _of_operators),
    "xaigh.employers.v1.EmployersService.ListEmployerJobs": (True, _of_employer),
    "xaigh.employers.v1.EmployersService.ListCloseouts": (False, _closeouts),
}


class TestWhatWaitsIsAbsent:
    def test_the_table_names_every_list_of_jobs(self) -> None:
        """A new method that lists or streams jobs has to be decided on here."""
        found = {
            method.full_name
            for method in read_methods(SERVICES).values()
            if method.read_only and _lists_jobs(method.reply_type.DESCRIPTOR)
        }
        assert found == set(LISTS)

    @pytest.mark.parametrize("name", LISTS)
    async def test_what_waits_is_in_no_list_of_workers(
        self, services: BusinessServices, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And where integrators and operators see it, its state says that it isn't open."""
        monkeypatch.setattr("xaigh_server.jobs.watch._BOOKMARK_EVERY", timedelta())
        own, seen = LISTS[name]
        again = await post(services)  # was open before the policy
        await run_matching(services, again)
        await require(services)
        again = await amend(services, again, 3)
        waiting, returned = await post(services), await post(services)
        await give_back(services, returned)
        expected = {
            again.job_id: "PENDING_APPROVAL",
            waiting.job_id: "PENDING_APPROVAL",
            returned.job_id: "RETURNED",
        }
        assert await seen(services) == (expected if own else {})
        status = await services.do("GetWorkforceStatus", employer_user_id=EMPLOYER)
        assert (status.open_jobs, status.closed_jobs, status.matching_jobs) == (0, 0, 0)
        assert status.pending_jobs == 3

    async def test_a_service_hears_of_a_job_with_its_first_approval(
        self, services: BusinessServices
    ) -> None:
        """And that it waits again, so that it isn't open."""
        stream = await services.stream("OperationsService.WatchJobs", SERVICE, **SANDBOX)
        cursor = (await anext(stream)).cursor
        await stream.aclose()
        await require(services)
        unheard = await post(services)
        await give_back(services, unheard)
        job = await post(services)
        await run_matching(services, job)
        job = await amend(services, job, 3)
        stream = await services.stream(
            "OperationsService.WatchJobs", SERVICE, cursor=cursor, **SANDBOX
        )
        await anext(stream)  # a bookmark
        heard = asyncio.ensure_future(_until_pending_again(stream))
        await approve(services, job)
        await amend(services, job, 4)
        changes = await heard
        assert {change.job.job_id for change in changes} == {job.job_id}
        kinds = [job_change_pb2.JobChange.Kind.Name(change.kind) for change in changes]
        assert kinds[-3:] == ["APPROVED", "UPDATED", "PENDING"]
        last = changes[-1].job
        assert (state(last), last.operations.matching.active) == ("PENDING_APPROVAL", False)
        await stream.aclose()


SANDBOX = {"environment": "sandbox"}


async def _until_pending_again(stream: Any) -> list[Any]:
    """The changes of a stream up to the wait that follows an approval."""
    kinds, found = job_change_pb2.JobChange, []
    async with asyncio.timeout(20):
        async for change in stream:
            if change.kind != kinds.BOOKMARK:
                found.append(change)
            approved = any(each.kind == kinds.APPROVED for each in found)
            if change.kind == kinds.PENDING and approved:
                break
    return found


def _lists_jobs(reply: Descriptor) -> bool:
    """Whether a message is a change of a job, or holds a list of jobs in any form."""
    return reply.name == "JobChange" or any(
        field.is_repeated and field.message_type is not None and field.message_type.name in _OF_JOBS
        for field in reply.fields
    )


class TestEmployers:
    async def test_an_employer_in_sum(self, services: BusinessServices) -> None:
        """Open jobs, what waits, closeouts, and the state of its integration."""
        ended = await post(services, starts_at=at(hours=1), ends_at=at(hours=2))
        await run_matching(services, ended, attendance={"expected": 2, "checked_in": 1})
        await post(services)
        await require(services)
        await post(services)
        await give_back(services, await post(services))
        services.pass_time(hours=2)
        found = await services.do("GetEmployer", employer_user_id=EMPLOYER)
        assert (found.open_jobs, found.pending_jobs, found.returned_jobs) == (2, 1, 1)
        assert (found.due_closeouts, found.approval_required) == (1, True)
        assert list(found.integrations) == []

    async def test_an_integration_shows_whether_it_is_stale(
        self, services: BusinessServices
    ) -> None:
        """And nothing of the other employers that it speaks for."""
        both = key(EMPLOYER, "employer_2")
        made = await integrate(services, employers=(EMPLOYER, "employer_2"), by=both)
        await authoritative(services, board(1), both)
        fresh = (await services.do("GetEmployer", employer_user_id=EMPLOYER)).integrations[0]
        assert (fresh.integration_id, fresh.stale) == (made.integration_id, False)
        assert fresh.last_completed_time == at()
        services.pass_time(days=2)
        stale = (await services.do("GetEmployer", employer_user_id=EMPLOYER)).integrations[0]
        assert (stale.stale, stale.stale_since_time) == (True, at(days=1))

    async def test_the_list_is_of_the_grant(self, services: BusinessServices) -> None:
        """Page after page, employers without a job too."""
        wide = key("employer_3", "employer_1", "employer_2")
        await post(services, by=wide, employer_user_id="employer_2")
        first = await services.do("ListEmployers", wide, page_size=2)
        assert [each.employer_user_id for each in first.employers] == ["employer_1", "employer_2"]
        assert [each.open_jobs for each in first.employers] == [0, 1]
        rest = {"page_size": 2, "page_token": first.next_page_token}
        second = await services.do("ListEmployers", wide, **rest)
        assert [each.employer_user_id for each in second.employers] == ["employer_3"]
        assert second.next_page_token == ""

    @pytest.mark.parametrize("method", ["GetEmployer", "ListEmployerJobs", "ListCloseouts"])
    async def test_an_employer_off_the_grant_is_not_there(
        self, services: BusinessServices, method: str
    ) -> None:
        """As one that doesn't exist."""
        with pytest.raises(NotFound):
            await services.do(method, employer_user_id="employer_2")

    async def test_jobs_of_an_employer_in_short(self, services: BusinessServices) -> None:
        """By state, page after page; no operations and no link, which the message lacks."""
        jobs = [await post(services, ends_at=at(days=999)) for _ in range(3)]
        await run_matching(services, jobs[0], fill={"slots_filled": 4, "open_offers": 1})
        await services.do("CloseJob", job_id=jobs[2].job_id)
        page = await services.do(
            "ListEmployerJobs", employer_user_id=EMPLOYER, state=STATES.OPEN, page_size=1
        )
        assert [job.job_id for job in page.jobs] == [jobs[1].job_id]
        rest = {"page_size": 1, "page_token": page.next_page_token}
        last = await services.do(
            "ListEmployerJobs", employer_user_id=EMPLOYER, state=STATES.OPEN, **rest
        )
        shown = last.jobs[0]
        assert (shown.job_id, shown.title, shown.slots) == (jobs[0].job_id, "Crew", 12)
        assert (shown.fill.slots_filled, shown.fill.open_offers) == (4, 1)
        assert (shown.starts_at, shown.ends_at) == (STARTS, at(days=999))
        assert {field.name for field in shown.DESCRIPTOR.fields}.isdisjoint(
            {"operations", "ats_link"}
        )
        with pytest.raises(PageTokenInvalid):
            await services.do("ListEmployerJobs", employer_user_id=EMPLOYER, **rest)


HANDED_OFF = {"state": 2, "reference": "pay-7"}


class TestCloseouts:
    @pytest.mark.parametrize(
        ("operations", "due"),
        [
            ({"fill": {"slots_filled": 2}}, True),
            ({"attendance": {"expected": 2}}, True),
            ({"payroll_handoff": {"state": 1}}, True),
            ({"payroll_handoff": {"state": 3}}, True),
            ({"attendance": {"expected": 2, "checked_in": 2}}, True),
            ({"attendance": {"expected": 2, "checked_in": 1}, "payroll_handoff": HANDED_OFF}, True),
            (
                {
                    "attendance": {"expected": 2, "checked_in": 1, "no_shows": 1},
                    "payroll_handoff": HANDED_OFF,
                },
                False,
            ),
            ({"matching": {"state": 1}}, False),
        ],
    )
    async def test_a_closeout_is_due_until_all_is_settled(
        self, services: BusinessServices, operations: dict[str, Any], due: bool
    ) -> None:
        """The filter, the count and the closeout say the same."""
        job = await post(services)
        await run_matching(services, job, **operations)
        await services.do("CloseJob", job_id=job.job_id)
        states = employer_pb2.Closeout.State
        expected = states.DUE if due else states.SETTLED
        found = (await services.do("ListCloseouts", employer_user_id=EMPLOYER)).closeouts
        assert [(each.job_id, each.state) for each in found] == [(job.job_id, expected)]
        for wanted in (states.DUE, states.SETTLED):
            page = await services.do("ListCloseouts", employer_user_id=EMPLOYER, state=wanted)
            assert len(page.closeouts) == int(wanted == expected)
        employer = await services.do("GetEmployer", employer_user_id=EMPLOYER)
        assert employer.due_closeouts == int(due)

    async def test_a_job_without_operations_has_nothing_due(
        self, services: BusinessServices
    ) -> None:
        """It was closed before anybody was sought."""
        job = await post(services)
        await services.do("CloseJob", job_id=job.job_id)
        found = (await services.do("ListCloseouts", employer_user_id=EMPLOYER)).closeouts
        assert [each.state for each in found] == [employer_pb2.Closeout.State.SETTLED]

    async def test_a_closeout_says_what_services_wrote(self, services: BusinessServices) -> None:
        """Attendance and the hand-off, and when the job ended."""
        job = await post(services, starts_at=at(hours=1), ends_at=at(hours=3))
        await run_matching(
            services,
            job,
            fill={"slots_filled": 2},
            attendance={"expected": 2, "checked_in": 2},
            payroll_handoff=HANDED_OFF,
        )
        assert (await services.do("ListCloseouts", employer_user_id=EMPLOYER)).closeouts == []
        services.pass_time(hours=3)
        found = (await services.do("ListCloseouts", employer_user_id=EMPLOYER)).closeouts[0]
        assert (found.title, found.slots_filled, found.attendance.checked_in) == ("Crew", 2, 2)
        assert found.payroll_handoff.reference == "pay-7"
        assert found.end_time == at(hours=3)

    async def test_a_job_ends_with_its_close_or_its_end(self, services: BusinessServices) -> None:
        """Whichever came first; the range holds its beginning and not its end."""
        early = await post(services, starts_at=at(hours=1), ends_at=at(hours=9))
        late = await post(services, starts_at=at(hours=1), ends_at=at(hours=2))
        services.pass_time(hours=4)
        for job in (early, late):
            await services.do("CloseJob", job_id=job.job_id)
        for since, until, expected in (
            (2, 4, {late.job_id: at(hours=2)}),
            (4, 5, {early.job_id: at(hours=4)}),
            (5, 9, {}),
        ):
            page = await services.do(
                "ListCloseouts",
                employer_user_id=EMPLOYER,
                since=at(hours=since),
                until=at(hours=until),
            )
            assert {each.job_id: each.end_time for each in page.closeouts} == expected

    async def test_pages(self, services: BusinessServices) -> None:
        """Newest jobs first, without a gap."""
        jobs = [await post(services) for _ in range(3)]
        for job in jobs:
            await services.do("CloseJob", job_id=job.job_id)
        found: list[str] = []
        token = ""
        while True:
            page = await services.do(
                "ListCloseouts", employer_user_id=EMPLOYER, page_size=2, page_token=token
            )
            found += [each.job_id for each in page.closeouts]
            token = page.next_page_token
            if not token:
                break
        assert found == [job.job_id for job in reversed(jobs)]
