"""Service of jobs: post, read, list, update, close and watch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeAlias

from google.protobuf.message import Message

from xaigh.jobs.v1 import job_pb2, jobs_service_pb2, operations_pb2, workforce_pb2
from xaigh_server.db.session import Session
from xaigh_server.errors import FieldInvalid, FieldViolation, NotFound
from xaigh_server.jobs.change_log import kind_of_hold, publish, publish_pending
from xaigh_server.jobs.employer_access import check_employer, own_job, wanted_employers
from xaigh_server.jobs.listing import enum_name, page_of_jobs
from xaigh_server.jobs.messages import (
    job_to_pb,
    operations_of,
    posting_of,
    published_to_pb,
    sums_to_pb,
)
from xaigh_server.jobs.model import (
    AtsIngestRequired,
    ChangeKind,
    CloseReason,
    Job,
    JobClosed,
    JobFilter,
    JobState,
    Publication,
    Source,
)
from xaigh_server.jobs.ownership import Owner, load_ownership
from xaigh_server.jobs.repository import Jobs
from xaigh_server.jobs.rules import check_posted
from xaigh_server.jobs.text import DescriptionCleaner, JobText, clean_title
from xaigh_server.jobs.watch import INTERVAL, JobWatch, OwnJobs, may_see
from xaigh_server.rpc import masks
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.etags import check_etag
from xaigh_server.rpc.handlers import Handler, Read, Stream, Write
from xaigh_server.rpc.page_tokens import PageTokens
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.unit_of_work import UnitOfWork
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory

_JOB = job_pb2.Job.DESCRIPTOR
_OPERATIONS = operations_pb2.Operations.DESCRIPTOR
_STATE = "publication_status.state"
_HTML = "job_content.description_html"
_POSTED_AS = {
    "jobContent.title": "title",
    "jobContent.slots": "slots",
    "jobContent.startsAt": "startsAt",
    "jobContent.endsAt": "endsAt",
    "payRange.pays[0].minMinor": "pay.minMinor",
    "payRange.pays[0].currency": "pay.currency",
}
_NOT_THE_CLIENTS = frozenset({"employer_user_id"})

EmployerRule: TypeAlias = Callable[[Session, str, str], Callable[[], bool]]
"""(session, organization id, employer id) asks whether something holds for the employer's jobs.

The result waits for the answer.
"""


class JobsService:
    """Answers xaigh.jobs.v1.JobsService."""

    name = "xaigh.jobs.v1.JobsService"

    def __init__(
        self,
        *,
        units: UnitOfWorkFactory,
        page_tokens: PageTokens,
        fed_by_ats: EmployerRule,
        needs_approval: EmployerRule,
        descriptions: DescriptionCleaner | None = None,
        watch_interval: timedelta = INTERVAL,
    ) -> None:
        """`fed_by_ats` says whether an active integration owns the postings, `needs_approval`
        whether they wait for approvals.

        `descriptions` sanitizes texts; the caller that passes it closes it. `watch_interval` is the
        pause between two reads of a watch.
        """
        self._fed_by_ats = fed_by_ats
        self._needs_approval = needs_approval
        self._paging = Paging(page_tokens)
        self._descriptions = descriptions or DescriptionCleaner()
        self._ownership = load_ownership(_JOB)
        self._watch = JobWatch(
            OwnJobs(), units=units, page_tokens=page_tokens, interval=watch_interval
        )

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "PostJob": Write(
                self.post_job, prepare=self.prepare_post, prepares_alike=True, prove=prove_job
            ),
            "GetJob": Read(self.get_job, point=True),
            "ListJobs": Read(self.list_jobs),
            "UpdateJob": Write(
                self.update_job, prepare=self.prepare_update, prepares_alike=True, prove=prove_job
            ),
            "CloseJob": Write(self.close_job, prove=prove_job),
            "UpdateOperations": Write(self.update_operations, owner=_owner),
            "GetWorkforceStatus": Read(self.get_workforce_status),
            "ListPublishedJobs": Read(self.list_published_jobs),
            "WatchJobs": Stream(self._watch.run, may_see=may_see),
        }

    async def prepare_post(self, request: jobs_service_pb2.PostJobRequest, _: Call) -> JobText:
        """Sanitizes the description before the transaction."""
        return await self._descriptions.clean(request.description, "description")

    def post_job(self, request: jobs_service_pb2.PostJobRequest, unit: UnitOfWork) -> job_pb2.Job:
        """Creates a direct job, unless an ATS owns the employer's jobs.

        Under an approval policy it waits for an approval.
        """
        check_employer(unit, request.employer_user_id)
        about = (unit.session, unit.organization_id, request.employer_user_id)
        # Asked together: one round trip.
        fed_by_ats, waits = self._fed_by_ats(*about), self._needs_approval(*about)
        numbers = Jobs(unit.session).ask_numbers(1)
        if fed_by_ats():
            fields = [
                f.json_name for f, _ in request.ListFields() if f.name not in _NOT_THE_CLIENTS
            ]
            raise AtsIngestRequired(fields, subject=f"employer:{request.employer_user_id}")
        message = _posted(request, unit.prepared)
        check_posted(message, names=_POSTED_AS)
        publication = Publication.pending(unit.now) if waits() else Publication()
        job = Job(
            number=numbers()[0],
            job_id=unit.new_id("job"),
            organization_id=unit.organization_id,
            employer_user_id=request.employer_user_id,
            source=Source.DIRECT,
            posted_by=unit.key_id,
            posting=posting_of(message, publication, revision=1, now=unit.now),
            created_time=unit.now,
        )
        Jobs(unit.session).add(job)
        publish(unit, job, ChangeKind.CREATED)
        publish_pending(unit, None, job)
        unit.audit(job.job_id, after=_audited(job))
        return job_to_pb(job)

    def get_job(self, request: jobs_service_pb2.GetJobRequest, unit: UnitOfWork) -> job_pb2.Job:
        return job_to_pb(own_job(unit, request.job_id))

    def list_jobs(
        self, request: jobs_service_pb2.ListJobsRequest, unit: UnitOfWork
    ) -> jobs_service_pb2.ListJobsResponse:
        wanted = JobFilter(
            organization_id=unit.organization_id,
            employer_ids=wanted_employers(unit, request.employer_user_id),
            source=enum_name(job_pb2.Job.Source, request.source),
            state=enum_name(job_pb2.PublicationStatus.State, request.state),
            external_reference=request.external_reference,
            integration_id=request.integration_id,
        )
        jobs, token = page_of_jobs(self._paging, wanted, request, unit, job_to_pb)
        return jobs_service_pb2.ListJobsResponse(jobs=jobs, next_page_token=token)

    def list_published_jobs(
        self, request: jobs_service_pb2.ListPublishedJobsRequest, unit: UnitOfWork
    ) -> jobs_service_pb2.ListPublishedJobsResponse:
        wanted = JobFilter(
            organization_id=unit.organization_id,
            employer_ids=wanted_employers(unit, request.employer_user_id),
            published=True,
        )
        jobs, token = page_of_jobs(self._paging, wanted, request, unit, published_to_pb)
        return jobs_service_pb2.ListPublishedJobsResponse(jobs=jobs, next_page_token=token)

    def get_workforce_status(
        self, request: jobs_service_pb2.GetWorkforceStatusRequest, unit: UnitOfWork
    ) -> workforce_pb2.WorkforceStatus:
        check_employer(unit, request.employer_user_id)
        sums = Jobs(unit.session).sums(unit.organization_id, request.employer_user_id)
        return sums_to_pb(request.employer_user_id, sums, unit.now)

    async def prepare_update(
        self, request: jobs_service_pb2.UpdateJobRequest, _: Call
    ) -> JobText | None:
        """Sanitizes the new description; None without one."""
        markup = request.job.job_content.description_html
        if not markup:
            return None
        return await self._descriptions.clean(markup, "jobContent.descriptionHtml")

    def update_job(
        self, request: jobs_service_pb2.UpdateJobRequest, unit: UnitOfWork
    ) -> job_pb2.Job:
        """Updates all fields in the mask, or none."""
        job = own_job(unit, request.job.job_id)
        check_etag(request.job.etag, job.etag)
        paths = masks.named_paths(request.update_mask, request.job)
        self._check_owners(job, paths, request.job)
        changed = job_to_pb(job)
        fields = masks.carry(request.job, changed, self._writable(paths))
        if _HTML in fields:
            _set_description(changed.job_content, unit.prepared)
        return self._store_update(unit, job, changed, fields)

    def close_job(self, request: jobs_service_pb2.CloseJobRequest, unit: UnitOfWork) -> job_pb2.Job:
        """Closes a direct job. A closed job stays unchanged."""
        job = own_job(unit, request.job_id)
        check_etag(request.etag, job.etag)
        if job.source is Source.CLIENT_ATS:
            raise AtsIngestRequired(["publicationStatus"], subject=f"job:{job.job_id}")
        stated = job.posting.publication
        if stated.state is JobState.CLOSED:
            return job_to_pb(job)
        closed = stated.closed(CloseReason.CLOSED_BY_INTEGRATOR, unit.now, request.reason)
        posting = replace(
            job.posting,
            publication=closed,
            revision=job.posting.revision + 1,
            updated_time=unit.now,
        )
        after = replace(job, posting=posting)
        Jobs(unit.session).store_posting(job.number, posting)
        publish(unit, after, ChangeKind.CLOSED)
        unit.audit(job.job_id, before={"state": stated.state}, after={"state": "CLOSED"})
        return job_to_pb(after)

    def update_operations(
        self, request: jobs_service_pb2.UpdateOperationsRequest, unit: UnitOfWork
    ) -> job_pb2.Job:
        """Updates the operations half. A hold closes the role until it is removed."""
        job = Jobs(unit.session).find(request.job_id)
        if job is None:
            raise NotFound("job", request.job_id)
        check_etag(request.etag, job.etag)
        paths = masks.named_paths(request.update_mask, request.operations)
        changed = job_to_pb(job)
        fields = masks.carry(request.operations, changed.operations, _service_leaves(paths))
        if not fields:
            return job_to_pb(job)
        after = self._store_operations(unit, job, changed)
        changed_paths = [f"operations.{masks.json_path(_OPERATIONS, field)}" for field in fields]
        publish(unit, after, kind_of_hold(job, after), changed_fields=changed_paths)
        unit.audit(
            job.job_id,
            after={"changedFields": changed_paths},
            organization_id=job.organization_id,
        )
        return job_to_pb(after)

    def _check_owners(self, job: Job, paths: tuple[str, ...], given: job_pb2.Job) -> None:
        """Raises for fields that the integrator doesn't own."""
        if job.source is Source.CLIENT_ATS:
            touched = self._ownership.touched(paths, Owner.CLIENT)
            if touched:
                fields = [masks.json_path(_JOB, path) for path in touched]
                raise AtsIngestRequired(fields, subject=f"job:{job.job_id}")
        refused = [
            FieldViolation(path=masks.json_path(_JOB, path), description="Our services write it.")
            for path in paths
            if self._ownership.owner_of(path) is Owner.SERVICE
        ]
        if _STATE in paths and given.publication_status.state:
            refused.append(
                FieldViolation(path="publicationStatus.state", description="CloseJob closes a job.")
            )
        if given.employer_user_id not in ("", job.employer_user_id):
            refused.append(
                FieldViolation(path="employerUserId", description="The employer never changes.")
            )
        if refused:
            raise FieldInvalid(refused)

    def _writable(self, paths: tuple[str, ...]) -> list[str]:
        """Returns the leaf fields in a mask that an integrator owns."""
        parts = [part for path in paths for part in self._ownership.parts(path)]
        found: dict[str, None] = {}
        for part in parts:
            if self._ownership.owner_of(part) not in (Owner.CLIENT, Owner.INTEGRATOR):
                continue
            if masks.output_only(_JOB, part):
                continue
            for leaf in masks.leaves(_JOB, part):
                found[leaf] = None
        found.pop(_STATE, None)
        return list(found)

    def _store_update(
        self, unit: UnitOfWork, job: Job, changed: job_pb2.Job, fields: list[str]
    ) -> job_pb2.Job:
        if not fields:
            return job_to_pb(job)
        theirs = [f for f in fields if self._ownership.owner_of(f) is Owner.CLIENT]
        after = job
        if theirs:
            after = self._store_posting(unit, after, changed)
        if len(theirs) < len(fields):
            after = self._store_operations(unit, after, changed)
        changed_paths = sorted(masks.json_path(_JOB, field) for field in fields)
        kind = ChangeKind.UPDATED if theirs else ChangeKind.OPERATIONS_UPDATED
        publish(unit, after, kind, changed_fields=changed_paths)
        publish_pending(unit, job, after)
        unit.audit(job.job_id, after={"changedFields": changed_paths, **_state_change(job, after)})
        return job_to_pb(after)

    def _store_posting(self, unit: UnitOfWork, job: Job, changed: job_pb2.Job) -> Job:
        stated = job.posting.publication
        if stated.state is JobState.CLOSED:
            raise JobClosed(job.job_id)
        content, way = changed.job_content, changed.application_destination
        content.title = clean_title(content.title)
        check_posted(changed)
        way.applyable = way.mode == job_pb2.ApplicationDestination.IN_APP or bool(way.apply_url)
        publication = replace(stated, listed=changed.publication_status.listed)
        about = (unit.session, job.organization_id, job.employer_user_id)
        if not stated.is_open or self._needs_approval(*about)():
            publication = publication.submitted(unit.now, written_by=unit.key_id)
        revision = job.posting.revision + 1
        posting = posting_of(changed, publication, revision=revision, now=unit.now)
        Jobs(unit.session).store_posting(job.number, posting)
        return replace(job, posting=posting)

    def _store_operations(self, unit: UnitOfWork, job: Job, changed: job_pb2.Job) -> Job:
        half = operations_of(changed.operations, revision=job.operations.revision + 1, now=unit.now)
        Jobs(unit.session).store_operations(job.number, half)
        return replace(job, operations=half)


def prove_job(_: Message, reply: job_pb2.Job, unit: UnitOfWork) -> None:
    """Checks access to the job of a replayed reply. Raises NotFound."""
    own_job(unit, reply.job_id)


def _posted(request: jobs_service_pb2.PostJobRequest, text: JobText) -> job_pb2.Job:
    """Builds the job from a post request."""
    message = job_pb2.Job()
    content = message.job_content
    content.title = clean_title(request.title)
    content.slots = request.slots
    content.description_html, content.description_text = text.html, text.text
    content.requirements.extend(request.requirements)
    content.external_reference = request.external_reference
    content.starts_at.CopyFrom(request.starts_at)
    if request.HasField("ends_at"):
        content.ends_at.CopyFrom(request.ends_at)
    if request.HasField("location"):
        content.locations.add().CopyFrom(request.location)
    if request.HasField("pay"):
        message.pay_range.pays.add().CopyFrom(request.pay)
    message.application_destination.mode = job_pb2.ApplicationDestination.IN_APP
    message.application_destination.applyable = True
    return message


def _set_description(content: job_pb2.JobContent, text: JobText | None) -> None:
    content.description_html = text.html if text else ""
    content.description_text = text.text if text else ""


def _service_leaves(paths: tuple[str, ...]) -> list[str]:
    """Returns the leaf fields of the operations half that services write."""
    wide = [f.name for f in _OPERATIONS.fields] if masks.EVERYTHING in paths else list(paths)
    inner = [leaf for path in wide for leaf in masks.leaves(_OPERATIONS, path)]
    return [leaf for leaf in dict.fromkeys(inner) if leaf != "matching.active"]


def _state_change(before: Job, after: Job) -> dict[str, Any]:
    """The state after an update, for the audit log, where it is another one."""
    state = after.posting.publication.state
    return {} if state is before.posting.publication.state else {"state": state}


def _audited(job: Job) -> dict[str, Any]:
    return {
        "employerUserId": job.employer_user_id,
        "source": job.source.value,
        "title": job.posting.title,
        "slots": job.posting.slots,
        "state": job.posting.publication.state,
    }


def _owner(request: jobs_service_pb2.UpdateOperationsRequest, unit: UnitOfWork) -> str:
    """The organization of the job that the request names; empty where there is none."""
    found = Jobs(unit.session).find(request.job_id)
    return "" if found is None else found.organization_id
