"""Interceptor that reads and decodes the request, after every check that needs only the head."""

from __future__ import annotations

from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import NextDecoded, Reply, RequestSource


class Decode:
    """Turns the source of a request into its message, or into the stream of its messages."""

    async def __call__(self, call_next: NextDecoded, request: RequestSource, call: Call) -> Reply:
        if call.method.client_streaming:
            return await call_next(request.messages(), call)
        return await call_next(await request.message(), call)
