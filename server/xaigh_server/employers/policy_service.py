"""Service of approval policies, which operators set."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from xaigh.employers.v1 import approval_policies_service_pb2 as api
from xaigh.employers.v1 import approval_policy_pb2 as pb
from xaigh_server.employers.messages import policy_to_pb
from xaigh_server.employers.repository import ApprovalPolicies
from xaigh_server.errors import NotFound
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.etags import check_etag
from xaigh_server.rpc.handlers import Handler, Read, Write
from xaigh_server.rpc.unit_of_work import UnitOfWork, actor

IsOrganization: TypeAlias = Callable[[str], Awaitable[bool]]
"""(organization id) -> whether there is one; it reads the control database."""
_Request: TypeAlias = api.GetApprovalPolicyRequest | api.SetApprovalPolicyRequest


class ApprovalPoliciesService:
    """Answers xaigh.employers.v1.ApprovalPoliciesService."""

    name = "xaigh.employers.v1.ApprovalPoliciesService"

    def __init__(self, *, is_organization: IsOrganization) -> None:
        self._is_organization = is_organization

    def handlers(self) -> Mapping[str, Handler]:
        prepare = self.check_organization
        return {
            "GetApprovalPolicy": Read(self.get_approval_policy, prepare=prepare),
            "SetApprovalPolicy": Write(self.set_approval_policy, prepare=prepare, owner=_owner),
        }

    async def check_organization(self, request: _Request, _: Call) -> None:
        """Raises NotFound. An organization is never deleted, so one look before is enough."""
        if not await self._is_organization(request.organization_id):
            raise NotFound("organization", request.organization_id)

    def get_approval_policy(
        self, request: api.GetApprovalPolicyRequest, unit: UnitOfWork
    ) -> pb.ApprovalPolicy:
        policies = ApprovalPolicies(unit.session)
        policy = policies.of(request.organization_id, request.employer_user_id)
        return policy_to_pb(policy, request.environment)

    def set_approval_policy(
        self, request: api.SetApprovalPolicyRequest, unit: UnitOfWork
    ) -> pb.ApprovalPolicy:
        """Sets a policy, also to what it is: the reason is another one."""
        policies = ApprovalPolicies(unit.session)
        before = policies.of(request.organization_id, request.employer_user_id)
        check_etag(request.etag, before.etag)
        after = before.set(
            required=request.approval_required,
            reason=request.reason,
            by=actor(unit.call)[1],
            now=unit.now,
        )
        policies.store(after)
        unit.audit(
            request.employer_user_id,
            before={"approvalRequired": before.required},
            after={"approvalRequired": after.required},
            reason=request.reason,
            organization_id=request.organization_id,
        )
        return policy_to_pb(after, request.environment)


def _owner(request: api.SetApprovalPolicyRequest, _: UnitOfWork) -> str:
    """The organization that the request names."""
    return request.organization_id
