# Generated from the protos by `make generate`. Don't edit.
"""Reads the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from xaigh.audit.v1 import audit_pb2, audit_service_pb2

if TYPE_CHECKING:
    from xaigh_client import values
    from xaigh_client.asynchronous import AsyncCaller, AsyncPager
    from xaigh_client.synchronous import Caller, Pager

_METHODS = audit_service_pb2.DESCRIPTOR.services_by_name["AuditService"].methods_by_name


class Audit:
    """Reads the audit log."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list_own_audit_events(
        self,
        *,
        action: str | None = None,
        target: str | None = None,
        request_id: str | None = None,
        start_time: values.Time | None = None,
        end_time: values.Time | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[audit_service_pb2.ListOwnAuditEventsResponse, audit_pb2.AuditEvent]:
        """Lists the events of the calling key's organization, newest first: those of its keys,
        grants and requests, and those of its environment. Of operators it shows that one acted,
        never who, from where or why. `before` and `after` are left out, since they may show
        what a key's grant doesn't cover.

        Over REST: `GET /v1/audit-events`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            action: Only this action, for example `key.rotated`.
            target: Only events that have this id among their targets.
            request_id: Only this request.
            start_time: Only events at or after this time.
            end_time: Only events before this time.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListOwnAuditEvents"],
            audit_service_pb2.ListOwnAuditEventsResponse,
            "audit_events",
            audit_pb2.AuditEvent,
            {
                "action": action,
                "target": target,
                "request_id": request_id,
                "start_time": start_time,
                "end_time": end_time,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def export_own_audit_events(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[audit_service_pb2.ExportOwnAuditEventsResponse, audit_service_pb2.AuditExportLine]:
        """Exports the three chains of the key's organization, as lines that `xaigh audit verify`
        proves offline: a header, the newest anchor with a proof for the head of each chain,
        then the events, oldest first. An event that the key may not read in whole is a link:
        its place and its hashes, without its content. Operators export it in whole.

        Over REST: `GET /v1/audit-events:export`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ExportOwnAuditEvents"],
            audit_service_pb2.ExportOwnAuditEventsResponse,
            "lines",
            audit_service_pb2.AuditExportLine,
            {"page_size": page_size, "page_token": page_token},
            timeout=timeout,
            metadata=metadata,
        )

    def list_audit_events(
        self,
        *,
        chain: str | None = None,
        actor: str | None = None,
        action: str | None = None,
        target: str | None = None,
        organization_id: str | None = None,
        start_time: values.Time | None = None,
        end_time: values.Time | None = None,
        request_id: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[audit_service_pb2.ListAuditEventsResponse, audit_pb2.AuditEvent]:
        """Lists events of every chain, newest first.

        Needs the scope `audit:read`. Over REST: `GET /v1/admin/audit-events`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            chain: Only the chains of this database (`control`, `sandbox` or `production`), or
                only this chain: `sandbox/org_…`, or `control/-` for what concerns no
                organization. Empty: all, merged by time.
            actor: Only this actor.
            action: Only this action.
            target: Only events that have this id among their targets.
            organization_id: Only this tenant.
            start_time: Only events at or after this time.
            end_time: Only events before this time.
            request_id: Only this request.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListAuditEvents"],
            audit_service_pb2.ListAuditEventsResponse,
            "audit_events",
            audit_pb2.AuditEvent,
            {
                "chain": chain,
                "actor": actor,
                "action": action,
                "target": target,
                "organization_id": organization_id,
                "start_time": start_time,
                "end_time": end_time,
                "request_id": request_id,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )


class AsyncAudit:
    """Reads the audit log."""

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    def list_own_audit_events(
        self,
        *,
        action: str | None = None,
        target: str | None = None,
        request_id: str | None = None,
        start_time: values.Time | None = None,
        end_time: values.Time | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[audit_service_pb2.ListOwnAuditEventsResponse, audit_pb2.AuditEvent]:
        """Lists the events of the calling key's organization, newest first: those of its keys,
        grants and requests, and those of its environment. Of operators it shows that one acted,
        never who, from where or why. `before` and `after` are left out, since they may show
        what a key's grant doesn't cover.

        Over REST: `GET /v1/audit-events`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            action: Only this action, for example `key.rotated`.
            target: Only events that have this id among their targets.
            request_id: Only this request.
            start_time: Only events at or after this time.
            end_time: Only events before this time.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListOwnAuditEvents"],
            audit_service_pb2.ListOwnAuditEventsResponse,
            "audit_events",
            audit_pb2.AuditEvent,
            {
                "action": action,
                "target": target,
                "request_id": request_id,
                "start_time": start_time,
                "end_time": end_time,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def export_own_audit_events(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[
        audit_service_pb2.ExportOwnAuditEventsResponse, audit_service_pb2.AuditExportLine
    ]:
        """Exports the three chains of the key's organization, as lines that `xaigh audit verify`
        proves offline: a header, the newest anchor with a proof for the head of each chain,
        then the events, oldest first. An event that the key may not read in whole is a link:
        its place and its hashes, without its content. Operators export it in whole.

        Over REST: `GET /v1/audit-events:export`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ExportOwnAuditEvents"],
            audit_service_pb2.ExportOwnAuditEventsResponse,
            "lines",
            audit_service_pb2.AuditExportLine,
            {"page_size": page_size, "page_token": page_token},
            timeout=timeout,
            metadata=metadata,
        )

    def list_audit_events(
        self,
        *,
        chain: str | None = None,
        actor: str | None = None,
        action: str | None = None,
        target: str | None = None,
        organization_id: str | None = None,
        start_time: values.Time | None = None,
        end_time: values.Time | None = None,
        request_id: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[audit_service_pb2.ListAuditEventsResponse, audit_pb2.AuditEvent]:
        """Lists events of every chain, newest first.

        Needs the scope `audit:read`. Over REST: `GET /v1/admin/audit-events`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            chain: Only the chains of this database (`control`, `sandbox` or `production`), or
                only this chain: `sandbox/org_…`, or `control/-` for what concerns no
                organization. Empty: all, merged by time.
            actor: Only this actor.
            action: Only this action.
            target: Only events that have this id among their targets.
            organization_id: Only this tenant.
            start_time: Only events at or after this time.
            end_time: Only events before this time.
            request_id: Only this request.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListAuditEvents"],
            audit_service_pb2.ListAuditEventsResponse,
            "audit_events",
            audit_pb2.AuditEvent,
            {
                "chain": chain,
                "actor": actor,
                "action": action,
                "target": target,
                "organization_id": organization_id,
                "start_time": start_time,
                "end_time": end_time,
                "request_id": request_id,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )
