# Generated from the protos by `make generate`. Don't edit.
"""Manages keys. Operators issue them by hand; internal services verify them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from xaigh.keys.v1 import key_admin_service_pb2, key_pb2, rollback_pb2

if TYPE_CHECKING:
    from xaigh_client import values
    from xaigh_client.asynchronous import AsyncCaller, AsyncPager
    from xaigh_client.synchronous import Caller, Pager

_METHODS = key_admin_service_pb2.DESCRIPTOR.services_by_name["KeyAdminService"].methods_by_name


class Keys:
    """Manages keys. Operators issue them by hand; internal services verify them."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def issue_key(
        self,
        *,
        grant_id: str,
        name: str,
        key_type: str | None = None,
        scopes: Iterable[str] | None = None,
        expire_time: values.Time | None = None,
        allowed_origins: Iterable[str] | None = None,
        allowed_cidrs: Iterable[str] | None = None,
        labels: Mapping[str, str] | None = None,
        clear_reason: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> key_pb2.IssuedKey:
        """Issues a key from a grant, never wider than it. It is shown once.

        Needs the scope `keys:write`. Over REST: `POST /v1/admin/keys`. The reply carries a
        secret that is shown once: a reply to a repeat of the call, also to an automatic one, is
        without it.

        Args:
            grant_id: The grant.
            name: A name for people.
            key_type: `sk` or `pk`. Empty: `sk`.
            scopes: Scopes by name. Empty: all of the grant that the key type can hold.
            expire_time: When it ends; not past the grant's end. Absent: with the grant.
            allowed_origins: Origins that may use it; publishable keys need at least one.
            allowed_cidrs: Networks that it may be used from, in CIDR notation. Empty: any.
            labels: Labels of the operators' own.
            clear_reason: Why the key is issued in clear although the ticket has a recipient to
                encrypt it to. Given: it is shown to the operator; a production key needs it for
                that.
        """
        return self._caller.unary(
            _METHODS["IssueKey"],
            key_pb2.IssuedKey,
            {
                "grant_id": grant_id,
                "name": name,
                "key_type": key_type,
                "scopes": scopes,
                "expire_time": expire_time,
                "allowed_origins": allowed_origins,
                "allowed_cidrs": allowed_cidrs,
                "labels": labels,
                "clear_reason": clear_reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def list_keys(
        self,
        *,
        organization_id: str | None = None,
        grant_id: str | None = None,
        environment: str | None = None,
        state: Literal["ACTIVE", "GRACE", "ROTATED", "REVOKED", "EXPIRED"]
        | key_pb2.Key.State.ValueType
        | None = None,
        key_type: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[key_admin_service_pb2.ListKeysResponse, key_pb2.Key]:
        """Lists keys, newest first.

        Needs the scope `keys:read`. Over REST: `GET /v1/admin/keys`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: Only keys of this organization.
            grant_id: Only keys of this grant.
            environment: Only keys of this environment.
            state: Only keys in this state.
            key_type: Only keys of this type.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListKeys"],
            key_admin_service_pb2.ListKeysResponse,
            "keys",
            key_pb2.Key,
            {
                "organization_id": organization_id,
                "grant_id": grant_id,
                "environment": environment,
                "state": state,
                "key_type": key_type,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def get_key(
        self,
        *,
        key_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> key_pb2.Key:
        """Reads the record of a key.

        Needs the scope `keys:read`. Over REST: `GET /v1/admin/keys/{key_id}`.

        Args:
            key_id: The key's public id.
        """
        return self._caller.unary(
            _METHODS["GetKey"], key_pb2.Key, {"key_id": key_id}, timeout=timeout, metadata=metadata
        )

    def rotate_key(
        self,
        *,
        key_id: str,
        grace: values.Span | None = None,
        reason: str | None = None,
        clear_reason: str | None = None,
        etag: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> key_pb2.IssuedKey:
        """Replaces a key. The old key ends at once, or after the requested grace period.

        Needs the scope `keys:write`. Over REST: `POST /v1/admin/keys/{key_id}:rotate`. The
        reply carries a secret that is shown once: a reply to a repeat of the call, also to an
        automatic one, is without it.

        Args:
            key_id: The key's public id.
            grace: For how long the old key goes on working. 0: not at all. Capped by a setting,
                seven days by default.
            reason: Why; kept in the audit log.
            clear_reason: Why the key is shown in clear although the ticket has a recipient to
                encrypt it to.
            etag: The etag that was read. Empty: whatever it is now.
        """
        return self._caller.unary(
            _METHODS["RotateKey"],
            key_pb2.IssuedKey,
            {
                "key_id": key_id,
                "grace": grace,
                "reason": reason,
                "clear_reason": clear_reason,
                "etag": etag,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def revoke_key(
        self,
        *,
        key_id: str,
        reason: str,
        leaked: bool | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> key_pb2.Key:
        """Revokes a key for good. No call that starts after the reply succeeds.

        Needs the scope `keys:write`. Over REST: `POST /v1/admin/keys/{key_id}:revoke`.

        Args:
            key_id: The key's public id.
            reason: Why; kept in the audit log.
            leaked: Whether somebody else may have the key. The webhook endpoints that it made,
                or whose URL it set last, are then disabled as well, within a second or so. A
                key that is revoked already may be said to have leaked afterwards. Absent:
                false.
        """
        return self._caller.unary(
            _METHODS["RevokeKey"],
            key_pb2.Key,
            {"key_id": key_id, "reason": reason, "leaked": leaked},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def rollback_key(
        self,
        *,
        key_id: str,
        since: values.Time,
        reason: str,
        validate_only: bool | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> rollback_pb2.Rollback:
        """Takes a key back together with what it did: revokes it, and holds every open job that it
        and its rotated predecessors posted since a time. Jobs of a sync stay as they are. The
        revocation is committed first and stands even where holding fails; repeating the call
        completes it. One rollback of a key is open at a time: a repeat with an earlier `since`
        widens it, a later `since` changes nothing.

        Needs the scope `keys:write`. Over REST: `POST /v1/admin/keys/{key_id}:rollback`.

        Args:
            key_id: The key's public id.
            since: Jobs posted at this time or later are held. It doesn't lie ahead.
            reason: Why; kept in the audit log, and shown to the organization on the held jobs.
            validate_only: True lists the jobs that would be held, and writes nothing.
        """
        return self._caller.unary(
            _METHODS["RollbackKey"],
            rollback_pb2.Rollback,
            {"key_id": key_id, "since": since, "reason": reason, "validate_only": validate_only},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def release_holds(
        self,
        *,
        key_id: str,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> rollback_pb2.Rollback:
        """Releases exactly the holds of the key's last rollback: a job that nothing else holds or
        closes is open again. The key stays revoked. Repeating the call completes it.

        Needs the scope `keys:write`. Over REST: `POST /v1/admin/keys/{key_id}:releaseHolds`.

        Args:
            key_id: The key's public id.
            reason: Why; kept in the audit log.
        """
        return self._caller.unary(
            _METHODS["ReleaseHolds"],
            rollback_pb2.Rollback,
            {"key_id": key_id, "reason": reason},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def verify_key(
        self,
        *,
        presented_key: str,
        peer_address: str | None = None,
        origin: str | None = None,
        scope: str | None = None,
        route: key_admin_service_pb2.VerifyKeyRequest.Route | Mapping[str, Any] | None = None,
        peek: bool | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> key_admin_service_pb2.KeyVerdict:
        """Returns whether a key that was presented to another service is allowed there. Takes one
        unit of the key's limit unless it peeks.

        Needs the scope `keys:verify`. Over REST: `POST /v1/admin/keys:verify`.

        Args:
            presented_key: The key as it was presented.
            peer_address: The address that it came from: checked against the key's networks.
                Empty: not known, and a key that has networks is refused with PEER_REQUIRED.
            origin: The Origin header that it came with, if any: the browser rule applies.
            scope: A scope by name. It doesn't tell what a publishable key may call, so such a
                key is refused, unless all that the scope guards is publishable.
            route: A route of a product family, or one of this API, which is judged by the rule
                of its method. The path of a gRPC method is one, too, with POST.
            peek: True: the limit is read and not used.
        """
        return self._caller.unary(
            _METHODS["VerifyKey"],
            key_admin_service_pb2.KeyVerdict,
            {
                "presented_key": presented_key,
                "peer_address": peer_address,
                "origin": origin,
                "scope": scope,
                "route": route,
                "peek": peek,
            },
            timeout=timeout,
            metadata=metadata,
        )


class AsyncKeys:
    """Manages keys. Operators issue them by hand; internal services verify them."""

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def issue_key(
        self,
        *,
        grant_id: str,
        name: str,
        key_type: str | None = None,
        scopes: Iterable[str] | None = None,
        expire_time: values.Time | None = None,
        allowed_origins: Iterable[str] | None = None,
        allowed_cidrs: Iterable[str] | None = None,
        labels: Mapping[str, str] | None = None,
        clear_reason: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> key_pb2.IssuedKey:
        """Issues a key from a grant, never wider than it. It is shown once.

        Needs the scope `keys:write`. Over REST: `POST /v1/admin/keys`. The reply carries a
        secret that is shown once: a reply to a repeat of the call, also to an automatic one, is
        without it.

        Args:
            grant_id: The grant.
            name: A name for people.
            key_type: `sk` or `pk`. Empty: `sk`.
            scopes: Scopes by name. Empty: all of the grant that the key type can hold.
            expire_time: When it ends; not past the grant's end. Absent: with the grant.
            allowed_origins: Origins that may use it; publishable keys need at least one.
            allowed_cidrs: Networks that it may be used from, in CIDR notation. Empty: any.
            labels: Labels of the operators' own.
            clear_reason: Why the key is issued in clear although the ticket has a recipient to
                encrypt it to. Given: it is shown to the operator; a production key needs it for
                that.
        """
        return await self._caller.unary(
            _METHODS["IssueKey"],
            key_pb2.IssuedKey,
            {
                "grant_id": grant_id,
                "name": name,
                "key_type": key_type,
                "scopes": scopes,
                "expire_time": expire_time,
                "allowed_origins": allowed_origins,
                "allowed_cidrs": allowed_cidrs,
                "labels": labels,
                "clear_reason": clear_reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def list_keys(
        self,
        *,
        organization_id: str | None = None,
        grant_id: str | None = None,
        environment: str | None = None,
        state: Literal["ACTIVE", "GRACE", "ROTATED", "REVOKED", "EXPIRED"]
        | key_pb2.Key.State.ValueType
        | None = None,
        key_type: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[key_admin_service_pb2.ListKeysResponse, key_pb2.Key]:
        """Lists keys, newest first.

        Needs the scope `keys:read`. Over REST: `GET /v1/admin/keys`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            organization_id: Only keys of this organization.
            grant_id: Only keys of this grant.
            environment: Only keys of this environment.
            state: Only keys in this state.
            key_type: Only keys of this type.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListKeys"],
            key_admin_service_pb2.ListKeysResponse,
            "keys",
            key_pb2.Key,
            {
                "organization_id": organization_id,
                "grant_id": grant_id,
                "environment": environment,
                "state": state,
                "key_type": key_type,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    async def get_key(
        self,
        *,
        key_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> key_pb2.Key:
        """Reads the record of a key.

        Needs the scope `keys:read`. Over REST: `GET /v1/admin/keys/{key_id}`.

        Args:
            key_id: The key's public id.
        """
        return await self._caller.unary(
            _METHODS["GetKey"], key_pb2.Key, {"key_id": key_id}, timeout=timeout, metadata=metadata
        )

    async def rotate_key(
        self,
        *,
        key_id: str,
        grace: values.Span | None = None,
        reason: str | None = None,
        clear_reason: str | None = None,
        etag: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> key_pb2.IssuedKey:
        """Replaces a key. The old key ends at once, or after the requested grace period.

        Needs the scope `keys:write`. Over REST: `POST /v1/admin/keys/{key_id}:rotate`. The
        reply carries a secret that is shown once: a reply to a repeat of the call, also to an
        automatic one, is without it.

        Args:
            key_id: The key's public id.
            grace: For how long the old key goes on working. 0: not at all. Capped by a setting,
                seven days by default.
            reason: Why; kept in the audit log.
            clear_reason: Why the key is shown in clear although the ticket has a recipient to
                encrypt it to.
            etag: The etag that was read. Empty: whatever it is now.
        """
        return await self._caller.unary(
            _METHODS["RotateKey"],
            key_pb2.IssuedKey,
            {
                "key_id": key_id,
                "grace": grace,
                "reason": reason,
                "clear_reason": clear_reason,
                "etag": etag,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def revoke_key(
        self,
        *,
        key_id: str,
        reason: str,
        leaked: bool | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> key_pb2.Key:
        """Revokes a key for good. No call that starts after the reply succeeds.

        Needs the scope `keys:write`. Over REST: `POST /v1/admin/keys/{key_id}:revoke`.

        Args:
            key_id: The key's public id.
            reason: Why; kept in the audit log.
            leaked: Whether somebody else may have the key. The webhook endpoints that it made,
                or whose URL it set last, are then disabled as well, within a second or so. A
                key that is revoked already may be said to have leaked afterwards. Absent:
                false.
        """
        return await self._caller.unary(
            _METHODS["RevokeKey"],
            key_pb2.Key,
            {"key_id": key_id, "reason": reason, "leaked": leaked},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def rollback_key(
        self,
        *,
        key_id: str,
        since: values.Time,
        reason: str,
        validate_only: bool | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> rollback_pb2.Rollback:
        """Takes a key back together with what it did: revokes it, and holds every open job that it
        and its rotated predecessors posted since a time. Jobs of a sync stay as they are. The
        revocation is committed first and stands even where holding fails; repeating the call
        completes it. One rollback of a key is open at a time: a repeat with an earlier `since`
        widens it, a later `since` changes nothing.

        Needs the scope `keys:write`. Over REST: `POST /v1/admin/keys/{key_id}:rollback`.

        Args:
            key_id: The key's public id.
            since: Jobs posted at this time or later are held. It doesn't lie ahead.
            reason: Why; kept in the audit log, and shown to the organization on the held jobs.
            validate_only: True lists the jobs that would be held, and writes nothing.
        """
        return await self._caller.unary(
            _METHODS["RollbackKey"],
            rollback_pb2.Rollback,
            {"key_id": key_id, "since": since, "reason": reason, "validate_only": validate_only},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def release_holds(
        self,
        *,
        key_id: str,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> rollback_pb2.Rollback:
        """Releases exactly the holds of the key's last rollback: a job that nothing else holds or
        closes is open again. The key stays revoked. Repeating the call completes it.

        Needs the scope `keys:write`. Over REST: `POST /v1/admin/keys/{key_id}:releaseHolds`.

        Args:
            key_id: The key's public id.
            reason: Why; kept in the audit log.
        """
        return await self._caller.unary(
            _METHODS["ReleaseHolds"],
            rollback_pb2.Rollback,
            {"key_id": key_id, "reason": reason},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def verify_key(
        self,
        *,
        presented_key: str,
        peer_address: str | None = None,
        origin: str | None = None,
        scope: str | None = None,
        route: key_admin_service_pb2.VerifyKeyRequest.Route | Mapping[str, Any] | None = None,
        peek: bool | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> key_admin_service_pb2.KeyVerdict:
        """Returns whether a key that was presented to another service is allowed there. Takes one
        unit of the key's limit unless it peeks.

        Needs the scope `keys:verify`. Over REST: `POST /v1/admin/keys:verify`.

        Args:
            presented_key: The key as it was presented.
            peer_address: The address that it came from: checked against the key's networks.
                Empty: not known, and a key that has networks is refused with PEER_REQUIRED.
            origin: The Origin header that it came with, if any: the browser rule applies.
            scope: A scope by name. It doesn't tell what a publishable key may call, so such a
                key is refused, unless all that the scope guards is publishable.
            route: A route of a product family, or one of this API, which is judged by the rule
                of its method. The path of a gRPC method is one, too, with POST.
            peek: True: the limit is read and not used.
        """
        return await self._caller.unary(
            _METHODS["VerifyKey"],
            key_admin_service_pb2.KeyVerdict,
            {
                "presented_key": presented_key,
                "peer_address": peer_address,
                "origin": origin,
                "scope": scope,
                "route": route,
                "peek": peek,
            },
            timeout=timeout,
            metadata=metadata,
        )
