# Generated from the protos by `make generate`. Don't edit.
"""Shows an organization its calls in the environment of the calling key, those of its
other keys included. Calls are kept for days, by a setting of the server. Successful
calls of this service itself aren't recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from xaigh.request_log.v1 import request_log_pb2, request_log_service_pb2

if TYPE_CHECKING:
    from xaigh_client import values
    from xaigh_client.asynchronous import AsyncCaller, AsyncPager
    from xaigh_client.synchronous import Caller, Pager

_METHODS = request_log_service_pb2.DESCRIPTOR.services_by_name["RequestLogService"].methods_by_name


class RequestLog:
    """Shows an organization its calls in the environment of the calling key, those of its
    other keys included. Calls are kept for days, by a setting of the server. Successful
    calls of this service itself aren't recorded.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list_request_logs(
        self,
        *,
        errors_only: bool | None = None,
        reason: str | None = None,
        method: str | None = None,
        key_id: str | None = None,
        client_request_id: str | None = None,
        start_time: values.Time | None = None,
        end_time: values.Time | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[request_log_service_pb2.ListRequestLogsResponse, request_log_pb2.RequestLog]:
        """Lists calls, those that ended last first.

        Over REST: `GET /v1/request-logs`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            errors_only: True: only calls that failed.
            reason: Only calls that failed for this reason, `FIELD_INVALID`.
            method: Only calls of this method, by its full name.
            key_id: Only calls of this key.
            client_request_id: Only calls with this client request id.
            start_time: Only calls that ended at or after this time.
            end_time: Only calls that ended before this time.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListRequestLogs"],
            request_log_service_pb2.ListRequestLogsResponse,
            "request_logs",
            request_log_pb2.RequestLog,
            {
                "errors_only": errors_only,
                "reason": reason,
                "method": method,
                "key_id": key_id,
                "client_request_id": client_request_id,
                "start_time": start_time,
                "end_time": end_time,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def get_request_log(
        self,
        *,
        request_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> request_log_pb2.RequestLog:
        """Returns one call by its request id.

        Over REST: `GET /v1/request-logs/{request_id}`.

        Args:
            request_id: The request id, `req_…`.
        """
        return self._caller.unary(
            _METHODS["GetRequestLog"],
            request_log_pb2.RequestLog,
            {"request_id": request_id},
            timeout=timeout,
            metadata=metadata,
        )


class AsyncRequestLog:
    """Shows an organization its calls in the environment of the calling key, those of its
    other keys included. Calls are kept for days, by a setting of the server. Successful
    calls of this service itself aren't recorded.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    def list_request_logs(
        self,
        *,
        errors_only: bool | None = None,
        reason: str | None = None,
        method: str | None = None,
        key_id: str | None = None,
        client_request_id: str | None = None,
        start_time: values.Time | None = None,
        end_time: values.Time | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[request_log_service_pb2.ListRequestLogsResponse, request_log_pb2.RequestLog]:
        """Lists calls, those that ended last first.

        Over REST: `GET /v1/request-logs`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            errors_only: True: only calls that failed.
            reason: Only calls that failed for this reason, `FIELD_INVALID`.
            method: Only calls of this method, by its full name.
            key_id: Only calls of this key.
            client_request_id: Only calls with this client request id.
            start_time: Only calls that ended at or after this time.
            end_time: Only calls that ended before this time.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListRequestLogs"],
            request_log_service_pb2.ListRequestLogsResponse,
            "request_logs",
            request_log_pb2.RequestLog,
            {
                "errors_only": errors_only,
                "reason": reason,
                "method": method,
                "key_id": key_id,
                "client_request_id": client_request_id,
                "start_time": start_time,
                "end_time": end_time,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    async def get_request_log(
        self,
        *,
        request_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> request_log_pb2.RequestLog:
        """Returns one call by its request id.

        Over REST: `GET /v1/request-logs/{request_id}`.

        Args:
            request_id: The request id, `req_…`.
        """
        return await self._caller.unary(
            _METHODS["GetRequestLog"],
            request_log_pb2.RequestLog,
            {"request_id": request_id},
            timeout=timeout,
            metadata=metadata,
        )
