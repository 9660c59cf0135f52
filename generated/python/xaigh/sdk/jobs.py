# Generated from the protos by `make generate`. Don't edit.
"""The jobs of the grant's employers, in the environment of the key. A job of any other
employer answers as one that doesn't exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from xaigh.jobs.v1 import (
    job_change_pb2,
    job_pb2,
    jobs_service_pb2,
    location_pb2,
    operations_pb2,
    pay_pb2,
    published_job_pb2,
    workforce_pb2,
)

if TYPE_CHECKING:
    from xaigh_client import values
    from xaigh_client.asynchronous import AsyncCaller, AsyncPager, AsyncStream
    from xaigh_client.synchronous import Caller, Pager, Stream

_METHODS = jobs_service_pb2.DESCRIPTOR.services_by_name["JobsService"].methods_by_name


class Jobs:
    """The jobs of the grant's employers, in the environment of the key. A job of any other
    employer answers as one that doesn't exist.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def post_job(
        self,
        *,
        employer_user_id: str,
        title: str,
        slots: int,
        starts_at: values.Time,
        ends_at: values.Time | None = None,
        description: str | None = None,
        pay: pay_pb2.Pay | Mapping[str, Any] | None = None,
        location: location_pb2.Location | Mapping[str, Any] | None = None,
        requirements: Iterable[str] | None = None,
        external_reference: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> job_pb2.Job:
        """Posts a direct job. Refused with ATS_INGEST_REQUIRED for an employer under an active
        integration: there the client's ATS writes the jobs. Under an approval policy the job
        isn't open: it waits for an approval, in state PENDING_APPROVAL.

        Needs the scope `jobs:write`. Over REST: `POST /v1/jobs/post`.

        Args:
            employer_user_id: The employer that the job belongs to; one of the grant's.
            title: The title: plain text.
            slots: How many workers are wanted.
            starts_at: When the work begins.
            ends_at: When the work ends, later than it begins. Absent: open-ended.
            description: The description, as text or HTML. Scripts, styles, forms and event
                handlers are removed; HTML that nests too deep or leaves too many elements open
                is refused.
            pay: What the job pays. Absent: not stated.
            location: The place of work. Absent: not stated.
            requirements: What a worker must bring, one sentence each.
            external_reference: The caller's own id of the job. It need not be unique.
        """
        return self._caller.unary(
            _METHODS["PostJob"],
            job_pb2.Job,
            {
                "employer_user_id": employer_user_id,
                "title": title,
                "slots": slots,
                "starts_at": starts_at,
                "ends_at": ends_at,
                "description": description,
                "pay": pay,
                "location": location,
                "requirements": requirements,
                "external_reference": external_reference,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def get_job(
        self,
        *,
        job_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> job_pb2.Job:
        """Reads one job.

        Needs the scope `jobs:read`. Over REST: `GET /v1/jobs/{job_id}`.

        Args:
            job_id: The job.
        """
        return self._caller.unary(
            _METHODS["GetJob"], job_pb2.Job, {"job_id": job_id}, timeout=timeout, metadata=metadata
        )

    def list_jobs(
        self,
        *,
        employer_user_id: str | None = None,
        source: Literal["DIRECT", "CLIENT_ATS"] | job_pb2.Job.Source.ValueType | None = None,
        state: Literal["OPEN", "CLOSED", "PENDING_APPROVAL", "RETURNED"]
        | job_pb2.PublicationStatus.State.ValueType
        | None = None,
        external_reference: str | None = None,
        integration_id: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[jobs_service_pb2.ListJobsResponse, job_pb2.Job]:
        """Lists jobs, newest first.

        Needs the scope `jobs:read`. Over REST: `GET /v1/jobs`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            employer_user_id: Only jobs of this employer. Empty: of all employers of the grant.
            source: Only jobs from there.
            state: Only jobs in this state.
            external_reference: Only jobs with this external reference.
            integration_id: Only mirrors of this integration.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListJobs"],
            jobs_service_pb2.ListJobsResponse,
            "jobs",
            job_pb2.Job,
            {
                "employer_user_id": employer_user_id,
                "source": source,
                "state": state,
                "external_reference": external_reference,
                "integration_id": integration_id,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def update_job(
        self,
        *,
        job: job_pb2.Job | Mapping[str, Any],
        update_mask: values.Mask | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> job_pb2.Job:
        """Changes the fields that the mask names. A mask that names anything of the client's half
        of a mirrored job is refused whole with ATS_INGEST_REQUIRED, also where the value is the
        same. Under an approval policy a change of the client's half of a direct job makes it
        wait for an approval anew, and so does that of a posting which waits or was returned.

        Needs the scope `jobs:write`. Over REST: `PATCH /v1/jobs/{job.job_id}`.

        Args:
            job: The job: its id, the new values, and optionally the etag that was read.
            update_mask: The fields to change, for example
                `jobContent.title,operations.geofence`. A field that is named and not set is
                cleared. `*`: all that the caller may write. Empty: the fields that are set in
                the request.
        """
        return self._caller.unary(
            _METHODS["UpdateJob"],
            job_pb2.Job,
            {"job": job, "update_mask": update_mask},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def close_job(
        self,
        *,
        job_id: str,
        reason: str | None = None,
        etag: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> job_pb2.Job:
        """Closes a direct job for good: it stops matching at once. Closing a closed job changes
        nothing. A mirrored job is refused with ATS_INGEST_REQUIRED.

        Needs the scope `jobs:write`. Over REST: `POST /v1/jobs/{job_id}:close`.

        Args:
            job_id: The job.
            reason: Why, in the caller's words; shown as `closeNote`.
            etag: The revision that was read. Empty: whatever it is.
        """
        return self._caller.unary(
            _METHODS["CloseJob"],
            job_pb2.Job,
            {"job_id": job_id, "reason": reason, "etag": etag},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def update_operations(
        self,
        *,
        job_id: str,
        operations: operations_pb2.Operations | Mapping[str, Any],
        update_mask: values.Mask | None = None,
        environment: str,
        etag: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> job_pb2.Job:
        """Writes the operations half of a job. For our own services: they may write each of its
        members.

        Needs the scope `operations:write`. Over REST: `PATCH /v1/jobs/{job_id}/operations`.

        Args:
            job_id: The job.
            operations: The new values.
            update_mask: The fields to change, for example `fill,matching.state`. A field that
                is named and not set is cleared. `*`: all of them. Empty: the fields that are
                set in the request.
            environment: `sandbox` or `production`.
            etag: The revision of the job that was read. Empty: whatever it is.
        """
        return self._caller.unary(
            _METHODS["UpdateOperations"],
            job_pb2.Job,
            {
                "job_id": job_id,
                "operations": operations,
                "update_mask": update_mask,
                "environment": environment,
                "etag": etag,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def get_workforce_status(
        self,
        *,
        employer_user_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> workforce_pb2.WorkforceStatus:
        """Returns how well the jobs of one employer are filled and attended.

        Needs the scope `workforce:read`. Over REST: `GET
        /v1/employers/{employer_user_id}/workforce-status`.

        Args:
            employer_user_id: The employer; one of the grant's.
        """
        return self._caller.unary(
            _METHODS["GetWorkforceStatus"],
            workforce_pb2.WorkforceStatus,
            {"employer_user_id": employer_user_id},
            timeout=timeout,
            metadata=metadata,
        )

    def list_published_jobs(
        self,
        *,
        employer_user_id: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[jobs_service_pb2.ListPublishedJobsResponse, published_job_pb2.PublishedJob]:
        """Lists the jobs that the public may see: open, listed, not held back and no prospects,
        newest first.

        Needs the scope `jobs:read`. Over REST: `GET /v1/published-jobs`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            employer_user_id: Only jobs of this employer. Empty: of all employers of the grant.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListPublishedJobs"],
            jobs_service_pb2.ListPublishedJobsResponse,
            "jobs",
            published_job_pb2.PublishedJob,
            {
                "employer_user_id": employer_user_id,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def watch_jobs(
        self,
        *,
        cursor: str | None = None,
        employer_user_id: str | None = None,
        include_existing: bool | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Stream[job_change_pb2.JobChange]:
        """Streams changes of jobs until the caller hangs up or the key ends. Begin anew with the
        last cursor: no change is missed between two connections.

        Needs the scope `jobs:read`. Over REST: `GET /v1/jobs:watch`.

        Args:
            cursor: The cursor of the last message heard. Empty: from now on. A cursor never
                goes stale, but of changes of one kind that a job had more than 30 days ago (a
                deployment may choose) only the last is heard.
            employer_user_id: Only jobs of this employer. Empty: of all employers of the grant.
            include_existing: True: the jobs that exist come first, each as EXISTING, and no
                change made meanwhile is missed. Only without a cursor.
        """
        return self._caller.stream(
            _METHODS["WatchJobs"],
            job_change_pb2.JobChange,
            {
                "cursor": cursor,
                "employer_user_id": employer_user_id,
                "include_existing": include_existing,
            },
            timeout=timeout,
            metadata=metadata,
        )


class AsyncJobs:
    """The jobs of the grant's employers, in the environment of the key. A job of any other
    employer answers as one that doesn't exist.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def post_job(
        self,
        *,
        employer_user_id: str,
        title: str,
        slots: int,
        starts_at: values.Time,
        ends_at: values.Time | None = None,
        description: str | None = None,
        pay: pay_pb2.Pay | Mapping[str, Any] | None = None,
        location: location_pb2.Location | Mapping[str, Any] | None = None,
        requirements: Iterable[str] | None = None,
        external_reference: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> job_pb2.Job:
        """Posts a direct job. Refused with ATS_INGEST_REQUIRED for an employer under an active
        integration: there the client's ATS writes the jobs. Under an approval policy the job
        isn't open: it waits for an approval, in state PENDING_APPROVAL.

        Needs the scope `jobs:write`. Over REST: `POST /v1/jobs/post`.

        Args:
            employer_user_id: The employer that the job belongs to; one of the grant's.
            title: The title: plain text.
            slots: How many workers are wanted.
            starts_at: When the work begins.
            ends_at: When the work ends, later than it begins. Absent: open-ended.
            description: The description, as text or HTML. Scripts, styles, forms and event
                handlers are removed; HTML that nests too deep or leaves too many elements open
                is refused.
            pay: What the job pays. Absent: not stated.
            location: The place of work. Absent: not stated.
            requirements: What a worker must bring, one sentence each.
            external_reference: The caller's own id of the job. It need not be unique.
        """
        return await self._caller.unary(
            _METHODS["PostJob"],
            job_pb2.Job,
            {
                "employer_user_id": employer_user_id,
                "title": title,
                "slots": slots,
                "starts_at": starts_at,
                "ends_at": ends_at,
                "description": description,
                "pay": pay,
                "location": location,
                "requirements": requirements,
                "external_reference": external_reference,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def get_job(
        self,
        *,
        job_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> job_pb2.Job:
        """Reads one job.

        Needs the scope `jobs:read`. Over REST: `GET /v1/jobs/{job_id}`.

        Args:
            job_id: The job.
        """
        return await self._caller.unary(
            _METHODS["GetJob"], job_pb2.Job, {"job_id": job_id}, timeout=timeout, metadata=metadata
        )

    def list_jobs(
        self,
        *,
        employer_user_id: str | None = None,
        source: Literal["DIRECT", "CLIENT_ATS"] | job_pb2.Job.Source.ValueType | None = None,
        state: Literal["OPEN", "CLOSED", "PENDING_APPROVAL", "RETURNED"]
        | job_pb2.PublicationStatus.State.ValueType
        | None = None,
        external_reference: str | None = None,
        integration_id: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[jobs_service_pb2.ListJobsResponse, job_pb2.Job]:
        """Lists jobs, newest first.

        Needs the scope `jobs:read`. Over REST: `GET /v1/jobs`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            employer_user_id: Only jobs of this employer. Empty: of all employers of the grant.
            source: Only jobs from there.
            state: Only jobs in this state.
            external_reference: Only jobs with this external reference.
            integration_id: Only mirrors of this integration.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListJobs"],
            jobs_service_pb2.ListJobsResponse,
            "jobs",
            job_pb2.Job,
            {
                "employer_user_id": employer_user_id,
                "source": source,
                "state": state,
                "external_reference": external_reference,
                "integration_id": integration_id,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    async def update_job(
        self,
        *,
        job: job_pb2.Job | Mapping[str, Any],
        update_mask: values.Mask | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> job_pb2.Job:
        """Changes the fields that the mask names. A mask that names anything of the client's half
        of a mirrored job is refused whole with ATS_INGEST_REQUIRED, also where the value is the
        same. Under an approval policy a change of the client's half of a direct job makes it
        wait for an approval anew, and so does that of a posting which waits or was returned.

        Needs the scope `jobs:write`. Over REST: `PATCH /v1/jobs/{job.job_id}`.

        Args:
            job: The job: its id, the new values, and optionally the etag that was read.
            update_mask: The fields to change, for example
                `jobContent.title,operations.geofence`. A field that is named and not set is
                cleared. `*`: all that the caller may write. Empty: the fields that are set in
                the request.
        """
        return await self._caller.unary(
            _METHODS["UpdateJob"],
            job_pb2.Job,
            {"job": job, "update_mask": update_mask},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def close_job(
        self,
        *,
        job_id: str,
        reason: str | None = None,
        etag: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> job_pb2.Job:
        """Closes a direct job for good: it stops matching at once. Closing a closed job changes
        nothing. A mirrored job is refused with ATS_INGEST_REQUIRED.

        Needs the scope `jobs:write`. Over REST: `POST /v1/jobs/{job_id}:close`.

        Args:
            job_id: The job.
            reason: Why, in the caller's words; shown as `closeNote`.
            etag: The revision that was read. Empty: whatever it is.
        """
        return await self._caller.unary(
            _METHODS["CloseJob"],
            job_pb2.Job,
            {"job_id": job_id, "reason": reason, "etag": etag},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def update_operations(
        self,
        *,
        job_id: str,
        operations: operations_pb2.Operations | Mapping[str, Any],
        update_mask: values.Mask | None = None,
        environment: str,
        etag: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> job_pb2.Job:
        """Writes the operations half of a job. For our own services: they may write each of its
        members.

        Needs the scope `operations:write`. Over REST: `PATCH /v1/jobs/{job_id}/operations`.

        Args:
            job_id: The job.
            operations: The new values.
            update_mask: The fields to change, for example `fill,matching.state`. A field that
                is named and not set is cleared. `*`: all of them. Empty: the fields that are
                set in the request.
            environment: `sandbox` or `production`.
            etag: The revision of the job that was read. Empty: whatever it is.
        """
        return await self._caller.unary(
            _METHODS["UpdateOperations"],
            job_pb2.Job,
            {
                "job_id": job_id,
                "operations": operations,
                "update_mask": update_mask,
                "environment": environment,
                "etag": etag,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def get_workforce_status(
        self,
        *,
        employer_user_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> workforce_pb2.WorkforceStatus:
        """Returns how well the jobs of one employer are filled and attended.

        Needs the scope `workforce:read`. Over REST: `GET
        /v1/employers/{employer_user_id}/workforce-status`.

        Args:
            employer_user_id: The employer; one of the grant's.
        """
        return await self._caller.unary(
            _METHODS["GetWorkforceStatus"],
            workforce_pb2.WorkforceStatus,
            {"employer_user_id": employer_user_id},
            timeout=timeout,
            metadata=metadata,
        )

    def list_published_jobs(
        self,
        *,
        employer_user_id: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[jobs_service_pb2.ListPublishedJobsResponse, published_job_pb2.PublishedJob]:
        """Lists the jobs that the public may see: open, listed, not held back and no prospects,
        newest first.

        Needs the scope `jobs:read`. Over REST: `GET /v1/published-jobs`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            employer_user_id: Only jobs of this employer. Empty: of all employers of the grant.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListPublishedJobs"],
            jobs_service_pb2.ListPublishedJobsResponse,
            "jobs",
            published_job_pb2.PublishedJob,
            {
                "employer_user_id": employer_user_id,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def watch_jobs(
        self,
        *,
        cursor: str | None = None,
        employer_user_id: str | None = None,
        include_existing: bool | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncStream[job_change_pb2.JobChange]:
        """Streams changes of jobs until the caller hangs up or the key ends. Begin anew with the
        last cursor: no change is missed between two connections.

        Needs the scope `jobs:read`. Over REST: `GET /v1/jobs:watch`.

        Args:
            cursor: The cursor of the last message heard. Empty: from now on. A cursor never
                goes stale, but of changes of one kind that a job had more than 30 days ago (a
                deployment may choose) only the last is heard.
            employer_user_id: Only jobs of this employer. Empty: of all employers of the grant.
            include_existing: True: the jobs that exist come first, each as EXISTING, and no
                change made meanwhile is missed. Only without a cursor.
        """
        return self._caller.stream(
            _METHODS["WatchJobs"],
            job_change_pb2.JobChange,
            {
                "cursor": cursor,
                "employer_user_id": employer_user_id,
                "include_existing": include_existing,
            },
            timeout=timeout,
            metadata=metadata,
        )
