"""Reads the request: the first link that pays for what a caller sent."""

from __future__ import annotations

import structlog

from xaigh_server.ats.intake.raw_records import Unfit
from xaigh_server.errors import DomainError
from xaigh_server.log_events import LogEvent
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import NextDecoded, Reply, RequestSource

_log = structlog.get_logger("xaigh.calls")


class Decode:
    """Turns the source of a request into its message, or into the stream of its messages.

    A request that was handed on with a part unread, and failed before that was read, is read whole
    and handed on again. Nothing is written before all of a request was read.
    """

    async def __call__(self, call_next: NextDecoded, request: RequestSource, call: Call) -> Reply:
        if call.method.client_streaming:
            return await call_next(request.messages(), call)
        message = await request.message()
        try:
            return await call_next(message, call)
        except Exception as error:
            if not call.unread:
                raise
            if not isinstance(error, DomainError | Unfit):
                _log.warning(
                    LogEvent.REQUEST_READ_AGAIN, method=call.method.path, cause=repr(error)
                )
        # What is wrong with the part that nobody has read comes before whatever went wrong here.
        return await call_next(await request.whole(), call)
