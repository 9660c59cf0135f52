# Generated from the protos by `make generate`. Don't edit.
"""The employers of the grant, in the environment of the key. Any other employer answers as
one that doesn't exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from xaigh.employers.v1 import employer_pb2, employers_service_pb2
from xaigh.jobs.v1 import job_pb2

if TYPE_CHECKING:
    from xaigh_client import values
    from xaigh_client.asynchronous import AsyncCaller, AsyncPager
    from xaigh_client.synchronous import Caller, Pager

_METHODS = employers_service_pb2.DESCRIPTOR.services_by_name["EmployersService"].methods_by_name


class Employers:
    """The employers of the grant, in the environment of the key. Any other employer answers as
    one that doesn't exist.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list_employers(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[employers_service_pb2.ListEmployersResponse, employer_pb2.Employer]:
        """Lists the employers of the grant in the order of their ids.

        Needs the scope `employer:read`. Over REST: `GET /v1/employers`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListEmployers"],
            employers_service_pb2.ListEmployersResponse,
            "employers",
            employer_pb2.Employer,
            {"page_size": page_size, "page_token": page_token},
            timeout=timeout,
            metadata=metadata,
        )

    def get_employer(
        self,
        *,
        employer_user_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> employer_pb2.Employer:
        """Reads one employer.

        Needs the scope `employer:read`. Over REST: `GET /v1/employers/{employer_user_id}`.

        Args:
            employer_user_id: The employer; one of the grant's.
        """
        return self._caller.unary(
            _METHODS["GetEmployer"],
            employer_pb2.Employer,
            {"employer_user_id": employer_user_id},
            timeout=timeout,
            metadata=metadata,
        )

    def list_employer_jobs(
        self,
        *,
        employer_user_id: str,
        state: Literal["OPEN", "CLOSED", "PENDING_APPROVAL", "RETURNED"]
        | job_pb2.PublicationStatus.State.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[employers_service_pb2.ListEmployerJobsResponse, employer_pb2.EmployerJob]:
        """Lists the jobs of one employer, newest first.

        Needs the scope `employer:read`. Over REST: `GET /v1/employers/{employer_user_id}/jobs`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            employer_user_id: The employer; one of the grant's.
            state: Only jobs in this state. Unset: in any.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListEmployerJobs"],
            employers_service_pb2.ListEmployerJobsResponse,
            "jobs",
            employer_pb2.EmployerJob,
            {
                "employer_user_id": employer_user_id,
                "state": state,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_closeouts(
        self,
        *,
        employer_user_id: str,
        state: Literal["DUE", "SETTLED"] | employer_pb2.Closeout.State.ValueType | None = None,
        since: values.Time | None = None,
        until: values.Time | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[employers_service_pb2.ListCloseoutsResponse, employer_pb2.Closeout]:
        """Lists the closeouts of one employer's ended jobs, those of the newest jobs first.

        Needs the scope `employer:read`. Over REST: `GET
        /v1/employers/{employer_user_id}/closeouts`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            employer_user_id: The employer; one of the grant's.
            state: Only closeouts in this state. Unset: in any.
            since: Only jobs that ended at this time or later. Absent: no bound.
            until: Only jobs that ended before this time. Absent: no bound.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListCloseouts"],
            employers_service_pb2.ListCloseoutsResponse,
            "closeouts",
            employer_pb2.Closeout,
            {
                "employer_user_id": employer_user_id,
                "state": state,
                "since": since,
                "until": until,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def approve_posting(
        self,
        *,
        job_id: str,
        etag: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> employer_pb2.EmployerJob:
        """Approves a posting in state PENDING_APPROVAL: the job is open. Refused with
        POSTING_SELF_APPROVAL for the key that posted it, for a key that changed its content
        since the last approval, and for the other keys of their rotations.

        Needs the scope `employer:approve`. Over REST: `POST /v1/jobs/{job_id}:approvePosting`.

        Args:
            job_id: The job.
            etag: The revision that was read and is approved: `etag` of GetJob. Refused with
                ETAG_MISMATCH if the job changed meanwhile.
        """
        return self._caller.unary(
            _METHODS["ApprovePosting"],
            employer_pb2.EmployerJob,
            {"job_id": job_id, "etag": etag},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def return_posting(
        self,
        *,
        job_id: str,
        reason: str,
        etag: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> employer_pb2.EmployerJob:
        """Returns a posting in state PENDING_APPROVAL to its integrator. A change of its content
        makes it pending again; CloseJob gives it up.

        Needs the scope `employer:approve`. Over REST: `POST /v1/jobs/{job_id}:returnPosting`.

        Args:
            job_id: The job.
            reason: What has to change, in words for the integrator; shown as
                `publicationStatus.returnReason` and kept in the audit log.
            etag: The revision that was read. Empty: whatever it is.
        """
        return self._caller.unary(
            _METHODS["ReturnPosting"],
            employer_pb2.EmployerJob,
            {"job_id": job_id, "reason": reason, "etag": etag},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )


class AsyncEmployers:
    """The employers of the grant, in the environment of the key. Any other employer answers as
    one that doesn't exist.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    def list_employers(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[employers_service_pb2.ListEmployersResponse, employer_pb2.Employer]:
        """Lists the employers of the grant in the order of their ids.

        Needs the scope `employer:read`. Over REST: `GET /v1/employers`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListEmployers"],
            employers_service_pb2.ListEmployersResponse,
            "employers",
            employer_pb2.Employer,
            {"page_size": page_size, "page_token": page_token},
            timeout=timeout,
            metadata=metadata,
        )

    async def get_employer(
        self,
        *,
        employer_user_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> employer_pb2.Employer:
        """Reads one employer.

        Needs the scope `employer:read`. Over REST: `GET /v1/employers/{employer_user_id}`.

        Args:
            employer_user_id: The employer; one of the grant's.
        """
        return await self._caller.unary(
            _METHODS["GetEmployer"],
            employer_pb2.Employer,
            {"employer_user_id": employer_user_id},
            timeout=timeout,
            metadata=metadata,
        )

    def list_employer_jobs(
        self,
        *,
        employer_user_id: str,
        state: Literal["OPEN", "CLOSED", "PENDING_APPROVAL", "RETURNED"]
        | job_pb2.PublicationStatus.State.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[employers_service_pb2.ListEmployerJobsResponse, employer_pb2.EmployerJob]:
        """Lists the jobs of one employer, newest first.

        Needs the scope `employer:read`. Over REST: `GET /v1/employers/{employer_user_id}/jobs`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            employer_user_id: The employer; one of the grant's.
            state: Only jobs in this state. Unset: in any.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListEmployerJobs"],
            employers_service_pb2.ListEmployerJobsResponse,
            "jobs",
            employer_pb2.EmployerJob,
            {
                "employer_user_id": employer_user_id,
                "state": state,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_closeouts(
        self,
        *,
        employer_user_id: str,
        state: Literal["DUE", "SETTLED"] | employer_pb2.Closeout.State.ValueType | None = None,
        since: values.Time | None = None,
        until: values.Time | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[employers_service_pb2.ListCloseoutsResponse, employer_pb2.Closeout]:
        """Lists the closeouts of one employer's ended jobs, those of the newest jobs first.

        Needs the scope `employer:read`. Over REST: `GET
        /v1/employers/{employer_user_id}/closeouts`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            employer_user_id: The employer; one of the grant's.
            state: Only closeouts in this state. Unset: in any.
            since: Only jobs that ended at this time or later. Absent: no bound.
            until: Only jobs that ended before this time. Absent: no bound.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListCloseouts"],
            employers_service_pb2.ListCloseoutsResponse,
            "closeouts",
            employer_pb2.Closeout,
            {
                "employer_user_id": employer_user_id,
                "state": state,
                "since": since,
                "until": until,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    async def approve_posting(
        self,
        *,
        job_id: str,
        etag: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> employer_pb2.EmployerJob:
        """Approves a posting in state PENDING_APPROVAL: the job is open. Refused with
        POSTING_SELF_APPROVAL for the key that posted it, for a key that changed its content
        since the last approval, and for the other keys of their rotations.

        Needs the scope `employer:approve`. Over REST: `POST /v1/jobs/{job_id}:approvePosting`.

        Args:
            job_id: The job.
            etag: The revision that was read and is approved: `etag` of GetJob. Refused with
                ETAG_MISMATCH if the job changed meanwhile.
        """
        return await self._caller.unary(
            _METHODS["ApprovePosting"],
            employer_pb2.EmployerJob,
            {"job_id": job_id, "etag": etag},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def return_posting(
        self,
        *,
        job_id: str,
        reason: str,
        etag: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> employer_pb2.EmployerJob:
        """Returns a posting in state PENDING_APPROVAL to its integrator. A change of its content
        makes it pending again; CloseJob gives it up.

        Needs the scope `employer:approve`. Over REST: `POST /v1/jobs/{job_id}:returnPosting`.

        Args:
            job_id: The job.
            reason: What has to change, in words for the integrator; shown as
                `publicationStatus.returnReason` and kept in the audit log.
            etag: The revision that was read. Empty: whatever it is.
        """
        return await self._caller.unary(
            _METHODS["ReturnPosting"],
            employer_pb2.EmployerJob,
            {"job_id": job_id, "reason": reason, "etag": etag},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )
