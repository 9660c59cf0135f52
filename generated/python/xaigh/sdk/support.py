# Generated from the protos by `make generate`. Don't edit.
"""Shows operators what an organization sees, without its key. Each read leaves an event in
the audit log that names the operator and the organization.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from xaigh.applications.v1 import application_pb2
from xaigh.ats.v1 import integration_pb2, sync_event_pb2, sync_run_pb2
from xaigh.jobs.v1 import ats_job_link_pb2, job_pb2
from xaigh.keys.v1 import self_service_pb2
from xaigh.request_log.v1 import request_log_pb2
from xaigh.support.v1 import support_service_pb2
from xaigh.webhooks.v1 import delivery_pb2, endpoint_pb2

if TYPE_CHECKING:
    from xaigh_client import values
    from xaigh_client.asynchronous import AsyncCaller, AsyncPager
    from xaigh_client.synchronous import Caller, Pager

_METHODS = support_service_pb2.DESCRIPTOR.services_by_name["SupportService"].methods_by_name


class Support:
    """Shows operators what an organization sees, without its key. Each read leaves an event in
    the audit log that names the operator and the organization.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list_organization_jobs(
        self,
        *,
        organization_id: str,
        environment: str,
        employer_user_id: str | None = None,
        source: Literal["DIRECT", "CLIENT_ATS"] | job_pb2.Job.Source.ValueType | None = None,
        state: Literal["OPEN", "CLOSED", "PENDING_APPROVAL", "RETURNED"]
        | job_pb2.PublicationStatus.State.ValueType
        | None = None,
        external_reference: str | None = None,
        integration_id: str | None = None,
        job_id: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[support_service_pb2.ListOrganizationJobsResponse, job_pb2.Job]:
        """Lists jobs, newest first, of one organization or of all.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/jobs`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: The organization, or `-` for all.
            environment: `sandbox` or `production`.
            employer_user_id: Only jobs of this employer.
            source: Only jobs from there.
            state: Only jobs in this state.
            external_reference: Only jobs with this external reference.
            integration_id: Only mirrors of this integration.
            job_id: Only this job.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListOrganizationJobs"],
            support_service_pb2.ListOrganizationJobsResponse,
            "jobs",
            job_pb2.Job,
            {
                "organization_id": organization_id,
                "environment": environment,
                "employer_user_id": employer_user_id,
                "source": source,
                "state": state,
                "external_reference": external_reference,
                "integration_id": integration_id,
                "job_id": job_id,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_organization_integrations(
        self,
        *,
        organization_id: str,
        environment: str,
        provider: Literal["WORKDAY", "GREENHOUSE", "LEVER", "ASHBY", "ICIMS", "CUSTOM"]
        | ats_job_link_pb2.AtsJobLink.Provider.ValueType
        | None = None,
        employer_user_id: str | None = None,
        state: Literal["PENDING", "ACTIVE", "INACTIVE"]
        | integration_pb2.AtsIntegration.State.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[
        support_service_pb2.ListOrganizationIntegrationsResponse, integration_pb2.AtsIntegration
    ]:
        """Lists integrations in the order of their making, of one organization or of all.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/integrations`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: The organization, or `-` for all.
            environment: `sandbox` or `production`.
            provider: Only those with this provider.
            employer_user_id: Only those that speak for this employer.
            state: Only those in this state.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListOrganizationIntegrations"],
            support_service_pb2.ListOrganizationIntegrationsResponse,
            "integrations",
            integration_pb2.AtsIntegration,
            {
                "organization_id": organization_id,
                "environment": environment,
                "provider": provider,
                "employer_user_id": employer_user_id,
                "state": state,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_organization_runs(
        self,
        *,
        organization_id: str,
        environment: str,
        integration_id: str | None = None,
        provider: Literal["WORKDAY", "GREENHOUSE", "LEVER", "ASHBY", "ICIMS", "CUSTOM"]
        | ats_job_link_pb2.AtsJobLink.Provider.ValueType
        | None = None,
        state: Literal["OPEN", "COMPLETED", "INCOMPLETE", "PARTIAL", "SUPERSEDED", "EXPIRED"]
        | sync_run_pb2.SyncRun.State.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[support_service_pb2.ListOrganizationRunsResponse, sync_run_pb2.SyncRun]:
        """Lists sync runs, newest first, of one organization or of all.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/runs`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: The organization, or `-` for all.
            environment: `sandbox` or `production`.
            integration_id: Only runs of this integration.
            provider: Only runs with this provider.
            state: Only runs in this state.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListOrganizationRuns"],
            support_service_pb2.ListOrganizationRunsResponse,
            "runs",
            sync_run_pb2.SyncRun,
            {
                "organization_id": organization_id,
                "environment": environment,
                "integration_id": integration_id,
                "provider": provider,
                "state": state,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_organization_events(
        self,
        *,
        organization_id: str,
        environment: str,
        integration_id: str | None = None,
        job_id: str | None = None,
        type: Literal["CREATED", "UPDATED", "REOPENED", "CLOSED", "MISSING_FROM_ATS"]
        | sync_event_pb2.AtsJobSyncEvent.Type.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[support_service_pb2.ListOrganizationEventsResponse, sync_event_pb2.AtsJobSyncEvent]:
        """Lists sync events with their raw hashes, newest first, of one organization or of all.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/events`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: The organization, or `-` for all.
            environment: `sandbox` or `production`.
            integration_id: Only events of this integration.
            job_id: Only events of this job.
            type: Only events of this type.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListOrganizationEvents"],
            support_service_pb2.ListOrganizationEventsResponse,
            "events",
            sync_event_pb2.AtsJobSyncEvent,
            {
                "organization_id": organization_id,
                "environment": environment,
                "integration_id": integration_id,
                "job_id": job_id,
                "type": type,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_organization_applications(
        self,
        *,
        organization_id: str,
        environment: str,
        job_id: str | None = None,
        state: Literal["RECEIVED", "SENDING", "FORWARDED", "REFUSED", "UNCERTAIN", "FAILED"]
        | application_pb2.Application.State.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[
        support_service_pb2.ListOrganizationApplicationsResponse, application_pb2.Application
    ]:
        """Lists applications without personal data, newest first, of one organization or of all.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/applications`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: The organization, or `-` for all.
            environment: `sandbox` or `production`.
            job_id: Only those for this job.
            state: Only those in this state, for example UNCERTAIN. Unspecified: all.
            page_size: How many at most. 0: 50; 200 at most.
            page_token: The `next_page_token` of the page before. Empty: the first page.
        """
        return self._caller.pages(
            _METHODS["ListOrganizationApplications"],
            support_service_pb2.ListOrganizationApplicationsResponse,
            "applications",
            application_pb2.Application,
            {
                "organization_id": organization_id,
                "environment": environment,
                "job_id": job_id,
                "state": state,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_organization_endpoints(
        self,
        *,
        organization_id: str,
        environment: str,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[support_service_pb2.ListOrganizationEndpointsResponse, endpoint_pb2.Endpoint]:
        """Lists webhook endpoints without their secrets, newest first, of one organization or of
        all.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/endpoints`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: The organization, or `-` for all.
            environment: `sandbox` or `production`.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListOrganizationEndpoints"],
            support_service_pb2.ListOrganizationEndpointsResponse,
            "endpoints",
            endpoint_pb2.Endpoint,
            {
                "organization_id": organization_id,
                "environment": environment,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_organization_deliveries(
        self,
        *,
        organization_id: str,
        environment: str,
        endpoint_id: str | None = None,
        event_id: str | None = None,
        event_type: str | None = None,
        state: Literal["PENDING", "SUCCEEDED", "FAILED", "CANCELLED"]
        | delivery_pb2.Delivery.State.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[support_service_pb2.ListOrganizationDeliveriesResponse, delivery_pb2.Delivery]:
        """Lists webhook deliveries, newest first, of one organization or of all.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/deliveries`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: The organization, or `-` for all.
            environment: `sandbox` or `production`.
            endpoint_id: Only those to this endpoint.
            event_id: Only those of this event.
            event_type: Only those of this event type.
            state: Only those in this state.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListOrganizationDeliveries"],
            support_service_pb2.ListOrganizationDeliveriesResponse,
            "deliveries",
            delivery_pb2.Delivery,
            {
                "organization_id": organization_id,
                "environment": environment,
                "endpoint_id": endpoint_id,
                "event_id": event_id,
                "event_type": event_type,
                "state": state,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_organization_request_logs(
        self,
        *,
        organization_id: str,
        environment: str,
        errors_only: bool | None = None,
        reason: str | None = None,
        method: str | None = None,
        key_id: str | None = None,
        client_request_id: str | None = None,
        start_time: values.Time | None = None,
        end_time: values.Time | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[support_service_pb2.ListOrganizationRequestLogsResponse, request_log_pb2.RequestLog]:
        """Lists calls of known keys, those that ended last first, of one organization or of all.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/request-logs`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: The organization, or `-` for all.
            environment: `sandbox` or `production`.
            errors_only: True: only calls that failed.
            reason: Only calls that failed for this reason, `FIELD_INVALID`.
            method: Only calls of this method, by its full name.
            key_id: Only calls of this key.
            client_request_id: Only calls with this client request id.
            start_time: Only calls that ended at or after this time.
            end_time: Only calls that ended before this time.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListOrganizationRequestLogs"],
            support_service_pb2.ListOrganizationRequestLogsResponse,
            "request_logs",
            request_log_pb2.RequestLog,
            {
                "organization_id": organization_id,
                "environment": environment,
                "errors_only": errors_only,
                "reason": reason,
                "method": method,
                "key_id": key_id,
                "client_request_id": client_request_id,
                "start_time": start_time,
                "end_time": end_time,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def get_organization_request_log(
        self,
        *,
        organization_id: str,
        environment: str,
        request_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> request_log_pb2.RequestLog:
        """Returns one call of a known key by its request id.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/request-logs/{request_id}`.

        Args:
            organization_id: The organization, or `-` for all.
            environment: `sandbox` or `production`.
            request_id: The request id, `req_…`.
        """
        return self._caller.unary(
            _METHODS["GetOrganizationRequestLog"],
            request_log_pb2.RequestLog,
            {
                "organization_id": organization_id,
                "environment": environment,
                "request_id": request_id,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def get_key_identity(
        self,
        *,
        organization_id: str,
        key_id: str,
        environment: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> self_service_pb2.Identity:
        """Returns what a key would hear from WhoAmI: its rights as they are now, and what is left
        of its limit.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/keys/{key_id}/whoami`.

        Args:
            organization_id: The organization that the key belongs to.
            key_id: The key.
            environment: The environment of the key: `sandbox` or `production`.
        """
        return self._caller.unary(
            _METHODS["GetKeyIdentity"],
            self_service_pb2.Identity,
            {"organization_id": organization_id, "key_id": key_id, "environment": environment},
            timeout=timeout,
            metadata=metadata,
        )

    def disable_endpoint(
        self,
        *,
        organization_id: str,
        endpoint_id: str,
        environment: str,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> endpoint_pb2.Endpoint:
        """Disables an endpoint: nothing is sent to it until operators enable it again. What waits
        for it is cancelled. The endpoint says why, and to operators by whom. The organization
        can't delete it, move it, or make another one at its URL, whatever the query.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}/endpoints/{endpoint_id}:disable`.

        Args:
            organization_id: The organization that it belongs to.
            endpoint_id: The endpoint.
            environment: `sandbox` or `production`.
            reason: Why; shown to the organization as `disableNote`.
        """
        return self._caller.unary(
            _METHODS["DisableEndpoint"],
            endpoint_pb2.Endpoint,
            {
                "organization_id": organization_id,
                "endpoint_id": endpoint_id,
                "environment": environment,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def enable_endpoint(
        self,
        *,
        organization_id: str,
        endpoint_id: str,
        environment: str,
        reason: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> endpoint_pb2.Endpoint:
        """Enables an endpoint, whatever disabled it. Events from then on are sent to it.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}/endpoints/{endpoint_id}:enable`.

        Args:
            organization_id: The organization that it belongs to.
            endpoint_id: The endpoint.
            environment: `sandbox` or `production`.
            reason: Why; kept in the audit log.
        """
        return self._caller.unary(
            _METHODS["EnableEndpoint"],
            endpoint_pb2.Endpoint,
            {
                "organization_id": organization_id,
                "endpoint_id": endpoint_id,
                "environment": environment,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def hold_job(
        self,
        *,
        organization_id: str,
        job_id: str,
        environment: str,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> job_pb2.Job:
        """Holds one job: it isn't published and doesn't match until operators release it, whatever
        its client does. Holding a held job again changes nothing.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}/jobs/{job_id}:hold`.

        Args:
            organization_id: The organization that it belongs to.
            job_id: The job.
            environment: `sandbox` or `production`.
            reason: Why; shown to the organization.
        """
        return self._caller.unary(
            _METHODS["HoldJob"],
            job_pb2.Job,
            {
                "organization_id": organization_id,
                "job_id": job_id,
                "environment": environment,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def release_job(
        self,
        *,
        organization_id: str,
        job_id: str,
        environment: str,
        reason: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> job_pb2.Job:
        """Releases the hold that HoldJob laid on a job. The hold of a rollback stays: that is
        released as a whole, with the rollback.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}/jobs/{job_id}:release`.

        Args:
            organization_id: The organization that it belongs to.
            job_id: The job.
            environment: `sandbox` or `production`.
            reason: Why; kept in the audit log.
        """
        return self._caller.unary(
            _METHODS["ReleaseJob"],
            job_pb2.Job,
            {
                "organization_id": organization_id,
                "job_id": job_id,
                "environment": environment,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )


class AsyncSupport:
    """Shows operators what an organization sees, without its key. Each read leaves an event in
    the audit log that names the operator and the organization.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    def list_organization_jobs(
        self,
        *,
        organization_id: str,
        environment: str,
        employer_user_id: str | None = None,
        source: Literal["DIRECT", "CLIENT_ATS"] | job_pb2.Job.Source.ValueType | None = None,
        state: Literal["OPEN", "CLOSED", "PENDING_APPROVAL", "RETURNED"]
        | job_pb2.PublicationStatus.State.ValueType
        | None = None,
        external_reference: str | None = None,
        integration_id: str | None = None,
        job_id: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[support_service_pb2.ListOrganizationJobsResponse, job_pb2.Job]:
        """Lists jobs, newest first, of one organization or of all.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/jobs`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: The organization, or `-` for all.
            environment: `sandbox` or `production`.
            employer_user_id: Only jobs of this employer.
            source: Only jobs from there.
            state: Only jobs in this state.
            external_reference: Only jobs with this external reference.
            integration_id: Only mirrors of this integration.
            job_id: Only this job.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListOrganizationJobs"],
            support_service_pb2.ListOrganizationJobsResponse,
            "jobs",
            job_pb2.Job,
            {
                "organization_id": organization_id,
                "environment": environment,
                "employer_user_id": employer_user_id,
                "source": source,
                "state": state,
                "external_reference": external_reference,
                "integration_id": integration_id,
                "job_id": job_id,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_organization_integrations(
        self,
        *,
        organization_id: str,
        environment: str,
        provider: Literal["WORKDAY", "GREENHOUSE", "LEVER", "ASHBY", "ICIMS", "CUSTOM"]
        | ats_job_link_pb2.AtsJobLink.Provider.ValueType
        | None = None,
        employer_user_id: str | None = None,
        state: Literal["PENDING", "ACTIVE", "INACTIVE"]
        | integration_pb2.AtsIntegration.State.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[
        support_service_pb2.ListOrganizationIntegrationsResponse, integration_pb2.AtsIntegration
    ]:
        """Lists integrations in the order of their making, of one organization or of all.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/integrations`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: The organization, or `-` for all.
            environment: `sandbox` or `production`.
            provider: Only those with this provider.
            employer_user_id: Only those that speak for this employer.
            state: Only those in this state.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListOrganizationIntegrations"],
            support_service_pb2.ListOrganizationIntegrationsResponse,
            "integrations",
            integration_pb2.AtsIntegration,
            {
                "organization_id": organization_id,
                "environment": environment,
                "provider": provider,
                "employer_user_id": employer_user_id,
                "state": state,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_organization_runs(
        self,
        *,
        organization_id: str,
        environment: str,
        integration_id: str | None = None,
        provider: Literal["WORKDAY", "GREENHOUSE", "LEVER", "ASHBY", "ICIMS", "CUSTOM"]
        | ats_job_link_pb2.AtsJobLink.Provider.ValueType
        | None = None,
        state: Literal["OPEN", "COMPLETED", "INCOMPLETE", "PARTIAL", "SUPERSEDED", "EXPIRED"]
        | sync_run_pb2.SyncRun.State.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[support_service_pb2.ListOrganizationRunsResponse, sync_run_pb2.SyncRun]:
        """Lists sync runs, newest first, of one organization or of all.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/runs`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: The organization, or `-` for all.
            environment: `sandbox` or `production`.
            integration_id: Only runs of this integration.
            provider: Only runs with this provider.
            state: Only runs in this state.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListOrganizationRuns"],
            support_service_pb2.ListOrganizationRunsResponse,
            "runs",
            sync_run_pb2.SyncRun,
            {
                "organization_id": organization_id,
                "environment": environment,
                "integration_id": integration_id,
                "provider": provider,
                "state": state,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_organization_events(
        self,
        *,
        organization_id: str,
        environment: str,
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
        support_service_pb2.ListOrganizationEventsResponse, sync_event_pb2.AtsJobSyncEvent
    ]:
        """Lists sync events with their raw hashes, newest first, of one organization or of all.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/events`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: The organization, or `-` for all.
            environment: `sandbox` or `production`.
            integration_id: Only events of this integration.
            job_id: Only events of this job.
            type: Only events of this type.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListOrganizationEvents"],
            support_service_pb2.ListOrganizationEventsResponse,
            "events",
            sync_event_pb2.AtsJobSyncEvent,
            {
                "organization_id": organization_id,
                "environment": environment,
                "integration_id": integration_id,
                "job_id": job_id,
                "type": type,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_organization_applications(
        self,
        *,
        organization_id: str,
        environment: str,
        job_id: str | None = None,
        state: Literal["RECEIVED", "SENDING", "FORWARDED", "REFUSED", "UNCERTAIN", "FAILED"]
        | application_pb2.Application.State.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[
        support_service_pb2.ListOrganizationApplicationsResponse, application_pb2.Application
    ]:
        """Lists applications without personal data, newest first, of one organization or of all.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/applications`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: The organization, or `-` for all.
            environment: `sandbox` or `production`.
            job_id: Only those for this job.
            state: Only those in this state, for example UNCERTAIN. Unspecified: all.
            page_size: How many at most. 0: 50; 200 at most.
            page_token: The `next_page_token` of the page before. Empty: the first page.
        """
        return self._caller.pages(
            _METHODS["ListOrganizationApplications"],
            support_service_pb2.ListOrganizationApplicationsResponse,
            "applications",
            application_pb2.Application,
            {
                "organization_id": organization_id,
                "environment": environment,
                "job_id": job_id,
                "state": state,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_organization_endpoints(
        self,
        *,
        organization_id: str,
        environment: str,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[support_service_pb2.ListOrganizationEndpointsResponse, endpoint_pb2.Endpoint]:
        """Lists webhook endpoints without their secrets, newest first, of one organization or of
        all.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/endpoints`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: The organization, or `-` for all.
            environment: `sandbox` or `production`.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListOrganizationEndpoints"],
            support_service_pb2.ListOrganizationEndpointsResponse,
            "endpoints",
            endpoint_pb2.Endpoint,
            {
                "organization_id": organization_id,
                "environment": environment,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_organization_deliveries(
        self,
        *,
        organization_id: str,
        environment: str,
        endpoint_id: str | None = None,
        event_id: str | None = None,
        event_type: str | None = None,
        state: Literal["PENDING", "SUCCEEDED", "FAILED", "CANCELLED"]
        | delivery_pb2.Delivery.State.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[support_service_pb2.ListOrganizationDeliveriesResponse, delivery_pb2.Delivery]:
        """Lists webhook deliveries, newest first, of one organization or of all.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/deliveries`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: The organization, or `-` for all.
            environment: `sandbox` or `production`.
            endpoint_id: Only those to this endpoint.
            event_id: Only those of this event.
            event_type: Only those of this event type.
            state: Only those in this state.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListOrganizationDeliveries"],
            support_service_pb2.ListOrganizationDeliveriesResponse,
            "deliveries",
            delivery_pb2.Delivery,
            {
                "organization_id": organization_id,
                "environment": environment,
                "endpoint_id": endpoint_id,
                "event_id": event_id,
                "event_type": event_type,
                "state": state,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_organization_request_logs(
        self,
        *,
        organization_id: str,
        environment: str,
        errors_only: bool | None = None,
        reason: str | None = None,
        method: str | None = None,
        key_id: str | None = None,
        client_request_id: str | None = None,
        start_time: values.Time | None = None,
        end_time: values.Time | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[
        support_service_pb2.ListOrganizationRequestLogsResponse, request_log_pb2.RequestLog
    ]:
        """Lists calls of known keys, those that ended last first, of one organization or of all.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/request-logs`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: The organization, or `-` for all.
            environment: `sandbox` or `production`.
            errors_only: True: only calls that failed.
            reason: Only calls that failed for this reason, `FIELD_INVALID`.
            method: Only calls of this method, by its full name.
            key_id: Only calls of this key.
            client_request_id: Only calls with this client request id.
            start_time: Only calls that ended at or after this time.
            end_time: Only calls that ended before this time.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListOrganizationRequestLogs"],
            support_service_pb2.ListOrganizationRequestLogsResponse,
            "request_logs",
            request_log_pb2.RequestLog,
            {
                "organization_id": organization_id,
                "environment": environment,
                "errors_only": errors_only,
                "reason": reason,
                "method": method,
                "key_id": key_id,
                "client_request_id": client_request_id,
                "start_time": start_time,
                "end_time": end_time,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    async def get_organization_request_log(
        self,
        *,
        organization_id: str,
        environment: str,
        request_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> request_log_pb2.RequestLog:
        """Returns one call of a known key by its request id.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/request-logs/{request_id}`.

        Args:
            organization_id: The organization, or `-` for all.
            environment: `sandbox` or `production`.
            request_id: The request id, `req_…`.
        """
        return await self._caller.unary(
            _METHODS["GetOrganizationRequestLog"],
            request_log_pb2.RequestLog,
            {
                "organization_id": organization_id,
                "environment": environment,
                "request_id": request_id,
            },
            timeout=timeout,
            metadata=metadata,
        )

    async def get_key_identity(
        self,
        *,
        organization_id: str,
        key_id: str,
        environment: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> self_service_pb2.Identity:
        """Returns what a key would hear from WhoAmI: its rights as they are now, and what is left
        of its limit.

        Needs the scope `support:read`. Over REST: `GET
        /v1/admin/organizations/{organization_id}/keys/{key_id}/whoami`.

        Args:
            organization_id: The organization that the key belongs to.
            key_id: The key.
            environment: The environment of the key: `sandbox` or `production`.
        """
        return await self._caller.unary(
            _METHODS["GetKeyIdentity"],
            self_service_pb2.Identity,
            {"organization_id": organization_id, "key_id": key_id, "environment": environment},
            timeout=timeout,
            metadata=metadata,
        )

    async def disable_endpoint(
        self,
        *,
        organization_id: str,
        endpoint_id: str,
        environment: str,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> endpoint_pb2.Endpoint:
        """Disables an endpoint: nothing is sent to it until operators enable it again. What waits
        for it is cancelled. The endpoint says why, and to operators by whom. The organization
        can't delete it, move it, or make another one at its URL, whatever the query.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}/endpoints/{endpoint_id}:disable`.

        Args:
            organization_id: The organization that it belongs to.
            endpoint_id: The endpoint.
            environment: `sandbox` or `production`.
            reason: Why; shown to the organization as `disableNote`.
        """
        return await self._caller.unary(
            _METHODS["DisableEndpoint"],
            endpoint_pb2.Endpoint,
            {
                "organization_id": organization_id,
                "endpoint_id": endpoint_id,
                "environment": environment,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def enable_endpoint(
        self,
        *,
        organization_id: str,
        endpoint_id: str,
        environment: str,
        reason: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> endpoint_pb2.Endpoint:
        """Enables an endpoint, whatever disabled it. Events from then on are sent to it.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}/endpoints/{endpoint_id}:enable`.

        Args:
            organization_id: The organization that it belongs to.
            endpoint_id: The endpoint.
            environment: `sandbox` or `production`.
            reason: Why; kept in the audit log.
        """
        return await self._caller.unary(
            _METHODS["EnableEndpoint"],
            endpoint_pb2.Endpoint,
            {
                "organization_id": organization_id,
                "endpoint_id": endpoint_id,
                "environment": environment,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def hold_job(
        self,
        *,
        organization_id: str,
        job_id: str,
        environment: str,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> job_pb2.Job:
        """Holds one job: it isn't published and doesn't match until operators release it, whatever
        its client does. Holding a held job again changes nothing.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}/jobs/{job_id}:hold`.

        Args:
            organization_id: The organization that it belongs to.
            job_id: The job.
            environment: `sandbox` or `production`.
            reason: Why; shown to the organization.
        """
        return await self._caller.unary(
            _METHODS["HoldJob"],
            job_pb2.Job,
            {
                "organization_id": organization_id,
                "job_id": job_id,
                "environment": environment,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def release_job(
        self,
        *,
        organization_id: str,
        job_id: str,
        environment: str,
        reason: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> job_pb2.Job:
        """Releases the hold that HoldJob laid on a job. The hold of a rollback stays: that is
        released as a whole, with the rollback.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}/jobs/{job_id}:release`.

        Args:
            organization_id: The organization that it belongs to.
            job_id: The job.
            environment: `sandbox` or `production`.
            reason: Why; kept in the audit log.
        """
        return await self._caller.unary(
            _METHODS["ReleaseJob"],
            job_pb2.Job,
            {
                "organization_id": organization_id,
                "job_id": job_id,
                "environment": environment,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )
