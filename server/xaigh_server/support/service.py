"""Service of support: what an organization sees, for operators, and what they do about it.

Reads need `support:read` and are noted in the audit log before they run; writes need
`organizations:write`. The listings are those of the organizations' own methods.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from xaigh.applications.v1 import application_pb2
from xaigh.ats.v1 import integration_pb2, sync_event_pb2, sync_run_pb2
from xaigh.jobs.v1 import job_pb2
from xaigh.keys.v1 import self_service_pb2
from xaigh.request_log.v1 import request_log_pb2
from xaigh.support.v1 import support_service_pb2 as api
from xaigh.webhooks.v1 import delivery_pb2, endpoint_pb2
from xaigh_server.applications.listing import page_of_applications
from xaigh_server.applications.repository import ApplicationFilter
from xaigh_server.ats.listing import page_of_events, page_of_integrations, page_of_runs
from xaigh_server.ats.messages import provider_word
from xaigh_server.ats.repository.events import EventFilter
from xaigh_server.ats.repository.integrations import IntegrationFilter
from xaigh_server.ats.repository.runs import RunFilter
from xaigh_server.errors import NotFound
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.rate_limit.model import LimitDecision, Limiter, Tiers
from xaigh_server.jobs.listing import enum_name, page_of_jobs
from xaigh_server.jobs.messages import job_to_pb
from xaigh_server.jobs.model import Job, JobFilter
from xaigh_server.jobs.operator_holds import hold_job, release_job
from xaigh_server.jobs.repository import Jobs
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.model import KeyRecord
from xaigh_server.keys.repository import Keys
from xaigh_server.keys.self_service import identity_to_pb, limit_of
from xaigh_server.request_log.listing import RequestLogReader
from xaigh_server.request_log.outcome import FoundCall
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Handler, Read, Write
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.unit_of_work import UnitOfWork
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory
from xaigh_server.webhooks.listing import page_of_deliveries, page_of_endpoints
from xaigh_server.webhooks.model import DeliveryState, Endpoint
from xaigh_server.webhooks.operator_steps import disable_endpoint, enable_endpoint
from xaigh_server.webhooks.repository.deliveries import DeliveryFilter
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints


class ReadLog(Protocol):
    """Log of what operators read of organizations."""

    async def note(self, call: Call, organization_id: str, *, environment: str) -> str:
        """Notes a read. Returns the organization's id, empty for all. Raises NotFound."""


class SupportService:
    """Answers xaigh.support.v1.SupportService."""

    name = "xaigh.support.v1.SupportService"

    def __init__(
        self,
        *,
        units: UnitOfWorkFactory,
        paging: Paging,
        reads: ReadLog,
        requests: RequestLogReader,
        limiter: Limiter,
        tiers: Tiers,
    ) -> None:
        self._units = units
        self._paging = paging
        self._reads = reads
        self._requests = requests
        self._limiter = limiter
        self._tiers = tiers

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handlers by method name."""
        return {
            "ListOrganizationJobs": Read(self.list_jobs, prepare=self.note),
            "ListOrganizationIntegrations": Read(self.list_integrations, prepare=self.note),
            "ListOrganizationRuns": Read(self.list_runs, prepare=self.note),
            "ListOrganizationApplications": Read(self.list_applications, prepare=self.note),
            "ListOrganizationEvents": Read(self.list_events, prepare=self.note),
            "ListOrganizationEndpoints": Read(self.list_endpoints, prepare=self.note),
            "ListOrganizationDeliveries": Read(self.list_deliveries, prepare=self.note),
            "ListOrganizationRequestLogs": Read(self.list_calls, prepare=self.note_calls),
            "GetOrganizationRequestLog": Read(self.get_call, prepare=self.find_call),
            "GetKeyIdentity": Read(self.get_key_identity, prepare=self.read_limit),
            "DisableEndpoint": Write(self.disable_endpoint, owner=_owner_of_endpoint),
            "EnableEndpoint": Write(self.enable_endpoint, owner=_owner_of_endpoint),
            "HoldJob": Write(self.hold_job, owner=_owner_of_job),
            "ReleaseJob": Write(self.release_job, owner=_owner_of_job),
        }

    async def note(self, request: Any, call: Call) -> str:
        """Notes the read. Returns the organization's id, empty for all of them."""
        return await self._reads.note(
            call, request.organization_id, environment=request.environment
        )

    def list_jobs(
        self, request: api.ListOrganizationJobsRequest, unit: UnitOfWork
    ) -> api.ListOrganizationJobsResponse:
        wanted = JobFilter(
            organization_id=unit.prepared,
            employer_ids=(request.employer_user_id,) if request.employer_user_id else None,
            source=enum_name(job_pb2.Job.Source, request.source),
            state=enum_name(job_pb2.PublicationStatus.State, request.state),
            external_reference=request.external_reference,
            integration_id=request.integration_id,
            job_id=request.job_id,
        )
        jobs, token = page_of_jobs(self._paging, wanted, request, unit, job_to_pb)
        return api.ListOrganizationJobsResponse(jobs=jobs, next_page_token=token)

    def list_integrations(
        self, request: api.ListOrganizationIntegrationsRequest, unit: UnitOfWork
    ) -> api.ListOrganizationIntegrationsResponse:
        wanted = IntegrationFilter(
            organization_id=unit.prepared,
            provider=provider_word(request.provider),
            employer_id=request.employer_user_id,
            state=enum_name(integration_pb2.AtsIntegration.State, request.state),
        )
        integrations, token = page_of_integrations(self._paging, wanted, request, unit)
        return api.ListOrganizationIntegrationsResponse(
            integrations=integrations, next_page_token=token
        )

    def list_runs(
        self, request: api.ListOrganizationRunsRequest, unit: UnitOfWork
    ) -> api.ListOrganizationRunsResponse:
        wanted = RunFilter(
            integration_ids=_only(request.integration_id),
            organization_id=unit.prepared,
            provider=provider_word(request.provider),
            state=enum_name(sync_run_pb2.SyncRun.State, request.state),
        )
        runs, token = page_of_runs(self._paging, wanted, request, unit)
        return api.ListOrganizationRunsResponse(runs=runs, next_page_token=token)

    def list_applications(
        self, request: api.ListOrganizationApplicationsRequest, unit: UnitOfWork
    ) -> api.ListOrganizationApplicationsResponse:
        wanted = ApplicationFilter(
            organization_id=unit.prepared,
            job_id=request.job_id,
            state=enum_name(application_pb2.Application.State, request.state),
        )
        found, token = page_of_applications(self._paging, wanted, request, unit)
        return api.ListOrganizationApplicationsResponse(applications=found, next_page_token=token)

    def list_events(
        self, request: api.ListOrganizationEventsRequest, unit: UnitOfWork
    ) -> api.ListOrganizationEventsResponse:
        wanted = EventFilter(
            integration_ids=_only(request.integration_id),
            organization_id=unit.prepared,
            job_id=request.job_id,
            type=enum_name(sync_event_pb2.AtsJobSyncEvent.Type, request.type),
        )
        events, token = page_of_events(self._paging, wanted, request, unit)
        return api.ListOrganizationEventsResponse(events=events, next_page_token=token)

    def list_endpoints(
        self, request: api.ListOrganizationEndpointsRequest, unit: UnitOfWork
    ) -> api.ListOrganizationEndpointsResponse:
        endpoints, token = page_of_endpoints(
            self._paging, unit.prepared, request, unit, for_operators=True
        )
        return api.ListOrganizationEndpointsResponse(endpoints=endpoints, next_page_token=token)

    def list_deliveries(
        self, request: api.ListOrganizationDeliveriesRequest, unit: UnitOfWork
    ) -> api.ListOrganizationDeliveriesResponse:
        state = enum_name(delivery_pb2.Delivery.State, request.state)
        wanted = DeliveryFilter(
            organization_id=unit.prepared,
            endpoint_id=request.endpoint_id,
            event_id=request.event_id,
            event_type=request.event_type,
            state=DeliveryState(state) if state else None,
        )
        deliveries, token = page_of_deliveries(self._paging, wanted, request, unit)
        return api.ListOrganizationDeliveriesResponse(deliveries=deliveries, next_page_token=token)

    async def note_calls(self, request: Any, call: Call) -> str:
        """Like `note`, for calls, which every process writes first."""
        await self._requests.flush()
        return await self.note(request, call)

    async def find_call(
        self, request: api.GetOrganizationRequestLogRequest, call: Call
    ) -> FoundCall:
        """Notes the read, and finds the call. Raises NotFound."""
        organization_id = await self.note_calls(request, call)
        return await self._requests.find(organization_id, request.request_id, call)

    def list_calls(
        self, request: api.ListOrganizationRequestLogsRequest, unit: UnitOfWork
    ) -> api.ListOrganizationRequestLogsResponse:
        found, token = self._requests.page(unit.prepared, request, unit)
        return api.ListOrganizationRequestLogsResponse(request_logs=found, next_page_token=token)

    def get_call(
        self, request: api.GetOrganizationRequestLogRequest, unit: UnitOfWork
    ) -> request_log_pb2.RequestLog:
        return self._requests.one(unit.prepared, unit)

    async def read_limit(self, request: api.GetKeyIdentityRequest, call: Call) -> LimitDecision:
        """Notes the read, and reads what is left of the limit of the key's grant."""
        await self.note(request, call)

        def terms(unit: UnitOfWork) -> tuple[str, str]:
            key = _key(request, unit)
            grant = Grants(unit.session).current(key.grant_id)
            return key.grant_id, grant.terms.tier if grant else ""

        grant_id, tier = await self._units.point(call, terms)
        environment = Environment(request.environment)
        return await limit_of(self._limiter, self._tiers, grant_id, tier, environment)

    def get_key_identity(
        self, request: api.GetKeyIdentityRequest, unit: UnitOfWork
    ) -> self_service_pb2.Identity:
        return identity_to_pb(_key(request, unit), unit.prepared, unit)

    def disable_endpoint(
        self, request: api.DisableEndpointRequest, unit: UnitOfWork
    ) -> endpoint_pb2.Endpoint:
        return disable_endpoint(unit, _endpoint(request, unit), request.reason)

    def enable_endpoint(
        self, request: api.EnableEndpointRequest, unit: UnitOfWork
    ) -> endpoint_pb2.Endpoint:
        return enable_endpoint(unit, _endpoint(request, unit), request.reason)

    def hold_job(self, request: api.HoldJobRequest, unit: UnitOfWork) -> job_pb2.Job:
        return job_to_pb(hold_job(unit, _job(request, unit), request.reason))

    def release_job(self, request: api.ReleaseJobRequest, unit: UnitOfWork) -> job_pb2.Job:
        return job_to_pb(release_job(unit, _job(request, unit), request.reason))


def _only(integration_id: str) -> tuple[str, ...] | None:
    return (integration_id,) if integration_id else None


def _key(request: api.GetKeyIdentityRequest, unit: UnitOfWork) -> KeyRecord:
    found = Keys(unit.session).get(request.key_id)
    if (
        found is None
        or found.organization_id != request.organization_id
        or found.environment.value != request.environment
    ):
        raise NotFound("key", request.key_id)
    return found


def _job(request: api.HoldJobRequest | api.ReleaseJobRequest, unit: UnitOfWork) -> Job:
    found = Jobs(unit.session).find(request.job_id)
    if found is None or found.organization_id != request.organization_id:
        raise NotFound("job", request.job_id)
    return found


def _endpoint(
    request: api.DisableEndpointRequest | api.EnableEndpointRequest, unit: UnitOfWork
) -> Endpoint:
    found = WebhookEndpoints(unit.session).get(
        request.endpoint_id, organization_id=request.organization_id
    )
    if found is None:
        raise NotFound("endpoint", request.endpoint_id)
    return found


def _owner_of_job(request: api.HoldJobRequest | api.ReleaseJobRequest, unit: UnitOfWork) -> str:
    """The organization of the job that the request names; empty where it isn't of that one."""
    found = Jobs(unit.session).find(request.job_id)
    return "" if found is None else found.organization_id


def _owner_of_endpoint(
    request: api.DisableEndpointRequest | api.EnableEndpointRequest, unit: UnitOfWork
) -> str:
    """The organization of the endpoint that the request names; empty where there is none."""
    found = WebhookEndpoints(unit.session).find(request.endpoint_id)
    return "" if found is None else found.organization_id
