# Generated from the protos by `make generate`. Don't edit.
"""Serves the holder of a secret key, and tells operators and services who they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from xaigh.keys.v1 import key_pb2, self_service_pb2, usage_pb2

if TYPE_CHECKING:
    from xaigh_client.asynchronous import AsyncCaller
    from xaigh_client.synchronous import Caller

_METHODS = self_service_pb2.DESCRIPTOR.services_by_name["SelfService"].methods_by_name


class Me:
    """Serves the holder of a secret key, and tells operators and services who they are."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def who_am_i(
        self,
        *,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> self_service_pb2.Identity:
        """Returns the identity and rights of the credential.

        Over REST: `GET /v1/whoami`.
        """
        return self._caller.unary(
            _METHODS["WhoAmI"], self_service_pb2.Identity, {}, timeout=timeout, metadata=metadata
        )

    def get_usage(
        self,
        *,
        start_date: str | None = None,
        end_date: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> usage_pb2.UsageReport:
        """Reports the usage of the organization in the key's environment.

        Over REST: `GET /v1/usage`.

        Args:
            start_date: The first day, as `2026-11-22`, UTC. Empty: the first of this month.
            end_date: The last day, included. Empty: today.
        """
        return self._caller.unary(
            _METHODS["GetUsage"],
            usage_pb2.UsageReport,
            {"start_date": start_date, "end_date": end_date},
            timeout=timeout,
            metadata=metadata,
        )

    def revoke_self(
        self,
        *,
        reason: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> key_pb2.Key:
        """Revokes the very key that the call is made with, for good.

        Over REST: `POST /v1/whoami:revoke`.

        Args:
            reason: Why, if the holder wants to say.
        """
        return self._caller.unary(
            _METHODS["RevokeSelf"],
            key_pb2.Key,
            {"reason": reason},
            timeout=timeout,
            metadata=metadata,
        )


class AsyncMe:
    """Serves the holder of a secret key, and tells operators and services who they are."""

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def who_am_i(
        self,
        *,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> self_service_pb2.Identity:
        """Returns the identity and rights of the credential.

        Over REST: `GET /v1/whoami`.
        """
        return await self._caller.unary(
            _METHODS["WhoAmI"], self_service_pb2.Identity, {}, timeout=timeout, metadata=metadata
        )

    async def get_usage(
        self,
        *,
        start_date: str | None = None,
        end_date: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> usage_pb2.UsageReport:
        """Reports the usage of the organization in the key's environment.

        Over REST: `GET /v1/usage`.

        Args:
            start_date: The first day, as `2026-11-22`, UTC. Empty: the first of this month.
            end_date: The last day, included. Empty: today.
        """
        return await self._caller.unary(
            _METHODS["GetUsage"],
            usage_pb2.UsageReport,
            {"start_date": start_date, "end_date": end_date},
            timeout=timeout,
            metadata=metadata,
        )

    async def revoke_self(
        self,
        *,
        reason: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> key_pb2.Key:
        """Revokes the very key that the call is made with, for good.

        Over REST: `POST /v1/whoami:revoke`.

        Args:
            reason: Why, if the holder wants to say.
        """
        return await self._caller.unary(
            _METHODS["RevokeSelf"],
            key_pb2.Key,
            {"reason": reason},
            timeout=timeout,
            metadata=metadata,
        )
