# Generated from the protos by `make generate`. Don't edit.
"""The jobs of all organizations in one environment, for matching, fill and payroll: they
learn here that a role was closed. They write what is theirs of a job with
JobsService.UpdateOperations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from xaigh.ats.v1 import sync_event_pb2
from xaigh.jobs.v1 import job_change_pb2, job_pb2
from xaigh.operations.v1 import operations_service_pb2

if TYPE_CHECKING:
    from xaigh_client.asynchronous import AsyncCaller, AsyncPager, AsyncStream
    from xaigh_client.synchronous import Caller, Pager, Stream

_METHODS = operations_service_pb2.DESCRIPTOR.services_by_name["OperationsService"].methods_by_name


class Operations:
    """The jobs of all organizations in one environment, for matching, fill and payroll: they
    learn here that a role was closed. They write what is theirs of a job with
    JobsService.UpdateOperations.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def get_job(
        self,
        *,
        job_id: str,
        environment: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> job_pb2.Job:
        """Reads one job of any organization.

        Needs the scope `operations:read`. Over REST: `GET /v1/operations/jobs/{job_id}`.

        Args:
            job_id: The job.
            environment: `sandbox` or `production`.
        """
        return self._caller.unary(
            _METHODS["GetJob"],
            job_pb2.Job,
            {"job_id": job_id, "environment": environment},
            timeout=timeout,
            metadata=metadata,
        )

    def list_jobs(
        self,
        *,
        environment: str,
        organization_id: str | None = None,
        employer_user_id: str | None = None,
        source: Literal["DIRECT", "CLIENT_ATS"] | job_pb2.Job.Source.ValueType | None = None,
        state: Literal["OPEN", "CLOSED", "PENDING_APPROVAL", "RETURNED"]
        | job_pb2.PublicationStatus.State.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[operations_service_pb2.OperationsServiceListJobsResponse, job_pb2.Job]:
        """Lists jobs of all organizations, newest first. Jobs that wait for an approval or were
        returned aren't among them.

        Needs the scope `operations:read`. Over REST: `GET /v1/operations/jobs`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            environment: `sandbox` or `production`.
            organization_id: Only jobs of this organization. Empty: of all.
            employer_user_id: Only jobs of this employer. Empty: of all.
            source: Only jobs from there.
            state: Only jobs in this state.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListJobs"],
            operations_service_pb2.OperationsServiceListJobsResponse,
            "jobs",
            job_pb2.Job,
            {
                "environment": environment,
                "organization_id": organization_id,
                "employer_user_id": employer_user_id,
                "source": source,
                "state": state,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def watch_jobs(
        self,
        *,
        environment: str,
        cursor: str | None = None,
        organization_id: str | None = None,
        employer_user_id: str | None = None,
        include_existing: bool | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Stream[job_change_pb2.JobChange]:
        """Streams changes of the jobs of all organizations until the caller hangs up or its
        credential ends. Begin anew with the last cursor: no change is missed between two
        connections. Changes of one organization come in their order. A job that waits for its
        first approval isn't heard of until it is APPROVED. One that was open and waits again
        comes as PENDING: its state isn't OPEN and `operations.matching.active` is false.

        Needs the scope `operations:read`. Over REST: `GET /v1/operations/jobs:watch`.

        Args:
            environment: `sandbox` or `production`.
            cursor: The cursor of the last message heard. Empty: from now on. It holds for the
                same filters, for any credential of a service. A cursor never goes stale, but of
                changes of one kind that a job had more than 30 days ago (a deployment may
                choose) only the last is heard.
            organization_id: Only jobs of this organization. Empty: of all.
            employer_user_id: Only jobs of this employer. Empty: of all.
            include_existing: True: the jobs that exist come first, each as EXISTING, and no
                change made meanwhile is missed. Only without a cursor.
        """
        return self._caller.stream(
            _METHODS["WatchJobs"],
            job_change_pb2.JobChange,
            {
                "environment": environment,
                "cursor": cursor,
                "organization_id": organization_id,
                "employer_user_id": employer_user_id,
                "include_existing": include_existing,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_sync_events(
        self,
        *,
        environment: str,
        organization_id: str | None = None,
        integration_id: str | None = None,
        job_id: str | None = None,
        type: Literal["CREATED", "UPDATED", "REOPENED", "CLOSED", "MISSING_FROM_ATS"]
        | sync_event_pb2.AtsJobSyncEvent.Type.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[
        operations_service_pb2.OperationsServiceListSyncEventsResponse,
        sync_event_pb2.AtsJobSyncEvent,
    ]:
        """Lists what syncs did to single roles of all organizations, newest first.

        Needs the scope `operations:read`. Over REST: `GET /v1/operations/ats/events`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            environment: `sandbox` or `production`.
            organization_id: Only events of this organization. Empty: of all.
            integration_id: Only events of this integration.
            job_id: Only events of this job.
            type: Only events of this type.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListSyncEvents"],
            operations_service_pb2.OperationsServiceListSyncEventsResponse,
            "events",
            sync_event_pb2.AtsJobSyncEvent,
            {
                "environment": environment,
                "organization_id": organization_id,
                "integration_id": integration_id,
                "job_id": job_id,
                "type": type,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )


class AsyncOperations:
    """The jobs of all organizations in one environment, for matching, fill and payroll: they
    learn here that a role was closed. They write what is theirs of a job with
    JobsService.UpdateOperations.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def get_job(
        self,
        *,
        job_id: str,
        environment: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> job_pb2.Job:
        """Reads one job of any organization.

        Needs the scope `operations:read`. Over REST: `GET /v1/operations/jobs/{job_id}`.

        Args:
            job_id: The job.
            environment: `sandbox` or `production`.
        """
        return await self._caller.unary(
            _METHODS["GetJob"],
            job_pb2.Job,
            {"job_id": job_id, "environment": environment},
            timeout=timeout,
            metadata=metadata,
        )

    def list_jobs(
        self,
        *,
        environment: str,
        organization_id: str | None = None,
        employer_user_id: str | None = None,
        source: Literal["DIRECT", "CLIENT_ATS"] | job_pb2.Job.Source.ValueType | None = None,
        state: Literal["OPEN", "CLOSED", "PENDING_APPROVAL", "RETURNED"]
        | job_pb2.PublicationStatus.State.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[operations_service_pb2.OperationsServiceListJobsResponse, job_pb2.Job]:
        """Lists jobs of all organizations, newest first. Jobs that wait for an approval or were
        returned aren't among them.

        Needs the scope `operations:read`. Over REST: `GET /v1/operations/jobs`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            environment: `sandbox` or `production`.
            organization_id: Only jobs of this organization. Empty: of all.
            employer_user_id: Only jobs of this employer. Empty: of all.
            source: Only jobs from there.
            state: Only jobs in this state.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListJobs"],
            operations_service_pb2.OperationsServiceListJobsResponse,
            "jobs",
            job_pb2.Job,
            {
                "environment": environment,
                "organization_id": organization_id,
                "employer_user_id": employer_user_id,
                "source": source,
                "state": state,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def watch_jobs(
        self,
        *,
        environment: str,
        cursor: str | None = None,
        organization_id: str | None = None,
        employer_user_id: str | None = None,
        include_existing: bool | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncStream[job_change_pb2.JobChange]:
        """Streams changes of the jobs of all organizations until the caller hangs up or its
        credential ends. Begin anew with the last cursor: no change is missed between two
        connections. Changes of one organization come in their order. A job that waits for its
        first approval isn't heard of until it is APPROVED. One that was open and waits again
        comes as PENDING: its state isn't OPEN and `operations.matching.active` is false.

        Needs the scope `operations:read`. Over REST: `GET /v1/operations/jobs:watch`.

        Args:
            environment: `sandbox` or `production`.
            cursor: The cursor of the last message heard. Empty: from now on. It holds for the
                same filters, for any credential of a service. A cursor never goes stale, but of
                changes of one kind that a job had more than 30 days ago (a deployment may
                choose) only the last is heard.
            organization_id: Only jobs of this organization. Empty: of all.
            employer_user_id: Only jobs of this employer. Empty: of all.
            include_existing: True: the jobs that exist come first, each as EXISTING, and no
                change made meanwhile is missed. Only without a cursor.
        """
        return self._caller.stream(
            _METHODS["WatchJobs"],
            job_change_pb2.JobChange,
            {
                "environment": environment,
                "cursor": cursor,
                "organization_id": organization_id,
                "employer_user_id": employer_user_id,
                "include_existing": include_existing,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_sync_events(
        self,
        *,
        environment: str,
        organization_id: str | None = None,
        integration_id: str | None = None,
        job_id: str | None = None,
        type: Literal["CREATED", "UPDATED", "REOPENED", "CLOSED", "MISSING_FROM_ATS"]
        | sync_event_pb2.AtsJobSyncEvent.Type.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[
        operations_service_pb2.OperationsServiceListSyncEventsResponse,
        sync_event_pb2.AtsJobSyncEvent,
    ]:
        """Lists what syncs did to single roles of all organizations, newest first.

        Needs the scope `operations:read`. Over REST: `GET /v1/operations/ats/events`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            environment: `sandbox` or `production`.
            organization_id: Only events of this organization. Empty: of all.
            integration_id: Only events of this integration.
            job_id: Only events of this job.
            type: Only events of this type.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListSyncEvents"],
            operations_service_pb2.OperationsServiceListSyncEventsResponse,
            "events",
            sync_event_pb2.AtsJobSyncEvent,
            {
                "environment": environment,
                "organization_id": organization_id,
                "integration_id": integration_id,
                "job_id": job_id,
                "type": type,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )
