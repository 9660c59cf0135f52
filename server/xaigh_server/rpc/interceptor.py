"""Types of interceptors, and the function that composes them in a given order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Protocol, TypeAlias

from google.protobuf.message import Message

from xaigh_server.rpc.call import Call


class RequestSource(Protocol):
    """Request whose body is still unread. A transport makes one; `Decode` reads it."""

    @property
    def arriving(self) -> bool:
        """Whether the server waits for the one request of a call."""

    async def message(self) -> Message:
        """Reads and decodes the one request. Raises `DomainError`."""

    def messages(self) -> AsyncIterator[Message]:
        """Decodes the requests of a client stream as they come. Raises `DomainError`."""


Decoded: TypeAlias = Message | AsyncIterator[Message]
"""A request behind `Decode`: a message, or the messages of a client stream."""

Reply: TypeAlias = Message | bytes | AsyncIterator[Message] | AsyncIterator[bytes]
"""A message, or the messages of a server stream. In front of `Errors` gRPC's are encoded."""

Next: TypeAlias = Callable[[RequestSource, Call], Awaitable[Reply]]
"""The rest of the interceptors, for one in front of `Decode`."""

NextDecoded: TypeAlias = Callable[[Decoded, Call], Awaitable[Reply]]
"""The rest of the interceptors, for `Decode` and those behind it."""


class Interceptor(Protocol):
    """One class, one verb. Answers with the reply of `call_next`, or raises `DomainError`.

    The request is a `RequestSource` up to `Decode` and `Decoded` behind it; `call_next` is a `Next`
    or a `NextDecoded`. Each class states which.
    """

    async def __call__(self, call_next: Any, request: Any, call: Call) -> Reply:
        """Runs around the rest of the call."""


def chain(interceptors: Sequence[Interceptor], last: NextDecoded) -> Next:
    """Composes the interceptors, the outermost first, around the function that replies."""
    step: Callable[[Any, Call], Awaitable[Reply]] = last
    for interceptor in reversed(interceptors):
        step = partial(interceptor.__call__, step)
    return step
