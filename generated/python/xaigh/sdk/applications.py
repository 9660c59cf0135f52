# Generated from the protos by `make generate`. Don't edit.
"""Applications of workers for mirrored roles, forwarded to the client's ATS by HTTPS or by
the agent at the client's side.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from xaigh.applications.v1 import application_pb2, applications_service_pb2

if TYPE_CHECKING:
    from xaigh_client.asynchronous import AsyncCaller, AsyncPager, AsyncStream
    from xaigh_client.synchronous import Caller, Pager, Stream

_METHODS = applications_service_pb2.DESCRIPTOR.services_by_name[
    "ApplicationsService"
].methods_by_name


class Applications:
    """Applications of workers for mirrored roles, forwarded to the client's ATS by HTTPS or by
    the agent at the client's side.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def submit_application(
        self,
        *,
        job_id: str,
        environment: str,
        content: application_pb2.ApplicationContent | Mapping[str, Any],
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> application_pb2.Application:
        """Takes an application for a mirrored role whose integration forwards them. The reply
        comes once it is stored; it is sent afterwards.

        Needs the scope `applications:write`. Over REST: `POST /v1/jobs/{job_id}/applications`.

        Args:
            job_id: The mirrored role, `ats_…`.
            environment: `sandbox` or `production`. One of the sandbox never leaves for a target
                of production.
            content: What the client is to get.
        """
        return self._caller.unary(
            _METHODS["SubmitApplication"],
            application_pb2.Application,
            {"job_id": job_id, "environment": environment, "content": content},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def get_application(
        self,
        *,
        application_id: str,
        environment: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> application_pb2.Application:
        """Reads the state of an application. Keys see those of their grant's employers.

        Needs the scope `jobs:read`. Services of ours need `applications:read`. Over REST: `GET
        /v1/applications/{application_id}`.

        Args:
            application_id: The application.
            environment: `sandbox` or `production`, from services. A key has its own: empty.
        """
        return self._caller.unary(
            _METHODS["GetApplication"],
            application_pb2.Application,
            {"application_id": application_id, "environment": environment},
            timeout=timeout,
            metadata=metadata,
        )

    def list_applications(
        self,
        *,
        job_id: str,
        environment: str | None = None,
        state: Literal["RECEIVED", "SENDING", "FORWARDED", "REFUSED", "UNCERTAIN", "FAILED"]
        | application_pb2.Application.State.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[applications_service_pb2.ListApplicationsResponse, application_pb2.Application]:
        """Lists the applications for a job, newest first.

        Needs the scope `jobs:read`. Services of ours need `applications:read`. Over REST: `GET
        /v1/jobs/{job_id}/applications`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            job_id: The job.
            environment: `sandbox` or `production`, from services. A key has its own: empty.
            state: Only those in this state. Unspecified: all.
            page_size: How many at most. 0: 50; 200 at most.
            page_token: The `next_page_token` of the page before. Empty: the first page.
        """
        return self._caller.pages(
            _METHODS["ListApplications"],
            applications_service_pb2.ListApplicationsResponse,
            "applications",
            application_pb2.Application,
            {
                "job_id": job_id,
                "environment": environment,
                "state": state,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def erase_application(
        self,
        *,
        application_id: str,
        environment: str,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> application_pb2.Application:
        """Erases the personal data of an application, for good. One that waits to be sent is
        FAILED then. One that is being sent may still arrive.

        Needs the scope `applications:write`. Over REST: `POST
        /v1/applications/{application_id}:erase`.

        Args:
            application_id: The application.
            environment: `sandbox` or `production`.
            reason: Why; kept in the audit log. No personal data.
        """
        return self._caller.unary(
            _METHODS["EraseApplication"],
            application_pb2.Application,
            {"application_id": application_id, "environment": environment, "reason": reason},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def resend_application(
        self,
        *,
        application_id: str,
        environment: str,
        etag: str,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> application_pb2.Application:
        """Sends an UNCERTAIN, REFUSED or FAILED application again, by an operator's decision: the
        client may get an UNCERTAIN one twice.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/applications/{application_id}:resend`.

        Args:
            application_id: The application.
            environment: `sandbox` or `production`.
            etag: The revision that was read.
            reason: Why; kept with the application and in the audit log. No personal data.
        """
        return self._caller.unary(
            _METHODS["ResendApplication"],
            application_pb2.Application,
            {
                "application_id": application_id,
                "environment": environment,
                "etag": etag,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def settle_application(
        self,
        *,
        application_id: str,
        environment: str,
        etag: str,
        state: Literal["RECEIVED", "SENDING", "FORWARDED", "REFUSED", "UNCERTAIN", "FAILED"]
        | application_pb2.Application.State.ValueType,
        remote_id: str | None = None,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> application_pb2.Application:
        """Says what became of an UNCERTAIN application, by an operator who asked the client.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/applications/{application_id}:settle`.

        Args:
            application_id: The application.
            environment: `sandbox` or `production`.
            etag: The revision that was read.
            state: What became of it: FORWARDED, REFUSED or FAILED.
            remote_id: Its id in the client's ATS, where the client told it. Only with
                FORWARDED.
            reason: How you know; kept with the application and in the audit log. No personal
                data.
        """
        return self._caller.unary(
            _METHODS["SettleApplication"],
            application_pb2.Application,
            {
                "application_id": application_id,
                "environment": environment,
                "etag": etag,
                "state": state,
                "remote_id": remote_id,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def rotate_forward_secret(
        self,
        *,
        integration_id: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> applications_service_pb2.RotateForwardSecretResponse:
        """Makes the secret that signs what the integration's target gets; shown once. Until there
        is one, an HTTPS target is not valid. The secret before signs beside the new one for a
        day.

        Needs the scope `ats:sync`. Over REST: `POST
        /v1/jobs/ats/integrations/{integration_id}:rotateForwardSecret`.

        Args:
            integration_id: The integration.
        """
        return self._caller.unary(
            _METHODS["RotateForwardSecret"],
            applications_service_pb2.RotateForwardSecretResponse,
            {"integration_id": integration_id},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def receive_applications(
        self,
        *,
        integration_id: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Stream[applications_service_pb2.ReceivedApplication]:
        """Gives applications to the agent at the client's side, one after the other, for the
        integrations whose target is `agent`. Each is SENDING before it leaves the server, and
        is UNCERTAIN where no report comes within ten minutes.

        Needs the scope `applications:forward`. Over REST: `POST /v1/applications:receive`.

        Args:
            integration_id: Only those of this integration. Empty: of all that the key reaches.
        """
        return self._caller.stream(
            _METHODS["ReceiveApplications"],
            applications_service_pb2.ReceivedApplication,
            {"integration_id": integration_id},
            timeout=timeout,
            metadata=metadata,
        )

    def report_application(
        self,
        *,
        application_id: str,
        attempt: int,
        outcome: Literal["FORWARDED", "REFUSED", "NOT_SENT", "UNCERTAIN"]
        | applications_service_pb2.ReportApplicationRequest.Outcome.ValueType,
        remote_id: str | None = None,
        target_status: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> application_pb2.Application:
        """Tells what the agent did with an application that it received.

        Needs the scope `applications:forward`. Over REST: `POST
        /v1/applications/{application_id}:report`.

        Args:
            application_id: The application.
            attempt: The attempt, as it was received.
            outcome: What became of it.
            remote_id: Its id in the client's ATS. Only with FORWARDED; empty: the ATS gave
                none.
            target_status: The HTTP status of the ATS's answer. 0: it gave none.
        """
        return self._caller.unary(
            _METHODS["ReportApplication"],
            application_pb2.Application,
            {
                "application_id": application_id,
                "attempt": attempt,
                "outcome": outcome,
                "remote_id": remote_id,
                "target_status": target_status,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )


class AsyncApplications:
    """Applications of workers for mirrored roles, forwarded to the client's ATS by HTTPS or by
    the agent at the client's side.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def submit_application(
        self,
        *,
        job_id: str,
        environment: str,
        content: application_pb2.ApplicationContent | Mapping[str, Any],
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> application_pb2.Application:
        """Takes an application for a mirrored role whose integration forwards them. The reply
        comes once it is stored; it is sent afterwards.

        Needs the scope `applications:write`. Over REST: `POST /v1/jobs/{job_id}/applications`.

        Args:
            job_id: The mirrored role, `ats_…`.
            environment: `sandbox` or `production`. One of the sandbox never leaves for a target
                of production.
            content: What the client is to get.
        """
        return await self._caller.unary(
            _METHODS["SubmitApplication"],
            application_pb2.Application,
            {"job_id": job_id, "environment": environment, "content": content},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def get_application(
        self,
        *,
        application_id: str,
        environment: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> application_pb2.Application:
        """Reads the state of an application. Keys see those of their grant's employers.

        Needs the scope `jobs:read`. Services of ours need `applications:read`. Over REST: `GET
        /v1/applications/{application_id}`.

        Args:
            application_id: The application.
            environment: `sandbox` or `production`, from services. A key has its own: empty.
        """
        return await self._caller.unary(
            _METHODS["GetApplication"],
            application_pb2.Application,
            {"application_id": application_id, "environment": environment},
            timeout=timeout,
            metadata=metadata,
        )

    def list_applications(
        self,
        *,
        job_id: str,
        environment: str | None = None,
        state: Literal["RECEIVED", "SENDING", "FORWARDED", "REFUSED", "UNCERTAIN", "FAILED"]
        | application_pb2.Application.State.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[applications_service_pb2.ListApplicationsResponse, application_pb2.Application]:
        """Lists the applications for a job, newest first.

        Needs the scope `jobs:read`. Services of ours need `applications:read`. Over REST: `GET
        /v1/jobs/{job_id}/applications`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            job_id: The job.
            environment: `sandbox` or `production`, from services. A key has its own: empty.
            state: Only those in this state. Unspecified: all.
            page_size: How many at most. 0: 50; 200 at most.
            page_token: The `next_page_token` of the page before. Empty: the first page.
        """
        return self._caller.pages(
            _METHODS["ListApplications"],
            applications_service_pb2.ListApplicationsResponse,
            "applications",
            application_pb2.Application,
            {
                "job_id": job_id,
                "environment": environment,
                "state": state,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    async def erase_application(
        self,
        *,
        application_id: str,
        environment: str,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> application_pb2.Application:
        """Erases the personal data of an application, for good. One that waits to be sent is
        FAILED then. One that is being sent may still arrive.

        Needs the scope `applications:write`. Over REST: `POST
        /v1/applications/{application_id}:erase`.

        Args:
            application_id: The application.
            environment: `sandbox` or `production`.
            reason: Why; kept in the audit log. No personal data.
        """
        return await self._caller.unary(
            _METHODS["EraseApplication"],
            application_pb2.Application,
            {"application_id": application_id, "environment": environment, "reason": reason},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def resend_application(
        self,
        *,
        application_id: str,
        environment: str,
        etag: str,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> application_pb2.Application:
        """Sends an UNCERTAIN, REFUSED or FAILED application again, by an operator's decision: the
        client may get an UNCERTAIN one twice.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/applications/{application_id}:resend`.

        Args:
            application_id: The application.
            environment: `sandbox` or `production`.
            etag: The revision that was read.
            reason: Why; kept with the application and in the audit log. No personal data.
        """
        return await self._caller.unary(
            _METHODS["ResendApplication"],
            application_pb2.Application,
            {
                "application_id": application_id,
                "environment": environment,
                "etag": etag,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def settle_application(
        self,
        *,
        application_id: str,
        environment: str,
        etag: str,
        state: Literal["RECEIVED", "SENDING", "FORWARDED", "REFUSED", "UNCERTAIN", "FAILED"]
        | application_pb2.Application.State.ValueType,
        remote_id: str | None = None,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> application_pb2.Application:
        """Says what became of an UNCERTAIN application, by an operator who asked the client.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/applications/{application_id}:settle`.

        Args:
            application_id: The application.
            environment: `sandbox` or `production`.
            etag: The revision that was read.
            state: What became of it: FORWARDED, REFUSED or FAILED.
            remote_id: Its id in the client's ATS, where the client told it. Only with
                FORWARDED.
            reason: How you know; kept with the application and in the audit log. No personal
                data.
        """
        return await self._caller.unary(
            _METHODS["SettleApplication"],
            application_pb2.Application,
            {
                "application_id": application_id,
                "environment": environment,
                "etag": etag,
                "state": state,
                "remote_id": remote_id,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def rotate_forward_secret(
        self,
        *,
        integration_id: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> applications_service_pb2.RotateForwardSecretResponse:
        """Makes the secret that signs what the integration's target gets; shown once. Until there
        is one, an HTTPS target is not valid. The secret before signs beside the new one for a
        day.

        Needs the scope `ats:sync`. Over REST: `POST
        /v1/jobs/ats/integrations/{integration_id}:rotateForwardSecret`.

        Args:
            integration_id: The integration.
        """
        return await self._caller.unary(
            _METHODS["RotateForwardSecret"],
            applications_service_pb2.RotateForwardSecretResponse,
            {"integration_id": integration_id},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def receive_applications(
        self,
        *,
        integration_id: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncStream[applications_service_pb2.ReceivedApplication]:
        """Gives applications to the agent at the client's side, one after the other, for the
        integrations whose target is `agent`. Each is SENDING before it leaves the server, and
        is UNCERTAIN where no report comes within ten minutes.

        Needs the scope `applications:forward`. Over REST: `POST /v1/applications:receive`.

        Args:
            integration_id: Only those of this integration. Empty: of all that the key reaches.
        """
        return self._caller.stream(
            _METHODS["ReceiveApplications"],
            applications_service_pb2.ReceivedApplication,
            {"integration_id": integration_id},
            timeout=timeout,
            metadata=metadata,
        )

    async def report_application(
        self,
        *,
        application_id: str,
        attempt: int,
        outcome: Literal["FORWARDED", "REFUSED", "NOT_SENT", "UNCERTAIN"]
        | applications_service_pb2.ReportApplicationRequest.Outcome.ValueType,
        remote_id: str | None = None,
        target_status: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> application_pb2.Application:
        """Tells what the agent did with an application that it received.

        Needs the scope `applications:forward`. Over REST: `POST
        /v1/applications/{application_id}:report`.

        Args:
            application_id: The application.
            attempt: The attempt, as it was received.
            outcome: What became of it.
            remote_id: Its id in the client's ATS. Only with FORWARDED; empty: the ATS gave
                none.
            target_status: The HTTP status of the ATS's answer. 0: it gave none.
        """
        return await self._caller.unary(
            _METHODS["ReportApplication"],
            application_pb2.Application,
            {
                "application_id": application_id,
                "attempt": attempt,
                "outcome": outcome,
                "remote_id": remote_id,
                "target_status": target_status,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )
