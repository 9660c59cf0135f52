# Generated from the protos by `make generate`. Don't edit.
"""Manages organizations. They are made by approvals alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from xaigh.organizations.v1 import organization_pb2, organization_service_pb2

if TYPE_CHECKING:
    from xaigh_client.asynchronous import AsyncCaller, AsyncPager
    from xaigh_client.synchronous import Caller, Pager

_METHODS = organization_service_pb2.DESCRIPTOR.services_by_name[
    "OrganizationService"
].methods_by_name


class Organizations:
    """Manages organizations. They are made by approvals alone."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list_organizations(
        self,
        *,
        state: Literal["ACTIVE", "SUSPENDED"]
        | organization_pb2.Organization.State.ValueType
        | None = None,
        email_domain: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[organization_service_pb2.ListOrganizationsResponse, organization_pb2.Organization]:
        """Lists organizations by name.

        Needs the scope `access:review`. Over REST: `GET /v1/admin/organizations`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            state: Only organizations in this state.
            email_domain: Only those with a contact in this mail domain.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListOrganizations"],
            organization_service_pb2.ListOrganizationsResponse,
            "organizations",
            organization_pb2.Organization,
            {
                "state": state,
                "email_domain": email_domain,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def get_organization(
        self,
        *,
        organization_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> organization_pb2.Organization:
        """Reads one organization.

        Needs the scope `access:review`. Over REST: `GET
        /v1/admin/organizations/{organization_id}`.

        Args:
            organization_id: The organization.
        """
        return self._caller.unary(
            _METHODS["GetOrganization"],
            organization_pb2.Organization,
            {"organization_id": organization_id},
            timeout=timeout,
            metadata=metadata,
        )

    def suspend_organization(
        self,
        *,
        organization_id: str,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> organization_pb2.Organization:
        """Suspends an organization: none of its keys works until it is resumed.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}:suspend`.

        Args:
            organization_id: The organization.
            reason: Why; kept in the audit log and shown to operators.
        """
        return self._caller.unary(
            _METHODS["SuspendOrganization"],
            organization_pb2.Organization,
            {"organization_id": organization_id, "reason": reason},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def resume_organization(
        self,
        *,
        organization_id: str,
        reason: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> organization_pb2.Organization:
        """Resumes an organization: what wasn't revoked meanwhile works again.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}:resume`.

        Args:
            organization_id: The organization.
            reason: Why; kept in the audit log.
        """
        return self._caller.unary(
            _METHODS["ResumeOrganization"],
            organization_pb2.Organization,
            {"organization_id": organization_id, "reason": reason},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )


class AsyncOrganizations:
    """Manages organizations. They are made by approvals alone."""

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    def list_organizations(
        self,
        *,
        state: Literal["ACTIVE", "SUSPENDED"]
        | organization_pb2.Organization.State.ValueType
        | None = None,
        email_domain: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[
        organization_service_pb2.ListOrganizationsResponse, organization_pb2.Organization
    ]:
        """Lists organizations by name.

        Needs the scope `access:review`. Over REST: `GET /v1/admin/organizations`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            state: Only organizations in this state.
            email_domain: Only those with a contact in this mail domain.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListOrganizations"],
            organization_service_pb2.ListOrganizationsResponse,
            "organizations",
            organization_pb2.Organization,
            {
                "state": state,
                "email_domain": email_domain,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    async def get_organization(
        self,
        *,
        organization_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> organization_pb2.Organization:
        """Reads one organization.

        Needs the scope `access:review`. Over REST: `GET
        /v1/admin/organizations/{organization_id}`.

        Args:
            organization_id: The organization.
        """
        return await self._caller.unary(
            _METHODS["GetOrganization"],
            organization_pb2.Organization,
            {"organization_id": organization_id},
            timeout=timeout,
            metadata=metadata,
        )

    async def suspend_organization(
        self,
        *,
        organization_id: str,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> organization_pb2.Organization:
        """Suspends an organization: none of its keys works until it is resumed.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}:suspend`.

        Args:
            organization_id: The organization.
            reason: Why; kept in the audit log and shown to operators.
        """
        return await self._caller.unary(
            _METHODS["SuspendOrganization"],
            organization_pb2.Organization,
            {"organization_id": organization_id, "reason": reason},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def resume_organization(
        self,
        *,
        organization_id: str,
        reason: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> organization_pb2.Organization:
        """Resumes an organization: what wasn't revoked meanwhile works again.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}:resume`.

        Args:
            organization_id: The organization.
            reason: Why; kept in the audit log.
        """
        return await self._caller.unary(
            _METHODS["ResumeOrganization"],
            organization_pb2.Organization,
            {"organization_id": organization_id, "reason": reason},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )
