"""Interceptor that gives every call a request id, and echoes the client's own beside it."""

from __future__ import annotations

import re
from collections.abc import Callable

from xaigh_server.identity.redaction import redact
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import Next, Reply, RequestSource

HEADER = "x-request-id"
CLIENT_HEADER = "x-client-request-id"
_CLIENT_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


class RequestId:
    """Sets the id `req_…`, which the reply, errors, log lines and audit events carry."""

    def __init__(self, *, new_id: Callable[[], str]) -> None:
        self._new_id = new_id

    async def __call__(self, call_next: Next, request: RequestSource, call: Call) -> Reply:
        call.request_id = call.request_id or self._new_id()
        call.reply_metadata.append((HEADER, call.request_id))
        call.client_request_id = client_request_id(call.header(HEADER))
        if call.client_request_id:
            call.reply_metadata.append((CLIENT_HEADER, call.client_request_id))
        return await call_next(request, call)


def client_request_id(sent: str) -> str:
    """The client's own id, or an empty text for what can't be one.

    An id goes into logs and other people's tools. So anything unusual is dropped, and so is a
    credential that was put here by mistake.
    """
    return sent if _CLIENT_ID.fullmatch(sent) and redact(sent) == sent else ""
