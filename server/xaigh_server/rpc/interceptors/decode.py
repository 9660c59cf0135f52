"""Interceptor that reads and decodes the request, after every check that needs only the head."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from google.protobuf.message import Message

from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import NextDecoded, Reply, RequestSource


class Decode:
    """Turns the source of a request into its message, or into the stream of its messages."""

    async def __call__(self, call_next: NextDecoded, request: RequestSource, call: Call) -> Reply:
        if call.method.client_streaming:
            return await call_next(request.messages(), call)
        message = await request.message()
        if call.method.path_fields:
            call.resource = _resource(message, call.method.path_fields)
        return await call_next(message, call)


def _resource(message: Message, fields: Sequence[str]) -> str:
    """Returns the ids in the request's path, each behind a slash."""
    return "".join(f"/{attrgetter(field)(message)}" for field in fields)
