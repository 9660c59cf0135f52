"""Facts of methods, read from their descriptors: types, path, whether a retry is safe."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from google.protobuf.message import Message

from xaigh.options.v1 import options_pb2


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method of the API."""

    path: str
    """`/package.Service/Method`."""
    request_type: type[Message]
    reply_type: type[Message]
    client_streaming: bool
    server_streaming: bool
    public: bool
    """True where no credential is needed."""
    keyed: bool
    """True where the server honours an idempotency key."""
    repeatable: bool
    """True where the method declares an idempotency level: it may be retried."""
    resumable: bool
    """True for a stream that continues from a `cursor`."""


@cache
def of(descriptor: MethodDescriptor) -> Method:
    """Reads the facts of a method from its descriptor. Cached."""
    options: Any = descriptor.GetOptions()
    rule = options.Extensions[options_pb2.rule]
    request, reply = descriptor.input_type, descriptor.output_type
    return Method(
        path=f"/{descriptor.containing_service.full_name}/{descriptor.name}",
        request_type=message_factory.GetMessageClass(request),
        reply_type=message_factory.GetMessageClass(reply),
        client_streaming=descriptor.client_streaming,
        server_streaming=descriptor.server_streaming,
        public=rule.public,
        keyed=rule.idempotency != options_pb2.Rule.IDEMPOTENCY_UNSPECIFIED,
        repeatable=options.idempotency_level != MethodOptions.IDEMPOTENCY_UNKNOWN,
        resumable="cursor" in request.fields_by_name and "cursor" in reply.fields_by_name,
    )
