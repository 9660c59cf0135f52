# Generated from the protos by `make generate`. Don't edit.
"""Manages approval policies, for operators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from xaigh.employers.v1 import approval_policies_service_pb2, approval_policy_pb2

if TYPE_CHECKING:
    from xaigh_client.asynchronous import AsyncCaller
    from xaigh_client.synchronous import Caller

_METHODS = approval_policies_service_pb2.DESCRIPTOR.services_by_name[
    "ApprovalPoliciesService"
].methods_by_name


class ApprovalPolicies:
    """Manages approval policies, for operators."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def get_approval_policy(
        self,
        *,
        employer_user_id: str,
        organization_id: str,
        environment: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> approval_policy_pb2.ApprovalPolicy:
        """Reads the policy of an organization, an employer and an environment.

        Needs the scope `access:review`. Over REST: `GET
        /v1/admin/employers/{employer_user_id}/approval-policy`.

        Args:
            employer_user_id: The employer.
            organization_id: The organization that posts for the employer.
            environment: `sandbox` or `production`.
        """
        return self._caller.unary(
            _METHODS["GetApprovalPolicy"],
            approval_policy_pb2.ApprovalPolicy,
            {
                "employer_user_id": employer_user_id,
                "organization_id": organization_id,
                "environment": environment,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def set_approval_policy(
        self,
        *,
        employer_user_id: str,
        organization_id: str,
        environment: str,
        approval_required: bool | None = None,
        reason: str,
        etag: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> approval_policy_pb2.ApprovalPolicy:
        """Sets the policy. It holds for what is posted or changed from then on: lifting it
        approves nothing that waits.

        Needs the scope `organizations:write`. Over REST: `PUT
        /v1/admin/employers/{employer_user_id}/approval-policy`.

        Args:
            employer_user_id: The employer.
            organization_id: The organization that posts for the employer.
            environment: `sandbox` or `production`.
            approval_required: True: what is posted waits for an approval. False lifts the
                policy.
            reason: Why; kept in the audit log.
            etag: The revision that was read. Empty: whatever it is.
        """
        return self._caller.unary(
            _METHODS["SetApprovalPolicy"],
            approval_policy_pb2.ApprovalPolicy,
            {
                "employer_user_id": employer_user_id,
                "organization_id": organization_id,
                "environment": environment,
                "approval_required": approval_required,
                "reason": reason,
                "etag": etag,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )


class AsyncApprovalPolicies:
    """Manages approval policies, for operators."""

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def get_approval_policy(
        self,
        *,
        employer_user_id: str,
        organization_id: str,
        environment: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> approval_policy_pb2.ApprovalPolicy:
        """Reads the policy of an organization, an employer and an environment.

        Needs the scope `access:review`. Over REST: `GET
        /v1/admin/employers/{employer_user_id}/approval-policy`.

        Args:
            employer_user_id: The employer.
            organization_id: The organization that posts for the employer.
            environment: `sandbox` or `production`.
        """
        return await self._caller.unary(
            _METHODS["GetApprovalPolicy"],
            approval_policy_pb2.ApprovalPolicy,
            {
                "employer_user_id": employer_user_id,
                "organization_id": organization_id,
                "environment": environment,
            },
            timeout=timeout,
            metadata=metadata,
        )

    async def set_approval_policy(
        self,
        *,
        employer_user_id: str,
        organization_id: str,
        environment: str,
        approval_required: bool | None = None,
        reason: str,
        etag: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> approval_policy_pb2.ApprovalPolicy:
        """Sets the policy. It holds for what is posted or changed from then on: lifting it
        approves nothing that waits.

        Needs the scope `organizations:write`. Over REST: `PUT
        /v1/admin/employers/{employer_user_id}/approval-policy`.

        Args:
            employer_user_id: The employer.
            organization_id: The organization that posts for the employer.
            environment: `sandbox` or `production`.
            approval_required: True: what is posted waits for an approval. False lifts the
                policy.
            reason: Why; kept in the audit log.
            etag: The revision that was read. Empty: whatever it is.
        """
        return await self._caller.unary(
            _METHODS["SetApprovalPolicy"],
            approval_policy_pb2.ApprovalPolicy,
            {
                "employer_user_id": employer_user_id,
                "organization_id": organization_id,
                "environment": environment,
                "approval_required": approval_required,
                "reason": reason,
                "etag": etag,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )
