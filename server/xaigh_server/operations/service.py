"""Service of operations: the jobs and sync events of all organizations, for services of ours.

Every caller carries `operations:read`, which only the role `service` has, so nothing here is
confined to an organization or to employers. The request names the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from xaigh.ats.v1 import sync_event_pb2
from xaigh.jobs.v1 import job_pb2
from xaigh.operations.v1 import operations_service_pb2 as api
from xaigh_server.ats.listing import page_of_events
from xaigh_server.ats.repository.events import EventFilter
from xaigh_server.errors import NotFound
from xaigh_server.jobs.listing import enum_name, page_of_jobs
from xaigh_server.jobs.messages import job_to_pb
from xaigh_server.jobs.model import JobFilter
from xaigh_server.jobs.repository import Jobs
from xaigh_server.jobs.watch import INTERVAL, JobWatch
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Handler, Read, Stream
from xaigh_server.rpc.page_tokens import PageTokens
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.unit_of_work import UnitOfWork
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory


class OperationsService:
    """Answers xaigh.operations.v1.OperationsService."""

    name = "xaigh.operations.v1.OperationsService"

    def __init__(
        self,
        *,
        units: UnitOfWorkFactory,
        page_tokens: PageTokens,
        watch_interval: timedelta = INTERVAL,
    ) -> None:
        """`watch_interval` is the pause between two reads of a watch."""
        self._paging = Paging(page_tokens)
        self._watch = JobWatch(
            AllJobs(), units=units, page_tokens=page_tokens, interval=watch_interval
        )

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handlers by method name."""
        return {
            "GetJob": Read(self.get_job, point=True),
            "ListJobs": Read(self.list_jobs),
            "WatchJobs": Stream(self._watch.run),
            "ListSyncEvents": Read(self.list_sync_events),
        }

    def get_job(self, request: api.OperationsServiceGetJobRequest, unit: UnitOfWork) -> job_pb2.Job:
        found = Jobs(unit.session).find(request.job_id)
        if found is None:
            raise NotFound("job", request.job_id)
        return job_to_pb(found)

    def list_jobs(
        self, request: api.OperationsServiceListJobsRequest, unit: UnitOfWork
    ) -> api.OperationsServiceListJobsResponse:
        wanted = JobFilter(
            organization_id=request.organization_id,
            employer_ids=_employers(request.employer_user_id),
            source=enum_name(job_pb2.Job.Source, request.source),
            state=enum_name(job_pb2.PublicationStatus.State, request.state),
            offered=True,
        )
        jobs, token = page_of_jobs(self._paging, wanted, request, unit, job_to_pb)
        return api.OperationsServiceListJobsResponse(jobs=jobs, next_page_token=token)

    def list_sync_events(
        self, request: api.OperationsServiceListSyncEventsRequest, unit: UnitOfWork
    ) -> api.OperationsServiceListSyncEventsResponse:
        wanted = EventFilter(
            integration_ids=(request.integration_id,) if request.integration_id else None,
            organization_id=request.organization_id,
            job_id=request.job_id,
            type=enum_name(sync_event_pb2.AtsJobSyncEvent.Type, request.type),
        )
        events, token = page_of_events(self._paging, wanted, request, unit)
        return api.OperationsServiceListSyncEventsResponse(events=events, next_page_token=token)


class AllJobs:
    """Reach of a service: the jobs of all organizations in one environment."""

    def wanted(self, request: api.OperationsServiceWatchJobsRequest, call: Call) -> JobFilter:
        return JobFilter(
            organization_id=request.organization_id,
            employer_ids=_employers(request.employer_user_id),
            offered=True,
        )

    def owner(self, call: Call) -> str:
        """Any service: the one that goes on from a cursor may be another than the one that left."""
        return f"{call.environment}/services"


def _employers(asked: str) -> tuple[str, ...] | None:
    return (asked,) if asked else None
