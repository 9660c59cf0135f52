"""Service of employers: read what waits there, list jobs and closeouts, approve postings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xaigh.employers.v1 import employer_pb2
from xaigh.employers.v1 import employers_service_pb2 as api
from xaigh.jobs.v1 import job_pb2
from xaigh_server.ats.repository.integrations import Integrations
from xaigh_server.employers.messages import (
    closeout_to_pb,
    employer_integration_to_pb,
    employer_job_to_pb,
)
from xaigh_server.employers.model import CloseoutFilter, CloseoutState, EmployerSums
from xaigh_server.employers.posting_approvals import PostingApprovals, prove_posting
from xaigh_server.employers.repository import ApprovalPolicies, EmployerJobs
from xaigh_server.jobs.employer_access import check_employer, employers
from xaigh_server.jobs.listing import enum_name, page_of_jobs
from xaigh_server.jobs.model import JobFilter
from xaigh_server.rpc.handlers import Handler, Read, Write
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.timestamps import get_time
from xaigh_server.rpc.unit_of_work import UnitOfWork


class EmployersService:
    """Answers xaigh.employers.v1.EmployersService."""

    name = "xaigh.employers.v1.EmployersService"

    def __init__(self, *, paging: Paging, approvals: PostingApprovals) -> None:
        self._paging = paging
        self._approvals = approvals

    def handlers(self) -> Mapping[str, Handler]:
        approvals = self._approvals
        return {
            "ListEmployers": Read(self.list_employers),
            "GetEmployer": Read(self.get_employer),
            "ListEmployerJobs": Read(self.list_employer_jobs),
            "ListCloseouts": Read(self.list_closeouts),
            "ApprovePosting": Write(
                approvals.approve_posting, prepare=approvals.prepare_approval, prove=prove_posting
            ),
            "ReturnPosting": Write(approvals.return_posting, prove=prove_posting),
        }

    def list_employers(
        self, request: api.ListEmployersRequest, unit: UnitOfWork
    ) -> api.ListEmployersResponse:
        page = self._paging.page(request, unit.call)
        after = str(page.cursor[0]) if page.cursor else ""
        own = sorted(each for each in employers(unit) if each > after)
        shown, token = self._paging.fill(
            _employers(unit, own[: page.size + 1]),
            page,
            lambda each: (each.employer_user_id,),
            lambda each: each,
        )
        return api.ListEmployersResponse(employers=shown, next_page_token=token)

    def get_employer(
        self, request: api.GetEmployerRequest, unit: UnitOfWork
    ) -> employer_pb2.Employer:
        check_employer(unit, request.employer_user_id)
        return _employers(unit, (request.employer_user_id,))[0]

    def list_employer_jobs(
        self, request: api.ListEmployerJobsRequest, unit: UnitOfWork
    ) -> api.ListEmployerJobsResponse:
        check_employer(unit, request.employer_user_id)
        wanted = JobFilter(
            organization_id=unit.organization_id,
            employer_ids=(request.employer_user_id,),
            state=enum_name(job_pb2.PublicationStatus.State, request.state),
        )
        jobs, token = page_of_jobs(self._paging, wanted, request, unit, employer_job_to_pb)
        return api.ListEmployerJobsResponse(jobs=jobs, next_page_token=token)

    def list_closeouts(
        self, request: api.ListCloseoutsRequest, unit: UnitOfWork
    ) -> api.ListCloseoutsResponse:
        check_employer(unit, request.employer_user_id)
        page = self._paging.page(request, unit.call)
        state = enum_name(employer_pb2.Closeout.State, request.state)
        wanted = CloseoutFilter(
            organization_id=unit.organization_id,
            employer_user_id=request.employer_user_id,
            now=unit.now,
            state=CloseoutState(state) if state else None,
            since=get_time(request, "since"),
            until=get_time(request, "until"),
        )
        before = None if page.cursor is None else int(page.cursor[0])
        found = EmployerJobs(unit.session).ended(wanted, before=before, limit=page.size + 1)
        shown, token = self._paging.fill(found, page, lambda job: (job.number,), closeout_to_pb)
        return api.ListCloseoutsResponse(closeouts=shown, next_page_token=token)


def _employers(unit: UnitOfWork, employer_ids: Sequence[str]) -> list[employer_pb2.Employer]:
    """Reads employers with a fixed number of statements, whatever their number."""
    organization = unit.organization_id
    sums = EmployerJobs(unit.session).sums(organization, employer_ids, unit.now)
    requiring = ApprovalPolicies(unit.session).requiring(organization, employer_ids)
    integrations = Integrations(unit.session).speaking_for(organization, employer_ids)
    return [
        _employer(
            employer_id,
            sums.get(employer_id, EmployerSums()),
            required=employer_id in requiring,
            integrations=[
                employer_integration_to_pb(integration, unit.now)
                for integration in integrations
                if employer_id in integration.employer_ids
            ],
        )
        for employer_id in employer_ids
    ]


def _employer(
    employer_id: str,
    sums: EmployerSums,
    *,
    required: bool,
    integrations: Sequence[employer_pb2.EmployerIntegration],
) -> employer_pb2.Employer:
    return employer_pb2.Employer(
        employer_user_id=employer_id,
        open_jobs=sums.open_jobs,
        approval_required=required,
        pending_jobs=sums.pending_jobs,
        returned_jobs=sums.returned_jobs,
        due_closeouts=sums.due_closeouts,
        integrations=integrations,
    )
