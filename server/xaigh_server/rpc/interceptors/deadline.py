"""Interceptor that bounds how long a unary gRPC call may take, whatever its caller allows.

The REST bridge bounds its calls itself. A unit of work that has begun runs to its end in its
thread.
"""

from __future__ import annotations

import asyncio

from xaigh_server.rpc.call import Call
from xaigh_server.rpc.errors import Refused
from xaigh_server.rpc.interceptor import Next, Reply, RequestSource


class Deadline:
    """Ends a call after so many seconds: its message is late, or something behind doesn't answer.

    It stands inside of `Errors`, so that such a call has the one error shape and its own code.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def __call__(self, call_next: Next, request: RequestSource, call: Call) -> Reply:
        if call.transport != "grpc" or call.method.streaming:
            return await call_next(request, call)
        try:
            async with asyncio.timeout(self._seconds) as bound:
                return await call_next(request, call)
        except TimeoutError:
            if not bound.expired():
                raise
        if request.arriving:
            text = f"The request wasn't complete within {self._seconds:g} seconds."
            raise Refused("REQUEST_TIMEOUT", text)
        text = f"The call took longer than the {self._seconds:g} seconds that the server gives it."
        raise Refused("DEADLINE_EXCEEDED", text)
