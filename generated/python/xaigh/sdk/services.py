# Generated from the protos by `make generate`. Don't edit.
"""Every service of the API, as attributes of a client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.descriptor import ServiceDescriptor

from xaigh.access.v1 import access_request_service_pb2, grant_service_pb2, proposal_service_pb2
from xaigh.applications.v1 import applications_service_pb2
from xaigh.ats.v1 import ats_sync_service_pb2
from xaigh.audit.v1 import audit_service_pb2
from xaigh.employers.v1 import approval_policies_service_pb2, employers_service_pb2
from xaigh.jobs.v1 import jobs_service_pb2
from xaigh.keys.v1 import (
    key_admin_service_pb2,
    scopes_service_pb2,
    self_service_pb2,
    usage_service_pb2,
)
from xaigh.operations.v1 import operations_service_pb2
from xaigh.organizations.v1 import organization_service_pb2
from xaigh.rehearsals.v1 import rehearsal_service_pb2
from xaigh.request_log.v1 import request_log_service_pb2
from xaigh.sdk.access_requests import AccessRequests, AsyncAccessRequests
from xaigh.sdk.applications import Applications, AsyncApplications
from xaigh.sdk.approval_policies import ApprovalPolicies, AsyncApprovalPolicies
from xaigh.sdk.ats import AsyncAts, Ats
from xaigh.sdk.audit import AsyncAudit, Audit
from xaigh.sdk.employers import AsyncEmployers, Employers
from xaigh.sdk.grants import AsyncGrants, Grants
from xaigh.sdk.jobs import AsyncJobs, Jobs
from xaigh.sdk.keys import AsyncKeys, Keys
from xaigh.sdk.me import AsyncMe, Me
from xaigh.sdk.operations import AsyncOperations, Operations
from xaigh.sdk.organizations import AsyncOrganizations, Organizations
from xaigh.sdk.proposals import AsyncProposals, Proposals
from xaigh.sdk.rehearsal import AsyncRehearsal, Rehearsal
from xaigh.sdk.request_log import AsyncRequestLog, RequestLog
from xaigh.sdk.scopes import AsyncScopes, Scopes
from xaigh.sdk.support import AsyncSupport, Support
from xaigh.sdk.usage import AsyncUsage, Usage
from xaigh.sdk.webhooks import AsyncWebhooks, Webhooks
from xaigh.support.v1 import support_service_pb2
from xaigh.webhooks.v1 import webhooks_service_pb2

if TYPE_CHECKING:
    from xaigh_client.asynchronous import AsyncCaller
    from xaigh_client.synchronous import Caller

GROUPS: dict[str, type] = {
    "access_requests": AccessRequests,
    "applications": Applications,
    "approval_policies": ApprovalPolicies,
    "ats": Ats,
    "audit": Audit,
    "employers": Employers,
    "grants": Grants,
    "jobs": Jobs,
    "keys": Keys,
    "me": Me,
    "operations": Operations,
    "organizations": Organizations,
    "proposals": Proposals,
    "rehearsal": Rehearsal,
    "request_log": RequestLog,
    "scopes": Scopes,
    "support": Support,
    "usage": Usage,
    "webhooks": Webhooks,
}
"""The class behind each attribute."""

DESCRIPTORS: dict[str, ServiceDescriptor] = {
    "access_requests": access_request_service_pb2.DESCRIPTOR.services_by_name[
        "AccessRequestService"
    ],
    "applications": applications_service_pb2.DESCRIPTOR.services_by_name["ApplicationsService"],
    "approval_policies": approval_policies_service_pb2.DESCRIPTOR.services_by_name[
        "ApprovalPoliciesService"
    ],
    "ats": ats_sync_service_pb2.DESCRIPTOR.services_by_name["AtsSyncService"],
    "audit": audit_service_pb2.DESCRIPTOR.services_by_name["AuditService"],
    "employers": employers_service_pb2.DESCRIPTOR.services_by_name["EmployersService"],
    "grants": grant_service_pb2.DESCRIPTOR.services_by_name["GrantService"],
    "jobs": jobs_service_pb2.DESCRIPTOR.services_by_name["JobsService"],
    "keys": key_admin_service_pb2.DESCRIPTOR.services_by_name["KeyAdminService"],
    "me": self_service_pb2.DESCRIPTOR.services_by_name["SelfService"],
    "operations": operations_service_pb2.DESCRIPTOR.services_by_name["OperationsService"],
    "organizations": organization_service_pb2.DESCRIPTOR.services_by_name["OrganizationService"],
    "proposals": proposal_service_pb2.DESCRIPTOR.services_by_name["ProposalService"],
    "rehearsal": rehearsal_service_pb2.DESCRIPTOR.services_by_name["RehearsalService"],
    "request_log": request_log_service_pb2.DESCRIPTOR.services_by_name["RequestLogService"],
    "scopes": scopes_service_pb2.DESCRIPTOR.services_by_name["ScopesService"],
    "support": support_service_pb2.DESCRIPTOR.services_by_name["SupportService"],
    "usage": usage_service_pb2.DESCRIPTOR.services_by_name["UsageService"],
    "webhooks": webhooks_service_pb2.DESCRIPTOR.services_by_name["WebhooksService"],
}
"""The service behind each attribute."""


class Services:
    """The synchronous services, which share one caller."""

    def __init__(self, caller: Caller) -> None:
        self.access_requests = AccessRequests(caller)
        """Takes requests for access, and carries their review. Approving never makes a key:
        operators issue keys by hand from the grant.
        """
        self.applications = Applications(caller)
        """Applications of workers for mirrored roles, forwarded to the client's ATS by HTTPS or by
        the agent at the client's side.
        """
        self.approval_policies = ApprovalPolicies(caller)
        """Manages approval policies, for operators."""
        self.ats = Ats(caller)
        """Mirrors the jobs of a client's ATS. A role is closed by absence only when a feed is
        proved whole, and a sync never touches the operations half of a job. An integration is
        reached by keys whose grant holds all of its employers.
        """
        self.audit = Audit(caller)
        """Reads the audit log."""
        self.employers = Employers(caller)
        """The employers of the grant, in the environment of the key. Any other employer answers as
        one that doesn't exist.
        """
        self.grants = Grants(caller)
        """Manages grants. They are made by approvals alone."""
        self.jobs = Jobs(caller)
        """The jobs of the grant's employers, in the environment of the key. A job of any other
        employer answers as one that doesn't exist.
        """
        self.keys = Keys(caller)
        """Manages keys. Operators issue them by hand; internal services verify them."""
        self.me = Me(caller)
        """Serves the holder of a secret key, and tells operators and services who they are."""
        self.operations = Operations(caller)
        """The jobs of all organizations in one environment, for matching, fill and payroll: they
        learn here that a role was closed. They write what is theirs of a job with
        JobsService.UpdateOperations.
        """
        self.organizations = Organizations(caller)
        """Manages organizations. They are made by approvals alone."""
        self.proposals = Proposals(caller)
        """Shows proposals and decides on them. `ApproveAccessRequest` makes a proposal where
        production and a scope of high risk meet.
        """
        self.rehearsal = Rehearsal(caller)
        """Keeps what the server saw of an organization's drills in the sandbox, for the review of
        production. Keys of production are refused.
        """
        self.request_log = RequestLog(caller)
        """Shows an organization its calls in the environment of the calling key, those of its
        other keys included. Calls are kept for days, by a setting of the server. Successful
        calls of this service itself aren't recorded.
        """
        self.scopes = Scopes(caller)
        """Tells what can be asked for before there is a credential."""
        self.support = Support(caller)
        """Shows operators what an organization sees, without its key. Each read leaves an event in
        the audit log that names the operator and the organization.
        """
        self.usage = Usage(caller)
        """Reports usage to operators."""
        self.webhooks = Webhooks(caller)
        """Events out, signed by Standard Webhooks 1.0. The environment is the key's."""


class AsyncServices:
    """The asynchronous services, which share one caller."""

    def __init__(self, caller: AsyncCaller) -> None:
        self.access_requests = AsyncAccessRequests(caller)
        """Takes requests for access, and carries their review. Approving never makes a key:
        operators issue keys by hand from the grant.
        """
        self.applications = AsyncApplications(caller)
        """Applications of workers for mirrored roles, forwarded to the client's ATS by HTTPS or by
        the agent at the client's side.
        """
        self.approval_policies = AsyncApprovalPolicies(caller)
        """Manages approval policies, for operators."""
        self.ats = AsyncAts(caller)
        """Mirrors the jobs of a client's ATS. A role is closed by absence only when a feed is
        proved whole, and a sync never touches the operations half of a job. An integration is
        reached by keys whose grant holds all of its employers.
        """
        self.audit = AsyncAudit(caller)
        """Reads the audit log."""
        self.employers = AsyncEmployers(caller)
        """The employers of the grant, in the environment of the key. Any other employer answers as
        one that doesn't exist.
        """
        self.grants = AsyncGrants(caller)
        """Manages grants. They are made by approvals alone."""
        self.jobs = AsyncJobs(caller)
        """The jobs of the grant's employers, in the environment of the key. A job of any other
        employer answers as one that doesn't exist.
        """
        self.keys = AsyncKeys(caller)
        """Manages keys. Operators issue them by hand; internal services verify them."""
        self.me = AsyncMe(caller)
        """Serves the holder of a secret key, and tells operators and services who they are."""
        self.operations = AsyncOperations(caller)
        """The jobs of all organizations in one environment, for matching, fill and payroll: they
        learn here that a role was closed. They write what is theirs of a job with
        JobsService.UpdateOperations.
        """
        self.organizations = AsyncOrganizations(caller)
        """Manages organizations. They are made by approvals alone."""
        self.proposals = AsyncProposals(caller)
        """Shows proposals and decides on them. `ApproveAccessRequest` makes a proposal where
        production and a scope of high risk meet.
        """
        self.rehearsal = AsyncRehearsal(caller)
        """Keeps what the server saw of an organization's drills in the sandbox, for the review of
        production. Keys of production are refused.
        """
        self.request_log = AsyncRequestLog(caller)
        """Shows an organization its calls in the environment of the calling key, those of its
        other keys included. Calls are kept for days, by a setting of the server. Successful
        calls of this service itself aren't recorded.
        """
        self.scopes = AsyncScopes(caller)
        """Tells what can be asked for before there is a credential."""
        self.support = AsyncSupport(caller)
        """Shows operators what an organization sees, without its key. Each read leaves an event in
        the audit log that names the operator and the organization.
        """
        self.usage = AsyncUsage(caller)
        """Reports usage to operators."""
        self.webhooks = AsyncWebhooks(caller)
        """Events out, signed by Standard Webhooks 1.0. The environment is the key's."""
