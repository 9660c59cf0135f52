# Generated from the protos by `make generate`. Don't edit.
"""Manages grants. They are made by approvals alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from xaigh.access.v1 import grant_pb2, grant_service_pb2, grant_simulation_pb2

if TYPE_CHECKING:
    from xaigh_client import values
    from xaigh_client.asynchronous import AsyncCaller, AsyncPager
    from xaigh_client.synchronous import Caller, Pager

_METHODS = grant_service_pb2.DESCRIPTOR.services_by_name["GrantService"].methods_by_name


class Grants:
    """Manages grants. They are made by approvals alone."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list_grants(
        self,
        *,
        organization_id: str | None = None,
        environment: str | None = None,
        ticket_id: str | None = None,
        state: Literal["ACTIVE", "SUPERSEDED", "REVOKED", "EXPIRED"]
        | grant_pb2.Grant.State.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[grant_service_pb2.ListGrantsResponse, grant_pb2.Grant]:
        """Lists grants, newest first.

        Needs the scope `access:review`. Over REST: `GET /v1/admin/grants`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: Only grants of this organization.
            environment: Only grants of this environment.
            ticket_id: Only grants of this ticket.
            state: Only grants in this state. Superseded revisions are left out by default.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListGrants"],
            grant_service_pb2.ListGrantsResponse,
            "grants",
            grant_pb2.Grant,
            {
                "organization_id": organization_id,
                "environment": environment,
                "ticket_id": ticket_id,
                "state": state,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def get_grant(
        self,
        *,
        grant_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> grant_pb2.Grant:
        """Reads the current revision of a grant.

        Needs the scope `access:review`. Over REST: `GET /v1/admin/grants/{grant_id}`.

        Args:
            grant_id: The grant.
        """
        return self._caller.unary(
            _METHODS["GetGrant"],
            grant_pb2.Grant,
            {"grant_id": grant_id},
            timeout=timeout,
            metadata=metadata,
        )

    def narrow_grant(
        self,
        *,
        grant_id: str,
        etag: str | None = None,
        reason: str,
        scopes: Iterable[str] | None = None,
        key_types: Iterable[str] | None = None,
        employer_user_ids: Iterable[str] | None = None,
        key_allowance: int | None = None,
        expire_time: values.Time | None = None,
        tier: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> grant_pb2.Grant:
        """Makes a narrower revision. Its keys obey it before the reply returns.

        Needs the scope `access:review`. Over REST: `POST /v1/admin/grants/{grant_id}:narrow`.

        Args:
            grant_id: The grant.
            etag: The etag that was read. Empty: whatever it is now.
            reason: Why; kept in the audit log.
            scopes: The scopes that stay.
            key_types: The key types that stay.
            employer_user_ids: The employers that stay.
            key_allowance: A lower allowance. 0: as it is.
            expire_time: An earlier end. Absent: as it is.
            tier: A lower tier. Empty: as it is.
        """
        return self._caller.unary(
            _METHODS["NarrowGrant"],
            grant_pb2.Grant,
            {
                "grant_id": grant_id,
                "etag": etag,
                "reason": reason,
                "scopes": scopes,
                "key_types": key_types,
                "employer_user_ids": employer_user_ids,
                "key_allowance": key_allowance,
                "expire_time": expire_time,
                "tier": tier,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def simulate_grant(
        self,
        *,
        grant_id: str,
        scopes: Iterable[str] | None = None,
        key_types: Iterable[str] | None = None,
        employer_user_ids: Iterable[str] | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> grant_simulation_pb2.GrantSimulation:
        """Tells what a narrower grant would have done to the calls in the request log. It changes
        no right. The last one is kept and stands in the dossier.

        Needs the scope `access:review`. Over REST: `POST /v1/admin/grants/{grant_id}:simulate`.

        Args:
            grant_id: The grant, which must be in force.
            scopes: The scopes that would stay.
            key_types: The key types that would stay.
            employer_user_ids: The employers that would stay.
        """
        return self._caller.unary(
            _METHODS["SimulateGrant"],
            grant_simulation_pb2.GrantSimulation,
            {
                "grant_id": grant_id,
                "scopes": scopes,
                "key_types": key_types,
                "employer_user_ids": employer_user_ids,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def revoke_grant(
        self,
        *,
        grant_id: str,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> grant_pb2.Grant:
        """Revokes a grant for good, and all its keys with it.

        Needs the scope `access:review`. Over REST: `POST /v1/admin/grants/{grant_id}:revoke`.

        Args:
            grant_id: The grant.
            reason: Why; kept in the audit log.
        """
        return self._caller.unary(
            _METHODS["RevokeGrant"],
            grant_pb2.Grant,
            {"grant_id": grant_id, "reason": reason},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )


class AsyncGrants:
    """Manages grants. They are made by approvals alone."""

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    def list_grants(
        self,
        *,
        organization_id: str | None = None,
        environment: str | None = None,
        ticket_id: str | None = None,
        state: Literal["ACTIVE", "SUPERSEDED", "REVOKED", "EXPIRED"]
        | grant_pb2.Grant.State.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[grant_service_pb2.ListGrantsResponse, grant_pb2.Grant]:
        """Lists grants, newest first.

        Needs the scope `access:review`. Over REST: `GET /v1/admin/grants`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: Only grants of this organization.
            environment: Only grants of this environment.
            ticket_id: Only grants of this ticket.
            state: Only grants in this state. Superseded revisions are left out by default.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListGrants"],
            grant_service_pb2.ListGrantsResponse,
            "grants",
            grant_pb2.Grant,
            {
                "organization_id": organization_id,
                "environment": environment,
                "ticket_id": ticket_id,
                "state": state,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    async def get_grant(
        self,
        *,
        grant_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> grant_pb2.Grant:
        """Reads the current revision of a grant.

        Needs the scope `access:review`. Over REST: `GET /v1/admin/grants/{grant_id}`.

        Args:
            grant_id: The grant.
        """
        return await self._caller.unary(
            _METHODS["GetGrant"],
            grant_pb2.Grant,
            {"grant_id": grant_id},
            timeout=timeout,
            metadata=metadata,
        )

    async def narrow_grant(
        self,
        *,
        grant_id: str,
        etag: str | None = None,
        reason: str,
        scopes: Iterable[str] | None = None,
        key_types: Iterable[str] | None = None,
        employer_user_ids: Iterable[str] | None = None,
        key_allowance: int | None = None,
        expire_time: values.Time | None = None,
        tier: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> grant_pb2.Grant:
        """Makes a narrower revision. Its keys obey it before the reply returns.

        Needs the scope `access:review`. Over REST: `POST /v1/admin/grants/{grant_id}:narrow`.

        Args:
            grant_id: The grant.
            etag: The etag that was read. Empty: whatever it is now.
            reason: Why; kept in the audit log.
            scopes: The scopes that stay.
            key_types: The key types that stay.
            employer_user_ids: The employers that stay.
            key_allowance: A lower allowance. 0: as it is.
            expire_time: An earlier end. Absent: as it is.
            tier: A lower tier. Empty: as it is.
        """
        return await self._caller.unary(
            _METHODS["NarrowGrant"],
            grant_pb2.Grant,
            {
                "grant_id": grant_id,
                "etag": etag,
                "reason": reason,
                "scopes": scopes,
                "key_types": key_types,
                "employer_user_ids": employer_user_ids,
                "key_allowance": key_allowance,
                "expire_time": expire_time,
                "tier": tier,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def simulate_grant(
        self,
        *,
        grant_id: str,
        scopes: Iterable[str] | None = None,
        key_types: Iterable[str] | None = None,
        employer_user_ids: Iterable[str] | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> grant_simulation_pb2.GrantSimulation:
        """Tells what a narrower grant would have done to the calls in the request log. It changes
        no right. The last one is kept and stands in the dossier.

        Needs the scope `access:review`. Over REST: `POST /v1/admin/grants/{grant_id}:simulate`.

        Args:
            grant_id: The grant, which must be in force.
            scopes: The scopes that would stay.
            key_types: The key types that would stay.
            employer_user_ids: The employers that would stay.
        """
        return await self._caller.unary(
            _METHODS["SimulateGrant"],
            grant_simulation_pb2.GrantSimulation,
            {
                "grant_id": grant_id,
                "scopes": scopes,
                "key_types": key_types,
                "employer_user_ids": employer_user_ids,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def revoke_grant(
        self,
        *,
        grant_id: str,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> grant_pb2.Grant:
        """Revokes a grant for good, and all its keys with it.

        Needs the scope `access:review`. Over REST: `POST /v1/admin/grants/{grant_id}:revoke`.

        Args:
            grant_id: The grant.
            reason: Why; kept in the audit log.
        """
        return await self._caller.unary(
            _METHODS["RevokeGrant"],
            grant_pb2.Grant,
            {"grant_id": grant_id, "reason": reason},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )
