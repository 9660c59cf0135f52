# Generated from the protos by `make generate`. Don't edit.
"""Reports usage to operators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from xaigh.keys.v1 import usage_pb2, usage_service_pb2

if TYPE_CHECKING:
    from xaigh_client.asynchronous import AsyncCaller
    from xaigh_client.synchronous import Caller

_METHODS = usage_service_pb2.DESCRIPTOR.services_by_name["UsageService"].methods_by_name


class Usage:
    """Reports usage to operators."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def report_usage(
        self,
        *,
        organization_id: str | None = None,
        key_id: str | None = None,
        environment: str | None = None,
        start_date: str | None = None,
        end_date: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> usage_pb2.UsageReport:
        """Reports the usage of every organization, or of one.

        Needs the scope `audit:read`. Over REST: `GET /v1/admin/usage`.

        Args:
            organization_id: Only this organization.
            key_id: Only this key.
            environment: Only this environment.
            start_date: The first day, as `2026-11-22`, UTC. Empty: the first of this month.
            end_date: The last day, included. Empty: today.
        """
        return self._caller.unary(
            _METHODS["ReportUsage"],
            usage_pb2.UsageReport,
            {
                "organization_id": organization_id,
                "key_id": key_id,
                "environment": environment,
                "start_date": start_date,
                "end_date": end_date,
            },
            timeout=timeout,
            metadata=metadata,
        )


class AsyncUsage:
    """Reports usage to operators."""

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def report_usage(
        self,
        *,
        organization_id: str | None = None,
        key_id: str | None = None,
        environment: str | None = None,
        start_date: str | None = None,
        end_date: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> usage_pb2.UsageReport:
        """Reports the usage of every organization, or of one.

        Needs the scope `audit:read`. Over REST: `GET /v1/admin/usage`.

        Args:
            organization_id: Only this organization.
            key_id: Only this key.
            environment: Only this environment.
            start_date: The first day, as `2026-11-22`, UTC. Empty: the first of this month.
            end_date: The last day, included. Empty: today.
        """
        return await self._caller.unary(
            _METHODS["ReportUsage"],
            usage_pb2.UsageReport,
            {
                "organization_id": organization_id,
                "key_id": key_id,
                "environment": environment,
                "start_date": start_date,
                "end_date": end_date,
            },
            timeout=timeout,
            metadata=metadata,
        )
